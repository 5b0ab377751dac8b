"""Cells that nobody has written yet: words for nothing, marks that mean the row above, what forms say before they are filled in, fields of a template."""

from __future__ import annotations

import re

#: what stands in cells where nothing was meant, without case and dots at the ends
_BARE = {
    "none",
    "nan",
    "null",
    "nil",
    "na",
    "n/a",
    "#n/a",
    "n.a",
    "tbd",
    "tba",
    "tbc",
    "total",
    "totals",
    "subtotal",
    "grand total",
    "<na>",
    "nat",
}
#: longer than all of these
_SHORT = 80
#: as people write it who read from top to bottom; a service gets each row alone
_DITTO = {
    *("ditto", "dito", "idem", "id", "same", "same as above", "same as previous", "same again", "as above", "see above", "like above"),
    *("s.o", "siehe oben", "wie oben", "dasselbe", "comme ci-dessus", "voir ci-dessus", "ídem", "igual", "igual que arriba", "come sopra"),
    *("同上", "同前", "同じ", "上と同じ", "상동", "위와 같음", "то же", "〃", "″", '"', "''", "^", "↑"),
}
#: what stands in a form: `Insert prompt here`, `<PROMPT>`, `[your description]`
_FORM = re.compile(
    r"[<\[{(]*\s*(?:(?:insert|enter|add|write|type|put|paste|replace)\s+)?(?:(?:your|the|a|shot|scene|video|text)\s+)*"
    r"(?:prompt|description|placeholder|text|caption)s?(?:\s+(?:text|goes|go))?(?:\s+here)?\s*[>\]}).…]*",
    re.IGNORECASE,
)
#: a field of a template that nothing has filled: `{{character}}`, `${place}`
_FIELD = re.compile(r"\{\{[^{}\n]{1,60}\}\}|\$\{[A-Za-z_][\w. ]{0,40}\}")


def is_bare(cell: str) -> bool:
    """Whether a cell holds what a program or a hurried hand leaves where nothing was meant."""
    return cell.casefold().strip(" .:") in _BARE or not cell.strip("-–—_?.… ")


def refers_upwards(cell: str) -> bool:
    """Whether a cell says no more than that it is like the one above."""
    return len(cell) <= _SHORT and cell.casefold().strip(" .()") in _DITTO


def unwritten(cell: str) -> str | None:
    """Why a text is no prompt yet, in words that follow what was read; None if it is one."""
    if refers_upwards(cell):
        return "means the row above, and a service gets each row alone"
    if (len(cell) <= _SHORT and _FORM.fullmatch(cell)) or cell[:11].casefold() == "lorem ipsum":
        return "is what a form says before it is filled in"
    found = _FIELD.search(cell) if "{" in cell else None
    return f"holds a template's field that nothing has filled: {found[0]}" if found else None
