"""Compiled statements outlive a ledger."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.sql.compiler import SQLCompiler

from callsheet.budget.ledger import tables
from callsheet.budget.ledger.store import open_ledger


def _identity(file: Path) -> tuple[str, str]:
    """A ledger's id as it says itself, and as it is read by a statement of the same shape each time."""
    with closing(open_ledger(file)) as ledger, ledger.reading() as connection:
        return ledger.id, connection.execute(select(tables.identity.c.value).where(tables.identity.c.name == "id")).scalar_one()


def test_what_was_compiled_for_one_ledger_is_used_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a ledger was made, opening and reading another compiles nothing, and each still answers for itself."""
    first = _identity(tmp_path / "first.db")
    monkeypatch.setattr(SQLCompiler, "visit_select", lambda *_args, **_how: pytest.fail("compiled again"))
    second = _identity(tmp_path / "second.db")
    assert first[0] == first[1] != second[0] == second[1]
