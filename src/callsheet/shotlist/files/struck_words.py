"""Words of a workbook's cells that are struck through, which openpyxl tells only of a workbook that it reads as a whole. Read as a stream, so that memory stays small."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree import ElementTree as ET

from callsheet.shotlist.files.table import index_of

_TRUE = ("1", "true")


class Struck(NamedTuple):
    """A cell with struck words: its row, counted from 1, its column, counted from 0, the words, and whether the cell has no others."""

    row: int
    column: int
    words: str
    whole: bool


def struck_cells(data: bytes, sheet: str) -> Iterator[Struck]:
    """Every cell of a sheet, named by its part of the workbook, with words that are struck through."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        shared: dict[str, tuple[str, bool]] = {}
        for part in archive.namelist():
            if part.endswith("sharedStrings.xml"):
                texts = _elements(archive.read(part), "si")
                shared |= {str(n): found for n, text in enumerate(texts) if (found := _struck(text))}
        row = column = 0
        for element in _elements(archive.read(sheet), "row"):
            row, column = int(element.get("r") or row + 1), -1
            for cell in element:
                place = (cell.get("r") or "").rstrip("0123456789")
                column = index_of(place) if place else column + 1
                value = cell.find("{*}v")
                found = shared.get(value.text or "") if cell.get("t") == "s" and value is not None else _struck(cell)
                if found:
                    yield Struck(row, column, *found)


def _elements(xml: bytes, name: str) -> Iterator[ET.Element]:
    """The elements of this name, each forgotten when the next is asked for. A document type was refused before."""
    parser = ET.iterparse(io.BytesIO(xml), events=("start", "end"))  # noqa: S314  # as above
    _, root = next(parser)
    for event, element in parser:
        if event == "end" and element.tag.rpartition("}")[2] == name:
            yield element
            root.clear()
            element.clear()


def _struck(text: ET.Element) -> tuple[str, bool] | None:
    """The struck words of a text, and whether it has no others; None if it has none."""
    runs = [("".join(part.text or "" for part in run.iterfind("{*}t")), run.find("{*}rPr/{*}strike")) for run in text.iterfind(".//{*}r")]
    words = [(said.strip(), strike is not None and strike.get("val", "1") in _TRUE) for said, strike in runs if said.strip()]
    struck = [said for said, out in words if out]
    return (" ".join(struck), len(struck) == len(words)) if struck else None
