"""Services' own reports of their accounts: readings with which the next one is compared. They are evidence and move no money."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from callsheet.budget.ledger import tables
from callsheet.budget.ledger.store import Ledger
from callsheet.domain.money import Micros


@dataclass(frozen=True, slots=True)
class Reading:
    """An account at a moment (ISO 8601 UTC by our clock): its balance and its total spending, micro-USD, each None if not reported. Clocks
    jump, so what was sent before a reading is identified by `top`, the newest attempt of the ledger at that time, and `unsent`, the
    account's older attempts that were still to be sent. `apart` are doubts, by attempt id, that were charged by then if at all: a later
    decrease doesn't belong to them.
    """

    at: str
    balance: Micros | None
    spent: Micros | None
    apart: tuple[str, ...] = ()
    top: int | None = None
    unsent: tuple[int, ...] = ()
    #: the balance was seen to decrease by what the ledger had settled
    follows: bool = False
    #: the time by the service's own clock, in HTTP's format
    date: str = ""


def last(ledger: Ledger, service: str, account: str) -> Reading | None:
    """The newest reading of an account that a person saved."""
    return _newest(ledger, service, f"account {account}")


def last_quiet(ledger: Ledger, service: str, account: str) -> Reading | None:
    """The newest reading of an account from a moment when all its purchases were settled."""
    return _newest(ledger, service, f"quiet {account}")


def keep(ledger: Ledger, service: str, account: str, reading: Reading) -> None:
    """Store a reading that a person requested."""
    _keep(ledger, service, f"account {account}", reading)


def keep_quiet(ledger: Ledger, service: str, account: str, reading: Reading) -> None:
    """Store a reading from a moment when all purchases of the account were settled."""
    _keep(ledger, service, f"quiet {account}", reading)


def first_read(ledger: Ledger, service: str, attempt: str) -> str | None:
    """When the account was first read because of an attempt in doubt, by the service's own clock."""
    i = tables.inbox.c
    with ledger.reading() as connection:
        return connection.execute(select(i.body).where(i.service == service, i.token == f"doubt {attempt}").limit(1)).scalar()


def keep_first_read(ledger: Ledger, service: str, attempt: str, reading: Reading) -> None:
    """Store that time."""
    _put(ledger, {"service": service, "token": f"doubt {attempt}", "digest": reading.date, "body": reading.date, "at": reading.at})


def _newest(ledger: Ledger, service: str, token: str) -> Reading | None:
    i = tables.inbox.c
    newest = select(i.body).where(i.service == service, i.token == token).order_by(i.inbox.desc()).limit(1)
    with ledger.reading() as connection:
        body = connection.execute(newest).scalar()
    if not body:
        return None
    said: dict[str, Any] = json.loads(body)
    said.update({name: tuple(said.get(name, ())) for name in ("apart", "unsent")})
    return Reading(**said)


def _keep(ledger: Ledger, service: str, token: str, reading: Reading) -> None:
    always = ("at", "balance", "spent")
    body = json.dumps({name: value for name, value in asdict(reading).items() if name in always or value not in (None, "", (), False)})
    _put(ledger, {"service": service, "token": token, "digest": reading.at, "body": body, "at": reading.at})


def _put(ledger: Ledger, row: dict[str, str]) -> None:
    """Store a reading, unless another process stored one of the same moment."""
    with suppress(IntegrityError), ledger.writing() as connection:
        connection.execute(tables.inbox.insert().values(row))
