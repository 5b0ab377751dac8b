"""The pace of lanes, in the ledger: what one process learns from a service that refuses requests for being too many (429), all keep."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select

from callsheet.budget.ledger import tables
from callsheet.budget.ledger.direct import Direct
from callsheet.budget.ledger.store import Ledger
from callsheet.budget.rules.pace import Pace
from callsheet.domain.backoff import LONGEST_WAIT_S


@dataclass(frozen=True, slots=True)
class Lane:
    """An account at a model."""

    account: str
    model: str


_P = tables.pace.c
_LONGEST_MS = int(LONGEST_WAIT_S * 1000)


class _Row(NamedTuple):
    """A lane's row, as in the schema."""

    open_at: int
    gap_us: int
    turn_at: int
    since: int
    taken: int
    strikes: int
    good: int


_ROW = Direct(
    select(*(_P[name] for name in _Row._fields)).where(_P.account == bindparam("account"), _P.model == bindparam("model")),
)


def standing(connection: Connection, lane: Lane, now: int) -> tuple[float, bool]:
    """For how long the lane's service wants nothing more, seconds, at `now` (milliseconds since 1970); and whether a pace has to be kept."""
    row = _row(connection, lane)
    return (0.0, False) if row is None else (_ahead_ms(row.open_at, now) / 1000, row.gap_us > 0)


def take_turn(ledger: Ledger, lane: Lane, *, here: datetime) -> float:
    """Take the next turn of a lane that is paced, whoever asks: seconds until then."""
    with ledger.writing() as connection:
        now, row = _now(ledger, connection, lane, here)
        if row is None or not row.gap_us:
            return 0.0
        wait = max(_ahead_ms(row.turn_at, now), _ahead_ms(row.open_at, now))
        _put(connection, lane, row, turn_at=now + wait + row.gap_us // 1000)
        return wait / 1000


def accepted(ledger: Ledger, lane: Lane, *, here: datetime) -> Pace:
    """A purchase was taken through a lane that is paced: the pace from now on."""
    with ledger.writing() as connection:
        now, row = _now(ledger, connection, lane, here)
        pace = _pace(row).accepted(now)
        _put(connection, lane, row, **_values(pace))
        return pace


def refused(ledger: Ledger, lane: Lane, seen: Pace, wait_s: float | None, first_s: float, *, here: datetime) -> float:
    """A purchase was refused for the pace: seconds until anything may be sent. `wait_s` is what the service asks for, None if it names nothing; `seen` is
    what was taken before any pace was kept, by this machine's clock, as `here` is; `first_s` the first wait there. Where the lane is closed already it was sent before that was
    known, and says nothing more."""
    with ledger.writing() as connection:
        now, row = _now(ledger, connection, lane, here)
        known = _pace(row) if row is not None and row.gap_us else replace(seen, since_ms=seen.since_ms + now - here.timestamp() * 1000)
        pace = known if row is not None and _ahead_ms(row.open_at, now) else known.refused(now)
        own_s = pace.gap_ms / 1000 if known.gap_ms else max(first_s, pace.gap_ms / 1000)
        asked_ms = int(1000 * (own_s if wait_s is None else wait_s))
        open_at = now + max(min(asked_ms, _LONGEST_MS), _ahead_ms(row.open_at, now) if row else 0)
        _put(connection, lane, row, open_at=open_at, turn_at=open_at, **_values(pace))
        return (open_at - now) / 1000


def _now(ledger: Ledger, connection: Connection, lane: Lane, here: datetime) -> tuple[int, _Row | None]:
    ledger.place.lane_turn(connection, f"{lane.account} {lane.model}")
    return ledger.place.now_ms(connection, here), _row(connection, lane)


def _row(connection: Connection, lane: Lane) -> _Row | None:
    found = _ROW.rows(connection, {"account": lane.account, "model": lane.model})
    return _Row._make(found[0]) if found else None


def _ahead_ms(at: int, now: int) -> int:
    """How far a moment is ahead, milliseconds; one that is too far was written before a clock was put back."""
    return at - now if 0 < at - now <= _LONGEST_MS else 0


def _pace(row: _Row | None) -> Pace:
    return Pace() if row is None else Pace(row.gap_us / 1000, row.since, row.taken, row.strikes, row.good)


def _values(pace: Pace) -> dict[str, int]:
    return {
        "gap_us": int(pace.gap_ms * 1000),
        "since": int(pace.since_ms),
        "taken": pace.taken,
        "strikes": pace.strikes,
        "good": pace.good,
    }


def _put(connection: Connection, lane: Lane, row: _Row | None, **values: int) -> None:
    if row is None:
        fresh = {"account": lane.account, "model": lane.model, "open_at": 0, "turn_at": 0}
        connection.execute(tables.pace.insert().values({**fresh, **values}))
    else:
        connection.execute(tables.pace.update().where(_P.account == lane.account, _P.model == lane.model).values(values))
