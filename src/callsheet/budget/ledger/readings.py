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
    """An account at a moment (ISO 8601 UTC): what was left on it and what was ever spent, micro-USD, each None where it was not told."""

    at: str
    balance: Micros | None
    spent: Micros | None


def last(ledger: Ledger, service: str, account: str) -> Reading | None:
    """The newest reading of an account that was kept."""
    i = tables.inbox.c
    newest = select(i.body).where(i.service == service, i.token == f"account {account}").order_by(i.inbox.desc()).limit(1)
    with ledger.reading() as connection:
        body = connection.execute(newest).scalar()
    return None if body is None else Reading(**json.loads(body))


def keep(ledger: Ledger, service: str, account: str, reading: Reading) -> None:
    """Keep a reading."""
    body = json.dumps({"at": reading.at, "balance": reading.balance, "spent": reading.spent})
    with ledger.writing() as connection:
        connection.execute(
            tables.inbox.insert().values(service=service, token=f"account {account}", digest=reading.at, body=body, at=reading.at)
        )
