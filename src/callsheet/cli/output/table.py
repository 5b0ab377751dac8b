"""Tables as plain lines: columns as wide as their cells; on a narrow terminal, less important columns are dropped."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TextIO

from rich.cells import cell_len, set_cell_size

#: width if stdout is not a terminal: nothing is dropped there
PLAIN_WIDTH = 200
#: how lines begin that are to be typed as they stand
TO_TYPE = ("  all of it: ", "next: ")
_GAP = "  "
_LEAST = 12
_WORD = re.compile(r"[^\s`]*`[^`\n]*`\S*|\S+")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its header, the alignment of its cells, and how early it is dropped if there is no room (0: never)."""

    head: str
    right: bool = False
    #: the highest is dropped first
    folds: int = 0
    #: may be shortened to fit, with an ellipsis
    elastic: bool = False
    #: is wrapped between words instead of shortened; no narrower than `least`, as long as other columns can be dropped instead
    wraps: bool = False
    least: int = 24


def width(stream: TextIO | None = None) -> int:
    """Columns to write in: the terminal's width, or plenty if the stream (default: stdout) is not a terminal and COLUMNS isn't set."""
    if (stream or sys.stdout).isatty() or os.environ.get("COLUMNS"):
        return shutil.get_terminal_size((100, 24)).columns
    return PLAIN_WIDTH


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]], within: int) -> list[str]:
    """The header and the rows as lines no wider than `within`, if possible; where stdout is no terminal, as wide as they are."""
    keep = list(range(len(columns)))
    widths = [max(cell_len(columns[at].head), *(cell_len(row[at]) for row in rows), 0) for at in keep]
    if within < PLAIN_WIDTH - len(_GAP):
        _fit(columns, keep, widths, within)
    lines: list[str] = []
    for cells in ([column.head for column in columns], *rows):
        parts = {at: _lines(cells[at], widths[at], columns[at]) for at in keep}
        for n in range(max((len(part) for part in parts.values()), default=0)):
            shown = [_cell(parts[at][n] if n < len(parts[at]) else "", widths[at], right=columns[at].right) for at in keep]
            lines.append(_GAP.join(shown).rstrip())
    return lines


def _fit(columns: Sequence[Column], keep: list[int], widths: list[int], within: int) -> None:
    """Drop columns from `keep`, and narrow others."""
    least = [min(size, column.least) if column.wraps else size for size, column in zip(widths, columns, strict=True)]
    for at in sorted(keep, key=lambda at: -columns[at].folds):
        if columns[at].folds and _total(least, keep) > within:
            keep.remove(at)
    over = _total(widths, keep) - within
    for at in keep:  # what wraps gives way first: nothing of it is lost
        over -= _narrowed(widths, at, least[at], over) if columns[at].wraps else 0
    for at in keep:
        over -= _narrowed(widths, at, _LEAST, over) if columns[at].elastic else 0


def _total(widths: Sequence[int], keep: Sequence[int]) -> int:
    return sum(widths[at] for at in keep) + len(_GAP) * (len(keep) - 1)


def _narrowed(widths: list[int], at: int, least: int, over: int) -> int:
    """Take up to `over` from a column, and return what was taken."""
    less = max(0, min(over, widths[at] - least))
    widths[at] -= less
    return less


def wrapped(line: str, within: int, hang: int = 4, *, commands: bool = True) -> list[str]:
    """A line as lines of at most so many columns, broken between words; continuation lines are indented by `hang`. Longer words stay whole,
    and so do commands between backticks, so that they can be copied, unless `commands` is False.
    """
    if cell_len(line) <= within:
        return [line]
    start = len(line) - len(line.lstrip())
    margin = " " * (start + hang)
    words, lines = _WORD.findall(line) if commands else line.split(), list[str]()
    at = " " * start + words[0]
    for word in words[1:]:
        if cell_len(at) + 1 + cell_len(word) > within:
            lines.append(at)
            at = margin + word
        else:
            at = f"{at} {word}"
    return [*lines, at]


def wrapped_lines(lines: Iterable[str], within: int) -> list[str]:
    """Lines for a terminal, broken between words; those with a command to type stay whole. Nothing is broken where stdout is no terminal."""
    if within >= PLAIN_WIDTH:
        return [*lines]
    return [part for line in lines for part in ([line] if line.startswith(TO_TYPE) else wrapped(line, within) if line else [line])]


def _lines(value: str, size: int, column: Column) -> list[str]:
    return [part.strip() for part in wrapped(" ".join(value.split()), size, 0, commands=False)] if column.wraps and value else [value]


def _cell(value: str, size: int, *, right: bool) -> str:
    value = " ".join(value.split())
    if cell_len(value) > size:
        return set_cell_size(value, size - 1) + "…"
    pad = " " * (size - cell_len(value))
    return pad + value if right else value + pad
