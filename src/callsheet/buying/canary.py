"""Safety stops for a run's purchases: the first of its kind goes ahead alone; three failing clips in a row, two charges without a clip, or a cost out
of all proportion stop a lane and ask a human.

A kind is what one price and one risk belong to: account, model, size, frame rate, length. It is known as soon as one of it was received without a failing
finding and at its price; until then one attempt at a time is sent, so that what is wrong with a kind is paid for once and not for every shot. Other kinds
go on meanwhile. One test shot serves all runs on the ledger: they lease the right to go ahead, as they lease slots, so that the others learn from it, and
one that was killed keeps nobody waiting.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from callsheet.budget.ledger.clips import received
from callsheet.budget.ledger.store import Ledger
from callsheet.budget.ledger.write import unbelieved_cost
from callsheet.buying.lanes.slots import Slots
from callsheet.domain.attempt import Attempt, State
from callsheet.domain.errors import Problem
from callsheet.domain.mark import Marks
from callsheet.domain.take import TakeId
from callsheet.domain.typed import typed
from callsheet.planning.notes.failure_streaks import (
    IMPLAUSIBLE,
    IN_A_ROW,
    PAID_FAILURES,
    Lane,
    findings_problem,
    paid_failures_problem,
    streaks,
)
from callsheet.services.registry import SERVICES

#: how many of the ledger's last clips of a lane are searched for a kind; a kind that is not among them goes ahead alone again
_REMEMBERED = 2000

_Kind = tuple[str, str, object]


@dataclass(slots=True)
class _Flight:
    """A kind that was never received: which attempt of it is under way, and which ones won't arrive in this run."""

    known: bool = False
    under_way: set[str] = field(default_factory=set[str])
    stuck: TakeId | None = None
    stir: asyncio.Condition = field(default_factory=asyncio.Condition)


class SafetyStops:
    """A run's safety stops. `stop` stops an attempt's lane with a problem; `first` is the one slot in which the first of a kind goes ahead (its account, and
    the ledger's name for the kind); `streaks` are the failing clips in a row so far, by lane.
    """

    def __init__(self, ledger: Ledger, stop: Callable[[Attempt, Problem], None], first: Callable[[str, str], Slots]) -> None:
        self._ledger, self._stop, self._first = ledger, stop, first
        self._flights: dict[_Kind, _Flight] = {}
        self._streaks: dict[Lane, list[str]] = {}
        self._paid_for_nothing: dict[Lane, list[str]] = {}
        #: implausible costs that nobody has settled yet, by attempt
        self._unbelieved: dict[str, tuple[Lane, Problem]] = {}

    def begin(self, attempts: Iterable[Attempt], marks: Marks, under_way: Iterable[Attempt]) -> None:
        """Read the project's ledger: failing clips that nobody has decided on, and earlier purchases that continue."""
        self._streaks = {lane: [str(a.take) for a in row] for lane, row in streaks(attempts, marks).items()}
        for attempt in attempts:
            self._doubt_cost(attempt)
        for attempt in under_way:
            if attempt.state not in (State.HELD, State.RECEIVED):
                self._flight(attempt).under_way.add(attempt.id)

    @asynccontextmanager
    async def turn(self, attempt: Attempt) -> AsyncGenerator[bool]:
        """From before an attempt is sent until its clip is inspected. False: it may not be sent in this run; `why` gives the reason."""
        flight = self._flight(attempt)
        try:
            if attempt.state is State.HELD:
                await self._wait(attempt, flight)
            async with self._ahead(attempt, flight):
                self._check(attempt)
                may = attempt.state is not State.HELD or flight.known or flight.stuck is None
                if may:
                    flight.under_way.add(attempt.id)
                yield may
        finally:
            flight.under_way.discard(attempt.id)
            async with flight.stir:
                flight.stir.notify_all()

    @asynccontextmanager
    async def _ahead(self, attempt: Attempt, flight: _Flight) -> AsyncGenerator[None]:
        """Alone on the ledger, if its kind isn't known: another run may have sent one of it, and what that taught is read first."""
        held = attempt.state is State.HELD
        if flight.known or (held and flight.stuck is not None):
            yield
            return
        kind = self._kind(attempt)
        async with AsyncExitStack() as alone:
            await alone.enter_async_context(self._first(attempt.account, _name(kind)).slot(int(attempt.id), at_service=not held))
            if held and self._received(kind, attempt.service):
                flight.known = True
                async with flight.stir:
                    flight.stir.notify_all()
                await alone.aclose()
            yield

    def knows(self, attempt: Attempt) -> bool:
        """Whether a good clip of its kind was received: otherwise the others of the kind wait for it."""
        return self._flight(attempt).known

    def why(self, attempt: Attempt) -> str:
        """Why an attempt was not sent."""
        stuck = self._flight(attempt).stuck
        return f"not sent: the first of its kind, {stuck}, is still under way" if stuck else "not sent"

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Implausible costs of this project's attempts that nobody has settled yet."""
        return tuple(problem for _, problem in self._unbelieved.values())

    def canary(self, account: str, service: str, model: str, request: bytes) -> str | None:
        """The ledger's name for a purchase's kind, if no good clip of the kind has arrived yet; None if one has."""
        kind = (account, model, SERVICES[service].wire.sold(request))
        return None if self._of_kind(kind, service).known else _name(kind)

    def judge(self, attempt: Attempt) -> None:
        """Learn from an attempt that was driven as far as possible now."""
        flight, lane = self._flight(attempt), (attempt.account, attempt.model)
        self._doubt_cost(attempt)
        if attempt.state is State.CLOSED and attempt.billed:
            self._paid_for_nothing.setdefault(lane, []).append(str(attempt.take))
        if attempt.state is State.RECEIVED:
            flight.known = flight.known or not (attempt.failing or attempt.settled > attempt.quote)
            self._streaks[lane] = [*self._streaks.get(lane, []), str(attempt.take)] if attempt.failing else []
        elif attempt.state in (State.SUBMITTING, State.SUBMITTED, State.READY):
            flight.stuck = attempt.take
        self._check(attempt)

    def _doubt_cost(self, attempt: Attempt) -> None:
        if attempt.implausible is not None:
            invoice = typed("reconcile", "--service", attempt.service, "--invoice", "FILE", "--yes")
            ways = f"`{invoice}`, or `{typed('settle', attempt.take)} --charged USD --source WHERE`"
            help = f"look at {attempt.service}'s invoice, record what it cost ({ways}), then run again"
            problem = Problem(code=IMPLAUSIBLE, message=unbelieved_cost(attempt), help=help, take=str(attempt.take))
            self._unbelieved[attempt.id] = ((attempt.account, attempt.model), problem)

    async def _wait(self, attempt: Attempt, flight: _Flight) -> None:
        async with flight.stir:
            await flight.stir.wait_for(lambda: flight.known or flight.stuck is not None or not flight.under_way)
            if not flight.known:  # taken while the condition is held, so that only one goes ahead
                flight.under_way.add(attempt.id)

    def _check(self, attempt: Attempt) -> None:
        lane = (attempt.account, attempt.model)
        row, lost = self._streaks.get(lane, []), self._paid_for_nothing.get(lane, [])
        if len(row) >= IN_A_ROW:
            self._stop(attempt, findings_problem(attempt.model, row))
        if len(lost) >= PAID_FAILURES:
            self._stop(attempt, paid_failures_problem(attempt.model, lost))
        for its_lane, problem in self._unbelieved.values():
            if its_lane == lane:
                self._stop(attempt, problem)

    def _flight(self, attempt: Attempt) -> _Flight:
        return self._of_kind(self._kind(attempt), attempt.service)

    def _kind(self, attempt: Attempt) -> _Kind:
        return attempt.account, attempt.model, SERVICES[attempt.service].wire.sold(attempt.request)

    def _of_kind(self, kind: _Kind, service: str) -> _Flight:
        if kind not in self._flights:
            self._flights[kind] = _Flight(known=self._received(kind, service))
        return self._flights[kind]

    def _received(self, kind: _Kind, service: str) -> bool:
        """Whether a good clip of the kind has arrived, for any project of the ledger."""
        account, model, sold = kind
        wire = SERVICES[service].wire
        past = received(self._ledger, account, model, _REMEMBERED)
        return any(good and wire.sold(request) == sold for request, good in past)


def _name(kind: _Kind) -> str:
    """The ledger's name for a kind."""
    return hashlib.sha256(repr(kind).encode()).hexdigest()
