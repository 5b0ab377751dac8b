"""A table before anything is understood: a header and rows of text, each with its place in the file."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from callsheet.domain.errors import Problem

#: what is trimmed besides white space (which includes the no-break space): marks that nobody sees
_UNSEEN = "\ufeff\u200b\u2060"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet counts, the line where it begins (None in Parquet) and its trimmed cells."""

    number: int
    line: int | None
    cells: tuple[str, ...]
    #: the line of each cell, where cells of several lines push the later ones down
    lines: tuple[int, ...] = ()

    def line_of(self, index: int) -> int | None:
        """The line on which cell `index` begins."""
        return self.lines[index] if index < len(self.lines) else self.line


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What a file holds. `problems` are of the file's form; the rows that have one are left out of `rows`."""

    header: Row
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...] = field(default=())
    notes: tuple[str, ...] = field(default=())


def clean(cell: str) -> str:
    """A cell's text: composed (NFC), trimmed, line breaks as one sign, so that the same words are the same text on every system."""
    if "\r" in cell:
        cell = cell.replace("\r\n", "\n").replace("\r", "\n")
    if cell.isascii():
        return cell.strip()
    return unicodedata.normalize("NFC", cell).strip().strip(_UNSEEN).strip()
