"""What services said of their accounts: readings that the next one is compared with. They are evidence and move nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import select

from callsheet.budget.ledger import tables
from callsheet.budget.ledger.store import Ledger
from callsheet.domain.money import Micros


@dataclass(frozen=True, slots=True)
class Reading:
    """An account at a moment (ISO 8601 UTC): what was left on it and what was ever spent, micro-USD, each None where it was not told.

    `apart` are doubts, by attempt id, that were charged by then if ever: a later fall is none of theirs.
    """

    at: str
    balance: Micros | None
    spent: Micros | None
    apart: tuple[str, ...] = ()


def last(ledger: Ledger, service: str, account: str) -> Reading | None:
    """The newest reading of an account that a person kept."""
    return _newest(ledger, service, f"account {account}")


def last_quiet(ledger: Ledger, service: str, account: str) -> Reading | None:
    """The newest reading of an account from a moment in which all its purchases were settled."""
    return _newest(ledger, service, f"quiet {account}")


def keep(ledger: Ledger, service: str, account: str, reading: Reading) -> None:
    """Keep a reading that a person asked for."""
    _keep(ledger, service, f"account {account}", reading)


def keep_quiet(ledger: Ledger, service: str, account: str, reading: Reading) -> None:
    """Keep a reading from a moment in which all purchases of the account were settled."""
    _keep(ledger, service, f"quiet {account}", reading)


def _newest(ledger: Ledger, service: str, token: str) -> Reading | None:
    i = tables.inbox.c
    newest = select(i.body).where(i.service == service, i.token == token).order_by(i.inbox.desc()).limit(1)
    with ledger.reading() as connection:
        body = connection.execute(newest).scalar()
    said = json.loads(body) if body else None
    return Reading(said["at"], said["balance"], said["spent"], tuple(said.get("apart", ()))) if said else None


def _keep(ledger: Ledger, service: str, token: str, reading: Reading) -> None:
    said = {"at": reading.at, "balance": reading.balance, "spent": reading.spent}
    body = json.dumps({**said, "apart": reading.apart} if reading.apart else said)
    with ledger.writing() as connection:
        connection.execute(tables.inbox.insert().values(service=service, token=token, digest=reading.at, body=body, at=reading.at))
