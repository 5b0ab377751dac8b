"""References to another shot's picture in a cell: `@S0010#last`, `@prev`, `@S0010#t=1.5`, `@S0010#input`. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

#: which picture of a shot: of its part in the cut the first, the last, or the one so many seconds from its beginning; `input` is its own first_frame
Point = Literal["first", "last", "t", "input"]

#: how every reference begins
SIGN = "@"
#: the shot before, in the sequence's cut
PREVIOUS = "prev"
_REFERENCE = re.compile(r"@(?P<shot>[A-Za-z0-9][A-Za-z0-9._-]*)(?:#(?P<point>first|last|input|t=(?P<at>\d{1,4}(?:\.\d{1,3})?)))?")
_FORMS = "@prev, @S0010, @S0010#last, @S0010#first, @S0010#t=1.5 or @S0010#input"


@dataclass(frozen=True, slots=True)
class FrameRef:
    """A picture of a shot: `shot` is its id or `prev`; `at` counts seconds from where the shot begins in the cut, for `t` alone."""

    shot: str
    point: Point = "last"
    at: Decimal = Decimal(0)

    @classmethod
    def parse(cls, text: str) -> FrameRef:
        """From a cell. ValueError in words that follow the cell where it is no reference."""
        found = _REFERENCE.fullmatch(text.strip())
        if not found:
            if ":" in text:
                raise ValueError("points into another list; a take can wait only for takes of its own list")
            raise ValueError(f"is not a reference: write {_FORMS}")
        if found["at"] is not None:
            return cls(found["shot"], "t", Decimal(found["at"]))
        return cls(found["shot"], _POINTS[found["point"] or "last"])

    def __str__(self) -> str:
        """The one text that means it."""
        return f"{SIGN}{self.shot}#{f't={self.at.normalize():f}' if self.point == 't' else self.point}"


_POINTS: dict[str, Point] = {"first": "first", "last": "last", "input": "input"}
