"""Addresses of services: whether they are valid, and their hosts."""

from __future__ import annotations

from urllib.parse import urlsplit


def host_of(url: str) -> str:
    """The host of an address; empty if it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def web(url: str) -> bool:
    """Whether paths can be added to it and asked for: http or https, a host, a usable port where one is named, no blank, no query and no fragment."""
    if not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and "?" not in url and "#" not in url
    except ValueError:
        return False
