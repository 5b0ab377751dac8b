"""Recomputes the sums of the ledger: if a cap's counter differs from its entries, nothing is bought."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, func, select

from callsheet.budget.ledger import tables
from callsheet.budget.ledger.store import Ledger
from callsheet.budget.rules.caps import OWNED
from callsheet.domain.errors import Problem
from callsheet.domain.money import text

#: the columns of an attempt that identify its counter in a scope: the project first if the scope belongs to a project
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "project": ("project",),
    "run": ("project", "run"),
    "list": ("project", "list"),
    "shot": ("project", "list", "shot"),
    "sequence": ("project", "list", "sequence"),
    "day": ("project", "day"),
    "month": ("project", "month"),
    "service": ("service",),
    "model": ("model",),
    "ledger": (),
}
_SMALL = 10_000  # entries: some 5,000 attempts, which take about 0.1 s to sum


def audit(ledger: Ledger, *, file: bool = True) -> list[Problem]:
    """Every contradiction in the ledger; empty if it is sound. One pass over all entries for each kind of cap. `file` also runs the
    storage's own check, which takes ten times as long in a large ledger.
    """
    with ledger.reading() as connection:
        said = [f"the ledger's file is damaged: {line}" for line in ledger.place.damage(connection)] if file else []
        caps = connection.execute(select(tables.cap)).all()
        sums: Counter[tuple[Any, ...]] = Counter()
        for scope in sorted({str(row.scope) for row in caps}):
            sums.update(_sums(connection, scope))
    for row in caps:
        summed = sums[row.scope, row.owner, row.name, row.rehearsal]
        if row.used != summed:
            title = f"{row.scope}:{row.name}" if row.name else row.scope
            said.append(f"the {title} cap counts {text(row.used)} USD and its entries sum to {text(summed)}")
    help = "nothing is bought until the ledger is restored from a backup"
    return [Problem(code="ledger_drift", message=message, help=help, file=str(ledger.place)) for message in said]


def small(ledger: Ledger) -> bool:
    """Whether summing the whole ledger takes no noticeable time."""
    with ledger.reading() as connection:
        return int(connection.execute(select(func.coalesce(func.max(tables.entry.c.entry), 0))).scalar_one()) <= _SMALL


def _sums(connection: Connection, scope: str) -> dict[tuple[Any, ...], int]:
    """The amount used by every counter of a scope, by the attempts' own columns: the view of all scopes would sum ten times as much."""
    a, e = tables.attempt.c, tables.entry.c
    columns = [a[name] for name in _COLUMNS[scope]]
    joined = tables.entry.join(tables.attempt, a.attempt == e.attempt)
    moved = select(*columns, a.rehearsal, func.sum(e.d_held + e.d_doubt + e.d_settled)).select_from(joined).group_by(*columns, a.rehearsal)
    found: dict[tuple[Any, ...], int] = {}
    for row in connection.execute(moved):
        names = [str(name) for name in row[:-2]]
        owner = names.pop(0) if scope in OWNED else ""
        found[scope, owner, ":".join(names), row.rehearsal] = int(row[-1])
    return found
