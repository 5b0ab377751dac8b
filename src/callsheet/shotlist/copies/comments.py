"""Adds comments to a sheet's cells and keeps existing ones."""

from __future__ import annotations

import re
from collections.abc import Mapping

from callsheet.shotlist.copies.package import Package
from callsheet.shotlist.copies.sheet_markup import with_element, xml_text
from callsheet.shotlist.files.table import index_of

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_AUTHOR = "callsheet"
_EMPTY = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<comments xmlns="{_MAIN}"><authors></authors><commentList></commentList></comments>'
_NAMESPACES = 'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel"'
_SHAPES = (
    f"<xml {_NAMESPACES}>"
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/>'
    '<v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype></xml>'
)
_CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_VML = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_ADDRESS = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_EMPTY_ELEMENT = re.compile(r"<((?:\w+:)?(?:authors|commentList))\b([^>]*)/>")


def comment(package: Package, sheet: str, comments: Mapping[str, str]) -> None:
    """Put comments on cells by their address, such as C7. If a cell has one already, the new text follows it."""
    if not comments:
        return
    part = _comments_part(package, sheet)
    text = _EMPTY_ELEMENT.sub(r"<\1\2></\1>", package.text(part) or _EMPTY)
    prefix = (found[1] if (found := re.search(r"<(\w+:)?comments\b", text)) else None) or ""
    authors = len(re.findall(rf"<{prefix}author\b", text))
    text = text.replace(f"</{prefix}authors>", f"<{prefix}author>{_AUTHOR}</{prefix}author></{prefix}authors>", 1)
    new: list[str] = []
    for address, said in comments.items():
        run = f'<{prefix}r><{prefix}t xml:space="preserve">{xml_text(said)}</{prefix}t></{prefix}r>'
        there = re.search(rf"<{prefix}comment\b[^>]*\bref=\"{address}\".*?(?=</{prefix}text>)", text, re.DOTALL)
        if there:
            old = re.sub(
                rf"<{prefix}text>(<{prefix}t\b.*?</{prefix}t>)",
                rf"<{prefix}text><{prefix}r>\1</{prefix}r>",
                there[0],
                count=1,
                flags=re.DOTALL,
            )
            gap = f'<{prefix}r><{prefix}t xml:space="preserve">\n\n</{prefix}t></{prefix}r>'
            text = text[: there.start()] + old + gap + run + text[there.end() :]
        else:
            new.append(address)
            made = f'<{prefix}comment ref="{address}" authorId="{authors}"><{prefix}text>{run}</{prefix}text></{prefix}comment>'
            text = text.replace(f"</{prefix}commentList>", f"{made}</{prefix}commentList>", 1)
    package.put(part, text)
    _draw(package, sheet, new)


def _comments_part(package: Package, sheet: str) -> str:
    """The part with the sheet's comments, created if there is none."""
    known = package.related(sheet, "comments")
    if known:
        return known[1]
    part = package.free("xl/commentsCallsheet{}.xml")
    package.relate(sheet, "comments", part)
    package.declare(part=part, kind=_CONTENT)
    return part


def _draw(package: Package, sheet: str, addresses: list[str]) -> None:
    """The boxes in which a spreadsheet shows new comments."""
    known = package.related(sheet, "vmlDrawing")
    part = known[1] if known else package.free("xl/drawings/vmlDrawingCallsheet{}.vml")
    text = package.text(part) or _SHAPES
    numbers = [int(number) for number in re.findall(r"_x0000_s(\d+)", text)]
    first = max(numbers, default=1024) + 1
    boxes: list[str] = []
    for number, address in enumerate(addresses, start=first):
        found = _ADDRESS.fullmatch(address)
        if found is None:
            continue
        column, row = index_of(found[1]), int(found[2]) - 1
        anchor = f"{column + 1}, 15, {max(0, row - 1)}, 2, {column + 5}, 31, {row + 6}, 1"
        boxes.append(
            f'<v:shape {_NAMESPACES} id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto">'
            f'<v:fill color2="#ffffe1"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/><v:textbox/>'
            f'<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor><x:AutoFill>False</x:AutoFill>'
            f"<x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
        )
    end = text.rindex("</xml>")
    package.put(part, text[:end] + "".join(boxes) + text[end:])
    package.declare(ending="vml", kind=_VML)
    if not known:
        id = package.relate(sheet, "vmlDrawing", part)
        package.put(sheet, with_element(package.text(sheet) or "", "legacyDrawing", f'<legacyDrawing xmlns:r="{_REL}" r:id="{id}"/>'))
