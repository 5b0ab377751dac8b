"""Stopped lanes, in the ledger: the schema refuses an intent on a stopped lane, whichever process requests it."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from callsheet.budget.ledger import tables
from callsheet.budget.ledger.store import Ledger
from callsheet.domain.attempt import Attempt


def stop(ledger: Ledger, attempt: Attempt, code: str, why: str, *, at: str) -> None:
    """Stop the attempt's lane in its project."""
    with ledger.writing() as connection:
        put(connection, attempt, code, why, at)


def put(connection: Connection, attempt: Attempt, code: str, why: str, at: str) -> None:
    """The same, within a transaction."""
    row = {"project": attempt.project, "account": attempt.account, "model": attempt.model, "stopped": 1, "code": code, "why": why, "at": at}
    connection.execute(tables.lane_stop.insert().values(row))


def reopen(ledger: Ledger, project: str, *, at: str) -> None:
    """Open every lane of a project that an earlier run stopped: this run stops those again that still have a reason."""
    s = tables.lane_stop.c
    newest = select(func.max(s.lane_stop)).where(s.project == project).group_by(s.account, s.model)
    with ledger.writing() as connection:
        for row in connection.execute(select(tables.lane_stop).where(s.lane_stop.in_(newest), s.stopped == 1)).all():
            opened = {
                "project": project,
                "account": row.account,
                "model": row.model,
                "stopped": 0,
                "code": "run",
                "why": "a new run",
                "at": at,
            }
            connection.execute(tables.lane_stop.insert().values(opened))


def reopen_after(ledger: Ledger, attempt: Attempt, code: str, why: str, *, at: str) -> bool:
    """Open the attempt's lane in its project if its last stop was for `code`. Returns whether it did."""
    s = tables.lane_stop.c
    lane = (s.project == attempt.project, s.account == attempt.account, s.model == attempt.model)
    with ledger.writing() as connection:
        newest = connection.execute(select(tables.lane_stop).where(*lane).order_by(s.lane_stop.desc()).limit(1)).first()
        if newest is None or not newest.stopped or newest.code != code:
            return False
        row = {
            "project": attempt.project,
            "account": attempt.account,
            "model": attempt.model,
            "stopped": 0,
            "code": code,
            "why": why,
            "at": at,
        }
        connection.execute(tables.lane_stop.insert().values(row))
        return True


def reason(connection: Connection, attempt: Attempt) -> str:
    """Why the attempt's lane was last stopped."""
    s = tables.lane_stop.c
    lane = (s.project == attempt.project, s.account == attempt.account, s.model == attempt.model)
    return str(connection.execute(select(s.why).where(*lane).order_by(s.lane_stop.desc()).limit(1)).scalar_one())
