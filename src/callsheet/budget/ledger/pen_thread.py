"""The pen's thread: it carries out one call after another for an event loop, which goes on meanwhile. To hand a call over and back takes the processor half as
long as by an executor, which is made for many threads and for waiting in any of them.
"""

from __future__ import annotations

import asyncio
import atexit
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")


class PenThread:
    """One thread, started with the first call. What it was left is carried out before its process ends, unless that is killed."""

    def __init__(self) -> None:
        self._calls: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread: Thread | None = None

    async def carry_out(self, act: Callable[[], T]) -> T:
        """What `act` gives, or raises. It is carried out also where its caller is cancelled meanwhile."""
        if self._thread is None:
            self._thread = Thread(target=self._serve, name="ledger", daemon=True)
            self._thread.start()
            atexit.register(self._finish)
        loop = asyncio.get_running_loop()
        told: asyncio.Future[T] = loop.create_future()

        def call() -> None:
            made, why = None, None
            try:
                made = act()
            except BaseException as error:  # noqa: BLE001  # its caller's to judge
                why = error
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(tell, told, made, why)

        self._calls.put(call)
        return await told

    async def end(self, last: Callable[[], None]) -> None:
        """Carry out `last` after what the thread was left, and let it end."""
        if self._thread is None:
            last()
            return
        try:
            await self.carry_out(last)
        finally:
            self._calls.put(None)

    def _serve(self) -> None:
        while call := self._calls.get():
            call()
        atexit.unregister(self._finish)

    def _finish(self) -> None:
        """Wait for it: a process must not end between a service's answer and its commit."""
        self._calls.put(None)
        if self._thread is not None:
            self._thread.join()


def tell(told: asyncio.Future[Any], made: object, why: BaseException | None) -> None:
    """Resolve what a writer waits for, unless it no longer does."""
    if told.done():
        return
    if why is None:
        told.set_result(made)
    else:
        told.set_exception(why)
