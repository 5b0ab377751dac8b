"""Compares the ledger with the service's own account of what was spent since it was last asked."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from callsheet.budget.ledger import readings, receipts
from callsheet.budget.ledger.readings import Reading
from callsheet.budget.ledger.store import Ledger
from callsheet.domain.errors import InputError, ServiceError
from callsheet.domain.money import Micros
from callsheet.services.protocol.abilities import ReportsSpending
from callsheet.services.protocol.answers import AccountReading, Unread
from callsheet.services.protocol.request import Response
from callsheet.services.registry import SERVICES
from callsheet.transport.account import Account
from callsheet.transport.api_client import Sender


@dataclass(frozen=True, slots=True, kw_only=True)
class Balanced:
    """An account between two readings, micro-USD. `spent` is the service's figure, None if it can't be derived; `booked` is the ledger's."""

    now: Reading
    before: Reading | None
    spent: Micros | None
    booked: Micros

    @property
    def agrees(self) -> bool:
        """Whether both figures are the same; a first reading has nothing to compare."""
        return self.before is None or self.spent == self.booked


def ask(place: Account, timeout_s: float) -> AccountReading:
    """Ask the service, which is free. ServiceError if it doesn't answer; InputError if it has no such endpoint."""
    wire = SERVICES[place.service].wire
    if not isinstance(wire, ReportsSpending):
        raise InputError(f"{place.service} doesn't report what was spent", help="use --invoice with the CSV from its site")

    async def send() -> AccountReading | Unread:
        async with Sender() as sender:
            sent = await sender.ask(place, wire.account(), timeout_s)
        return wire.read_account(sent) if isinstance(sent, Response) else Unread(sent.message)

    answer = asyncio.run(send())
    if isinstance(answer, Unread):
        raise ServiceError(f"{place.service}: {answer.message}", help="check the key and the base URL, then run again")
    return answer


def balance(ledger: Ledger, place: Account, said: AccountReading, *, at: str) -> Balanced:
    """Compare the service's figure at `at` with the ledger's settlements since the last saved reading. Writes nothing."""
    now, before = Reading(at, said.balance, said.spent), readings.last(ledger, place.service, place.label)
    booked = receipts.spent_between(ledger, place.label, before.at if before else "", at)
    return Balanced(now=now, before=before, spent=_spent(before, now) if before else now.spent, booked=booked)


def _spent(before: Reading, now: Reading) -> Micros | None:
    """From the sum of all spending, if the service reports it; otherwise from the balance, which a top-up hides."""
    if before.spent is not None and now.spent is not None:
        return now.spent - before.spent
    if before.balance is None or now.balance is None or now.balance > before.balance:
        return None
    return before.balance - now.balance
