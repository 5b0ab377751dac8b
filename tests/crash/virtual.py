"""An asyncio loop whose time is made up: when nothing can go on, it jumps to the next timer. A run that waits for nothing at all is found at once."""

from __future__ import annotations

import asyncio
import selectors
from typing import Any


class WaitsForever(Exception):
    """Tasks are left and no timer is set: nothing will ever happen again."""


class _Selector(selectors.SelectSelector):
    """Waiting costs no time but moves the clock."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise WaitsForever
        self.now += max(timeout, 0.0)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """Seconds are virtual, from 0. Threads are not for it: what would go into one is run in place (`in_place`)."""

    def __init__(self) -> None:
        self._made_up = _Selector()
        super().__init__(self._made_up)
        self._clock_resolution = 1e-6

    def time(self) -> float:
        return self._made_up.now

    def call_at(self, when: float, callback: Any, *args: Any, context: Any = None) -> asyncio.TimerHandle:
        """No timer is nearer than the loop's resolution: it would fire before its time, and who waits for the rest would wait for ever."""
        return super().call_at(max(when, self.time() + 2 * self._clock_resolution), callback, *args, context=context)


async def in_place(function: Any, /, *args: Any, **named: Any) -> Any:
    """asyncio.to_thread without the thread."""
    await asyncio.sleep(0)
    return function(*args, **named)
