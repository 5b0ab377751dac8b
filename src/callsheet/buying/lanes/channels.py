"""The connections to services: wires, accounts, lanes and pollers, created when first used, one for each account and model."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from callsheet.budget.ledger import receipts
from callsheet.budget.ledger.lanes.pace import Lane
from callsheet.budget.ledger.pen import Pen
from callsheet.buying.lanes import orphaned_jobs
from callsheet.buying.lanes.callbacks import wire_at
from callsheet.buying.lanes.job_times import JobTimes
from callsheet.buying.lanes.pacing import Pacing
from callsheet.buying.lanes.poller import Poller, polls_share
from callsheet.buying.lanes.slots import Slots
from callsheet.clock import Clock, stamp
from callsheet.domain.attempt import Attempt
from callsheet.domain.errors import Problem
from callsheet.domain.rules import LaneRules
from callsheet.planning.outlook.run_time import slots_of
from callsheet.services.cards.card import Card
from callsheet.services.protocol.ask import Sold
from callsheet.services.protocol.json_reading import moment
from callsheet.services.protocol.request import Request, Response
from callsheet.services.protocol.wire import Wire
from callsheet.settings.values import Settings
from callsheet.store.project_folder import Project
from callsheet.transport.account import Account
from callsheet.transport.api_client import Sender, Sent
from callsheet.transport.guard import Doors
from callsheet.transport.lane import Lane as WayTo

#: a clock that is further off than answers travel is wrong, seconds
_WRONG_S = 300.0

#: finished jobs: what was ordered, where the request tells it, and the seconds that it took
PastJobs = tuple[tuple[Sold | None, float], ...]


@dataclass(slots=True)
class Channels:
    """How a run talks to services. `lane_stopped` is called with each lane that stops and the attempt that stopped it."""

    project: Project
    settings: Settings
    sender: Sender
    clock: Clock
    cards: Mapping[str, Card]
    accounts: Mapping[str, Account]
    lane_stopped: Callable[[Attempt, Problem], None]
    pen: Pen
    #: called with events that concern a whole service: kind and message
    say: Callable[[str, str], None] = lambda _kind, _text: None
    #: this run's name among all owners of slots in the ledger
    owner: str = field(default_factory=lambda: uuid.uuid4().hex)
    _slots: dict[tuple[str, str], Slots] = field(default_factory=dict[tuple[str, str], Slots])
    _paces: dict[tuple[str, str], Pacing] = field(default_factory=dict[tuple[str, str], Pacing])
    _lanes: dict[tuple[str, str], WayTo] = field(default_factory=dict[tuple[str, str], WayTo])
    _pollers: dict[tuple[str, str], Poller] = field(default_factory=dict[tuple[str, str], Poller])
    _past: dict[tuple[str, str], PastJobs] = field(default_factory=dict[tuple[str, str], PastJobs])
    _wires: dict[str, Wire] = field(default_factory=dict[str, Wire])
    #: by account: the service's own time, and the monotonic second at which it was told
    _times: dict[str, tuple[datetime, float]] = field(default_factory=dict[str, tuple[datetime, float]])
    #: accounts whose services have another time than this machine, as was said
    _wrong: set[str] = field(default_factory=set[str])

    def wire(self, attempt: Attempt) -> Wire:
        """The wire of the attempt's service."""
        return self.wire_of(attempt.service)

    def wire_of(self, service: str) -> Wire:
        """A service's wire, which requests callbacks if the project wants them."""
        if service not in self._wires:
            self._wires[service] = wire_at(self.project, self.settings, self.accounts.get(service), service)
        return self._wires[service]

    def account(self, attempt: Attempt) -> Account:
        """The attempt's account."""
        return self.accounts[attempt.service]

    def rules(self, attempt: Attempt) -> LaneRules:
        """The rules of its lane."""
        return self.settings.lane(attempt.service)

    def doors(self, attempt: Attempt) -> Doors:
        """The hosts from which its clip may be fetched, in addition to public https."""
        card = self.cards.get(attempt.model)
        return Doors(self.settings.network_allow, card.hosts if card else ())

    def settle_s(self, attempt: Attempt) -> float:
        """How long a clip may be missing at its address while its service still lists the job, seconds."""
        card = self.cards.get(attempt.model)
        return (card.settle_s if card else None) or self.settings.attempts.settle_s

    def key_ttl_s(self, attempt: Attempt) -> float:
        """How long its service remembers a key, seconds."""
        card = self.cards.get(attempt.model)
        return (card.key_ttl_s if card else None) or self.settings.attempts.key_ttl_s

    def lane(self, attempt: Attempt) -> WayTo:
        """The lane of its account at its model."""
        place = (attempt.account, attempt.model)
        if place not in self._lanes:
            first_wait = self.settings.attempts.unavailable_wait_s
            self._lanes[place] = WayTo(attempt.model, first_wait, self.clock.monotonic, lambda problem: self.lane_stopped(attempt, problem))
        return self._lanes[place]

    def slots(self, attempt: Attempt) -> Slots:
        """Its lane's slots: the user's number, otherwise the card's, otherwise the default."""
        place = (attempt.account, attempt.model)
        if place not in self._slots:
            most = slots_of(self.settings, self.cards, attempt.service, attempt.model)
            lane = Lane(*place)
            heard, ended = partial(self._closed, attempt), partial(self._ended, attempt)
            patience_s = self.rules(attempt).patience_s
            self._slots[place] = Slots(self.pen, lane, self.owner, most, self.clock, heard, ended, patience_s)
        return self._slots[place]

    def first_of(self, account: str, kind: str) -> Slots:
        """The one slot in which an attempt of a kind that nobody knows goes ahead, on the whole ledger."""
        place = (account, f"first of {kind}")
        if place not in self._slots:
            self._slots[place] = Slots(self.pen, Lane(*place), self.owner, 1, self.clock, lambda _seconds: None)
        return self._slots[place]

    def pacing(self, attempt: Attempt) -> Pacing:
        """Its lane's pace."""
        place = (attempt.account, attempt.model)
        if place not in self._paces:
            self._paces[place] = Pacing(self.pen, Lane(*place), self.clock, self.settings.attempts.unavailable_wait_s)
        return self._paces[place]

    def _closed(self, attempt: Attempt, seconds: float) -> None:
        """Another process has heard that the lane's service wants nothing more for so long, or fewer at a time."""
        self.lane(attempt).hold_back(seconds)
        self.pacing(attempt).paced = True

    async def _ended(self, example: Attempt, numbers: Collection[int]) -> set[int]:
        """Which of some attempts in the lane of `example`, that no run looks after, have no job at the service any more."""
        return await orphaned_jobs.ended(
            self.pen.ledger, self.poller(example), self.wire(example), self.rules(example), self.clock, numbers
        )

    async def busy(self, attempt: Attempt, retry_after_s: float | None) -> float:
        """The service asked to wait: seconds until any process sends anything through the attempt's lane again."""
        wait = await self.pacing(attempt).refused(retry_after_s)
        self.lane(attempt).hold_back(wait)
        return wait

    async def taken(self, attempt: Attempt) -> None:
        """The service took a purchase of the attempt's lane."""
        self.lane(attempt).fine()
        await self.pacing(attempt).accepted()

    def past_jobs(self, service: str, account: str, model: str) -> PastJobs:
        """A lane's newest finished jobs in the ledger, the oldest first."""
        place = (account, model)
        if place not in self._past:
            wire, patience_s = self.wire_of(service), self.settings.lane(service).patience_s
            past = ((wire.sold(request), seconds) for request, seconds in receipts.job_times(self.pen.ledger, *place))
            self._past[place] = tuple((sold, seconds) for sold, seconds in past if 0 < seconds <= patience_s)
        return self._past[place]

    def poller(self, attempt: Attempt) -> Poller:
        """Its lane's poller."""
        place = (attempt.account, attempt.model)
        if place not in self._pollers:
            wire = self.wire(attempt)
            times = JobTimes(polls_share(wire))
            for sold, seconds in self.past_jobs(attempt.service, *place):
                times.learn(str(sold), [seconds])
            self._pollers[place] = Poller(wire, self.account(attempt), self.sender, self.rules(attempt), self.clock, self.say, times)
        return self._pollers[place]

    @property
    def lanes(self) -> tuple[WayTo, ...]:
        """Every lane that was used."""
        return tuple(self._lanes.values())

    def turn_to_buy(self, attempt: Attempt) -> asyncio.Semaphore:
        """Locked from before a purchase's intent until it is answered."""
        return self.sender.turn_to_buy(self.account(attempt))

    async def buy(self, attempt: Attempt, request: Request, timeout_s: float) -> Sent:
        """Send a purchase to the attempt's service; its turn was taken before its intent was written. CallsheetError if it can't be sent at all."""
        blind = self.wire(attempt).recovery != "keyed"
        return self._heard(attempt, await self.sender.send(self.account(attempt), request, timeout_s, afresh=blind))

    async def ask(self, attempt: Attempt, request: Request, timeout_s: float) -> Sent:
        """Send a query to the attempt's service."""
        return self._heard(attempt, await self.sender.ask(self.account(attempt), request, timeout_s))

    def _heard(self, attempt: Attempt, sent: Sent) -> Sent:
        """Note the service's own time."""
        if isinstance(sent, Response) and (at := moment(sent.headers.get("date", ""))):
            self._times[attempt.account] = (at, self.clock.monotonic())
            self._compare(attempt, at)
        return sent

    def _compare(self, attempt: Attempt, at: datetime) -> None:
        """Say so, once in a run, if this machine's clock is far from the service's: days and months are counted by it."""
        ahead_s = (self.clock.now() - at).total_seconds()
        if abs(ahead_s) < _WRONG_S or attempt.account in self._wrong:
            return
        self._wrong.add(attempt.account)
        off = f"{abs(ahead_s) / 3600:.1f} h {'ahead of' if ahead_s > 0 else 'behind'} {attempt.service}'s"
        self.say("note", f"this machine's clock is {off}: a cap of a day or a month counts by this machine's; set it right")

    def time_at(self, attempt: Attempt) -> datetime | None:
        """Now by the clock of the attempt's service, as it last told it; None if it has told none in this run."""
        if attempt.account not in self._times:
            return None
        at, heard = self._times[attempt.account]
        return at + timedelta(seconds=self.clock.monotonic() - heard)

    def sender_of(self, attempt: Attempt) -> dict[str, Any]:
        """Who sends an attempt, with which key, and when by the service's clock and by the one of this machine that never jumps: written with its intent."""
        there, up = self.time_at(attempt), self.clock.since_boot()
        who = {"run": attempt.run, "owner": self.owner, "credential": self.account(attempt).credential()}
        return who | ({"there": stamp(there)} if there else {}) | ({"boot": up[0], "up": round(up[1], 3)} if up else {})

    async def close(self) -> None:
        """Stop polling, and release slots; jobs continue at their services."""
        await asyncio.gather(*(slots.close() for slots in self._slots.values()))
        await asyncio.gather(*(poller.close() for poller in self._pollers.values()))
