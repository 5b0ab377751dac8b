"""What a column of a shot list is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

#: clears what the project, the sequence or nobody would fill in, in columns that say so; in lower case alone: `None` is what programs leave where nothing was meant
CLEARED = "none"
#: how a column is stored in Parquet
Stored = Literal["string", "int64", "seconds", "usd"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: how its cells are read (`parse`), written back (`show`) and explained."""

    name: str
    #: from a cell's trimmed text to its value; raises `cells.CellError`
    parse: Callable[[str], Any]
    #: from the value to the one text that means it
    show: Callable[[Any], str] = str
    help: str
    example: str
    #: what an empty cell means
    default: str = ""
    #: what `none` in a cell means: what would stand there otherwise is not taken; "" if it is no word of the column's
    none: str = ""
    required: bool = False
    #: other headers that are understood, compared without case, spaces and signs
    aliases: tuple[str, ...] = ()
    stored: Stored = "string"
    #: the words that its cells have, where these are all
    words: tuple[str, ...] = ()
    #: the least and the most of its whole numbers
    bounds: tuple[int, int] | None = None
