"""Phrases that many messages share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like `name`; None if none is near."""
    return next(iter(get_close_matches(name, list(known), n=1)), None)


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """`did you mean NAME?` with the nearest known name; `otherwise` where none is near."""
    near = nearest(name, known)
    return f"did you mean {near}?" if near else otherwise


def counted(count: int, noun: str) -> str:
    """`1 take`, `2 takes`: so many of what takes an s where there are more."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def listed(names: Sequence[str], most: int) -> str:
    """`a, b, c and 2 more`: at most `most` names, and how many are left out."""
    left = len(names) - most
    return ", ".join(names[:most]) + (f" and {left} more" if left > 0 else "")
