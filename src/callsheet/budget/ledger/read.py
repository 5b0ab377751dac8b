"""Reading the ledger: attempts folded from their events, caps with their state, money as the sum of entries."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, bindparam, case, exists, func, literal_column, or_, select

from callsheet.budget.ledger import tables
from callsheet.budget.ledger.direct import Direct
from callsheet.budget.ledger.store import Ledger, portions
from callsheet.budget.rules.caps import OWNED, CapState, Source
from callsheet.domain.attempt import REVERSIBLE, Attempt, Event, Kind, State, fold, made
from callsheet.domain.money import Micros
from callsheet.domain.take import TakeId

_E, _N = tables.event.c, tables.entry.c
#: executed for every attempt that is read, so compiled once: compiling takes SQLAlchemy longer than SQLite takes to answer
_LIVES = select(tables.event).where(_E.attempt.in_(bindparam("numbers", expanding=True))).order_by(_E.attempt, _E.seq)
_MONEY = (
    select(_N.attempt, func.sum(_N.d_held), func.sum(_N.d_doubt), func.sum(_N.d_settled))
    .where(_N.attempt.in_(bindparam("numbers", expanding=True)))
    .group_by(_N.attempt)
)
_ONE = select(tables.attempt).where(tables.attempt.c.attempt == bindparam("number"))
_B, _C, _W = tables.cap_of.c, tables.cap.c, tables.warned.c
#: the caps of an attempt, each with the thresholds that were reported at its present amount
_BINDING = Direct(
    select(_B.cap, _B.scope, _B.owner, _B.name, _B.source, tables.attempt.c.rehearsal, _B.amount, _B.used, _B.over, _W.percent)
    .select_from(
        tables.cap_of.join(tables.attempt, tables.attempt.c.attempt == _B.attempt).outerjoin(
            tables.warned, (_W.cap == _B.cap) & (_W.amount == _B.amount)
        )
    )
    .where(_B.attempt == bindparam("attempt"), _B.amount.is_not(None))
    .order_by(_B.cap, _W.percent)
)
#: names of ours, written out in a statement: the scopes of one project, and those of which only the present one binds
_OWNED: list[ColumnElement[str]] = [literal_column(f"'{scope}'") for scope in sorted(OWNED)]
_CURRENT: dict[str, ColumnElement[str]] = {scope: literal_column(f"'{scope}'") for scope in ("day", "month", "run")}
_OF_PROJECT = (
    select(_C.cap, _C.scope, _C.owner, _C.name, _C.source, _C.rehearsal, _C.amount, _C.used, _C.over, _W.percent)
    .select_from(tables.cap.outerjoin(tables.warned, (_W.cap == _C.cap) & (_W.amount == _C.amount)))
    .where(
        or_(_C.owner == bindparam("project"), _C.scope.not_in(_OWNED)),
        _C.rehearsal == bindparam("rehearsal"),
        _C.amount.is_not(None),
    )
    .order_by(_C.cap, _W.percent)
)
#: the same of a project: all of them, and those of one day and one run
_BINDING_PROJECT = Direct(_OF_PROJECT)
_BINDING_RUN = Direct(
    _OF_PROJECT.where(
        or_(
            _C.scope.not_in([*_CURRENT.values()]), *((_C.scope == word) & (_C.name == bindparam(scope)) for scope, word in _CURRENT.items())
        )
    )
)


class _CapRow(NamedTuple):
    """A cap's row."""

    cap: int
    scope: str
    owner: str
    name: str
    source: Source
    rehearsal: int
    amount: Micros
    used: Micros
    over: Micros


def attempts(ledger: Ledger, project: str, *, list: str | None = None) -> list[Attempt]:
    """Every attempt of a project (and of one list), oldest first."""
    here = [tables.attempt.c.project == project, *([tables.attempt.c.list == list] if list is not None else [])]
    with ledger.reading() as connection:
        return _folded(connection, here)


def projects(ledger: Ledger) -> list[str]:
    """The ids of all projects that ever had a hold in the ledger."""
    with ledger.reading() as connection:
        return sorted(connection.execute(select(tables.attempt.c.project).distinct()).scalars())


def count(ledger: Ledger, project: str) -> int:
    """How many attempts the project ever had; this number only grows."""
    with ledger.reading() as connection:
        return connection.execute(select(func.count()).select_from(tables.attempt).where(tables.attempt.c.project == project)).scalar_one()


def ended(ledger: Ledger, project: str) -> int:
    """How many of the project's attempts have ended; they only become more."""
    a, e = tables.attempt.c, tables.event.c
    ends = select(func.count()).select_from(tables.event.join(tables.attempt, a.attempt == e.attempt))
    with ledger.reading() as connection:
        return connection.execute(ends.where(a.project == project, e.kind.in_((Kind.RECEIVED.value, Kind.CLOSED.value)))).scalar_one()


def has_run(ledger: Ledger, run: str) -> bool:
    """Whether the run of this id ever began in the ledger."""
    with ledger.reading() as connection:
        return connection.execute(select(tables.run.c.run).where(tables.run.c.run == run)).first() is not None


def has_attempts(ledger: Ledger, project: str) -> bool:
    """Whether the project ever had a hold."""
    with ledger.reading() as connection:
        return connection.execute(select(tables.attempt.c.attempt).where(tables.attempt.c.project == project).limit(1)).first() is not None


def open_attempts(ledger: Ledger, project: str) -> list[Attempt]:
    """The project's attempts that have not ended, oldest first. Doesn't fold the others."""
    e = tables.event.c
    ended = exists().where(e.attempt == tables.attempt.c.attempt, e.kind.in_((Kind.RECEIVED.value, Kind.CLOSED.value)))
    with ledger.reading() as connection:
        return _folded(connection, [tables.attempt.c.project == project, ~ended])


def closed_and_paid(ledger: Ledger, project: str) -> list[Attempt]:
    """The project's attempts that were paid and closed without a clip but whose clip may still turn up, oldest first."""
    e, reasons = tables.event.c, [reason.value for reason in REVERSIBLE]
    mine = exists().where(
        e.attempt == tables.attempt.c.attempt, e.kind == Kind.CLOSED.value, or_(*(e.body.contains(f'"{one}"') for one in reasons))
    )
    with ledger.reading() as connection:
        folded = _folded(connection, [tables.attempt.c.project == project, mine])
    return [attempt for attempt in folded if attempt.state is State.CLOSED and attempt.reason in REVERSIBLE and attempt.settled]


def holding(ledger: Ledger, project: str, sha256: str) -> list[Attempt]:
    """The project's attempts that received a clip with these bytes, oldest first."""
    e = tables.event.c
    same = exists().where(e.attempt == tables.attempt.c.attempt, e.kind == Kind.RECEIVED.value, e.body.contains(sha256))
    with ledger.reading() as connection:
        folded = _folded(connection, [tables.attempt.c.project == project, same])
    return [attempt for attempt in folded if attempt.sha256 == sha256]


def sent_at(ledger: Ledger, account: str) -> list[Attempt]:
    """An account's attempts, of every project of the ledger, that were sent or are about to be and have not ended, oldest first."""
    e = tables.event.c
    ended = exists().where(e.attempt == tables.attempt.c.attempt, e.kind.in_((Kind.RECEIVED.value, Kind.CLOSED.value)))
    sent = exists().where(e.attempt == tables.attempt.c.attempt, e.kind == Kind.INTENT.value)
    with ledger.reading() as connection:
        return _folded(connection, [tables.attempt.c.account == account, sent, ~ended])


def sent_since(ledger: Ledger, account: str, top: int, unsent: Iterable[int]) -> list[Attempt]:
    """An account's attempts, of every project of the ledger, that were sent since `newest` returned `top` and `unsent`, oldest first."""
    e, left = tables.event.c, set(unsent)
    sent = exists().where(e.attempt == tables.attempt.c.attempt, e.kind == Kind.INTENT.value)
    with ledger.reading() as connection:
        younger = _folded(connection, [tables.attempt.c.account == account, sent, tables.attempt.c.attempt >= min(left, default=top)])
    return [attempt for attempt in younger if int(attempt.id) > top or int(attempt.id) in left]


def newest(ledger: Ledger, account: str) -> tuple[int, tuple[int, ...]]:
    """The ledger's newest attempt, and the account's attempts that have neither been sent nor ended."""
    a, e = tables.attempt.c, tables.event.c
    over = exists().where(e.attempt == a.attempt, e.kind.in_((Kind.INTENT.value, Kind.CLOSED.value)))
    with ledger.reading() as connection:
        top = connection.execute(select(func.coalesce(func.max(a.attempt), 0))).scalar_one()
        rows = connection.execute(select(a.attempt).where(a.account == account, ~over).order_by(a.attempt))
        return int(top), tuple(int(row.attempt) for row in rows)


def matching(ledger: Ledger, account: str, prints: Iterable[str], known: Iterable[Attempt] = ()) -> list[Attempt]:
    """Attempts on an account, of any project of the ledger, whose author's or request's fingerprint is among `prints`, oldest first.
    Attempts that the caller has already read (`known`) are not read again.
    """
    a = tables.attempt.c
    there = {attempt.id: attempt for attempt in known}
    found: dict[str, Attempt] = {}
    with ledger.reading() as connection:
        numbers: set[int] = set()
        for some in portions(sorted(set(prints))):
            here = select(a.attempt).where(a.account == account, or_(a.request_print.in_(some), a.author_print.in_(some)))
            numbers.update(connection.execute(here).scalars())
        found.update({str(number): there[str(number)] for number in numbers if str(number) in there})
        for some in portions(sorted(number for number in numbers if str(number) not in there)):
            found.update({attempt.id: attempt for attempt in _folded(connection, [a.attempt.in_(some)])})
    return sorted(found.values(), key=lambda attempt: int(attempt.id))


def sold_at(ledger: Ledger) -> dict[tuple[str, str], int]:
    """The number of attempts of all projects, by account and model."""
    a = tables.attempt.c
    counts = select(a.account, a.model, func.count()).group_by(a.account, a.model)
    with ledger.reading() as connection:
        return {(account, model): count for account, model, count in connection.execute(counts)}


def requests_at(ledger: Ledger, account: str, model: str) -> list[bytes]:
    """The requests of all attempts of a model on an account, of any project, as they were written."""
    a = tables.attempt.c
    with ledger.reading() as connection:
        return [*connection.execute(select(a.request).where(a.account == account, a.model == model)).scalars()]


def one(connection: Connection, number: int) -> Attempt:
    """One attempt, within a transaction."""
    return _fold(connection, connection.execute(_ONE, {"number": number}).all())[0]


def latest(ledger: Ledger, project: str, last: int, *, besides: str) -> list[Attempt]:
    """The project's attempts among the last ones of the whole ledger, except those of the list `besides`, oldest first: a look that stays
    fast in a large ledger.
    """
    a = tables.attempt.c
    tail = select(func.coalesce(func.max(a.attempt), 0) - last).scalar_subquery()
    with ledger.reading() as connection:
        return _folded(connection, [a.project == project, a.list != besides, a.attempt > tail])


def numbered(ledger: Ledger, numbers: Sequence[int]) -> list[Attempt]:
    """The attempts with these numbers, oldest first, of any project."""
    with ledger.reading() as connection:
        found = [
            attempt for some in portions(sorted(set(numbers))) for attempt in _folded(connection, [tables.attempt.c.attempt.in_(some)])
        ]
    return sorted(found, key=lambda attempt: int(attempt.id))


def reread(ledger: Ledger, attempt: Attempt) -> Attempt:
    """The attempt as the ledger has it now."""
    with ledger.reading() as connection:
        return one(connection, int(attempt.id))


def caps(ledger: Ledger, project: str, *, rehearsal: bool, day: str | None = None, run: str = "") -> list[CapState]:
    """The caps in force that bind this project, oldest first; if a `day` (a date) is given, caps on days, months and runs only for that day
    and `run`.
    """
    here: dict[str, Any] = {"project": project, "rehearsal": int(rehearsal)}
    with ledger.reading() as connection:
        if day is None:
            return _states(connection, _BINDING_PROJECT.rows(connection, here))
        return _states(connection, _BINDING_RUN.rows(connection, here | {"day": day, "month": day[:7], "run": run}))


def caps_binding(ledger: Ledger, attempt: Attempt) -> list[CapState]:
    """The caps in force that bind an attempt."""
    with ledger.reading() as connection:
        return caps_of(connection, int(attempt.id))


def caps_of(connection: Connection, number: int) -> list[CapState]:
    """The caps in force that bind one attempt, with one query, because every hold and every charge needs them."""
    return _states(connection, _BINDING.rows(connection, (number,)))


def _states(connection: Connection, rows: Iterable[tuple[Any, ...]]) -> list[CapState]:
    """Caps from their rows, one for each threshold that was reported."""
    found: dict[int, tuple[_CapRow, list[int]]] = {}
    for *row, percent in rows:
        cap = _CapRow._make(row)
        found.setdefault(cap.cap, (cap, []))[1].extend([] if percent is None else [int(percent)])
    return [_cap(cap, tuple(percents), _late(connection, cap)) for cap, percents in found.values()]


def _cap(row: _CapRow, warned: tuple[int, ...], late: Micros) -> CapState:
    return CapState(
        scope=row.scope,
        name=row.name,
        amount=row.amount,
        used=row.used,
        source=row.source,
        over=row.over,
        late=late,
        warned=warned,
        number=row.cap,
    )


def project_cap(ledger: Ledger, project: str) -> Micros | None:
    """The last `--cap` of this project; None if there was none."""
    c = tables.cap.c
    with ledger.reading() as connection:
        return connection.execute(
            select(c.amount).where(c.scope == "project", c.owner == project, c.source == "command", c.rehearsal == 0)
        ).scalar()


def used(connection: Connection, scope: str, owner: str, name: str, *, rehearsal: bool) -> tuple[Micros, Micros]:
    """What a scope has used in total (settled, on hold and in doubt), and how much of it was booked beyond the holds; summed from the
    entries.
    """
    a, e = tables.attempt.c, tables.entry.c
    late = case((e.kind.in_(("overrun", "correction")), e.d_settled), else_=0)
    sums = select(func.coalesce(func.sum(e.d_held + e.d_doubt + e.d_settled), 0), func.coalesce(func.sum(late), 0))
    here = (*_in_scope(scope, owner, name), a.rehearsal == int(rehearsal))
    moved, over = connection.execute(sums.select_from(tables.entry.join(tables.attempt, a.attempt == e.attempt)).where(*here)).one()
    return int(moved), int(over)


def unspent(connection: Connection, cap: CapState, project: str, *, rehearsal: bool) -> Micros:
    """How much of a cap's `used` is on hold or in doubt, for the caps that bind a project."""
    a, e = tables.attempt.c, tables.entry.c
    owner = project if cap.scope in OWNED else ""
    here = (*_in_scope(cap.scope, owner, cap.name), a.rehearsal == int(rehearsal))
    moved = select(func.coalesce(func.sum(e.d_held + e.d_doubt), 0)).select_from(tables.entry.join(tables.attempt, a.attempt == e.attempt))
    return int(connection.execute(moved.where(*here)).scalar_one())


def _in_scope(scope: str, owner: str, name: str) -> list[ColumnElement[bool]]:
    """The attempts of a scope, by the same columns as the view `scope_of`: an index finds a shot's, however large the ledger."""
    a = tables.attempt.c
    list, _, shot = name.rpartition(":")
    match scope:
        case "ledger":
            return []
        case "service" | "model":
            return [a[scope] == name]
        case "project":
            return [a.project == owner]
        case "shot":
            return [a.project == owner, a.list == list, a.shot == shot]
        case "sequence":
            return [a.project == owner, a.list + ":" + a.sequence == name]
        case _:
            return [a.project == owner, a[scope] == name]


def totals(ledger: Ledger, project: str, *, rehearsal: bool) -> tuple[Micros, Micros, Micros]:
    """A project's money on hold, in doubt and settled, summed from its entries."""
    e = tables.entry.c
    buckets = {"held": e.d_held, "doubt": e.d_doubt, "settled": e.d_settled}
    sums = select(*(func.coalesce(func.sum(column), 0).label(name) for name, column in buckets.items()))
    mine = tables.entry.join(tables.attempt, tables.attempt.c.attempt == e.attempt)
    with ledger.reading() as connection:
        row = connection.execute(
            sums.select_from(mine).where(tables.attempt.c.project == project, tables.attempt.c.rehearsal == int(rehearsal))
        ).one()
    return int(row.held), int(row.doubt), int(row.settled)


def _late(connection: Connection, row: _CapRow) -> Micros:
    """How much of what was booked beyond the holds was late evidence; summed only if a cap is exceeded and has to explain it."""
    if row.used <= row.amount or not row.over:
        return 0
    s, e = tables.scope_of.c, tables.entry.c
    here = (s.scope == row.scope, s.owner == row.owner, s.name == row.name, s.rehearsal == row.rehearsal, e.kind == "correction")
    booked = select(func.coalesce(func.sum(e.d_settled), 0)).select_from(tables.entry.join(tables.scope_of, s.attempt == e.attempt))
    return int(connection.execute(booked.where(*here)).scalar_one())


def _folded(connection: Connection, here: Sequence[ColumnElement[bool]]) -> list[Attempt]:
    return _fold(connection, connection.execute(select(tables.attempt).where(*here).order_by(tables.attempt.c.attempt)).all())


def _fold(connection: Connection, rows: Sequence[Row[Any]]) -> list[Attempt]:
    folded: list[Attempt] = []
    for some in portions(rows):
        numbers = [int(row.attempt) for row in some]
        lives: dict[int, list[Event]] = {number: [] for number in numbers}
        for row in connection.execute(_LIVES, {"numbers": numbers}):
            lives[int(row.attempt)].append(Event(row.seq, Kind(row.kind), row.at, json.loads(row.body)))
        money: dict[int, tuple[Micros, Micros, Micros]] = {}
        for number, held, doubt, settled in connection.execute(_MONEY, {"numbers": numbers}):
            money[int(number)] = (int(held), int(doubt), int(settled))
        folded += [fold(bare(row, money[row.attempt]), lives[row.attempt]) for row in some]
    return folded


def bare(row: Any, money: tuple[Micros, Micros, Micros]) -> Attempt:
    """An attempt from its row, without its events: `fold` adds those. `money` is what it has on hold, in doubt and settled."""
    held, doubt, settled = money
    return made(
        id=str(row.attempt),
        project=row.project,
        run=row.run,
        take=TakeId(row.list, row.shot, row.take),
        n=row.n,
        sequence=row.sequence,
        service=row.service,
        model=row.model,
        account=row.account,
        author_print=row.author_print,
        request_print=row.request_print,
        ordinal=row.ordinal,
        key=row.wire_key,
        credential=row.credential,
        quote=row.quote,
        price_ref=row.price_ref,
        request=bytes(row.request),
        made_at=row.made_at,
        held=held,
        doubt=doubt,
        settled=settled,
    )
