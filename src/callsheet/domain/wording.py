"""Phrases that many messages share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most similar to `name`; None if none is close."""
    return next(iter(get_close_matches(name, list(known), n=1)), None)


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """`did you mean NAME?` with the nearest known name; `otherwise` if none is close."""
    near = nearest(name, known)
    return f"did you mean {near}?" if near else otherwise


def counted(count: int, noun: str) -> str:
    """`1 take`, `2 takes`: a number with its noun, with an s for more than one."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def listed(names: Sequence[str], most: int) -> str:
    """`a, b, c and 2 more`: at most `most` names, and how many are left out."""
    left = len(names) - most
    return ", ".join(names[:most]) + (f" and {left} more" if left > 0 else "")
