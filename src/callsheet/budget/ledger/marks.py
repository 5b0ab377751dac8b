"""Marks in the ledger: rows that are only ever added. They move no money."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, exists, func, select

from callsheet.budget.ledger import limits, read, tables
from callsheet.budget.ledger.store import Ledger
from callsheet.domain.attempt import Attempt, Kind
from callsheet.domain.errors import HumanError, LedgerError
from callsheet.domain.mark import Mark, MarkKind, Marks, Role

#: marks that decide about a shot; a note doesn't
_DECIDING = [kind.value for kind in MarkKind if kind not in (MarkKind.NOTE, MarkKind.ERASE, MarkKind.WITHDRAW)]


class Overtaken(HumanError):
    """Somebody else has decided about the same shot: `newer` is their mark."""

    def __init__(self, newer: Mark) -> None:
        self.newer = newer
        super().__init__(
            f"{newer.shot} was changed meanwhile: {newer.kind.value} by {newer.who or 'the command line'}",
            help="check it, then run the command again",
        )


def marks(ledger: Ledger, project: str) -> Marks:
    """All marks on a project's takes."""
    return Marks.of(mark_log(ledger, project))


def mark_log(ledger: Ledger, project: str, *, after: int = 0) -> list[Mark]:
    """All marks on a project's takes, including clients', oldest first; only those after row `after`."""
    m = tables.mark.c
    with ledger.reading() as connection:
        rows = connection.execute(select(tables.mark).where(m.project == project, m.mark > after).order_by(m.mark)).all()
    return [_mark(row) for row in rows]


def newest(ledger: Ledger, project: str) -> int:
    """The number of the newest thing that was said; 0 before the first."""
    with ledger.reading() as connection:
        found = connection.execute(select(func.max(tables.mark.c.mark)).where(tables.mark.c.project == project)).scalar()
    return int(found or 0)


def put_mark(ledger: Ledger, project: str, mark: Mark, *, at: str, seen: int | None = None) -> bool:
    """Write a mark; False if one with its `uid` exists already. HumanError for a `retake` of a shot with an attempt under way: its clip
    would be paid for, and then not used. Overtaken if the producer decided about the shot after row `seen`; None skips that check.
    """
    if ledger.copy:
        raise LedgerError(
            "the ledger can't be written here: nothing was decided", help="decide as a user who may write the project's folder"
        )
    with ledger.writing() as connection:
        upto = 0
        if mark.kind is MarkKind.RETAKE or mark.uid:  # one writer at a time, so that another process's write is seen
            limits.lock_money(connection)
        if mark.uid and connection.execute(select(tables.mark.c.mark).filter_by(project=project, uid=mark.uid)).first():
            return False
        if seen is not None:
            _refuse_overtaken(connection, project, mark, seen)
        if mark.kind is MarkKind.RETAKE:
            _refuse_live(connection, project, mark)
            upto = int(connection.execute(select(func.max(tables.attempt.c.attempt))).scalar() or 0)
        row = {
            "project": project,
            "list": mark.list,
            "shot": mark.shot,
            "take": mark.take,
            "attempt": None if mark.attempt is None else int(mark.attempt),
            "kind": mark.kind.value,
            "upto": upto,
            "note": mark.note,
            "at": at,
            "who": mark.who,
            "role": mark.role.value,
            "uid": mark.uid,
            "body": json.dumps(mark.body, separators=(",", ":"), ensure_ascii=False),
        }
        connection.execute(tables.mark.insert().values(row))
    return True


def copy(ledger: Ledger, original: str, project: str) -> None:
    """Copy another project's marks to this one: its clips are the same."""
    m = tables.mark.c
    kept = (m.list, m.shot, m.take, m.attempt, m.kind, m.upto, m.note, m.at, m.who, m.role, m.uid, m.body)
    with ledger.writing() as connection:
        rows = connection.execute(select(*kept).where(m.project == original).order_by(m.mark)).mappings().all()
        for row in rows:
            connection.execute(tables.mark.insert().values({**row, "project": project}))


def numbered(ledger: Ledger, numbers: Iterable[str]) -> list[Attempt]:
    """Attempts by their ids, from any project of the ledger."""
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
            f"{live.take} is {live.state.value.replace('_', ' ')}, so a clip that was ordered before may still arrive",
            help="`callsheet recover` collects it; then run retake again",
        )


def _refuse_overtaken(connection: Connection, project: str, mark: Mark, seen: int) -> None:
    m = tables.mark.c
    here = (m.project == project, m.list == mark.list, m.shot == mark.shot, m.role == Role.PRODUCER.value)
    newer = connection.execute(select(tables.mark).where(*here, m.mark > seen, m.kind.in_(_DECIDING)).order_by(m.mark.desc())).first()
    if newer is not None:
        raise Overtaken(_mark(newer))


def _mark(row: Row[Any]) -> Mark:
    return Mark(
        kind=MarkKind(row.kind),
        list=row.list,
        shot=row.shot,
        take=row.take,
        attempt=None if row.attempt is None else str(row.attempt),
        upto=row.upto,
        note=row.note,
        at=row.at,
        who=row.who,
        role=Role(row.role),
        uid=row.uid,
        body=json.loads(row.body),
        number=row.mark,
    )
