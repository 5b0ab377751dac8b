"""Cells about the films that use a shot: its parts in shorter cuts, and the further shapes that it is bought in."""

from __future__ import annotations

import re

from callsheet.domain.shots.shot import InCut, Shape, shapes
from callsheet.shotlist.columns.cells import CellError, duration, in_point

_IN_CUT = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]{0,31})(?:=([0-9]+(?:[.,][0-9]+)?)s?)?(?:@([0-9]+(?:[.,][0-9]+)?)s?)?")


def in_cuts(cell: str) -> tuple[InCut, ...]:
    """The other cuts that use a shot: `15; 6=1.0@0.5` is the cut 15 as in its row, and the cut 6 for 1.0 s from 0.5 s into its clip."""
    found: list[InCut] = []
    for part in re.split(r"[;\s]+", cell.strip("; ")):
        read = _IN_CUT.fullmatch(part)
        if read is None:
            raise CellError(
                "bad-cuts", f"has {part!r}, which is not a part in a cut", "write names separated by `;`, such as 15; 6=1.0@0.5"
            )
        length, begins = (value and value.replace(",", ".") for value in (read[2], read[3]))
        found.append(InCut(read[1], duration(length) if length else None, in_point(begins) if begins else None))
    if len({one.cut.casefold() for one in found}) < len(found):
        raise CellError("bad-cuts", "names a cut twice", "name each once")
    return tuple(found)


def cuts_text(value: tuple[InCut, ...]) -> str:
    """Such parts as they are written to a cell."""
    return "; ".join(map(str, value))


def also(cell: str) -> tuple[Shape, ...]:
    """Further shapes that the shot is bought in."""
    try:
        return shapes(cell)
    except ValueError as error:
        raise CellError("bad-shape", f"is not a list of shapes ({error})", "write 9:16, or 9:16; 1:1; off is none") from None


def also_text(value: tuple[Shape, ...]) -> str:
    """Such shapes as they are written to a cell."""
    return "; ".join(map(str, value)) or "off"
