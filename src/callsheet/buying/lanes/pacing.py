"""A lane's pace as one run keeps it: turns to send, taken from the ledger where its service has refused requests for being too many, so that all processes
together send at the pace that it takes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

from callsheet.budget.ledger.lanes import pace
from callsheet.budget.ledger.lanes.leases import Lane
from callsheet.budget.ledger.pen import Line, Pen
from callsheet.budget.rules.pace import Pace
from callsheet.clock import Clock
from callsheet.domain.backoff import LONGEST_WAIT_S, backoff_s
from callsheet.domain.errors import LedgerError


@dataclass(slots=True)
class Pacing:
    """One lane. `first_s`: what is waited where a service names no time, and no pace is known yet."""

    pen: Pen
    lane: Lane
    clock: Clock
    first_s: float
    #: whether a pace has to be kept, as far as this run has heard
    paced: bool = False
    #: what was taken while none had to be
    _seen: Pace = field(default_factory=Pace)
    _strikes: int = 0
    _refusals: int = 0
    #: one take at a time has a turn: what others had would be void at the next refusal
    _next: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def turn(self) -> None:
        """Wait until it is this run's turn to send; at once where no pace has to be kept."""
        if not self.paced:
            return
        async with self._next:
            heard = -1
            while heard != self._refusals:  # a turn that was taken before a refusal is void: others were given since
                heard = self._refusals
                await self.clock.sleep(await self._taken())

    async def _taken(self) -> float:
        """Seconds until the turn that is taken now."""
        here = self.clock.now()
        try:
            return await self.pen.write(Line(None, lambda ledger: pace.take_turn(ledger, self.lane, here=here)))
        except LedgerError:  # a pace is no more than politeness: what is sent without it may be refused
            return 0.0

    async def accepted(self) -> None:
        """A purchase was taken."""
        self._strikes = 0
        if not self.paced:
            self._seen = self._seen.accepted(self.clock.monotonic() * 1000)
            return
        here = self.clock.now()
        try:
            now = await self.pen.write(Line(None, lambda ledger: pace.accepted(ledger, self.lane, here=here)))
        except LedgerError:
            return
        self.paced = now.gap_ms > 0

    async def refused(self, wait_s: float | None) -> float:
        """A purchase was refused for the pace; `wait_s` is what the service asks for. Seconds until anything is sent, by whichever process."""
        self.paced, self._strikes, self._refusals = True, self._strikes + 1, self._refusals + 1
        here = self.clock.now()
        # what was taken is counted by a clock that never jumps: after a jump, or a night's sleep, it would look like a service that takes next to nothing
        seen = replace(self._seen, since_ms=here.timestamp() * 1000 - (self.clock.monotonic() * 1000 - self._seen.since_ms))
        try:
            return await self.pen.write(Line(None, lambda ledger: pace.refused(ledger, self.lane, seen, wait_s, self.first_s, here=here)))
        except LedgerError:
            return min(wait_s, LONGEST_WAIT_S) if wait_s is not None else backoff_s(self.first_s, self._strikes - 1)
