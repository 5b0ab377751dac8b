"""The meaning of a list's lengths, as far as headers and cells reveal it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from callsheet.shotlist.columns.columns import key
from callsheet.shotlist.columns.header_units import SECONDS_EACH
from callsheet.shotlist.columns.header_words import meaning, unit
from callsheet.shotlist.proposal.question import Question

_BARE = re.compile(r"\d+(?:\.0+)?")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_CLOCK = re.compile(r"\d{1,3}:\d{1,2}(?:[.,]\d+)?")
_LONG_CLOCK = re.compile(r"\d{1,2}:\d{1,2}:\d{1,2}(?:[.,]\d+)?")
_TIMECODE = re.compile(r"\d{1,2}:\d{1,2}:\d{1,2}[:;]\d{1,3}")
_FRAMES = re.compile(r"\d+\s*(?:f|fr|frames)", re.IGNORECASE)
#: whole numbers up to this are seconds if a column of lengths has no unit
_SECONDS = 60
_RATES = (("24", "film"), ("25", "PAL"), ("24000/1001", "23.976"), ("30000/1001", "29.97"), ("30", "web"))


class Lengths(NamedTuple):
    """Columns by header, and the table [length] of the mapping."""

    columns: dict[str, str]
    meant: dict[str, str]


def lengths(headers: Sequence[str], means: Sequence[str | None], cells: Sequence[list[str]], questions: list[Question]) -> Lengths:
    """The column or pair of columns with a shot's length, and its meaning; what can't be determined is added to `questions`."""
    filled = {
        name: [index for index, meant in enumerate(means) if meant == name and cells[index]]
        for name in ("duration_s", "frames", "in", "out", "start", "end")
    }
    every = [index for indexes in filled.values() for index in indexes]
    columns = {headers[index]: "" for index in every}
    rated = any(meant == "fps" and len(cells[index]) >= max(map(len, cells)) for index, meant in enumerate(means))
    if own := filled["duration_s"] or filled["frames"]:
        index = min(own, key=lambda index: key(headers[index]) != "durations")
        columns[headers[index]] = "duration_s"
        meant = _unit(headers[index], cells[index], questions, counted=not filled["duration_s"])
        if not rated and (
            meant in ("frames", "timecode") or any(_TIMECODE.fullmatch(cell) or _FRAMES.fullmatch(cell) for cell in cells[index])
        ):
            questions.append(_rate(headers[index]))
        return Lengths(columns, {"unit": meant} if meant and meant != "seconds" else {})
    if filled["in"] and filled["out"]:
        first, last = headers[filled["in"][0]], headers[filled["out"][0]]
        if (timed := unit(first)) in SECONDS_EACH:
            return Lengths(columns, {"first": first, "last": last, "unit": timed})
        return _pair(first, last, columns, questions, rated=rated)
    if filled["start"] and filled["end"]:
        first, last = headers[filled["start"][0]], headers[filled["end"][0]]
        timed = unit(first) or "seconds"
        if timed not in SECONDS_EACH:  # frames and timecode: as in and out
            return _pair(first, last, columns, questions, rated=rated)
        return Lengths(columns, {"first": first, "last": last, "unit": timed})
    return Lengths({headers[index]: "" for index in every}, {})


def _pair(first: str, last: str, columns: dict[str, str], questions: list[Question], *, rated: bool) -> Lengths:
    """A length from a first to a last frame."""
    choices = (("inclusive", "0 to 71 are 72 frames"), ("exclusive", "0 to 72 are 72 frames"))
    questions.append(Question(("length",), "last_is", f"is {last!r} the last frame of the shot, or the first one after it?", choices))
    if not rated:
        questions.append(_rate(f"{first} to {last}"))
    return Lengths(columns, {"first": first, "last": last})


def _rate(header: str) -> Question:
    return Question(("length",), "fps", f"{header!r} counts frames: how many make a second?", _RATES)


def _unit(header: str, cells: Sequence[str], questions: list[Question], *, counted: bool) -> str | None:
    """The unit of plain numbers in a column of lengths; None if every cell has one itself."""
    if said := ("frames" if counted else unit(header)):
        return said
    if all(map(_TIMECODE.fullmatch, cells)):
        return "timecode"
    if all(map(_LONG_CLOCK.fullmatch, cells)):
        return "m:ss"
    if any(map(_CLOCK.fullmatch, cells)):
        choices = (("m:ss", "minutes and seconds: 0:05 is five seconds"), ("seconds", "keep refusing such cells"))
        questions.append(Question(("length",), "unit", f"what is {next(filter(_CLOCK.fullmatch, cells))} in {header!r}?", choices))
        return None
    numbers = [cell for cell in cells if _NUMBER.fullmatch(cell)]
    if numbers and meaning(header) is None:
        each = (("seconds", "seconds"), ("frames", "frames"), ("minutes", "minutes"), ("milliseconds", "milliseconds"))
        choices = tuple((name, f"{numbers[0]} {word}") for name, word in each)
        questions.append(Question(("length",), "unit", f"what does {header!r} count?", choices))
        return None
    if numbers and all(map(_BARE.fullmatch, numbers)) and max(float(cell) for cell in numbers) > _SECONDS:
        choices = (("seconds", f"{numbers[0]} seconds"), ("frames", f"{numbers[0]} frames"))
        questions.append(Question(("length",), "unit", f"what does {header!r} count?", choices))
        return None
    return "seconds" if numbers else None
