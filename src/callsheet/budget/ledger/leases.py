"""Leased slots: how many slots each process on this ledger uses at a lane (an account at a model), so that all of them together never
exceed its limit.

A process that is killed stops renewing. When its lease expires, its slots are free, except for those of its jobs that continue at the
service: each takes a slot until another process looks after it, or it has ended. Leases are about pace, never about money.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from callsheet.budget.ledger import pace, tables
from callsheet.budget.ledger.pace import Lane
from callsheet.budget.ledger.store import Ledger
from callsheet.domain.backoff import LONGEST_WAIT_S

#: a lease that isn't renewed for this long expires, seconds
LEASE_S = 12.0


@dataclass(frozen=True, slots=True)
class Share:
    """An owner's part of a lane: `held` slots, of which `surplus` exceed its share while others wait. `others`: whether anybody else uses
    the lane; `closed_s`: for how long its service accepts nothing more; `unminded`: attempts at the service that no owner looks after.
    """

    held: int
    surplus: int
    others: bool
    closed_s: float
    unminded: tuple[int, ...] = ()
    #: its service has refused requests for being too many: a pace has to be kept
    paced: bool = False


@dataclass(frozen=True, slots=True)
class Jobs:
    """What an owner knows of single jobs. `mine`: attempts that it looks after, each in one of the slots that it uses; `ended`: attempts
    whose jobs it saw end before the ledger says so; `longest_s`: a job that began longer ago has ended.
    """

    mine: Collection[int] = ()
    ended: Collection[int] = ()
    longest_s: float = LONGEST_WAIT_S


#: nothing is known of single jobs
UNKNOWN = Jobs()

#: before the first request
NOTHING = Share(held=0, surplus=0, others=False, closed_s=0.0)


def settle(ledger: Ledger, lane: Lane, owner: str, *, uses: int, wants: int, slots: int, here: datetime, jobs: Jobs = UNKNOWN) -> Share:
    """Renew an owner's lease: it uses `uses` slots, which it keeps whatever others have, and has takes for `wants` more. Free slots are
    granted, in a fair share if others want some, too. With nothing used and nothing wanted, the lease ends. `here` is the time by this
    machine's clock.
    """
    table = tables.lease
    with ledger.writing() as connection:
        ledger.place.lane_turn(connection, f"{lane.account} {lane.model}")
        now = ledger.place.now_ms(connection, here)
        mine = (table.c.account == lane.account, table.c.model == lane.model)
        rows = connection.execute(select(table).where(*mine)).all()
        # a lease that ends in the far future was written before a clock was set back
        dead = [row.owner for row in rows if not now < row.until <= now + 2 * _ms(LEASE_S) and row.owner != owner]
        alive = [row for row in rows if row.owner != owner and row.owner not in dead]
        gone = [*dead, owner] if not uses and not wants else dead
        if gone:
            connection.execute(table.delete().where(*mine, table.c.owner.in_(gone)))
        unminded = _unminded(connection, lane, owner, [row.owner for row in alive], jobs, now)
        most = _most([(row.held, bool(row.wants)) for row in alive], max(slots - len(unminded), 0))
        free = slots - len(unminded) - sum(row.held for row in alive)
        held = max(uses, min(free, uses + wants, most))
        if uses or wants:
            row = {"held": held, "wants": uses + wants - held, "until": now + _ms(LEASE_S)}
            known = any(row.owner == owner for row in rows)
            statement = table.update().where(*mine, table.c.owner == owner) if known else table.insert()
            key = {} if known else {"account": lane.account, "model": lane.model, "owner": owner}
            connection.execute(statement.values({**row, **key}))
        return Share(held, max(0, held - most), bool(alive), pace.closed_s(connection, lane, now), unminded, pace.paced(connection, lane))


def _unminded(connection: Connection, lane: Lane, owner: str, others: Collection[str], jobs: Jobs, now: int) -> tuple[int, ...]:
    """Attempts that may be at the service and stand in nobody's slot. What this owner adopted is its own from now on, and what it left is nobody's."""
    w = tables.at_work.c
    rows = connection.execute(select(w.attempt, w.owner, w.since).where(w.account == lane.account, w.model == lane.model)).all()
    adopted = [row.attempt for row in rows if row.attempt in jobs.mine and row.owner != owner]
    left = [row.attempt for row in rows if row.attempt not in jobs.mine and row.owner == owner]
    for attempts, whose in ((adopted, owner), (left, "")):
        if attempts:
            connection.execute(tables.at_work.update().where(w.attempt.in_(attempts)).values(owner=whose))
    old, known = now - _ms(jobs.longest_s), {*jobs.mine, *jobs.ended}
    return tuple(
        row.attempt for row in rows if row.owner not in others and row.attempt not in known and old < row.since <= now + _ms(LEASE_S)
    )


def _most(others: list[tuple[int, bool]], slots: int) -> int:
    """How many slots an owner may have, given what the others hold and whether they want more: an equal share, plus what no one else can
    claim. Shares are rounded up, so that no slot stays free; rounded down if somebody waits with less.
    """
    least = max(1, slots // (len(others) + 1))
    part = least if any(wants and held < least for held, wants in others) else -(-slots // (len(others) + 1))
    claims = sum(max(0, part - held) for held, wants in others if wants)
    return max(part, slots - sum(held for held, _ in others) - claims)


def _ms(seconds: float) -> int:
    return int(seconds * 1000)
