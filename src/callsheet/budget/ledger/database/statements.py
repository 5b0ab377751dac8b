"""Compiled statements, cached for the life of the process. A command opens the ledger several times, each time with a new engine.
SQLAlchemy caches compiled statements per engine, and compiling takes longer than most queries. The cache holds every statement of this
package, so it never drops one.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Compiled

_Key = tuple[Any, ...]


class Statements(dict[_Key, Compiled]):
    """An engine's `compiled_cache` that other engines may share if they speak the same dialect: a key doesn't name the dialect's instance."""

    def get(self, key: _Key, default: Any = None) -> Any:
        """The compiled statement, whichever engine compiled it."""
        return super().get(key[1:], default)

    def __getitem__(self, key: _Key) -> Compiled:
        return super().__getitem__(key[1:])

    def __setitem__(self, key: _Key, value: Compiled) -> None:
        super().__setitem__(key[1:], value)
