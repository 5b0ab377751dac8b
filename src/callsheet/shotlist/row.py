"""From one row of text to one shot, or to all its problems."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from callsheet.domain.delivery.title import card_ground
from callsheet.domain.errors import Problem
from callsheet.domain.shots.foreign_text import fault
from callsheet.domain.shots.shot import Origin, Shot, Size
from callsheet.domain.timebase import Fps
from callsheet.domain.wording import nearest
from callsheet.shotlist.columns.cells import CellError, checked_size
from callsheet.shotlist.columns.column import CLEARED
from callsheet.shotlist.columns.columns import BY_NAME, COLUMNS, SUBTITLE_PREFIX
from callsheet.shotlist.columns.foreign_cell import linked
from callsheet.shotlist.columns.unwritten import is_bare
from callsheet.shotlist.files.table import Row, letter
from callsheet.shotlist.header import UNLIKE, Field, Header
from callsheet.shotlist.no_shot import KINDS, no_shot

ORDER = {column.name: index for index, column in enumerate(COLUMNS)}
_REQUIRED = tuple(column for column in COLUMNS if column.required)
#: columns whose value goes straight into the shot's field of the same name
_FIELDS = frozenset(ORDER) - {"resolution", "width", "height", "max_cost_usd", "shot_size"}
_FILES = ("first_frame", "last_frame", "audio", "clip")
#: not a path: a URL, a data URI, a reference to another shot, or an upload's id
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]+:|@|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", re.IGNORECASE)
_SHOWN = 80
#: reads lengths in frames and timecode of any rate, where the rate itself can't be read; see `counted_at`
UNKNOWN_RATE = Fps(1000)
_COUNTED = frozenset(column.name for column in COLUMNS if column.stored == "seconds")
_NOTHING_CLEARED = frozenset[str]()


@dataclass(frozen=True, slots=True)
class Source:
    """What every row needs to know about its file: the list's name, the file as the user named it, the folder for relative paths, the
    columns.
    """

    name: str
    file: str
    folder: Path
    header: Header
    #: whether its cells have addresses such as C7
    addressed: bool = True
    #: the project's frame rate, for lengths in frames in rows without their own
    fps: Fps | None = None


@dataclass(slots=True)
class _Reading:
    """A row while it is read: values by canonical name, the field of each filled cell, and the problems."""

    row: Row
    source: Source
    values: dict[str, Any] = field(default_factory=dict[str, Any])
    filled: dict[str, Field] = field(default_factory=dict[str, Field])
    problems: list[Problem] = field(default_factory=list[Problem])
    #: columns whose cell is `none`
    cleared: set[str] = field(default_factory=set[str])

    def wrong(self, column: str, code: str, message: str, help: str, mended: str | None = None) -> None:
        """Record a problem of the cell in `column`."""
        row, found = self.row, self.filled.get(column) or self.source.header.field(column)
        index = next(iter(found.indexes), None) if found else None
        line = row.line if index is None or column not in self.filled else row.line_of(index)
        header = found.header if found and found.header != column else None
        cell = f"{letter(index)}{row.number}" if index is not None and self.source.addressed else None
        alone = mended if found and len(found.indexes) == 1 else None
        self.problems.append(
            Problem(code=code, message=message, help=help, row=row.number, line=line, column=column, header=header, cell=cell, mended=alone)
        )

    def tried(self, column: str, text: str, parse: Callable[[], Any]) -> Any:
        """The result of `parse`; None, with the problem recorded, if `text` is invalid."""
        try:
            return parse()
        except CellError as error:
            self.meaningless(column, text, error)
            return None

    def meaningless(self, column: str, text: str, error: CellError) -> None:
        """Record that a cell is invalid."""
        optional = column in BY_NAME and not BY_NAME[column].required
        empty = optional and is_bare(text) and not error.mended
        mended = "" if empty and error.mended is None else error.mended
        fix = "leave the cell empty" if empty else error.fix
        self.wrong(column, error.code, f"{shown(text)} {error.why}", fix, mended)


def shot_of(row: Row, source: Source, n: int = 0) -> tuple[Shot | None, list[Problem]]:
    """The row's shot, and every problem of the row; with any, the shot has only the valid cells, so that those can be checked. None for a
    row that isn't a shot. `n` counts the rows from 1.
    """
    if other := no_shot(row, source.header.names, source.header.texts):
        return None, [Problem(code=KINDS[other.kind], message=other.message, help=other.fix, row=row.number, line=row.line)]
    reading = _Reading(row, source)
    _read_cells(reading, n)
    if "width" in reading.filled or "height" in reading.filled:
        _join_edges(reading)
    head = source.header
    for column in _REQUIRED:  # a missing column is a problem of the header, but in a list of own clips
        own = column.name == "prompt" and "clip" in reading.filled and "clip" not in reading.cleared
        if not own and column.name not in reading.filled and (head.field(column.name) or not head.problems):
            reading.wrong(column.name, "missing-cell", "the cell is empty; every shot needs one", f"write one, such as {column.example}")
    for name in _FILES:
        if name in reading.values:
            _check_file(reading, name, source.folder)
    if reading.problems:
        name = reading.values.get("shot_id")
        for problem in reading.problems:
            reading.values.pop(problem.column or "", None)
        sound = {"shot_id": "", "prompt": "?", **reading.values}
        reading.values.clear()
        reading.values.update(sound)
        return _made(reading, source), [problem.at(shot=name) for problem in reading.problems]
    if "clip" in reading.values:
        reading.values.setdefault("prompt", "")
    whole = "shot_id" in reading.values and "prompt" in reading.values
    return (_made(reading, source) if whole else None), []


def counted_at(columns: AbstractSet[str]) -> frozenset[str]:
    """A row's faulty columns, with those whose frames are counted at a faulty rate."""
    return frozenset(columns | _COUNTED if "fps" in columns else columns)


def shown(text: str) -> str:
    """A cell as read, cut to a readable length."""
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")


def _read_cells(reading: _Reading, n: int) -> None:
    """Every filled cell's value. The rate comes first, because lengths in frames use the row's own."""
    fields, cells = reading.source.header.fields, reading.row.cells
    rate = reading.source.fps
    for field_ in fields:
        indexes = field_.indexes
        text = cells[indexes[0]] if len(indexes) == 1 else field_.shown(reading.row)  # without a call for most cells
        if not text:
            continue
        name = field_.column.name
        reading.filled[name] = field_
        if text == CLEARED and field_.column.none:
            reading.cleared.add(name)
            rate = None if name == "fps" else rate
            continue
        try:
            value = field_.value(cells, n, rate)
        except CellError as error:
            value = None
            reading.meaningless(name, text, error)
        if value is not None:
            reading.values[name] = value
        if name == "fps":  # lengths in frames are no fault of theirs if their rate can't be read
            rate = value or UNKNOWN_RATE


def _join_edges(reading: _Reading) -> None:
    """`width` and `height` become `resolution`."""
    filled = [name for name in ("width", "height") if name in reading.filled]
    if len(filled) == 1:
        other = "height" if filled == ["width"] else "width"
        reading.wrong(filled[0], "bad-resolution", f"there is a {filled[0]} but no {other}", f"fill {other} too")
    width, height = reading.values.pop("width", None), reading.values.pop("height", None)
    if width is None or height is None:
        return
    size = reading.tried("width", f"{width}x{height}", lambda: checked_size(Size(width, height)))
    if size and reading.values.setdefault("resolution", size) != size:
        reading.wrong(
            "width", "bad-resolution", f"width and height are {size}, resolution is {reading.values['resolution']}", "use one or the other"
        )


def _check_file(reading: _Reading, name: str, folder: Path) -> None:
    """Check that a picture or sound named by a path exists."""
    text: str = reading.values[name]
    if _ELSEWHERE.match(text) or (name == "clip" and card_ground(text)):
        return
    if linked(text):
        fix = "download it, and write its path, relative to the list's folder"
        reading.wrong(name, "not-found", f"{shown(text)} has a link behind the name, as Airtable exports attachments", fix)
        return
    path, near = folder / text, None
    try:
        if path.is_file():
            return
        if path.is_dir():
            reading.wrong(name, "not-a-file", f"{shown(text)} is a folder", f"name a file in it, such as {BY_NAME[name].example}")
            return
        near = nearest(path.name, (other.name for other in path.parent.iterdir() if not fault(other.name)))
    except (OSError, ValueError):  # longer than a path can be, not a path, or not in a folder
        pass
    fix = f"{near} exists" if near else "correct the path, which is relative to the list's folder"
    reading.wrong(name, "not-found", f"{shown(text)} doesn't exist", fix)


@lru_cache(maxsize=4096)
def _shared_cell(name: str, text: str) -> tuple[str, str]:
    """A cell as shots carry it: rows that say the same share it."""
    return name, text


@lru_cache(maxsize=256)
def _in_order(names: tuple[str, ...]) -> tuple[str, ...]:
    """Columns in our order, then the author's own by name. Most rows of a list fill the same ones."""
    return tuple(sorted(names, key=lambda name: (ORDER.get(name, len(ORDER)), name)))


def _made(reading: _Reading, source: Source) -> Shot:
    values = reading.values
    # what the author filled, each value in the one text that means it, in the columns' order and then the author's own by name
    texts = {name: BY_NAME[name].show(value) if name in BY_NAME else str(value) for name, value in values.items()}
    texts |= dict.fromkeys(reading.cleared, CLEARED)
    fields = {name: value for name, value in values.items() if name in _FIELDS}
    fields.setdefault("sequence", source.name)
    subtitles = sorted(name for name in values if name.startswith(SUBTITLE_PREFIX))
    return Shot(
        list=source.name,
        origin=Origin(source.file, reading.row.number, reading.row.line),
        size=values.get("resolution"),
        max_cost=values.get("max_cost_usd"),
        subtitles=tuple((name.removeprefix(SUBTITLE_PREFIX), values[name]) for name in subtitles),
        cells=tuple([(name, texts[name]) if name in UNLIKE else _shared_cell(name, texts[name]) for name in _in_order(tuple(texts))]),
        cleared=frozenset(reading.cleared) if reading.cleared else _NOTHING_CLEARED,
        **fields,
    )
