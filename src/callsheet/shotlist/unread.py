"""Unread columns that decide what is bought: they are refused, because a default would be bought instead."""

from __future__ import annotations

import re
from collections.abc import Sequence

from callsheet.domain.errors import Problem
from callsheet.domain.typed import typed
from callsheet.domain.wording import listed
from callsheet.shotlist.columns.columns import OWN_PREFIX, key
from callsheet.shotlist.columns.header_words import DECIDES, meaning
from callsheet.shotlist.files.table import Row

#: our columns for meanings without a column of their own
TARGETS = {"frames": "duration_s", "in": "duration_s", "start": "duration_s", "picture": "first_frame"}
LENGTH = re.compile(
    r"\d{1,3}\+\d{1,2}|\d{1,4}(?:[.,]\d{1,3})?(?:\s*(?:s|secs?|seconds?|sek|sekunden|\"|″|f|fr|frames)\.?)?|\d{1,2}(?::\d{1,2}){1,2}|\d{1,2}:\d{2}:\d{2}[:;]\d{2,3}",
    re.IGNORECASE,
)
_FILE = re.compile(r"https?://\S+|data:.*|\S+\.(?:png|jpe?g|webp|gif|bmp)", re.IGNORECASE)
_MODEL = re.compile(r"(?:runware|bytecompute|deapi|lightricks)/\S+")
_SIZE = re.compile(r"\d{3,4}\s*[x×]\s*\d{3,4}", re.IGNORECASE)
#: numbers that people record and that are not lengths
_OTHER = {
    "lens",
    "focal",
    "focallength",
    "camera",
    "cam",
    "angle",
    "version",
    "setup",
    "page",
    "complexity",
    "bid",
    "day",
    "order",
    "row",
    "index",
    "line",
}

#: headers of yes/no columns that say which shots are wanted
_CHOOSES = {
    "include",
    "included",
    "use",
    "used",
    "enabled",
    "active",
    "generate",
    "render",
    "buy",
    "skip",
    "exclude",
    "excluded",
    "disabled",
}
#: the beginning of a ticked or empty box
TICKS = "[☐☑☒✓✔✗✘✅❌"
_SWITCH = re.compile(r"true|false|yes|no|y|n|on|off|wahr|falsch|ja|nein|vrai|faux|oui|non|\[[ xX]?\]|[☐☑☒✓✔✗✘✅❌]\ufe0f?", re.IGNORECASE)


def decided_by(header: str, cells: Sequence[str]) -> str | None:
    """Our column that an unread one seems to be, by its header or its filled cells; None if it decides nothing."""
    meant = meaning(header)
    if meant == "picture" and not all(map(_FILE.fullmatch, cells)):
        return None
    if meant == "duration_s" and not any(any(map(str.isdigit, cell)) for cell in cells):
        return None  # `Time`: day, night
    if meant is not None:
        return TARGETS.get(meant, meant) if meant in DECIDES else None
    if key(header) in _CHOOSES and all(map(_SWITCH.fullmatch, cells)):
        return "status"
    if all(map(_MODEL.fullmatch, cells)):
        return "model"
    if all(map(_SIZE.fullmatch, cells)):
        return "resolution"
    counter = [str(number) for number in range(int(cells[0]), int(cells[0]) + len(cells))] if cells[0].isdecimal() else []
    lengths = all(map(LENGTH.fullmatch, cells)) and key(header) not in _OTHER and (len(cells) == 1 or list(cells) != counter)
    return "duration_s" if lengths else None


def unread(index: int, header: Row, rows: Sequence[Row], taken: frozenset[str], file: str) -> Problem | None:
    """The problem of an unread column that decides what is bought, if none of ours decides it (`taken`)."""
    cells = [row.cells[index] for row in rows if index < len(row.cells) and row.cells[index]]
    name = decided_by(header.cells[index], cells) if cells else None
    return None if name is None or name in taken else _unmapped(header.cells[index], cells, name, file)


def half(index: int, header: Row, rows: Sequence[Row], taken: frozenset[str], file: str) -> Problem | None:
    """The problem of a bare `In` next to an `Out`: together they may give the shot's length, in frames or timecode, but nothing says so."""
    cells = [row.cells[index] for row in rows if index < len(row.cells) and row.cells[index]]
    if not cells or "out" not in map(meaning, header.cells):
        return None
    return _unmapped(header.cells[index], cells, "in_s" if "duration_s" in taken else "duration_s", file)


def _unmapped(text: str, cells: Sequence[str], name: str, file: str) -> Problem:
    samples = listed([repr(cell[:30]) for cell in dict.fromkeys(cells)], 3)
    return Problem(
        code="unmapped-column",
        message=f"column '{text}' ({samples}) seems to be {name} but isn't read: the default would be bought",
        help=f"`{typed('import', file)}` settles it; or rename it to {name}, or to {OWN_PREFIX}{key(text) or 'own'} if it is your own",
        column=name,
        header=text,
    )
