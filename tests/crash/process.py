"""Runs as a world sees them: each is a process with tasks, which may die, and with a clock that may lie."""

from __future__ import annotations

import asyncio
import contextvars
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from callsheet.clock import Clock

if TYPE_CHECKING:
    from tests.crash.world import World

#: when virtual time begins
BASE = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


class Killed(BaseException):
    """This process is dead: nothing of it may run on."""


class Struck(RuntimeError):
    """A defect out of nowhere."""


@dataclass(eq=False)
class Process:
    """One `callsheet render` as the world sees it."""

    n: int
    bypass: bool = False
    #: it buys in full quality what was picked
    final: bool = False
    born: float = 0.0
    dead: bool = False
    #: charges without a clip that it has seen
    paid_for_nothing: int = 0
    #: something here stands between it and a clip that is paid
    stands: bool = False
    tasks: set[asyncio.Task[Any]] = field(default_factory=set[asyncio.Task[Any]])


PROCESS: contextvars.ContextVar[Process | None] = contextvars.ContextVar("process", default=None)
SENDING: contextvars.ContextVar[int] = contextvars.ContextVar("sending", default=0)


class SimClock(Clock):
    """Virtual seconds; a time of day that jumps."""

    def __init__(self, world: World) -> None:
        self._world = world

    def now(self) -> datetime:
        return BASE + timedelta(seconds=self._world.now() + self._world.jumped)

    def monotonic(self) -> float:
        return self._world.now()

    def since_boot(self) -> tuple[str, float]:
        return f"start {self._world.cuts}", self._world.now()

    async def sleep(self, seconds: float) -> None:
        await self._world.pause(seconds)
