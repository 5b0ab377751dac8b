"""Values of settings from their text. Pure; what is wrong is a ValueError in words."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from callsheet.domain.hosts import loopback

_FILM_LENGTH = re.compile(r"\d+(?:\.\d+)?\s*s?|\d+\s*f(?:rames)?|\d{1,2}:\d{2}:\d{2}[:;]\d{2,3}")

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


def film_length(text: str) -> str:
    """How long a film is wanted: `30`, `750f` or `00:00:30:00`; its frames are counted once its rate is known. ValueError in words."""
    if not _FILM_LENGTH.fullmatch(text.strip()):
        raise ValueError(f"{text!r} is no length such as 30 (seconds), 750f or 00:00:30:00")
    return text.strip()


def rounding(text: str) -> str:
    """How lengths are rounded to frames. ValueError in words."""
    if text not in ("even", "each"):
        raise ValueError(f"rounding {text!r} is neither even nor each")
    return text
