"""Addresses of services: what they have to have, and whom they name."""

from __future__ import annotations

from urllib.parse import urlsplit


def host_of(url: str) -> str:
    """The host that an address names; empty if it names none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def web(url: str) -> bool:
    """Whether something can be asked there: the scheme is http or https, and there is a host, and a port where one is named."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
