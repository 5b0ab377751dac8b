"""Cells with two numbers instead of one: `3-5`; `0:02-0:05`, from when to when; `3+12`, seconds and frames as animators write them."""

from __future__ import annotations

import re
from decimal import Decimal

_PLAIN = re.compile(r"([0-9.,]+)\s*(?:-|–|—|\.\.+|/|to|bis)\s*([0-9.,]+)\s*(?:s|sec|seconds)?\.?", re.IGNORECASE)
_CLOCK = r"((?:\d{1,2}:){1,2}\d{1,2}(?:[.,]\d{1,3})?)"
_FROM_TO = re.compile(rf"{_CLOCK}\s*(?:-|–|—|→|to|bis)\s*{_CLOCK}", re.IGNORECASE)
#: some people count feet and frames in this way
_PLUS = re.compile(r"(\d{1,3})\+(\d{1,2})")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


def range_fault(cell: str) -> tuple[str, str] | None:
    """Why such a cell is not a length, and what to write; None if it is one."""
    if found := _PLAIN.fullmatch(cell):
        low, high = (Decimal(end.replace(",", ".")) if _NUMBER.fullmatch(end) else None for end in found.groups())
        ends = (
            f"write only the length that you want: {found[1]} or {found[2]}"
            if low != 0
            else f"write only the length that you want: {found[2]}"
        )
        between = f"; or {_text(high - low)} if they are start and end" if low and high and high > low else ""
        return "is a range, but only one length can be bought", f"{ends}{between}"
    if found := _FROM_TO.fullmatch(cell):
        lasts = _seconds(found[2]) - _seconds(found[1])
        fix = "write how long the shot lasts" + (f": {_text(lasts)}" if lasts > 0 else ", in seconds")
        return "has a start and an end, but this column is a length", fix
    if found := _PLUS.fullmatch(cell):
        seconds = round(Decimal(found[1]) + Decimal(found[2]) / 24, 3)
        return (
            "looks like seconds and frames, or like feet and frames",
            f"write seconds: {_text(seconds)} if it is seconds and frames at 24 fps",
        )
    return None


def _seconds(clock: str) -> Decimal:
    """Seconds of minutes and seconds, or of hours, minutes and seconds."""
    seconds = Decimal(0)
    for part in clock.split(":"):
        seconds = seconds * 60 + Decimal(part.replace(",", "."))
    return seconds


def _text(seconds: Decimal) -> str:
    return f"{seconds.normalize():f}"
