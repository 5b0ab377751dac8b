"""What a copy of a sheet is."""

from __future__ import annotations

from typing import NamedTuple


class Copied(NamedTuple):
    """The copy's bytes, and what it has that the sheet has not, as lines of a diff."""

    data: bytes
    diff: tuple[str, ...]
