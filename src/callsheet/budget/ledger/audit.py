"""Summing the book again: a drift between a cap's counter and its entries refuses to spend."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import Connection, Row, func, select

from callsheet.budget.ledger import tables
from callsheet.budget.ledger.store import Ledger
from callsheet.domain.errors import Problem
from callsheet.domain.money import text


def audit(ledger: Ledger) -> list[Problem]:
    """Every way in which the book contradicts itself; empty where it is sound. One pass over all entries."""
    with ledger.reading() as connection:
        return [*_damage(connection), *_drift(connection)]


def _damage(connection: Connection) -> list[Problem]:
    said = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check(5)")]
    return [_problem(f"the ledger's file is damaged: {line}") for line in said if line != "ok"]


def _drift(connection: Connection) -> list[Problem]:
    s, e = tables.scope_of.c, tables.entry.c
    moved = (
        select(s.scope, s.owner, s.name, s.rehearsal, func.sum(e.d_held + e.d_doubt + e.d_settled).label("moved"))
        .select_from(tables.entry.join(tables.scope_of, s.attempt == e.attempt))
        .group_by(s.scope, s.owner, s.name, s.rehearsal)
    )
    sums: Counter[tuple[Any, ...]] = Counter({(row.scope, row.owner, row.name, row.rehearsal): int(row.moved) for row in connection.execute(moved)})
    return [_said(row, sums[_place(row)]) for row in connection.execute(select(tables.cap)) if row.used != sums[_place(row)]]


def _place(row: Row[Any]) -> tuple[Any, ...]:
    return (row.scope, row.owner, row.name, row.rehearsal)


def _said(row: Row[Any], summed: int) -> Problem:
    title = f"{row.scope}:{row.name}" if row.name else row.scope
    return _problem(f"the {title} cap counts {text(row.used)} USD and its entries sum to {text(summed)}")


def _problem(message: str) -> Problem:
    return Problem(code="ledger_drift", message=message, help="nothing is bought until the ledger is restored from a backup", file="ledger.db")
