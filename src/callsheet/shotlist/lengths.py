"""Lengths in a mapping's units: frames, timecode, minutes and seconds, or from a first to a last frame."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from callsheet.domain.timebase import Fps
from callsheet.shotlist.columns import cells
from callsheet.shotlist.columns.cells import CellError
from callsheet.shotlist.columns.header_units import SECONDS_EACH
from callsheet.shotlist.mapping import Length

_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)?")
_WHOLE = re.compile(r"\d{1,7}(?:\.0+)?")
_CLOCK = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):(\d{1,2}(?:[.,]\d{1,3})?)")


def length(cell: str, meant: Length, rate: Fps | None) -> Decimal:
    """Seconds of one cell, at the row's rate if it has one. CellError if the cell isn't in the mapping's unit."""
    rate = rate or meant.fps
    if meant.unit in SECONDS_EACH and meant.unit != "seconds" and _NUMBER.fullmatch(cell):
        return cells.duration(f"{_times(cells.decimal(cell, f'{meant.unit}, such as 3.5'), meant.unit):f}")
    if meant.unit == "frames" and _WHOLE.fullmatch(cell):
        cell = f"{cell.partition('.')[0]}f"
    if meant.unit == "m:ss" and (found := _CLOCK.fullmatch(cell)):
        seconds = (int(found[1] or 0) * 60 + int(found[2])) * 60 + Decimal(found[3].replace(",", "."))
        return cells.duration(f"{seconds:f}")
    if rate is not None and (seconds := cells.duration_at(cell, rate)) is not None:
        return seconds
    if meant.unit in ("frames", "timecode") and rate is None:
        raise CellError(
            "no-rate",
            "counts frames, but no frame rate is known",
            "fill fps in the row, or set fps under [length] in the mapping",
        )
    return cells.duration(cell)


def between(first: str, last: str, meant: Length, rate: Fps | None) -> Decimal:
    """Seconds from the first to the last cell of a pair."""
    if meant.unit in SECONDS_EACH:
        start, end = (_moment(cell, meant.unit) for cell in (first, last))
        return cells.duration(f"{end - start:f}") if end > start else _backwards(first, last)
    rate = rate or meant.fps
    if rate is None:
        raise CellError(
            "no-rate",
            "count frames, but no frame rate is known",
            "fill fps in the row, or set fps under [length] in the mapping",
        )
    numbers: list[int] = []
    for cell in (first, last):
        number = int(cell.partition(".")[0]) if _WHOLE.fullmatch(cell) else cells.counted(cell, rate)
        if number is None:
            raise CellError("not-a-number", "are not numbers of frames", "write whole numbers, or timecode at the row's rate")
        numbers.append(number)
    frames = numbers[1] - numbers[0] + meant.inclusive
    return cells.duration(cells.short(Fraction(frames) / rate)) if frames > 0 else _backwards(first, last)


def _moment(cell: str, unit: str) -> Decimal:
    """A time in seconds: `12.5` of the unit, or `1:02.5`."""
    if found := _CLOCK.fullmatch(cell):
        return (int(found[1] or 0) * 60 + int(found[2])) * 60 + Decimal(found[3].replace(",", "."))
    if not _NUMBER.fullmatch(cell):
        raise CellError("not-a-number", f"are not times in {unit}", "write numbers, such as 12.5, or minutes and seconds, such as 1:02.5")
    return _times(cells.decimal(cell, unit), unit)


def _times(number: Decimal, unit: str) -> Decimal:
    """So many of a unit, in seconds."""
    return number * Decimal(SECONDS_EACH[unit])


def _backwards(first: str, last: str) -> Decimal:
    raise CellError(
        "out-of-range",
        f"run backwards, from {first} to {last}",
        "check which column is which, and whether the last frame belongs to the shot",
    )
