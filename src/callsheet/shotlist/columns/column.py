"""The definition of a shot list's column."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

#: clears the value of the project or the sequence, in columns that allow it; only in lower case: programs write `None` for a missing value
CLEARED = "none"
#: how a column is stored in Parquet
Stored = Literal["string", "int64", "seconds", "usd"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: how its cells are read (`parse`), written (`show`) and explained."""

    name: str
    #: returns the value of a cell's trimmed text; raises `cells.CellError`
    parse: Callable[[str], Any]
    #: returns the canonical text of a value
    show: Callable[[Any], str] = str
    help: str
    example: str
    #: what an empty cell means
    default: str = ""
    #: the meaning of `none` in a cell, which overrides the default; "" if the column doesn't allow it
    none: str = ""
    required: bool = False
    #: other accepted headers, compared without case, spaces and punctuation
    aliases: tuple[str, ...] = ()
    stored: Stored = "string"
    #: the words that its cells may have, if limited
    words: tuple[str, ...] = ()
    #: the smallest and largest of its whole numbers
    bounds: tuple[int, int] | None = None
