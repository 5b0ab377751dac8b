"""CSV as people have it: any of four separators and three encodings, Excel's habits; the guesses are told, the rest is strict."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator

from callsheet.domain.errors import InputError, Problem
from callsheet.shotlist.columns import meant_by
from callsheet.shotlist.table import Row, Table, clean

_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
#: cells hold data URIs; csv's own limit is 131072
_FIELD_LIMIT = 64 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8 with a byte-order mark"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
_SAVE = "save it as CSV UTF-8"
_BREAK = re.compile(r"\r\n|\r|\n")


def load(data: bytes, file: str) -> Table:
    """The table in a CSV file's bytes. InputError where they are no text at all."""
    text, notes = _decode(data, file)
    text, skipped = _without_sep_line(text)
    delimiter = _delimiter(text)
    if delimiter != ",":
        notes.append(f"separated by {_DELIMITERS[delimiter]}")
    problems: list[Problem] = []
    records = [row for row in _records(text, delimiter, skipped, problems) if any(row.cells)]
    if not records:
        empty = Problem(code="empty-list", message="the file is empty", help="the first row names the columns")
        raise InputError.of(problem.at(file=file) for problem in problems or [empty])
    header, *rows = records
    header, width = _trimmed(header), len(_trimmed(header).cells)
    good = [row for row in rows if _fits(row, width, problems)]
    return Table(header=header, rows=tuple(good), problems=tuple(problem.at(file=file) for problem in problems), notes=tuple(notes))


def _decode(data: bytes, file: str) -> tuple[str, list[str]]:
    if data.startswith(b"PK\x03\x04"):
        raise _not_text(file, "this is an Excel workbook, not CSV")
    for bom, encoding, name in _BOMS:
        if data.startswith(bom):
            return _decoded(data, encoding, file), [f"read as {name}"]
    if b"\0" in data:
        raise _not_text(file, "this is not text, or UTF-16 without a byte-order mark")
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError as error:
        return _decoded(data, "cp1252", file), [f"read as Windows-1252: the byte at offset {error.start} is not UTF-8"]


def _decoded(data: bytes, encoding: str, file: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _not_text(file, f"the byte at offset {error.start} is neither UTF-8 nor {encoding}") from None


def _not_text(file: str, message: str) -> InputError:
    return InputError.of([Problem(code="encoding", message=message, help=_SAVE, file=file)])


def _without_sep_line(text: str) -> tuple[str, int]:
    """Without Excel's `sep=;` line, which is no row of the sheet; and how many lines that took."""
    first, mark, rest = text.partition("\n")
    return (rest, 1) if mark and first.strip().strip('"').casefold().startswith("sep=") else (text, 0)


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
            problems.append(_broken(error, number, line))
            return
        yield Row(number, line, tuple(clean(cell) for cell in cells), _lines(cells, line))


def _broken(error: csv.Error, number: int, line: int) -> Problem:
    return Problem(
        code="csv-syntax",
        message=f"the quotes of this row don't match ({error}); the rows after it were not read",
        help='a cell with quotes in it is written "like ""this"""',
        row=number,
        line=line,
    )


def _lines(cells: list[str], line: int) -> tuple[int, ...]:
    """The line of each cell; nothing to say where all are on the row's own."""
    if not any("\n" in cell or "\r" in cell for cell in cells):
        return ()
    lines: list[int] = []
    for cell in cells:
        lines.append(line)
        line += len(_BREAK.findall(cell))
    return tuple(lines)


def _trimmed(header: Row) -> Row:
    """Without the empty cells at the end that spreadsheets leave."""
    cells = header.cells
    while cells and not cells[-1]:
        cells = cells[:-1]
    return Row(header.number, header.line, cells, header.lines)


def _fits(row: Row, width: int, problems: list[Problem]) -> bool:
    """Whether a row has as many cells as the header; empty ones at the end don't count against it."""
    extra = any(row.cells[width:])
    if len(row.cells) >= width and not extra:
        return True
    problems.append(
        Problem(
            code="cell-count",
            message=f"the row has {len(row.cells)} cells, the header {width}",
            help="a separator too few" if not extra else 'put a cell that holds the separator in quotes, "like, this"',
            row=row.number,
            line=row.line,
        )
    )
    return False
