"""Totals per list, summed by the database, so that even a large ledger can be shown without reading an attempt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, case, exists, func, select

from callsheet.budget.ledger import tables
from callsheet.budget.ledger.store import Ledger
from callsheet.domain.attempt import Kind, Reason
from callsheet.domain.money import Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """One list: its takes with a hold, attempts that were sent, attempts with a clip, takes with an open attempt; money in micro-USD.
    `held` is on hold or in doubt.
    """

    list: str
    takes: int
    received: int
    open: int
    attempts: int
    held: Micros
    settled: Micros


def attempts_count(ledger: Ledger, project: str) -> int:
    """How many attempts a project has made."""
    with ledger.reading() as connection:
        count = select(func.count()).select_from(tables.attempt).where(tables.attempt.c.project == project)
        return int(connection.execute(count).scalar_one())


def tallies(ledger: Ledger, project: str) -> list[Tally]:
    """The totals of each list of a project, by name. Memory does not grow with the ledger."""
    a, e = tables.attempt.c, tables.event.c
    ended = exists().where(e.attempt == a.attempt, e.kind.in_((Kind.RECEIVED.value, Kind.CLOSED.value)))
    received = exists().where(e.attempt == a.attempt, e.kind == Kind.RECEIVED.value)
    given_back = exists().where(e.attempt == a.attempt, e.kind == Kind.CLOSED.value, e.body.contains(f'"{Reason.CANCELLED}"'))
    sent = exists().where(e.attempt == a.attempt, e.kind == Kind.INTENT.value) & ~given_back
    takes = (
        select(
            a.list,
            func.sum(case((sent, 1), else_=0)).label("attempts"),
            func.max(case((received, 1), else_=0)).label("received"),
            func.max(case((ended, 0), else_=1)).label("open"),
        )
        .where(a.project == project)
        .group_by(a.list, a.shot, a.take)
        .subquery()
    )
    t = takes.c
    counted = select(t.list, func.count(), func.sum(t.received), func.sum(t.open), func.sum(t.attempts)).group_by(t.list).order_by(t.list)
    with ledger.reading() as connection:
        rows = connection.execute(counted).all()
        money = {list: (int(held), int(settled)) for list, held, settled in connection.execute(_money(project))}
    return [
        Tally(list=list, takes=int(n), received=int(got), open=int(open), attempts=int(tried), held=money[list][0], settled=money[list][1])
        for list, n, got, open, tried in rows
    ]


def _money(project: str) -> Select[tuple[Any, Any, Any]]:
    a, n = tables.attempt.c, tables.entry.c
    sums = select(a.list, func.sum(n.d_held + n.d_doubt), func.sum(n.d_settled))
    return sums.select_from(tables.entry.join(tables.attempt, a.attempt == n.attempt)).where(a.project == project).group_by(a.list)
