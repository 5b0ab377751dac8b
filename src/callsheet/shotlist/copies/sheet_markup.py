"""Inserts cells into a sheet's XML, by their address, in the order of rows and columns that the format requires."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from callsheet.shotlist.copies.package import attributes
from callsheet.shotlist.files.table import index_of, letter

_LETTERS = re.compile(r"[A-Z]{1,3}")
#: characters that XML text can't contain
_BARRED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: longest text in a workbook's cell, and in a formula, in characters
_MOST, _MOST_IN_FORMULA = 32_767, 255
#: elements that come after a drawing, and those after the drawing of comments, in the format's order
_AFTER_DRAWING = (
    "legacyDrawing",
    "legacyDrawingHF",
    "drawingHF",
    "picture",
    "oleObjects",
    "controls",
    "webPublishItems",
    "tableParts",
    "extLst",
)
#: height of a row with a picture, in points
_HIGH = 46


@dataclass(frozen=True, slots=True)
class Cell:
    """A text, a link with its text, or a number as plain digits."""

    text: str
    link: str = ""
    number: bool = False


def with_cells(sheet: str, cells: Mapping[tuple[int, int], Cell], pictures: frozenset[int] = frozenset()) -> str:
    """The sheet with `cells` by row, from 1, and column, from 0, replacing existing ones; rows in `pictures` are made high enough to show
    one.
    """
    prefix = prefix_of(sheet)
    found = re.search(rf"<{prefix}sheetData\b[^>]*?(/)?>", sheet)
    if found is None:
        return sheet
    begin = found.end()
    if found[1]:
        sheet = sheet[: found.start()] + f"<{prefix}sheetData></{prefix}sheetData>" + sheet[found.end() :]
        begin = found.start() + len(f"<{prefix}sheetData>")
    end = sheet.index(f"</{prefix}sheetData", begin)
    by_row: dict[int, dict[int, Cell]] = {}
    for (row, column), cell in cells.items():
        by_row.setdefault(row, {})[column] = cell
    out: list[str] = []
    at, number = begin, 0
    for row in re.finditer(rf"<{prefix}row\b([^>]*?)(?:/>|>(.*?)</{prefix}row\s*>)", sheet[begin:end], re.DOTALL):
        number = int(attributes(row[1]).get("r", number + 1))
        out.append(sheet[at : begin + row.start()])
        gaps = sorted(n for n in by_row if n < number)
        out += [_row(prefix, f' r="{gap}"', "", gap, by_row.pop(gap), high=gap in pictures) for gap in gaps]
        mine = by_row.pop(number, None)
        out.append(_row(prefix, row[1], row[2] or "", number, mine, high=number in pictures) if mine else row[0])
        at = begin + row.end()
    out.append(sheet[at:end])
    out += [_row(prefix, f' r="{n}"', "", n, by_row[n], high=n in pictures) for n in sorted(by_row)]
    return _dimension(sheet[:begin] + "".join(out) + sheet[end:], prefix, max(cells, default=(1, 0)))


def prefix_of(sheet: str) -> str:
    """The prefix of a sheet's elements: "" or such as `x:`."""
    found = re.search(r"<(\w+:)?worksheet\b", sheet)
    return (found[1] if found else None) or ""


def with_element(sheet: str, name: str, entry: str) -> str:
    """The sheet with a `drawing` or `legacyDrawing` inserted; unchanged if it has one."""
    prefix = prefix_of(sheet)
    if re.search(rf"<{prefix}{name}\b", sheet):
        return sheet
    later = _AFTER_DRAWING if name == "drawing" else _AFTER_DRAWING[1:]
    places = [found.start() for element in later if (found := re.search(rf"<{prefix}{element}\b", sheet))]
    at = min([*places, sheet.rindex(f"</{prefix}worksheet")])
    return sheet[:at] + entry.replace("<", f"<{prefix}", 1) + sheet[at:]


def xml_text(text: str, most: int = _MOST) -> str:
    """A text escaped for XML, no longer than a cell can be."""
    clean = _BARRED.sub("\ufffd", text)
    return escape(clean if len(clean) <= most else clean[: most - 1] + "…")


def _row(prefix: str, said: str, inner: str, number: int, cells: Mapping[int, Cell], *, high: bool) -> str:
    """A row with cells put in."""
    said = re.sub(r"\sspans\s*=\s*(?:\"[^\"]*\"|'[^']*')", "", said.rstrip().rstrip("/"))
    if high and float(attributes(said).get("ht", "0")) < _HIGH:
        said = re.sub(r"\s(?:ht|customHeight)\s*=\s*(?:\"[^\"]*\"|'[^']*')", "", said) + f' ht="{_HIGH}" customHeight="1"'
    there: list[tuple[int, str]] = []
    column = -1
    for found in re.finditer(rf"<{prefix}c\b([^>]*?)(?:/>|>.*?</{prefix}c\s*>)", inner, re.DOTALL):
        name = _LETTERS.match(attributes(found[1]).get("r", ""))
        column = index_of(name[0]) if name else column + 1
        there.append((column, found[0]))
    last = re.match(rf"<{prefix}c\b([^>]*)", there[-1][1]) if there else None
    style = attributes(str(last[1])).get("s", "") if last else ""
    kept = [(column, text) for column, text in there if column not in cells]
    made = [(column, _cell(prefix, f"{letter(column)}{number}", cell, style)) for column, cell in cells.items()]
    return f"<{prefix}row{said}>" + "".join(text for _, text in sorted(kept + made)) + f"</{prefix}row>"


def _cell(prefix: str, address: str, cell: Cell, style: str) -> str:
    """A cell in the style of the last one in its row."""
    said = f' r="{address}"' + (f" s={quoteattr(style)}" if style else "")
    if not cell.text:
        return f"<{prefix}c{said}/>"
    shown = xml_text(cell.text)
    if cell.number:
        return f"<{prefix}c{said}><{prefix}v>{shown}</{prefix}v></{prefix}c>"
    if cell.link and max(len(cell.link), len(cell.text)) <= _MOST_IN_FORMULA:
        target, text = (xml_text(part.replace('"', '""')) for part in (cell.link, cell.text))
        formula = f'HYPERLINK("{target}","{text}")'
        return f'<{prefix}c{said} t="str"><{prefix}f>{formula}</{prefix}f><{prefix}v>{shown}</{prefix}v></{prefix}c>'
    return f'<{prefix}c{said} t="inlineStr"><{prefix}is><{prefix}t xml:space="preserve">{shown}</{prefix}t></{prefix}is></{prefix}c>'


def _dimension(sheet: str, prefix: str, last: tuple[int, int]) -> str:
    """The sheet's declared range, extended to the new cells."""
    found = re.search(rf"(<{prefix}dimension\b[^>]*?\bref=\")([A-Z]+)(\d+)(?::([A-Z]+)(\d+))?(\")", sheet)
    if found is None:
        return sheet
    row, column = max(last[0], int(found[5] or found[3])), max(last[1], index_of(found[4] or found[2]))
    return sheet[: found.start()] + f"{found[1]}{found[2]}{found[3]}:{letter(column)}{row}{found[6]}" + sheet[found.end() :]
