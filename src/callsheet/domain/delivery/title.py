"""Titles: what a row writes over its pictures or on a title card, where, when and in which font."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from callsheet.domain.delivery.caption import CaptionPosition

#: the ground of a title card that names no colour
_BLACK = "000000"
_CARD = re.compile(r"card(?:\s+#([0-9a-f]{6}))?", re.IGNORECASE)
_MARKED = re.compile(r"\[([^\]]*)\]\s*(\S.*)?")
_TIMES = re.compile(r"(\d+(?:\.\d+)?)\s*-\s*(\d+(?:\.\d+)?)")
_FONT = re.compile(r".+\.(ttf|otf)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """One title: from `start` to `end` (seconds of its shot; None: all of it), in a font file (as the cell names it; None: the delivery's)."""

    text: str
    place: CaptionPosition = CaptionPosition.CENTRE
    start: Decimal | None = None
    end: Decimal | None = None
    font: str | None = None


def titles(cell: str) -> tuple[Title, ...]:
    """The titles of a cell: one text, or each behind what is said of it in brackets, such as `[0.5-2; bottom-left; fonts/Serif.ttf] Jane Doe`.

    Lines without brackets go on with the title before them. ValueError in words.
    """
    lines = [line.strip() for line in cell.splitlines() if line.strip()]
    found: list[Title] = []
    for number, line in enumerate(lines):
        marked = _MARKED.fullmatch(line)
        if marked:
            found.append(_said(marked[1], marked[2] or ""))
        elif number == 0:
            found.append(Title(text=line))
        else:
            found[-1] = replace(found[-1], text=f"{found[-1].text}\n{line}".strip())
    if blank := next((one for one in found if not one.text), None):
        raise ValueError(f"the title at {blank.place} has no text")
    return tuple(found)


def _said(how: str, text: str) -> Title:
    """A title of which times, place and font are said."""
    told: dict[str, object] = {}
    for part in (part.strip() for part in how.split(";")):
        if times := _TIMES.fullmatch(part):
            start, end = Decimal(times[1]), Decimal(times[2])
            if end <= start:
                raise ValueError(f"[{how}] ends before it begins")
            fields: dict[str, object] = {"start": start, "end": end}
        elif part in set(CaptionPosition):
            fields = {"place": CaptionPosition(part)}
        elif _FONT.fullmatch(part):
            fields = {"font": part}
        else:
            raise ValueError(
                f"{part!r} is neither times such as 0.5-2 nor a font file (.ttf, .otf) nor one of {', '.join(CaptionPosition)}"
            )
        if fields.keys() & told.keys():
            raise ValueError(f"[{how}] says {next(iter(fields))} twice")
        told |= fields
    return Title(text=text, **told)  # pyright: ignore[reportArgumentType]  # each by its own name, of its own type


def card_ground(cell: str | None) -> str | None:
    """The colour (six hex digits) of the title card that a `clip` cell asks for: `card`, `card #20242a`. None if it names a file."""
    found = _CARD.fullmatch(cell.strip()) if cell else None
    return (found[1] or _BLACK).lower() if found else None
