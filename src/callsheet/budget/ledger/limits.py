"""Limits in force: each one set, changed or lifted is a row; so are warnings about a cap that fills up. A limit on a service, a model or
the whole ledger is shared by its projects: the tightest that any of them requests applies, and only the project that requested it can
raise or lift it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Integer, Row, ScalarSelect, bindparam, func, literal_column, select, text

from callsheet.budget.ledger import read, tables
from callsheet.budget.ledger.store import Ledger
from callsheet.budget.rules.caps import OWNED, CapState, Limit, covers
from callsheet.domain.money import Micros


@dataclass(frozen=True, slots=True)
class Change:
    """A limit that changed. None is no limit. Micro-USD."""

    title: str
    before: Micros | None
    after: Micros | None
    origin: str


#: the columns that identify a counter
_WHERE = ("scope", "owner", "name", "source")
_PLACE = (*_WHERE, "rehearsal")
#: the end of a shared limit's origin: the project that requested it
_OF_PROJECT = " of project "
_Asked = tuple[Limit, Mapping[str, Any]]
_C = tables.cap.c


def put(connection: Connection, project: str, wanted: Sequence[Limit], at: str) -> list[Change]:
    """Write new and changed limits, and return the changes; usually there are none, and then nobody has to wait."""
    asked = [(limit, _place(project, limit, rehearsal)) for rehearsal in (0, 1) for limit in wanted]
    if not _missing(connection, project, asked):
        return []
    lock_money(connection)
    changed: list[Change] = []
    for limit, place in _missing(connection, project, asked):
        before = connection.execute(select(tables.cap).filter_by(**place)).first()
        if _stands(connection, project, limit, before):
            continue  # requested twice
        origin = limit.origin if limit.scope in OWNED else f"{limit.origin}{_OF_PROJECT}{project}"
        _record(connection, before.cap if before else _open(connection, place), limit.amount, at, origin)
        if before and not place["rehearsal"]:
            title = f"{limit.scope}:{limit.name}" if limit.name else limit.scope
            changed.append(Change(title, before.amount, limit.amount, limit.origin))
    return changed


def amount_at(n: int) -> ScalarSelect[Any]:
    """The amount in force at the place number `n` of those that a statement is told, none where there is none. A counter is found by its key: the view of an
    attempt's caps takes the database three times as long. A limit has both its counters or none.
    """
    place = (_C[part] == bindparam(f"{part}{n}") for part in _WHERE)
    return select(_C.amount).where(*place, _C.rehearsal == literal_column("0", Integer)).scalar_subquery()


def place_names(limits: int) -> list[str]:
    """The names of what a statement is told of the places of so many limits."""
    return [f"{part}{n}" for n in range(limits) for part in _WHERE]


def places(project: str, wanted: Sequence[Limit]) -> list[str]:
    """What a statement is told of the places of these limits, in the order of `place_names`."""
    told: list[str] = []
    for limit in wanted:
        told += (limit.scope, project if limit.scope in OWNED else "", limit.name, limit.source)
    return told


def lift(connection: Connection, project: str, *, source: str, keep: Sequence[Limit], at: str, list: str = "") -> None:
    """Lift the project's limits of `source` (and of one `list`) that are no longer among `keep`; their counters continue."""
    c = tables.cap.c
    gone = [
        row
        for row in connection.execute(select(tables.cap).where(c.source == source, c.amount.is_not(None))).all()
        if (not list or row.name.startswith(f"{list}:"))
        and _whose(connection, row) == project
        and not any(covers(limit, row.scope, row.name, row.source) for limit in keep)
    ]
    if gone:
        lock_money(connection)
    for row in gone:
        _record(connection, row.cap, None, at, f"no longer requested{_OF_PROJECT}{project}")


def shared_by(ledger: Ledger, project: str) -> frozenset[tuple[str, str]]:
    """Scope and name of each limit in force on a service, a model or the whole ledger that the project requested: it can raise or lift it."""
    with ledger.reading() as connection:
        shared = connection.execute(select(tables.cap).where(_C.source == "file", _C.owner == "", _C.amount.is_not(None))).all()
        return frozenset((row.scope, row.name) for row in shared if _whose(connection, row) == project)


def warn(ledger: Ledger, cap: CapState, percents: Sequence[int], *, at: str) -> bool:
    """Record that a cap has passed these thresholds at its present amount. False if another process has already recorded it."""
    w = tables.warned.c
    with ledger.writing() as connection:
        if connection.dialect.name == "postgresql":  # one at a time
            connection.execute(select(tables.cap.c.cap).where(tables.cap.c.cap == cap.number).with_for_update())
        told = set(connection.execute(select(w.percent).where(w.cap == cap.number, w.amount == cap.amount)).scalars())
        new = [percent for percent in percents if percent not in told]
        for percent in new:
            connection.execute(tables.warned.insert().values(cap=cap.number, percent=percent, amount=cap.amount, at=at))
        return bool(new)


def _place(project: str, limit: Limit, rehearsal: int) -> dict[str, Any]:
    owner = project if limit.scope in OWNED else ""
    return {"scope": limit.scope, "owner": owner, "name": limit.name, "source": limit.source, "rehearsal": rehearsal}


def _missing(connection: Connection, project: str, asked: Sequence[_Asked]) -> list[_Asked]:
    """Limits that are requested but not stored, found with one query."""
    c = tables.cap.c
    names = sorted({limit.name for limit, _ in asked})
    rows = connection.execute(select(tables.cap).where(c.owner.in_((project, "")), c.name.in_(names))).all()
    there = {tuple(getattr(row, part) for part in _PLACE): row for row in rows}
    return [
        (limit, place)
        for limit, place in asked
        if not _stands(connection, project, limit, there.get(tuple(place[part] for part in _PLACE)))
    ]


def _stands(connection: Connection, project: str, limit: Limit, row: Row[Any] | None) -> bool:
    if row is None or row.amount is None:
        return False
    return row.amount == limit.amount or (row.amount < limit.amount and _whose(connection, row) != project)


def _whose(connection: Connection, row: Row[Any]) -> str:
    """The project that a limit belongs to: its owner, or for a shared one, whoever set it last."""
    if row.scope in OWNED:
        return str(row.owner)
    c = tables.cap_limit.c
    origin = connection.execute(select(c.origin).where(c.cap == row.cap).order_by(c.seq.desc()).limit(1)).scalar_one()
    return str(origin).rpartition(" ")[2]


def _open(connection: Connection, place: Mapping[str, Any]) -> int:
    """A new counter starts with the sum that the ledger already has for its scope, so that a cap set late counts earlier purchases."""
    used, over = read.used(connection, place["scope"], place["owner"], place["name"], rehearsal=bool(place["rehearsal"]))
    made = connection.execute(tables.cap.insert().values(**place, used=used, over=over))
    return int((made.inserted_primary_key or (0,))[0])


def _record(connection: Connection, cap: int, amount: Micros | None, at: str, origin: str) -> None:
    last = connection.execute(select(func.max(tables.cap_limit.c.seq)).where(tables.cap_limit.c.cap == cap)).scalar()
    seq = 0 if last is None else int(last) + 1
    connection.execute(tables.cap_limit.insert().values(cap=cap, seq=seq, amount=amount, at=at, origin=origin))


def lock_money(connection: Connection) -> None:
    """Nobody else moves money until this transaction ends: a counter is opened with a sum that must not change meanwhile, and limits are
    changed before any cap's row is locked, so that locks can't form a cycle. SQLite has only one writer anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("lock table entry in share row exclusive mode"))
