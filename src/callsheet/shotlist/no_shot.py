"""Rows of a sheet that are not shots: totals, scene headings, comments, a repeated header. They are refused with the fix, and never bought."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from callsheet.shotlist.columns.damage import spreadsheet_error
from callsheet.shotlist.files.table import Row

#: kinds of such rows, and the code of each problem
KINDS = {"totals": "totals-row", "comments": "comment-row", "headings": "section-row", "headers": "repeated-header"}

_TOTALS = re.compile(
    r"(?:(?:grand |sub-?|sous-?)?totals?(?: (?:général|general|runtime|time|duration|length|cost|shots))?|totaux|(?:sub)?totale(?: generale)?"
    r"|sums?|(?:gesamt|zwischen|end)?summe|gesamt(?:dauer|länge|zeit|kosten|ergebnis)?|insgesamt|somme|suma(?: (?:total|końcowa))?|razem|łącznie"
    r"|(?:sub|eind)?totaal|summa|totalt|yhteensä|i alt|celkem|összesen|(?:genel )?toplam|итого|всего|общий итог"
    r"|合计|总计|小计|合計|總計|総計|小計|총계|합계|소계|총합계)(?:\s*[:：=(（].*|\s+\d.*)?",
    re.IGNORECASE,
)
_HEADING = re.compile(r"(?:\d+[A-Z]?[.)]?\s+)?(?:INT|EXT|INT\.?/EXT|I/E|EST)[./ ][^a-z]*")
#: what a second row of the header, or of a program's export, says of its columns
_TYPES = {
    *("string", "str", "text", "varchar", "char", "object", "utf8", "category", "enum", "number", "numeric", "int", "int64", "integer", "bigint"),
    *("float", "float64", "double", "decimal", "real", "bool", "boolean", "date", "datetime", "timestamp", "required", "optional", "w x h", "wxh", "px"),
    *("pixels", "fps", "frames", "seconds", "secs", "sec", "s", "min", "hh:mm:ss", "hh:mm:ss:ff", "m:ss", "mm:ss", "timecode", "usd", "$", "f"),
}  # fmt: skip
_LONGEST_TYPE = 16
_NAMES = {"shot_id", "prompt", "sequence"}


class NoShot(NamedTuple):
    """What a row is instead of a shot, and what to do about it."""

    kind: str
    message: str
    fix: str


def no_shot(row: Row, names: Sequence[str], header: Sequence[str]) -> NoShot | None:
    """The kind of a row that is a total, a comment, a heading or a repeated `header`; None if it may be a shot. `names` are our column
    names, "" for others.
    """
    if _repeats(row.cells, header):
        return NoShot("headers", "the row is the header once more, not a shot", "delete the row")
    if _describes(row.cells):
        return NoShot("headers", "the row says what its columns hold, and is not a shot", "delete the row")
    first = next((cell for cell in row.cells if cell), "")
    if _TOTALS.fullmatch(first) and first != _cell("shot_size", row, names):
        return NoShot("totals", f"{first!r} is a row of totals, not a shot", "delete the row; `callsheet plan` adds up")
    if first.startswith(("#", "//")) and not spreadsheet_error(first):
        fix = "delete the row, or set status = omit in a row with an id"
        return NoShot("comments", f"{first[:40]!r} is a comment, not a shot", fix)
    alone = sum(map(bool, row.cells)) == 1
    heading = first if alone else _cell("prompt", row, names)
    filled = {name for name, cell in zip(names, row.cells, strict=False) if cell} if _HEADING.fullmatch(heading) else set[str]()
    if filled and (alone or filled <= _NAMES):
        fix = "delete the row; if it is a shot, describe it in a sentence"
        return NoShot("headings", f"{heading[:60]!r} is a scene heading, not a shot", fix)
    return None


def _cell(name: str, row: Row, names: Sequence[str]) -> str:
    """A row's cell in our column `name`; "" without one."""
    return row.cells[names.index(name)] if name in names else ""


def _repeats(cells: Sequence[str], header: Sequence[str]) -> bool:
    """Whether a row says what the header says, as where files were put together: all of its filled cells, and more than one."""
    filled = [(cell, text) for cell, text in zip(cells, header, strict=False) if cell]
    alike = len(filled) > 1 and all(cell.casefold() == text.casefold() for cell, text in filled)
    return alike and any(cell == text for cell, text in filled)


def _describes(cells: Sequence[str]) -> bool:
    """Whether a row has only words for types and units, as `string, string, (s)`; more than one."""
    if len(max(cells, key=len, default="")) > _LONGEST_TYPE:
        return False
    words = [cell.strip(" ()[].").casefold() for cell in cells if cell]
    return len(words) > 1 and all(word in _TYPES for word in words)
