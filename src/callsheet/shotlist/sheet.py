"""CSV as people have it: any of four separators, known encodings, Excel's habits; what was left open is told, the rest is strict."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace

from callsheet.domain.errors import InputError, Problem
from callsheet.shotlist.columns import meant_by
from callsheet.shotlist.encoding import decode
from callsheet.shotlist.kinds import refuse_named, refuse_other_text
from callsheet.shotlist.table import Row, Table, clean

_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
#: cells hold data URIs; csv's own limit is 131072
_FIELD_LIMIT = 64 << 20
_BREAK = re.compile(r"\r\n|\r|\n")
_SEP = re.compile(r'"?sep=([,;\t|])"?[,;\t| ]*(?:\r\n|\r|\n)', re.IGNORECASE)


def load(data: bytes, file: str, encoding: str | None = None) -> Table:
    """The table in a CSV file's bytes, in the encoding that the user named where it isn't one of Unicode's. InputError where they are no list."""
    refuse_named(data, file)
    text, notes = decode(data, file, encoding)
    refuse_other_text(text, file)
    sep_line = _SEP.match(text)  # Excel's own, which is no row of the sheet
    text = text[sep_line.end() :] if sep_line else text
    delimiter = sep_line[1] if sep_line else _delimiter(text)
    if delimiter != ",":
        notes.append(f"separated by {_DELIMITERS[delimiter]}")
    problems: list[Problem] = []
    records = [row for row in _records(text, delimiter, 1 if sep_line else 0, problems) if any(row.cells)]
    if not records:
        empty = Problem(code="empty-list", message="the file is empty", help="the first row names the columns")
        raise InputError.of(problem.at(file=file) for problem in problems or [empty])
    header, *rows = records
    width = max(index for index, cell in enumerate(header.cells, start=1) if cell)  # spreadsheets leave empty cells behind it
    header = replace(header, cells=header.cells[:width])
    good = [replace(row, cells=row.cells + ("",) * (width - len(row.cells))) for row in rows if _fits(row, width, problems)]
    if short := sum(len(row.cells) < width for row in rows):
        notes.append(f"{short} row{'s end' if short > 1 else ' ends'} early: the cells left out are read as empty")
    return Table(header=header, rows=tuple(good), problems=tuple(problem.at(file=file) for problem in problems), notes=tuple(notes))


def _delimiter(text: str) -> str:
    """The separator under which the first line has most headers that we know; a comma where none helps."""
    first = next((line for line in _BREAK.split(text[: 1 << 16]) if line.strip()), " ")

    def known(delimiter: str) -> tuple[int, bool]:
        names: list[str] = next(csv.reader([first], delimiter=delimiter))
        return sum(meant_by(clean(name)) is not None for name in names), delimiter == ","

    return max(_DELIMITERS, key=known)


def _records(text: str, delimiter: str, skipped: int, problems: list[Problem]) -> Iterator[Row]:
    """Every record with its row and line; one that csv can't read ends the table, since what follows can't be told apart."""
    csv.field_size_limit(_FIELD_LIMIT)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        line = reader.line_num + skipped + 1
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            message = f"the quotes of this row don't match ({error}); the rows after it were not read"
            help = 'in a cell between quotes each mark is doubled, inch marks too: "a 5"" lens, close"'
            problems.append(Problem(code="csv-syntax", message=message, help=help, row=number, line=line))
            return
        yield Row(number, line, tuple(clean(cell) for cell in cells), _lines(cells, line))


def _lines(cells: list[str], line: int) -> tuple[int, ...]:
    """The line of each cell; nothing to say where all are on the row's own."""
    if not any("\n" in cell or "\r" in cell for cell in cells):
        return ()
    lines: list[int] = []
    for cell in cells:
        lines.append(line)
        line += len(_BREAK.findall(cell))
    return tuple(lines)


def _fits(row: Row, width: int, problems: list[Problem]) -> bool:
    """Whether a row has no more filled cells than the header has; empty ones at the end don't count, and may be left out."""
    if not any(row.cells[width:]):
        return True
    message = f"the row has {len(row.cells)} cells, the header {width}"
    help = 'put a cell that holds the separator in quotes, "like, this"'
    problems.append(Problem(code="cell-count", message=message, help=help, row=row.number, line=row.line))
    return False
