"""Adds pictures to a sheet's cells and keeps existing drawings."""

from __future__ import annotations

import re
from collections.abc import Mapping

from callsheet.shotlist.copies.package import Package
from callsheet.shotlist.copies.sheet_markup import with_element

_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SPREADSHEET = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
_EMPTY = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<xdr:wsDr xmlns:xdr="{_SPREADSHEET}" xmlns:a="{_DRAWING}"></xdr:wsDr>'
_CONTENT = "application/vnd.openxmlformats-officedocument.drawing+xml"
#: a picture's size in the sheet, in pixels, and the format's unit for one
SIZE = (96, 54)
_EMU = 9525


def picture(package: Package, sheet: str, pictures: Mapping[tuple[int, int], bytes]) -> None:
    """Put JPEG pictures on cells by row, from 1, and column, from 0."""
    if not pictures:
        return
    known = package.related(sheet, "drawing")
    part = known[1] if known else package.free("xl/drawings/drawingCallsheet{}.xml")
    text = re.sub(r"<((?:\w+:)?wsDr)\b([^>]*)/>", r"<\1\2></\1>", package.text(part) or _EMPTY)
    first = max((int(number) for number in re.findall(r"<(?:\w+:)?cNvPr\b[^>]*?\bid=\"(\d+)\"", text)), default=0) + 1
    anchors: list[str] = []
    for number, ((row, column), data) in enumerate(pictures.items(), start=first):
        image = package.free("xl/media/callsheet{}.jpeg")
        package.put(image, data)
        anchors.append(_anchor(row, column, number, package.relate(part, "image", image)))
    end = text.rindex("</")
    package.put(part, text[:end] + "".join(anchors) + text[end:])
    package.declare(ending="jpeg", kind="image/jpeg")
    if not known:
        package.declare(part=part, kind=_CONTENT)
        id = package.relate(sheet, "drawing", part)
        package.put(sheet, with_element(package.text(sheet) or "", "drawing", f'<drawing xmlns:r="{_REL}" r:id="{id}"/>'))


def _anchor(row: int, column: int, number: int, id: str) -> str:
    """A picture that moves with its cell."""
    across, down = (pixels * _EMU for pixels in SIZE)
    named = f'xmlns:xdr="{_SPREADSHEET}" xmlns:a="{_DRAWING}"'
    place = f"<xdr:from><xdr:col>{column}</xdr:col><xdr:colOff>{2 * _EMU}</xdr:colOff><xdr:row>{row - 1}</xdr:row><xdr:rowOff>{2 * _EMU}</xdr:rowOff></xdr:from>"
    about = f'<xdr:nvPicPr><xdr:cNvPr id="{number}" name="callsheet {number}"/><xdr:cNvPicPr><a:picLocks noChangeAspect="1"/></xdr:cNvPicPr></xdr:nvPicPr>'
    filled = f'<xdr:blipFill><a:blip xmlns:r="{_REL}" r:embed="{id}"/><a:stretch><a:fillRect/></a:stretch></xdr:blipFill>'
    shape = f'<xdr:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{across}" cy="{down}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></xdr:spPr>'
    size = f'<xdr:ext cx="{across}" cy="{down}"/>'
    return f"<xdr:oneCellAnchor {named}>{place}{size}<xdr:pic>{about}{filled}{shape}</xdr:pic><xdr:clientData/></xdr:oneCellAnchor>"
