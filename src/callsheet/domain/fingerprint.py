"""Fingerprints: digests of requests, by content, the same on every machine."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from fractions import Fraction


def canonical(value: object) -> bytes:
    """JSON with sorted keys and no spare space; decimals and fractions as their shortest text."""
    return _write(value).encode()


def digest(data: bytes) -> str:
    """SHA-256 as hex."""
    return hashlib.sha256(data).hexdigest()


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, Fraction):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no canonical form")


_write = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain).encode
