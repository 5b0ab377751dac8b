"""Readers of the values in a settings table. Each gives the value, or a ValueError in words that says what may stand there."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar, cast

W = TypeVar("W", bound=StrEnum)


def number(low: float, high: float) -> Callable[[object], float]:
    """A number from `low` to `high`."""

    def read(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise ValueError(f"{value!r} is not a number from {low:g} to {high:g}")
        return float(value)

    return read


def exact(low: float, high: float) -> Callable[[object], Decimal]:
    """A number from `low` to `high`, exactly as it is written."""
    within = number(low, high)
    return lambda value: Decimal(str(within(value)))


def whole(low: int, high: int) -> Callable[[object], int]:
    """A whole number from `low` to `high`."""

    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"{value!r} is not a whole number from {low} to {high}")
        return value

    return read


def word(words: type[W]) -> Callable[[object], W]:
    """One of `words`."""

    def read(value: object) -> W:
        if value not in list(words):
            raise ValueError(f"{value!r} is none of {', '.join(words)}")
        return words(str(value))

    return read


def some(words: type[W]) -> Callable[[object], tuple[W, ...]]:
    """One or several of `words`, each once."""
    one = word(words)

    def read(value: object) -> tuple[W, ...]:
        given = cast("list[object]", value) if isinstance(value, list) else [value]
        return tuple(dict.fromkeys(one(item) for item in given))

    return read


def switch(value: object) -> bool:
    """True or false."""
    if value is True or value is False:
        return value
    raise ValueError(f"{value!r} is neither true nor false")


def text(longest: int) -> Callable[[object], str]:
    """A text of 1 to `longest` letters, without the white space around it."""

    def read(value: object) -> str:
        found = value.strip() if isinstance(value, str) else ""
        if not 0 < len(found) <= longest:
            raise ValueError(f"{value!r} is no text of 1 to {longest} letters")
        return found

    return read
