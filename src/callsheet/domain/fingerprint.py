"""Fingerprints: digests of what was asked, by content, the same on every machine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction


def canonical(value: object) -> bytes:
    """JSON with sorted keys and no spare space; decimals and fractions as their shortest text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain).encode()


def digest(data: bytes) -> str:
    """SHA-256 as hex."""
    return hashlib.sha256(data).hexdigest()


def print_of(given: Mapping[str, object]) -> str:
    """The fingerprint of named values; those that are None were not given and don't count."""
    return digest(canonical({name: value for name, value in given.items() if value is not None}))


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, Fraction):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no canonical form")
