"""Rows of a sheet that are no shots: totals, scene headings, comments. They are refused with the fix, and never bought."""

from __future__ import annotations

import re

from callsheet.domain.errors import Problem
from callsheet.shotlist.header import Header
from callsheet.shotlist.table import Row

_TOTALS = re.compile(
    r"(?:grand |sub-?)?totals?|sum|summe|gesamt|zwischensumme|somme|totale|suma|razem|итого|всего|合计|总计|小计|合計|小計|총계|합계",
    re.IGNORECASE,
)
_HEADING = re.compile(r"(?:\d+[A-Z]?[.)]?\s+)?(?:INT|EXT|INT\.?/EXT|I/E|EST)[./ ][^a-z]*")
_NAMES = {"shot_id", "prompt", "sequence"}


def no_shot(row: Row, header: Header) -> Problem | None:
    """The problem that a row is a total, a heading or a comment; None where it may be a shot."""
    first = next((cell for cell in row.cells if cell), "")
    if _TOTALS.fullmatch(first.rstrip(": ")):
        return _problem(row, "totals-row", f"{first!r} is a row of totals, not a shot", "delete the row; `callsheet plan` adds up")
    if first.startswith(("#", "//")) and not first.startswith("#REF"):
        return _problem(
            row, "comment-row", f"{first[:40]!r} is a comment, not a shot", "delete the row, or set status = omit in a row with an id"
        )
    filled = {column.name if column else "": cell for column, cell in zip(header.columns, row.cells, strict=False) if cell}
    alone = sum(map(bool, row.cells)) == 1
    heading = first if alone else filled.get("prompt", "")
    if (alone or set(filled) <= _NAMES) and _HEADING.fullmatch(heading):
        fix = "delete the row; if it is a shot, say in a sentence what is to be seen"
        return _problem(row, "section-row", f"{heading[:60]!r} is a scene heading, not a shot", fix)
    return None


def _problem(row: Row, code: str, message: str, fix: str) -> Problem:
    return Problem(code=code, message=message, help=fix, row=row.number, line=row.line)
