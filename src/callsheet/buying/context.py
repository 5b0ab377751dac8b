"""What a run works with: the book, the clients, the lanes. Opened and owned by `run`; handed to each step."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from callsheet.budget.ledger import lane_stops, read, write
from callsheet.budget.ledger.store import Ledger
from callsheet.buying.callbacks import wire_at
from callsheet.buying.canary import SafetyStops
from callsheet.buying.poller import Poller
from callsheet.clock import Clock
from callsheet.domain.attempt import Attempt, Kind, Reason
from callsheet.domain.backoff import backoff_s
from callsheet.domain.errors import LedgerError, Problem
from callsheet.domain.money import Micros
from callsheet.domain.rules import LaneRules
from callsheet.domain.run_request import Tell, Told
from callsheet.domain.take import TakeId
from callsheet.services.cards.card import Card
from callsheet.services.protocol.request import Request
from callsheet.services.protocol.wire import Wire
from callsheet.settings.values import Settings
from callsheet.store.project_folder import Project
from callsheet.transport.account import Account
from callsheet.transport.api_client import Sender, Sent
from callsheet.transport.download import Fetcher
from callsheet.transport.guard import Doors
from callsheet.transport.lane import Lane

T = TypeVar("T")

_KEPT_FOR = 64  # waits of 1, 2, 4 ... 60 s: about an hour


@dataclass(slots=True)
class Tools:
    """A run's instruments. Lanes and pollers are made when first used, one per account and model."""

    project: Project
    settings: Settings
    ledger: Ledger
    sender: Sender
    fetcher: Fetcher
    clock: Clock
    tell: Tell
    cards: Mapping[str, Card]
    accounts: Mapping[str, Account]
    #: False: nothing may be sent that could buy
    buy: bool = True
    #: hears of every attempt as soon as its book has changed
    moved: Callable[[Attempt], None] = lambda _attempt: None
    #: how many clips are opened or normalized at once
    media: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(os.cpu_count() or 1))
    _unbroken: set[asyncio.Task[Any]] = field(default_factory=set[asyncio.Task[Any]])
    _lanes: dict[tuple[str, str], Lane] = field(default_factory=dict[tuple[str, str], Lane])
    _pollers: dict[tuple[str, str], Poller] = field(default_factory=dict[tuple[str, str], Poller])
    _wires: dict[str, Wire] = field(default_factory=dict[str, Wire])
    rails: SafetyStops = field(init=False)

    def __post_init__(self) -> None:
        self.rails = SafetyStops(self.ledger, lambda attempt, problem: self.lane(attempt).stop(problem))

    def wire(self, attempt: Attempt) -> Wire:
        """How the attempt's service talks."""
        return self.wire_of(attempt.service)

    def wire_of(self, service: str) -> Wire:
        """How a service talks, which calls back where the project says so."""
        if service not in self._wires:
            self._wires[service] = wire_at(self.project, self.settings, self.accounts.get(service), service)
        return self._wires[service]

    def account(self, attempt: Attempt) -> Account:
        """Where the attempt's service is."""
        return self.accounts[attempt.service]

    def rules(self, attempt: Attempt) -> LaneRules:
        """How its lane is used."""
        return self.settings.lane(attempt.service)

    def doors(self, attempt: Attempt) -> Doors:
        """Where its clip may be fetched from, beside public https."""
        card = self.cards.get(attempt.model)
        return Doors(self.settings.network_allow, card.hosts if card else ())

    def settle_s(self, attempt: Attempt) -> float:
        """How long its clip may be missing at its address while its service lists the job, seconds."""
        card = self.cards.get(attempt.model)
        return (card.settle_s if card else None) or self.settings.attempts.settle_s

    def key_ttl_s(self, attempt: Attempt) -> float:
        """How long its service remembers a key, seconds."""
        card = self.cards.get(attempt.model)
        return (card.key_ttl_s if card else None) or self.settings.attempts.key_ttl_s

    def lane(self, attempt: Attempt) -> Lane:
        """Its account's lane at its model."""
        place = (attempt.account, attempt.model)
        if place not in self._lanes:
            first_wait = self.settings.attempts.unavailable_wait_s
            self._lanes[place] = Lane(
                attempt.model, self._slots(attempt), first_wait, self.clock.monotonic, lambda problem: self._note_stop(attempt, problem)
            )
        return self._lanes[place]

    def _note_stop(self, attempt: Attempt, problem: Problem) -> None:
        """The lane's stop in the ledger, which refuses its intents from now on; one that can't be written takes no intent either."""
        with suppress(LedgerError):
            lane_stops.stop(self.ledger, attempt, problem.code, problem.message, at=self.clock.text())

    def _slots(self, attempt: Attempt) -> int:
        """The user's number, else the card's, else the shipped one."""
        card = self.cards.get(attempt.model)
        own = self.settings.lanes.get(attempt.service)
        return own.slots if own else (card.slots if card and card.slots else self.settings.lane_defaults.slots)

    def poller(self, attempt: Attempt) -> Poller:
        """Its lane's poller."""
        place = (attempt.account, attempt.model)
        if place not in self._pollers:
            self._pollers[place] = Poller(self.wire(attempt), self.account(attempt), self.sender, self.rules(attempt), self.clock)
        return self._pollers[place]

    @property
    def lanes(self) -> tuple[Lane, ...]:
        """Every lane that was used."""
        return tuple(self._lanes.values())

    async def send(self, attempt: Attempt, request: Request, timeout_s: float) -> Sent:
        """Send one request to the attempt's service."""
        return await self.sender.send(self.account(attempt), request, timeout_s)

    def move(
        self,
        attempt: Attempt,
        kind: Kind,
        body: Mapping[str, Any] | None = None,
        *,
        cost: Micros | None = None,
        reason: Reason | None = None,
    ) -> Attempt:
        """Write the attempt's next event; where another process was first, the attempt as the book has it now."""
        try:
            now = write.move(self.ledger, attempt, kind, body, at=self.clock.text(), cost=cost, reason=reason)
        except write.Raced:
            now = read.reread(self.ledger, attempt)
        self.moved(now)
        return now

    async def unbroken(self, step: Coroutine[Any, Any, T]) -> T:
        """A step that is not broken off: who waits for it may be cancelled, it goes on, and `unbroken_end` waits for it."""
        task = asyncio.create_task(step)
        self._unbroken.add(task)
        task.add_done_callback(self._unbroken.discard)
        return await asyncio.shield(task)

    async def unbroken_end(self) -> None:
        """Wait until every such step is over."""
        await asyncio.gather(*self._unbroken, return_exceptions=True)

    def claim(self, attempt: Attempt, kind: Kind, body: Mapping[str, Any] | None = None) -> Attempt | None:
        """Write the event that gives the right to send; None where another process was first, who may be sending by now. MoneyError where the ledger
        refuses it, as it would refuse the hold."""
        try:
            now = write.move(self.ledger, attempt, kind, body, at=self.clock.text())
        except write.Raced:
            return None
        self.moved(now)
        return now

    async def keep(
        self,
        attempt: Attempt,
        kind: Kind,
        body: Mapping[str, Any] | None = None,
        *,
        told: str,
        cost: Micros | None = None,
        reason: Reason | None = None,
    ) -> Attempt:
        """As `move`, for what a service has answered: while the ledger can't be written the answer stays in memory and is told, for an hour.

        LedgerError with the answer where even that did not help.
        """
        why = LedgerError("")
        for n in range(_KEPT_FOR):
            try:
                return self.move(attempt, kind, body, cost=cost, reason=reason)
            except LedgerError as error:
                why = error
                wait = backoff_s(1.0, n)
                self.say("retry", f"{told}; {why}. Kept in memory, written again in {wait:.0f} s", attempt.take)
                await self.clock.sleep(wait)
        raise LedgerError(
            f"{told}, and it could not be written down: {why}", help=f"free disk space, then `callsheet recover {attempt.take.full}`"
        ) from None

    def free_bytes(self) -> int:
        """Free space where the project keeps its state."""
        return shutil.disk_usage(self.project.state).free

    def say(self, kind: str, text: str, take: TakeId | None = None) -> None:
        """Tell whoever listens."""
        self.tell(Told(kind=kind, text=text, take=take, at=self.clock.text()))

    async def close(self) -> None:
        """Stop looking and let go of connections; jobs go on at their services."""
        await asyncio.gather(*(poller.close() for poller in self._pollers.values()))
        await self.fetcher.close()
