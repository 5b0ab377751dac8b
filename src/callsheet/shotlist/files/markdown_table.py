"""A table in a Markdown file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from callsheet.domain.errors import InputError, Problem
from callsheet.shotlist.files.encoding import decode
from callsheet.shotlist.files.kinds import refuse_named
from callsheet.shotlist.files.table import Grid, Row, clean

_BAR = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"\s*:?-+:?\s*")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


def load(data: bytes, file: str, encoding: str | None = None) -> Grid:
    """The rows of a Markdown file's only table. InputError if it has none, or several."""
    refuse_named(data, file)
    text, notes = decode(data, file, encoding)
    tables = list(_tables(text))
    if len(tables) != 1:
        message = f"the file has {len(tables)} tables" if tables else "the file has no table"
        help = "keep only the one with the shots" if tables else "write one: | shot_id | prompt |, then |---|---|, then one row per shot"
        raise InputError.of([Problem(code="markdown", message=message, help=help, file=file)])
    rows = tuple(row for row in tables[0] if any(row.cells))
    return Grid(rows=rows, notes=tuple(notes), addressed=False)


def _tables(text: str) -> Iterator[list[Row]]:
    """Every table: a header, a line of dashes under it, and rows, all between bars."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    at = 0
    while at + 1 < len(lines):
        header, rule = _cells(lines[at]), _cells(lines[at + 1])
        if not header or len(rule) != len(header) or not all(map(_RULE.fullmatch, rule)):
            at += 1
            continue
        rows = [_row(1, at + 1, header)]
        at += 2
        while at < len(lines) and (cells := _cells(lines[at])):
            rows.append(_row(len(rows) + 1, at + 1, cells))
            at += 1
        yield rows


def _row(number: int, line: int, cells: list[str]) -> Row:
    return Row(number, line, tuple(clean(_BREAK.sub("\n", cell).replace("\\|", "|").replace("`", "")) for cell in cells))


def _cells(line: str) -> list[str]:
    """The cells of a line that begins with a bar; none if it doesn't."""
    stripped = line.strip()
    if not stripped.startswith("|"):
        return []
    parts = _BAR.split(stripped)
    return parts[1:-1] if len(parts) > 2 and not parts[-1].strip() else parts[1:]
