"""Fingerprints: digests of requests, by content, the same on every machine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction


def canonical(value: object) -> bytes:
    """JSON with sorted keys and no spare space; decimals and fractions as their shortest text."""
    return _write(value).encode()


def digest(data: bytes) -> str:
    """SHA-256 as hex."""
    return hashlib.sha256(data).hexdigest()


class Print:
    """A digest that is worked out when it is first asked for: in a project that has bought nothing, no row's is. `made` gives it, or is it."""

    __slots__ = ("_made",)

    def __init__(self, made: Callable[[], str] | str) -> None:
        self._made = made

    def __str__(self) -> str:
        if not isinstance(self._made, str):
            self._made = self._made()
        return self._made

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Print) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, Fraction):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no canonical form")


_write = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain).encode
