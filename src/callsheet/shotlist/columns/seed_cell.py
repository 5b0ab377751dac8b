"""A seed's cell."""

from __future__ import annotations

import re

from callsheet.shotlist.columns.cells import MAX_SEED, CellError, whole


def seed(cell: str) -> int:
    """A seed. Values that mean "random" in other tools are refused with the fix: leave the cell empty."""
    if re.fullmatch(r"-\s*1(?:\.0+)?", cell):
        raise CellError("not-a-number", "means a random seed in other tools", "leave the cell empty for a random seed", "")
    return whole(0, MAX_SEED)(cell)
