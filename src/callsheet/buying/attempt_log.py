"""An attempt's events, written before and after the actions that they describe, and the run's own messages about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from callsheet.budget.ledger import read, write
from callsheet.budget.ledger.lanes import lane_stops
from callsheet.budget.ledger.pen import Line, Pen
from callsheet.budget.ledger.store import Ledger
from callsheet.clock import Clock
from callsheet.domain.attempt import Attempt, Kind, Reason
from callsheet.domain.backoff import backoff_s
from callsheet.domain.errors import LedgerError, Problem
from callsheet.domain.money import Micros
from callsheet.domain.run_request import Listener, RunEvent
from callsheet.domain.take import TakeId
from callsheet.domain.typed import typed

_KEPT_FOR = 64  # waits of 1, 2, 4 ... 60 s: about an hour
_READ_FOR = 8  # the same for about three minutes: a server that another one stands in for


@dataclass(slots=True)
class AttemptLog:
    """The ledger as one run writes it. Listeners are notified of every attempt as soon as its events have changed."""

    ledger: Ledger
    clock: Clock
    tell: Listener
    #: called with every attempt as soon as its events have changed
    moved: Callable[[Attempt], None] = lambda _attempt: None
    #: every attempt for which this run has written an event, in its last known state, by id
    seen: dict[str, Attempt] = field(default_factory=dict[str, Attempt])
    #: when this run wrote the intents of attempts, in monotonic seconds, by id
    _intents: dict[str, float] = field(default_factory=dict[str, float])
    #: writes what every take waits for; what is rare is written at once
    pen: Pen = field(init=False)

    def __post_init__(self) -> None:
        self.pen = Pen(self.ledger)

    def move(
        self,
        attempt: Attempt,
        kind: Kind,
        body: Mapping[str, Any] | None = None,
        *,
        cost: Micros | None = None,
        reason: Reason | None = None,
    ) -> Attempt:
        """Write the attempt's next event at once; if another process was first, return the attempt as the ledger has it now."""
        try:
            now = write.move(self.ledger, attempt, kind, body, at=self.clock.text(), cost=cost, reason=reason)
        except write.Raced:
            now = read.reread(self.ledger, attempt)
        self._heard(now)
        return now

    async def claim(self, attempt: Attempt, kind: Kind, body: Mapping[str, Any] | None = None) -> Attempt | None:
        """Write the event that gives the right to send; None if another process was first and may already be sending. MoneyError if the
        ledger refuses it, as it would refuse the hold.
        """
        try:
            claimed = await self._written(attempt, kind, body)
        except write.Raced:
            return None
        if kind is Kind.INTENT:
            self._intents[attempt.id] = self.clock.monotonic()
        return claimed

    def since_intent_s(self, attempt: Attempt) -> float | None:
        """Seconds since this run wrote the attempt's intent, by a clock that never jumps; None if another one wrote it."""
        at = self._intents.get(attempt.id)
        return None if at is None else self.clock.monotonic() - at

    async def reread(self, attempt: Attempt) -> Attempt | None:
        """The attempt as the ledger has it, as soon as that can be read; None if it can't be within three minutes."""
        for n in range(_READ_FOR):
            try:
                return read.reread(self.ledger, attempt)
            except LedgerError as error:
                wait = backoff_s(1.0, n)
                self.say("retry", f"{error}; trying again in {wait:.0f} s", attempt.take)
                await self.clock.sleep(wait)
        return None

    def correct(self, attempt: Attempt, amount: Micros, *, ref: str, body: Mapping[str, Any]) -> Attempt:
        """Book late evidence; see `write.correct`."""
        now = write.correct(self.ledger, attempt, amount, ref=ref, body=body, at=self.clock.text())
        self._heard(now)
        return now

    async def _written(
        self,
        attempt: Attempt,
        kind: Kind,
        body: Mapping[str, Any] | None,
        *,
        cost: Micros | None = None,
        reason: Reason | None = None,
    ) -> Attempt:
        at = self.clock.text()

        def act(ledger: Ledger) -> Attempt:
            return write.move(ledger, attempt, kind, body, at=at, cost=cost, reason=reason)

        return await self.pen.write(Line(kind, act, self._heard))

    def _heard(self, attempt: Attempt) -> None:
        self.seen[attempt.id] = attempt
        self.moved(attempt)

    def current(self, attempt: Attempt) -> Attempt:
        """The attempt as this run wrote it last."""
        return self.seen.get(attempt.id, attempt)

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
        """Like `move`, but for a service's answer: if the ledger can't be written, the answer stays in memory and is retried and reported
        for an hour. LedgerError with the answer if that fails, too.
        """
        why = LedgerError("")
        for n in range(_KEPT_FOR):
            try:
                return await self._written(attempt, kind, body, cost=cost, reason=reason)
            except write.Raced:
                now = read.reread(self.ledger, attempt)
                self._heard(now)
                return now
            except LedgerError as error:
                why = error
                wait = backoff_s(1.0, n)
                self.say("retry", f"{told}; {why}. It is kept in memory; trying again in {wait:.0f} s", attempt.take)
                await self.clock.sleep(wait)
        raise LedgerError(
            f"{told}, and it could not be saved: {why}", help=f"free disk space, then `{typed('recover', attempt.take.full)}`"
        ) from None

    def say(self, kind: str, text: str, take: TakeId | None = None) -> None:
        """Notify the listeners. A listener that is gone, a closed file or a full disk under a log loses no answer and stops no purchase."""
        with suppress(OSError, ValueError):
            self.tell(RunEvent(kind=kind, text=text, take=take, at=self.clock.text()))

    def note_stop(self, attempt: Attempt, problem: Problem) -> None:
        """Record the lane's stop in the ledger, which then refuses its intents. A ledger that can't be written accepts no intent either."""
        with suppress(LedgerError):
            lane_stops.stop(self.ledger, attempt, problem.code, problem.message, at=self.clock.text())
