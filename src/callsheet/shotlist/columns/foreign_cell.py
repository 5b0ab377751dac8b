"""Cells as other programs write them where the meaning is certain: digits of another script, a spreadsheet's mark for text, a linked name."""

from __future__ import annotations

import re
import unicodedata

#: `Harbour (https://www.notion.so/...)`: a relation of Notion, an attachment of Airtable
_LINKED = re.compile(r"(\S[^\n]*?) \(https?://\S+\)", re.IGNORECASE)
_DECIMAL_MARKS = str.maketrans({"\u066b": "."})


def plain_text(cell: str) -> str:
    """The cell with the digits 0 to 9 and plain letters, without invisible marks and without an apostrophe in front, which means text."""
    text = unicodedata.normalize("NFKC", cell).translate(_DECIMAL_MARKS)
    digits = (str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text if unicodedata.category(sign) != "Cf")
    return "".join(digits).removeprefix("'").strip()


def linked(cell: str) -> str | None:
    """The name in a cell that has its link behind it; None if it has none."""
    found = _LINKED.fullmatch(cell)
    return found[1] if found else None


def seen(sign: str) -> str:
    """A character as a message shows it: by its name if nobody can see it."""
    return (
        repr(sign)
        if sign.isprintable()
        else f"U+{ord(sign):04X}, which is invisible ({unicodedata.name(sign, 'a control character').lower()})"
    )
