"""A copy of a list in its original format, CSV or workbook, with callsheet's additions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from callsheet.domain.errors import InputError, Problem, UsageError
from callsheet.shotlist.copies.copied import Copied
from callsheet.shotlist.copies.csv_copy import csv_copy
from callsheet.shotlist.files.table import Row, letter
from callsheet.shotlist.load import bytes_of, load
from callsheet.shotlist.mapping import load_mapping

if TYPE_CHECKING:
    from callsheet.shotlist.copies.sheet_markup import Cell

_TEXT = (".csv", ".tsv")
_BOOKS = (".xlsx", ".xlsm")
#: the column of a CSV with the problems of its rows
PROBLEMS = "x_problems"


def refuse_copy(path: Path, copy: Path, option: str, shown: str, *, replace: bool = False) -> None:
    """UsageError if the list at `path` can't be copied, or the copy would replace another file."""
    kind = path.suffix.lower()
    if kind not in (*_TEXT, *_BOOKS):
        raise UsageError(f"{option} copies a .csv, .tsv or .xlsx list, and {path.name} is not one", help="save the list as CSV or XLSX")
    if copy.suffix.lower() != kind:
        raise UsageError(f"{option} {shown}: the copy of a {kind} list is named {kind}", help=f"such as {option} {Path(shown).stem}{kind}")
    if copy.exists() and (copy.samefile(path) or not replace):
        help = "choose another name" if copy.samefile(path) else "choose another name, or add --replace"
        raise UsageError(f"{shown} exists, and callsheet doesn't overwrite a list", help=help)


def save_copy(copied: Copied, copy: Path, shown: str) -> None:
    """Write the copy, complete or not at all. InputError if it can't be written."""
    temporary = copy.with_name(f"{copy.name}.part")
    try:
        temporary.write_bytes(copied.data)
        temporary.replace(copy)
    except OSError as error:
        raise InputError(f"{shown} can't be written: {error.strerror}", help="make its folder writable") from None


def with_columns(
    path: Path, shown_as: str, copy: str, names: Sequence[str], rows: Mapping[int, Sequence[Cell]], pictures: Mapping[int, bytes]
) -> Copied:
    """The list with columns at its end; in a workbook, `pictures` by row are in the last of them. InputError if the list isn't a table."""
    data = bytes_of(path, shown_as)
    mapping = load_mapping(path)
    header = _header(path, data, shown_as)
    number = header.number if header else 0
    if path.suffix.lower() in _TEXT:
        texts = {row: [cell.link or cell.text for cell in cells] for row, cells in rows.items()}
        return csv_copy(data, shown_as, copy, mapping.encoding, names, number, texts)
    from callsheet.shotlist.copies.workbook_copy import workbook_copy  # noqa: PLC0415  # openpyxl is slow to import

    return workbook_copy(data, shown_as, mapping.sheet, names=names, header_row=number, cells=rows, pictures=pictures)


def annotated(path: Path, shown_as: str, copy: str, problems: Iterable[Problem]) -> Copied:
    """The list with its problems: in a CSV, a column with the problems of each row; in a workbook, a comment on each cell. InputError if it
    isn't a table.
    """
    data = bytes_of(path, shown_as)
    mapping = load_mapping(path)
    header = _header(path, data, shown_as)
    mine = [problem for problem in problems if problem.file in (None, shown_as)]
    if path.suffix.lower() in _TEXT:
        by_row: dict[int, list[str]] = defaultdict(list)
        for problem in mine:
            by_row[problem.row or (header.number if header else 1)].append(_says(problem))
        texts = {row: ["; ".join(said)] for row, said in by_row.items()}
        return csv_copy(data, shown_as, copy, mapping.encoding, [PROBLEMS], header.number if header else 0, texts, header_cells=True)
    from callsheet.shotlist.copies.workbook_copy import workbook_copy  # noqa: PLC0415  # openpyxl is slow to import

    by_cell: dict[str, list[str]] = defaultdict(list)
    for problem in mine:
        by_cell[_address(problem, header)].append(_says(problem))
    comments = {address: "\n".join(said) for address, said in by_cell.items()}
    return workbook_copy(data, shown_as, mapping.sheet, comments=comments)


def _header(path: Path, data: bytes, shown_as: str) -> Row | None:
    """The row with the column names; None if there is none."""
    mapping = load_mapping(path)
    grid = load(path, data, shown_as, mapping)
    if mapping.header_row == 0 or not grid.rows:
        return None
    return next((row for row in grid.rows if row.number == mapping.header_row), grid.rows[0])


def _says(problem: Problem) -> str:
    """A problem in a sentence, with our column's name if its cell doesn't make that clear."""
    place = f"{problem.column}: " if problem.column else ""
    return f"{place}{problem.message}. {problem.help}".rstrip(". ")


def _address(problem: Problem, header: Row | None) -> str:
    """The cell of a problem: its own, its header's, or the first of its row."""
    if problem.cell:
        return problem.cell
    named = [index for index, text in enumerate(header.cells) if text in (problem.header, problem.column) and text] if header else []
    row = problem.row or (header.number if header else 1)
    return f"{letter(named[0] if named else 0)}{row}"
