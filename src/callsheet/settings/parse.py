"""Values of settings from their text. Pure; what is wrong is a ValueError in words."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from callsheet.domain.hosts import loopback

#: what services take less what is added: the path to one attempt
_LONGEST_CALLBACK = 1800


def callback_address(text: str) -> str:
    """The address that services are told to call: https, or http on this machine for rehearsals. ValueError in words."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError(f"callback_url {text[:80]!r} is no address") from None
    if not (parts.scheme == "https" and host) and not (parts.scheme == "http" and loopback(host)):
        raise ValueError(f"callback_url {text[:80]!r} is not called by any service: use https (http only to this machine)")
    if parts.query or parts.fragment or parts.username is not None or len(text) > _LONGEST_CALLBACK:
        raise ValueError(f"callback_url {text[:80]!r} is more than host and path: leave out ?, # and user names")
    return text.rstrip("/")


def zone(name: str) -> ZoneInfo:
    """A time zone by its name. ValueError in words."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone such as Europe/Berlin") from None


def seconds(value: str) -> Decimal:
    """A length of at most an hour. ValueError in words."""
    try:
        length = Decimal(value)
    except InvalidOperation:
        raise ValueError(f"{value!r} is not a length in seconds") from None
    if not (length.is_finite() and 0 < length <= 3600):
        raise ValueError(f"{value} s is outside 0 to 3600")
    return length
