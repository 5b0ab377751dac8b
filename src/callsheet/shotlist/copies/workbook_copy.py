"""A copy of a workbook with columns, comments and pictures added to one of its sheets. Everything else is preserved: formulas, formats,
widths, other sheets.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from callsheet.domain.errors import InputError
from callsheet.shotlist.copies.comments import comment
from callsheet.shotlist.copies.copied import Copied
from callsheet.shotlist.copies.package import Package
from callsheet.shotlist.copies.pictures import picture
from callsheet.shotlist.copies.sheet_markup import Cell, prefix_of, with_cells
from callsheet.shotlist.files.table import letter
from callsheet.shotlist.files.workbook import chosen_sheet, open_book, readable
from callsheet.shotlist.files.workbook_cell import cell_text

#: width of a new column, in characters
_WIDE = 18


def workbook_copy(
    data: bytes,
    file: str,
    sheet: str | None,
    *,
    names: Sequence[str] = (),
    header_row: int = 1,
    cells: Mapping[int, Sequence[Cell]] | None = None,
    comments: Mapping[str, str] | None = None,
    pictures: Mapping[int, bytes] | None = None,
) -> Copied:
    """The copy: `names` in row `header_row` (0: nowhere), `cells` by row number, one for each name, `comments` by address, `pictures` by
    row in the last of the columns. An existing column of the same name gets the new cells. InputError if the workbook can't be read.
    """
    book = open_book(data, file)
    with readable(file):
        name = chosen_sheet(book, sheet, file)
        part = str(book[name]._worksheet_path).lstrip("/")  # noqa: SLF001 # there is no public access to it
        columns = _columns(book[name], names, header_row)
    package = Package.of(data, file)
    markup = package.text(part)
    if markup is None:
        raise InputError(f"{file} has no sheet {name!r}", help="open it in a spreadsheet program and save it again")
    placed = {(row, columns[index]): cell for row, added in (cells or {}).items() for index, cell in enumerate(added)}
    if header_row:
        placed |= {(header_row, column): Cell(text) for column, text in zip(columns, names, strict=True)}
    seen = pictures or {}
    if placed:
        markup = _wide(with_cells(markup, placed, frozenset(seen)), columns)
    package.put(part, markup)
    picture(package, part, {(row, columns[-1]): data for row, data in seen.items()})
    comment(package, part, comments or {})
    diff = [f"--- {file}", f"+++ sheet {name}"]
    diff += [f"+ {letter(column)}{row}: {cell.text}" for (row, column), cell in sorted(placed.items()) if cell.text]
    diff += [f"+ {letter(columns[-1])}{row}: a picture" for row in sorted(seen)]
    diff += [f"+ {address}, a comment: {' '.join(text.split())}" for address, text in (comments or {}).items()]
    return Copied(package.data(), tuple(diff))


def _columns(sheet: Any, names: Sequence[str], header_row: int) -> list[int]:
    """The position of each new column: where the header has it, otherwise after all filled ones."""
    width = 0
    header: list[str] = []
    for number, row in enumerate(sheet.iter_rows(), start=1):
        filled = [index for index, cell in enumerate(row, start=1) if cell.value is not None]
        width = max([width, *filled])
        header = [cell_text(cell) for cell in row] if number == header_row else header
    new = iter(range(width, width + len(names)))
    return [header.index(name) if name in header else next(new) for name in names]


def _wide(sheet: str, columns: Sequence[int]) -> str:
    """Make new columns wide enough to read, if the sheet doesn't set their width."""
    prefix = prefix_of(sheet)
    said = [(int(low), int(high)) for low, high in re.findall(rf"<{prefix}col\b[^>]*?\bmin=\"(\d+)\"[^>]*?\bmax=\"(\d+)\"", sheet)]
    new = [column + 1 for column in columns if all(not low <= column + 1 <= high for low, high in said)]
    if not new or any(high > min(new) for _, high in said):
        return sheet
    made = "".join(f'<{prefix}col min="{column}" max="{column}" width="{_WIDE}" customWidth="1"/>' for column in sorted(new))
    if f"</{prefix}cols>" in sheet:
        return sheet.replace(f"</{prefix}cols>", f"{made}</{prefix}cols>", 1)
    return sheet.replace(f"<{prefix}sheetData", f"<{prefix}cols>{made}</{prefix}cols><{prefix}sheetData", 1)
