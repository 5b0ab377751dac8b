"""What was really charged: recent receipts, and the ledger's lines for exports and invoices."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from sqlalchemy import func, select

from callsheet.budget.ledger import tables
from callsheet.budget.ledger.store import Ledger, portions
from callsheet.domain.attempt import Kind
from callsheet.domain.money import Micros
from callsheet.domain.take import TakeId


@dataclass(frozen=True, slots=True)
class Receipt:
    """The quote and the charge of a received attempt, micro-USD, with the bytes of its purchase."""

    account: str
    service: str
    model: str
    request: bytes
    quote: Micros
    settled: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the ledger with its attempt. `d_*` are micro-USD moved into (or out of) each bucket."""

    entry: int
    at: str
    kind: str
    ref: str
    d_held: Micros
    d_doubt: Micros
    d_settled: Micros
    take: TakeId
    n: int
    sequence: str
    service: str
    model: str
    account: str
    key: str
    quote: Micros
    price_ref: str
    run: str


def recent(ledger: Ledger, accounts: Iterable[str], last: int = 2000) -> list[Receipt]:
    """The receipts among the ledger's last attempts, newest first. Only recent ones, because they show what a service charges today, and
    the query stays fast.
    """
    a, e, v = tables.attempt.c, tables.entry.c, tables.event.c
    tail = select(func.coalesce(func.max(a.attempt), 0) - last).scalar_subquery()
    wanted = (a.attempt > tail, v.kind == Kind.RECEIVED.value, a.account.in_(sorted(set(accounts))))
    columns = (a.attempt, a.account, a.service, a.model, a.request, a.quote, func.sum(e.d_settled).label("settled"))
    joined = tables.attempt.join(tables.event, v.attempt == a.attempt).join(tables.entry, e.attempt == a.attempt)
    query = select(*columns).select_from(joined).where(*wanted).group_by(*columns[:-1]).order_by(a.attempt.desc())
    with ledger.reading() as connection:
        rows = connection.execute(query).all()
    return [Receipt(row.account, row.service, row.model, bytes(row.request), row.quote, int(row.settled)) for row in rows]


def lines(ledger: Ledger, project: str, *, rehearsal: bool) -> Iterator[Line]:
    """Every line of a project's ledger, in the order of writing."""
    a, e, v = tables.attempt.c, tables.entry.c, tables.event.c
    joined = tables.entry.join(tables.attempt, a.attempt == e.attempt).join(tables.event, (v.attempt == e.attempt) & (v.seq == e.seq))
    facts = (a.list, a.shot, a.take, a.n, a.sequence, a.service, a.model, a.account, a.wire_key, a.quote, a.price_ref, a.run)
    query = select(e.entry, v.at, e.kind, e.ref, e.d_held, e.d_doubt, e.d_settled, *facts)
    mine = (a.project == project, a.rehearsal == int(rehearsal))
    with ledger.reading() as connection:
        for row in connection.execute(query.select_from(joined).where(*mine).order_by(e.entry)):
            yield _line(row)


def named(ledger: Ledger, keys: Sequence[str], service: str) -> dict[str, tuple[int, str]]:
    """Attempt and project by their names on an invoice: our key, or the service's job id. From any project of the ledger."""
    with ledger.reading() as connection:
        a = tables.attempt.c
        found: dict[str, tuple[int, str]] = {}
        for some in portions(keys):
            rows = connection.execute(select(a.attempt, a.project, a.wire_key).where(a.wire_key.in_(some)))
            found.update({row.wire_key: (int(row.attempt), row.project) for row in rows})
        rest = set(keys) - found.keys()
        if not rest:
            return found
        # job ids are in the events' bodies, which have no index: one pass over the service's acceptances
        v = tables.event.c
        joined = tables.event.join(tables.attempt, a.attempt == v.attempt)
        accepted = select(a.attempt, a.project, v.body).select_from(joined).where(v.kind == Kind.ACCEPTED.value, a.service == service)
        for row in connection.execute(accepted):
            job = json.loads(row.body)["job"]
            if job in rest:
                found[job] = (int(row.attempt), str(row.project))
        return found


def noted(ledger: Ledger, attempts: Sequence[int]) -> dict[int, dict[str, Micros]]:
    """What earlier invoices charged for attempts: amount by the invoice line's ref."""
    v = tables.event.c
    found: dict[int, dict[str, Micros]] = {}
    with ledger.reading() as connection:
        for some in portions(attempts):
            late = select(v.attempt, v.body).where(v.attempt.in_(some), v.kind == Kind.LATE.value)
            for row in connection.execute(late):
                said: dict[str, Micros] = json.loads(row.body).get("invoice", {})
                found.setdefault(int(row.attempt), {}).update(said)
    return found


def spent_between(ledger: Ledger, account: str, since: str, until: str) -> Micros:
    """What the ledger settled on an account after `since` and up to `until` (both as the ledger writes times), over all its projects."""
    a, e, v = tables.attempt.c, tables.entry.c, tables.event.c
    joined = tables.entry.join(tables.attempt, a.attempt == e.attempt).join(tables.event, (v.attempt == e.attempt) & (v.seq == e.seq))
    total = select(func.coalesce(func.sum(e.d_settled), 0)).select_from(joined)
    with ledger.reading() as connection:
        return int(connection.execute(total.where(a.account == account, v.at > since, v.at <= until)).scalar() or 0)


def moves(ledger: Ledger, account: str) -> int:
    """How many events an account's attempts have had, holds excluded, over all projects: if two looks return the same number, nothing
    happened in between.
    """
    a, e = tables.attempt.c, tables.event.c
    joined = tables.event.join(tables.attempt, a.attempt == e.attempt)
    count = select(func.count()).select_from(joined).where(a.account == account, e.kind != Kind.HOLD.value)
    with ledger.reading() as connection:
        return int(connection.execute(count).scalar_one())


def longest_job_s(ledger: Ledger, account: str, last: int = 200) -> float | None:
    """The longest time from request to finished clip among an account's newest jobs, seconds; None if it has finished none yet."""
    a, sent, done = tables.attempt.c, tables.event.alias("sent"), tables.event.alias("done")
    joined = tables.attempt.join(sent, (sent.c.attempt == a.attempt) & (sent.c.kind == Kind.INTENT.value))
    joined = joined.join(done, (done.c.attempt == a.attempt) & (done.c.kind == Kind.READY.value))
    query = select(func.min(sent.c.at), func.max(done.c.at)).select_from(joined).where(a.account == account)
    with ledger.reading() as connection:
        rows = connection.execute(query.group_by(a.attempt).order_by(a.attempt.desc()).limit(last)).all()
    times = [(datetime.fromisoformat(ready) - datetime.fromisoformat(intent)).total_seconds() for intent, ready in rows]
    return max((time for time in times if time >= 0), default=None)  # the time is meaningless if the clock was set back


def job_seconds(ledger: Ledger, accounts: Iterable[str], last: int = 500) -> dict[tuple[str, str], float]:
    """The median time from request to finished clip of the newest jobs, seconds, by account and model."""
    a, sent, done = tables.attempt.c, tables.event.alias("sent"), tables.event.alias("done")
    joined = tables.attempt.join(sent, (sent.c.attempt == a.attempt) & (sent.c.kind == Kind.INTENT.value))
    joined = joined.join(done, (done.c.attempt == a.attempt) & (done.c.kind == Kind.READY.value))
    query = select(a.account, a.model, func.min(sent.c.at), func.max(done.c.at)).select_from(joined)
    query = query.where(a.account.in_(sorted(set(accounts)))).group_by(a.attempt, a.account, a.model).order_by(a.attempt.desc()).limit(last)
    times: dict[tuple[str, str], list[float]] = {}
    with ledger.reading() as connection:
        for account, model, intent, ready in connection.execute(query):
            taken = (datetime.fromisoformat(ready) - datetime.fromisoformat(intent)).total_seconds()
            times.setdefault((account, model), []).append(taken)
    return {kind: median(some) for kind, some in times.items()}


def job_times(ledger: Ledger, account: str, model: str, last: int = 60) -> list[tuple[bytes, float]]:
    """An account's newest finished jobs at a model, the oldest first: the request as written, and the seconds from it to the finished clip."""
    a, sent, done = tables.attempt.c, tables.event.alias("sent"), tables.event.alias("done")
    joined = tables.attempt.join(sent, (sent.c.attempt == a.attempt) & (sent.c.kind == Kind.INTENT.value))
    joined = joined.join(done, (done.c.attempt == a.attempt) & (done.c.kind == Kind.READY.value))
    query = select(a.request, sent.c.at, done.c.at).select_from(joined).where(a.account == account, a.model == model)
    with ledger.reading() as connection:
        rows = connection.execute(query.order_by(a.attempt.desc()).limit(last)).all()
    return [
        (request, (datetime.fromisoformat(ready) - datetime.fromisoformat(at)).total_seconds()) for request, at, ready in reversed(rows)
    ]


def _line(row: Any) -> Line:
    return Line(
        entry=row.entry,
        at=row.at,
        kind=row.kind,
        ref=row.ref,
        d_held=row.d_held,
        d_doubt=row.d_doubt,
        d_settled=row.d_settled,
        take=TakeId(row.list, row.shot, row.take),
        n=row.n,
        sequence=row.sequence,
        service=row.service,
        model=row.model,
        account=row.account,
        key=row.wire_key,
        quote=row.quote,
        price_ref=row.price_ref,
        run=row.run,
    )
