"""What is said and written in a film: lines of dialogue with their times, and texts that are burnt into a shot's picture."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from callsheet.domain.delivery.font import Font
from callsheet.domain.timebase import Fps, frames_in_cut

_TIMED = re.compile(r"\[\s*(\d+(?:\.\d+)?)\s*-\s*(\d+(?:\.\d+)?)\s*\]\s*(\S.*)")


@dataclass(frozen=True, slots=True)
class Cue:
    """A text that stands from frame `first` to `end` (exclusive), counted from the start of its shot or film."""

    first: int
    end: int
    text: str


class CaptionPosition(StrEnum):
    """Where a burnt-in text stands."""

    TOP_LEFT = "top-left"
    TOP = "top"
    TOP_RIGHT = "top-right"
    CENTRE = "centre"
    BOTTOM_LEFT = "bottom-left"
    BOTTOM = "bottom"
    BOTTOM_RIGHT = "bottom-right"


@dataclass(frozen=True, slots=True)
class Caption:
    """A text burnt into a shot's picture: over frames `first` to `end` (exclusive), or all of it where `end` is None."""

    text: str
    place: CaptionPosition
    first: int = 0
    end: int | None = None
    #: a title: larger, without a box behind it, and in a font of its own where it has one
    title: bool = False
    font: Font | None = None

    @property
    def decides(self) -> dict[str, object]:
        """What of it decides a clip's pictures. What was burnt in before there were titles stays valid."""
        own: dict[str, object] = {"title": self.font.sha256 if self.font else True} if self.title else {}
        return {"text": self.text, "place": self.place, "first": self.first, "end": self.end, **own}


def lines(cell: str) -> list[tuple[Decimal | None, Decimal | None, str]]:
    """Start and end in seconds (None: all of the shot) and text of what a cell says. ValueError if a time can't be.

    `[0.5-2.1] text` on a line of its own is timed; a cell without any is one text.
    """
    written = [line.strip() for line in cell.splitlines() if line.strip()]
    if not any(line.startswith("[") for line in written):
        return [(None, None, "\n".join(written))] if written else []
    return [_timed(line) for line in written]


def _timed(line: str) -> tuple[Decimal, Decimal, str]:
    found = _TIMED.fullmatch(line)
    if not found:
        raise ValueError(f"{line!r} has no times such as [0.5-2.1] before it")
    start, end = Decimal(found[1]), Decimal(found[2])
    if end <= start:
        raise ValueError(f"{line!r} ends before it begins")
    return start, end, found[3]


def cues(cell: str, frames: int, fps: Fps) -> Iterator[Cue]:
    """What a cell says in a shot of so many frames; what would stand after its end is cut there."""
    for start, end, text in lines(cell):
        first = frames_in_cut(start, fps) if start is not None else 0
        last = min(frames, frames_in_cut(end, fps)) if end is not None else frames
        if first < last:
            yield Cue(first, last, text)
