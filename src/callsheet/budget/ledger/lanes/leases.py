"""Leased slots: how many slots each process on this ledger uses at a lane (an account at a model), so that all of them together never
exceed its limit.

A process that is killed stops renewing. When its lease expires, its slots are free, except for those of its jobs that continue at the
service: each takes a slot until another process looks after it, or it has ended. Leases are about pace, never about money.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select

from callsheet.budget.ledger import tables
from callsheet.budget.ledger.direct import Direct
from callsheet.budget.ledger.lanes import pace
from callsheet.budget.ledger.lanes.pace import Lane
from callsheet.budget.ledger.store import Ledger
from callsheet.domain.backoff import LONGEST_WAIT_S

#: a lease that isn't renewed for this long expires, seconds
LEASE_S = 12.0


@dataclass(frozen=True, slots=True)
class Share:
    """An owner's part of a lane: `held` slots, of which `surplus` exceed its share while others wait. `others`: whether anybody else uses
    the lane; `closed_s`: for how long its service accepts nothing more; `orphaned`: attempts at the service that no owner looks after.
    """

    held: int
    surplus: int
    others: bool
    closed_s: float
    orphaned: tuple[int, ...] = ()
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


_L, _W = tables.lease.c, tables.at_work.c
_LANE = (_L.account == bindparam("account"), _L.model == bindparam("model"))
_LEASES = Direct(select(_L.owner, _L.held, _L.wants, _L.until).where(*_LANE))
_GRANT = Direct(tables.lease.insert(), [column.name for column in _L])
_RENEW = Direct(
    tables.lease.update()
    .where(*_LANE, _L.owner == bindparam("whose"))
    .values(held=bindparam("held"), wants=bindparam("wants"), until=bindparam("until"))
)
_END = Direct(tables.lease.delete().where(*_LANE, _L.owner == bindparam("owner")))
_JOBS = Direct(
    select(_W.attempt, _W.owner, _W.since).where(_W.account == bindparam("account"), _W.model == bindparam("model")).order_by(_W.attempt)
)
_ADOPT = Direct(tables.at_work.update().where(_W.attempt == bindparam("number")).values(owner=bindparam("whose")))


class _Lease(NamedTuple):
    """A lease's row."""

    owner: str
    held: int
    wants: int
    until: int


class _Job(NamedTuple):
    """An attempt's row that may be at the service: `since` in milliseconds since 1970."""

    attempt: int
    owner: str
    since: int


def settle(ledger: Ledger, lane: Lane, owner: str, *, uses: int, wants: int, slots: int, here: datetime, jobs: Jobs = UNKNOWN) -> Share:
    """Renew an owner's lease: it uses `uses` slots, which it keeps whatever others have, and has takes for `wants` more. Free slots are
    granted, in a fair share if others want some, too. With nothing used and nothing wanted, the lease ends. `here` is the time by this
    machine's clock.
    """
    there = {"account": lane.account, "model": lane.model}
    with ledger.writing() as connection:
        ledger.place.lane_turn(connection, f"{lane.account} {lane.model}")
        now = ledger.place.now_ms(connection, here)
        rows = [*map(_Lease._make, _LEASES.rows(connection, there))]
        # a lease that ends in the far future was written before a clock was set back
        dead = [row.owner for row in rows if not now < row.until <= now + 2 * _ms(LEASE_S) and row.owner != owner]
        alive = [row for row in rows if row.owner != owner and row.owner not in dead]
        for gone in [*dead, owner] if not uses and not wants else dead:
            _END.write(connection, {**there, "owner": gone})
        orphaned = _orphaned(connection, lane, owner, [row.owner for row in alive], jobs, now)
        most = _most([(row.held, bool(row.wants)) for row in alive], max(slots - len(orphaned), 0))
        free = slots - len(orphaned) - sum(row.held for row in alive)
        held = max(uses, min(free, uses + wants, most))
        if uses or wants:
            row = {"held": held, "wants": uses + wants - held, "until": now + _ms(LEASE_S)}
            if any(row.owner == owner for row in rows):
                _RENEW.write(connection, {**there, **row, "whose": owner})
            else:
                _GRANT.write(connection, {**there, **row, "owner": owner})
        closed_s, paced = pace.standing(connection, lane, now)
        return Share(held, max(0, held - most), bool(alive), closed_s, orphaned, paced)


def _orphaned(connection: Connection, lane: Lane, owner: str, others: Collection[str], jobs: Jobs, now: int) -> tuple[int, ...]:
    """Attempts that may be at the service and stand in nobody's slot. What this owner adopted is its own from now on, and what it left is nobody's."""
    rows = [*map(_Job._make, _JOBS.rows(connection, {"account": lane.account, "model": lane.model}))]
    for row in rows:
        if (row.attempt in jobs.mine) != (row.owner == owner):
            _ADOPT.write(connection, {"number": row.attempt, "whose": owner if row.attempt in jobs.mine else ""})
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
