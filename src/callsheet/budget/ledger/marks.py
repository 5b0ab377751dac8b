"""Marks in the ledger: rows that are only ever added. They move no money."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, exists, func, select

from callsheet.budget.ledger import limits, read, tables
from callsheet.budget.ledger.store import Ledger
from callsheet.domain.attempt import Attempt, Kind
from callsheet.domain.errors import HumanError
from callsheet.domain.mark import Mark, MarkKind, Marks


def marks(ledger: Ledger, project: str) -> Marks:
    """What people said of a project's takes so far."""
    m = tables.mark.c
    with ledger.reading() as connection:
        rows = connection.execute(select(tables.mark).where(m.project == project).order_by(m.mark)).all()
    return Marks.of(
        Mark(
            kind=MarkKind(row.kind),
            list=row.list,
            shot=row.shot,
            take=row.take,
            attempt=None if row.attempt is None else str(row.attempt),
            upto=row.upto,
            note=row.note,
            at=row.at,
        )
        for row in rows
    )


def put_mark(ledger: Ledger, project: str, mark: Mark, *, at: str) -> None:
    """Write a mark down. HumanError for a `retake` of a shot that has an attempt under way: what it brings would be bought, and count for nothing."""
    with ledger.writing() as connection:
        newest = 0
        if mark.kind is MarkKind.RETAKE:
            limits.lock_money(connection)  # an attempt that another process is just making would be older than the mark, and unseen by it
            _refuse_live(connection, project, mark)
            newest = int(connection.execute(select(func.max(tables.attempt.c.attempt))).scalar() or 0)
        row = {
            "project": project,
            "list": mark.list,
            "shot": mark.shot,
            "take": mark.take,
            "attempt": None if mark.attempt is None else int(mark.attempt),
            "kind": mark.kind.value,
            "upto": newest,
            "note": mark.note,
            "at": at,
        }
        connection.execute(tables.mark.insert().values(row))


def copy(ledger: Ledger, original: str, project: str) -> None:
    """Give a project what people said of another one's takes: its clips are the same."""
    m = tables.mark.c
    kept = (m.list, m.shot, m.take, m.attempt, m.kind, m.upto, m.note, m.at)
    with ledger.writing() as connection:
        rows = connection.execute(select(*kept).where(m.project == original).order_by(m.mark)).mappings().all()
        for row in rows:
            connection.execute(tables.mark.insert().values({**row, "project": project}))


def numbered(ledger: Ledger, numbers: Iterable[str]) -> list[Attempt]:
    """Attempts by their ids, of any project of the ledger."""
    with ledger.reading() as connection:
        return [read.one(connection, int(number)) for number in sorted(set(numbers), key=int)]


def _refuse_live(connection: Connection, project: str, mark: Mark) -> None:
    a, e = tables.attempt.c, tables.event.c
    ended = exists().where(e.attempt == a.attempt, e.kind.in_((Kind.RECEIVED.value, Kind.CLOSED.value)))
    here = (a.project == project, a.list == mark.list, a.shot == mark.shot)
    found = connection.execute(select(a.attempt).where(*here, ~ended).order_by(a.attempt)).scalars().first()
    if found is not None:
        live = read.one(connection, int(found))
        raise HumanError(
            f"{live.take} is {live.state.value.replace('_', ' ')}: what was ordered before may still come",
            help="`callsheet recover` brings it to its end; then say retake again",
        )
