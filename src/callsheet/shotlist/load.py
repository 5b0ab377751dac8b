"""From a file to its rows: the file's name decides which reader is used."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from callsheet.domain.errors import InputError, Problem
from callsheet.domain.typed import typed
from callsheet.domain.wording import listed
from callsheet.regular_file import read_regular
from callsheet.shotlist.files import json_table, markdown_table, parquet, sheet
from callsheet.shotlist.files.table import Grid
from callsheet.shotlist.mapping import Mapping

#: larger than any real list, bytes
MOST = 256 << 20

_CODES = {"hidden": "hidden-row", "struck": "struck-row"}


def load(path: Path, data: bytes, shown_as: str, mapping: Mapping) -> Grid:
    """The rows of a list's bytes. InputError if they aren't a list, or rows are hidden or struck and nothing says whether they count."""
    match path.suffix.lower():
        case ".parquet":
            return parquet.load(data, shown_as, mapping.headers)
        case ".xlsx" | ".xlsm":
            from callsheet.shotlist.files import workbook  # noqa: PLC0415  # only a workbook pays for it

            return _without_doubtful(workbook.load(data, shown_as, mapping.sheet), shown_as, mapping)
        case ".jsonl" | ".ndjson" | ".json":
            return json_table.load(data, shown_as, mapping.encoding)
        case ".md" | ".markdown":
            return markdown_table.load(data, shown_as, mapping.encoding)
        case _:
            return sheet.load(data, shown_as, mapping.encoding, prose=path.suffix.lower() == ".txt")


def bytes_of(path: Path, shown_as: str) -> bytes:
    """The file's bytes. InputError if it can't be read."""
    try:
        if path.stat().st_size > MOST:
            raise InputError(
                f"{shown_as} is larger than {MOST >> 20} MB", help="keep only text and paths in a list, and pictures in separate files"
            )
        return read_regular(path)
    except OSError as error:
        help = "give the path of a .csv, .xlsx, .parquet, .jsonl or .md file"
        raise InputError(f"{shown_as} can't be read: {error.strerror}", help=help) from None


def _without_doubtful(grid: Grid, file: str, mapping: Mapping) -> Grid:
    """A workbook's rows, without the hidden and struck ones if the mapping leaves them out; refused if it doesn't say."""
    grid = _without(grid, grid.hidden, "hidden", mapping.hidden, file)
    if mapping.struck == "read":
        grid = replace(grid, problems=tuple(problem for problem in grid.problems if problem.code != "struck-text"))
    return _without(grid, grid.struck - (grid.hidden if mapping.hidden == "leave out" else frozenset()), "struck", mapping.struck, file)


def _without(grid: Grid, numbers: frozenset[int], how: str, said: str | None, file: str) -> Grid:
    """The rows without these, which are hidden or struck through."""
    if not numbers or said == "read":
        return grid
    rows = listed([str(number) for number in sorted(numbers)], 10)
    if said is None:
        words = "hidden" if how == "hidden" else "struck through"
        message = f"row{'s' if len(numbers) > 1 else ''} {rows} {'are' if len(numbers) > 1 else 'is'} {words}, and it is unclear whether to read {'them' if len(numbers) > 1 else 'it'}"
        fix = "show the rows, or delete them" if how == "hidden" else "remove the strikethrough, or delete the rows"
        problem = Problem(code=_CODES[how], message=message, help=f"`{typed('import', file)}` asks about them; or {fix}", file=file)
        return replace(grid, problems=(*grid.problems, problem))
    kept = tuple(row for row in grid.rows if row.number not in numbers)
    problems = tuple(problem for problem in grid.problems if problem.row not in numbers)
    return replace(grid, rows=kept, problems=problems, notes=(*grid.notes, f"left out as {how}: {rows}"))
