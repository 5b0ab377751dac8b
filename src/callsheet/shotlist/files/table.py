"""A table before it is interpreted: a header and rows of text, each with its location in the file."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from callsheet.domain.errors import InputError, Problem
from callsheet.domain.shots.foreign_text import fault
from callsheet.domain.typed import typed

#: most columns of a list
MOST_COLUMNS = 500
#: characters trimmed in addition to white space (which includes the no-break space): invisible marks
_UNSEEN = "\ufeff\u200b\u2060\u200e\u200f"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet counts, its first line (None in Parquet) and its trimmed cells."""

    number: int
    line: int | None
    cells: tuple[str, ...]
    #: the line of each cell, if multi-line cells push later ones down
    lines: tuple[int, ...] = ()

    def line_of(self, index: int) -> int | None:
        """The line on which cell `index` begins."""
        return self.lines[index] if index < len(self.lines) else self.line


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A file's content before the header is known: its rows that aren't empty, and problems of its form."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...] = field(default=())
    notes: tuple[str, ...] = field(default=())
    #: whether semicolons separate the cells, as in regions with decimal commas
    semicolons: bool = False
    #: whether cells have addresses such as C7
    addressed: bool = True
    #: numbers of the rows that a spreadsheet hides
    hidden: frozenset[int] = frozenset()
    #: numbers of the rows with text that is struck through
    struck: frozenset[int] = frozenset()
    #: row and column of the cells that are merged with the one above, whose text they have here
    merged: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A header and the rows below it. `problems` are about the file's form; rows with one are not in `rows`."""

    header: Row
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...] = field(default=())
    notes: tuple[str, ...] = field(default=())
    semicolons: bool = False
    addressed: bool = True


def table_of(grid: Grid, header_row: int | None, file: str) -> Table:
    """The table whose header is the row with that number: the first one for None; for 0 there is none, and columns are named by their
    letters. InputError if there is no such row.
    """
    problems = list(grid.problems)
    if not grid.rows:
        empty = Problem(code="empty-list", message="the file is empty", help="write the column names into the first row", file=file)
        raise InputError.of(problems or [empty])
    if header_row == 0:
        width = max(len(row.cells) for row in grid.rows)
        header, rows = Row(0, None, tuple(letter(index) for index in range(width))), grid.rows
    else:
        at = 0 if header_row is None else next((at for at, row in enumerate(grid.rows) if row.number == header_row), None)
        if at is None:
            message, help = (
                f"row {header_row}, which the mapping gives as the header, is empty or doesn't exist",
                f"run `{typed('import', file)}` again",
            )
            raise InputError.of([Problem(code="mapping", message=message, help=help, file=file, row=header_row)])
        header, rows = grid.rows[at], grid.rows[at + 1 :]
        filled = max((index for index, cell in enumerate(header.cells, start=1) if cell), default=0)
        width = filled if grid.addressed else len(header.cells)  # spreadsheets leave empty cells after the header
        header = replace(header, cells=header.cells[:width])
    if width > MOST_COLUMNS:
        message, help = f"the header has {width} columns", f"keep only the columns that it needs, at most {MOST_COLUMNS}"
        raise InputError.of(
            [Problem(code="too-many-columns", message=message, help=help, file=file, row=header.number or None, line=header.line)]
        )
    for index, text in enumerate(header.cells):  # messages quote headers as they are
        if found := fault(text):
            message, help = f"the header of column {letter(index)} contains {found}", "delete it, or type the header again"
            raise InputError.of(
                [Problem(code="control-character", message=message, help=help, file=file, row=header.number or None, line=header.line)]
            )
    good = list(_of_width(rows, width, problems, file))
    notes = list(grid.notes)
    if short := sum(len(row.cells) < width for row in rows):
        notes.append(f"{short} row{'s end' if short > 1 else ' ends'} early; the missing cells are read as empty")
    return Table(
        header=header, rows=tuple(good), problems=tuple(problems), notes=tuple(notes), semicolons=grid.semicolons, addressed=grid.addressed
    )


def _of_width(rows: Sequence[Row], width: int, problems: list[Problem], file: str) -> Iterator[Row]:
    """The rows that aren't wider than the header, all as wide as it. A wider one is a problem, unless it has one of its form already."""
    told = {problem.row for problem in problems}
    for row in rows:
        if not any(row.cells[width:]):
            yield replace(row, cells=row.cells[:width] + ("",) * (width - len(row.cells))) if len(row.cells) != width else row
        elif row.number not in told:
            message, help = (
                f"the row has {len(row.cells)} cells, the header {width}",
                'put cells that contain the separator in quotes, "like, this"',
            )
            problems.append(Problem(code="cell-count", message=message, help=help, file=file, row=row.number, line=row.line))


def letter(index: int) -> str:
    """A spreadsheet's name for the column `index`: A for 0, AA for 26."""
    name = ""
    while index >= 0:
        name, index = chr(ord("A") + index % 26) + name, index // 26 - 1
    return name


def index_of(name: str) -> int:
    """The index of a spreadsheet's column name: 0 for A, 26 for AA."""
    index = 0
    for sign in name:
        index = index * 26 + ord(sign) - ord("A") + 1
    return index - 1


def clean(cell: str) -> str:
    """A cell's text: composed (NFC), trimmed, with uniform line breaks, so that the same words are the same text on every system."""
    if "\r" in cell:
        cell = cell.replace("\r\n", "\n").replace("\r", "\n")
    if cell.isascii():
        return cell.strip()
    return unicodedata.normalize("NFC", cell).strip().strip(_UNSEEN).strip()
