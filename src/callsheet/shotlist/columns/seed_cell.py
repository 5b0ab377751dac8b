"""A seed's cell."""

from __future__ import annotations

import re

from callsheet.shotlist.columns.cells import MAX_SEED, CellError, whole


def seed(cell: str) -> int:
    """A seed. What other tools write for a random one is refused with the fix: here an empty cell is."""
    if re.fullmatch(r"-\s*1(?:\.0+)?", cell):
        raise CellError("not-a-number", "means a random seed in other tools", "leave the cell empty: that is a random one", "")
    return whole(0, MAX_SEED)(cell)
