"""From a file to its rows: the reader is chosen by the file's name."""

from __future__ import annotations

from pathlib import Path

from callsheet.domain.errors import InputError
from callsheet.regular_file import read_regular
from callsheet.shotlist import parquet, sheet
from callsheet.shotlist.mapping import Mapping
from callsheet.shotlist.table import Grid


def load(path: Path, data: bytes, shown_as: str, mapping: Mapping) -> Grid:
    """The rows of a list's bytes. InputError where they are no list."""
    if path.suffix.lower() == ".parquet":
        return parquet.load(data, shown_as, mapping.headers)
    return sheet.load(data, shown_as, mapping.encoding)


def bytes_of(path: Path, shown_as: str) -> bytes:
    """The file's bytes. InputError where it can't be read."""
    try:
        return read_regular(path)
    except OSError as error:
        raise InputError(f"{shown_as} can't be read: {error.strerror}", help="give the path of a .csv or .parquet file") from None
