"""Compiled statements, kept for as long as the process lives.

A command opens the ledger several times, each time with an engine of its own. SQLAlchemy keeps what it compiled with the engine, and compiling takes
longer than most questions take to be answered. There are as many as this package has statements, so none is ever dropped.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Compiled

_Key = tuple[Any, ...]


class Statements(dict[_Key, Compiled]):
    """An engine's `compiled_cache` that other engines may use too, if they speak the very same dialect: a key here doesn't name the dialect's instance."""

    def get(self, key: _Key, default: Any = None) -> Any:
        """What was compiled for a statement, by whichever engine."""
        return super().get(key[1:], default)

    def __getitem__(self, key: _Key) -> Compiled:
        return super().__getitem__(key[1:])

    def __setitem__(self, key: _Key, value: Compiled) -> None:
        super().__setitem__(key[1:], value)
