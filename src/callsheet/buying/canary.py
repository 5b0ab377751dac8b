"""Safety stops for a run's purchases: the first of its kind goes ahead alone, and three failing clips in a row stop a lane and ask a human.

A kind is what one price and one risk belong to: account, model, size, frame rate, length. It is known as soon as one of it was received without a failing
finding; until then one attempt at a time is sent, so that what is wrong with a kind is paid for once and not for every shot. Other kinds go on meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from callsheet.budget.ledger.clips import received
from callsheet.budget.ledger.store import Ledger
from callsheet.domain.attempt import Attempt, State
from callsheet.domain.errors import Problem
from callsheet.domain.mark import Marks
from callsheet.domain.take import TakeId
from callsheet.planning.failure_streaks import IN_A_ROW, Lane, findings_problem, streaks
from callsheet.services.registry import SERVICES

#: how many of the ledger's last clips of a lane are looked at for a kind; one that is not among them goes ahead alone once more
_REMEMBERED = 2000

_Kind = tuple[str, str, object]


@dataclass(slots=True)
class _Flight:
    """A kind that was never received: who of it is under way, and who is known not to come in this run."""

    known: bool = False
    under_way: set[str] = field(default_factory=set[str])
    stuck: TakeId | None = None
    stir: asyncio.Condition = field(default_factory=asyncio.Condition)


class SafetyStops:
    """A run's safety stops. `stop` stops an attempt's lane with a problem; `streaks` are the failing clips that already stand in a row, by lane."""

    def __init__(self, ledger: Ledger, stop: Callable[[Attempt, Problem], None]) -> None:
        self._ledger, self._stop = ledger, stop
        self._flights: dict[_Kind, _Flight] = {}
        self._streaks: dict[Lane, list[str]] = {}

    def begin(self, attempts: Iterable[Attempt], marks: Marks, under_way: Iterable[Attempt]) -> None:
        """What the project's book says: failing clips that nobody has decided on, and what was sent before and is gone on with."""
        self._streaks = {lane: [str(a.take) for a in row] for lane, row in streaks(attempts, marks).items()}
        for attempt in under_way:
            if attempt.state not in (State.HELD, State.RECEIVED):
                self._flight(attempt).under_way.add(attempt.id)

    @asynccontextmanager
    async def turn(self, attempt: Attempt) -> AsyncGenerator[bool]:
        """From before an attempt is sent until its clip is inspected. False: it may not be sent in this run, and why is told by `why`."""
        flight = self._flight(attempt)
        if attempt.state is State.HELD:
            await self._wait(attempt, flight)
        self._check(attempt)
        may = attempt.state is not State.HELD or flight.known or flight.stuck is None
        if may:
            flight.under_way.add(attempt.id)
        try:
            yield may
        finally:
            flight.under_way.discard(attempt.id)
            async with flight.stir:
                flight.stir.notify_all()

    def why(self, attempt: Attempt) -> str:
        """Why an attempt was not sent."""
        stuck = self._flight(attempt).stuck
        return f"not sent: the first of its kind, {stuck}, is still under way" if stuck else "not sent"

    def judge(self, attempt: Attempt) -> None:
        """An attempt was driven as far as it gets now: learn from it."""
        flight, lane = self._flight(attempt), (attempt.account, attempt.model)
        if attempt.state is State.RECEIVED:
            flight.known = flight.known or not attempt.failing
            self._streaks[lane] = [*self._streaks.get(lane, []), str(attempt.take)] if attempt.failing else []
            self._check(attempt)
        elif attempt.state in (State.SUBMITTING, State.SUBMITTED, State.READY):
            flight.stuck = attempt.take

    async def _wait(self, attempt: Attempt, flight: _Flight) -> None:
        async with flight.stir:
            await flight.stir.wait_for(lambda: flight.known or flight.stuck is not None or not flight.under_way)
            if not flight.known:  # taken while the condition is held, so that one alone goes ahead
                flight.under_way.add(attempt.id)

    def _check(self, attempt: Attempt) -> None:
        row = self._streaks.get((attempt.account, attempt.model), [])
        if len(row) >= IN_A_ROW:
            self._stop(attempt, findings_problem(attempt.model, row))

    def _flight(self, attempt: Attempt) -> _Flight:
        kind = _kind(attempt)
        if kind not in self._flights:
            past = received(self._ledger, attempt.account, attempt.model, _REMEMBERED)
            wire = SERVICES[attempt.service].wire
            self._flights[kind] = _Flight(known=any(good and wire.sold(request) == kind[2] for request, good in past))
        return self._flights[kind]


def _kind(attempt: Attempt) -> _Kind:
    return attempt.account, attempt.model, SERVICES[attempt.service].wire.sold(attempt.request)
