"""What a run needs in addition to its log and its channels. A run opens and owns it, and passes it to steps that need more than one of
them.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from callsheet.buying.attempt_log import AttemptLog
from callsheet.buying.balance_evidence import BalanceEvidence
from callsheet.buying.canary import SafetyStops
from callsheet.buying.lanes.channels import Channels
from callsheet.buying.steering import Steering
from callsheet.domain.attempt import Attempt
from callsheet.domain.take import TakeId
from callsheet.planning.lane_order import UNPLANNED, Turn
from callsheet.services.cards.card import Card
from callsheet.settings.values import Settings
from callsheet.store.project_folder import Project
from callsheet.transport.download import Fetcher

T = TypeVar("T")


@dataclass(slots=True)
class RunContext:
    """A run's folder, fetcher and processors, with its log and its channels."""

    project: Project
    settings: Settings
    cards: Mapping[str, Card]
    log: AttemptLog
    channels: Channels
    fetcher: Fetcher
    #: False: no request that could buy may be sent
    buy: bool = True
    #: who goes first where takes wait for a slot
    turns: Mapping[TakeId, Turn] = field(default_factory=dict[TakeId, Turn])
    #: how many clips are opened or conformed at once
    media: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(os.cpu_count() or 1))
    _unbroken: set[asyncio.Task[Any]] = field(default_factory=set[asyncio.Task[Any]])
    #: one clip at a time is stored and recorded
    placing: asyncio.Lock = field(default_factory=asyncio.Lock)
    safety: SafetyStops = field(init=False)
    balances: BalanceEvidence = field(init=False)
    steering: Steering = field(init=False)

    def __post_init__(self) -> None:
        self.safety = SafetyStops(
            self.log.ledger, lambda attempt, problem: self.channels.lane(attempt).stop(problem), self.channels.first_of
        )
        self.balances = BalanceEvidence(self.log, self.channels)
        self.steering = Steering(self.project, self.log.clock, self.log.say)

    def turn(self, attempt: Attempt) -> Turn:
        """Its turn among the takes that wait for a slot of its lane."""
        planned = self.turns.get(attempt.take, UNPLANNED)
        return planned if self.safety.knows(attempt) else planned._replace(kind_known=False)

    async def unbroken(self, step: Coroutine[Any, Any, T]) -> T:
        """A step that is not interrupted: its caller may be cancelled, but the step continues, and `stop` waits for it."""
        task = asyncio.create_task(step)
        self._unbroken.add(task)
        task.add_done_callback(self._unbroken.discard)
        return await asyncio.shield(task)

    async def stop(self) -> None:
        """Takes still under way send nothing more; all uninterruptible steps have finished when this ends, also if it is cancelled."""
        self.buy = False
        cancelled: asyncio.CancelledError | None = None
        while self._unbroken:
            try:
                await asyncio.wait([asyncio.gather(*self._unbroken, return_exceptions=True)])
            except asyncio.CancelledError as error:  # a terminal that closes after Ctrl-C, say
                cancelled = error
        if cancelled:
            raise cancelled

    def free_bytes(self) -> int:
        """Free space on the disk with the project's state."""
        return shutil.disk_usage(self.project.state).free

    async def close(self) -> None:
        """Stop polling and close connections; jobs continue at their services."""
        await self.channels.close()
        await self.fetcher.close()
        await self.log.pen.close()
