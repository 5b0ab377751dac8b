"""Summing the book again: a drift between a cap's counter and its entries refuses to spend."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import Connection, Row, func, select

from callsheet.budget.ledger import tables
from callsheet.budget.ledger.store import Ledger
from callsheet.domain.errors import Problem
from callsheet.domain.money import text

_SMALL = 10_000  # entries; some 5,000 attempts, summed in about 0.1 s


def audit(ledger: Ledger) -> list[Problem]:
    """Every way in which the book contradicts itself; empty where it is sound. One pass over all entries."""
    with ledger.reading() as connection:
        damage = [_problem(f"the ledger's file is damaged: {line}") for line in ledger.place.damage(connection)]
        drift = [_problem(said) for said in _drift(connection)]
    return [problem.at(file=str(ledger.place)) for problem in (*damage, *drift)]


def small(ledger: Ledger) -> bool:
    """Whether summing the whole book again takes no time that anyone would notice."""
    with ledger.reading() as connection:
        return int(connection.execute(select(func.coalesce(func.max(tables.entry.c.entry), 0))).scalar_one()) <= _SMALL


def _drift(connection: Connection) -> list[str]:
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


def _said(row: Row[Any], summed: int) -> str:
    title = f"{row.scope}:{row.name}" if row.name else row.scope
    return f"the {title} cap counts {text(row.used)} USD and its entries sum to {text(summed)}"


def _problem(message: str) -> Problem:
    return Problem(code="ledger_drift", message=message, help="nothing is bought until the ledger is restored from a backup")
