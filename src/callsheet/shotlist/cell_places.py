"""The location of each value of one row in its file: its cell address, the user's own header, and the text as read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from callsheet.shotlist.files.table import letter, table_of
from callsheet.shotlist.header import match
from callsheet.shotlist.load import bytes_of, load
from callsheet.shotlist.mapping import load_mapping


@dataclass(frozen=True, slots=True)
class CellPlace:
    """A value's cells: `C7`, or `C7 + D7` if it is composed; None in files whose cells have no addresses."""

    cell: str | None
    #: the user's own header
    header: str
    #: the cells' raw text
    text: str


def cell_places(path: Path, shown_as: str, row: int) -> dict[str, CellPlace]:
    """The filled cells of the row with this number, by our column names. InputError if the file isn't a list."""
    mapping = load_mapping(path)
    table = table_of(load(path, bytes_of(path, shown_as), shown_as, mapping), mapping.header_row, shown_as)
    header = match(table.header, table.rows, mapping, file=shown_as, semicolons=table.semicolons)
    found = next((one for one in table.rows if one.number == row), None)
    places: dict[str, CellPlace] = {}
    for field in header.fields if found else ():
        text = field.shown(found) if found else ""
        if text:
            cells = [f"{letter(index)}{row}" for index in field.indexes]
            places[field.column.name] = CellPlace(" + ".join(cells) if table.addressed and cells else None, field.header, text)
    return places
