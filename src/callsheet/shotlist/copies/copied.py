"""The copy of a sheet."""

from __future__ import annotations

from typing import NamedTuple


class Copied(NamedTuple):
    """The copy's bytes, and its additions as lines of a diff."""

    data: bytes
    diff: tuple[str, ...]
