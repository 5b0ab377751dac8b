"""A thread for a flow, so that the main thread can handle signals and enforce a deadline."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import signal
import threading
import time
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager, suppress


class FlowThread(threading.Thread):
    """The thread that a flow runs in, with the caller's context. It is a daemon, so that a Prefect that hangs at its end doesn't keep the
    command alive.
    """

    def __init__(self, play: Callable[[], Coroutine[None, None, None]]) -> None:
        super().__init__(name="flow", daemon=True)
        self._play = play
        self._context = contextvars.copy_context()
        self._over: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._asked = False

    def run(self) -> None:
        """Called by `start`."""

        async def play() -> None:
            self._task = asyncio.current_task()
            if self._asked:
                raise asyncio.CancelledError
            await self._play()

        try:
            with asyncio.Runner() as runner:
                self._loop = runner.get_loop()
                runner.run(play(), context=self._context)
        except asyncio.CancelledError:
            self._over.set_result(None)
        except BaseException as error:  # noqa: BLE001 # passed to the main thread, which raises it
            self._over.set_exception(error)
        else:
            self._over.set_result(None)

    def stop(self) -> None:
        """Cancel the flow, from any thread; it ends cleanly."""
        self._asked = True
        if self._loop and self._task:
            with suppress(RuntimeError):  # the loop has closed: nothing is left to stop
                self._loop.call_soon_threadsafe(self._task.cancel)

    def watch(self, known: Callable[[], bool], *, teardown_s: float) -> BaseException | None:
        """Wait for the end, at most `teardown_s` seconds after the outcome is `known`. Returns the exception that the flow raised; None if
        it returned, was cancelled or still hangs.
        """
        deadline = None
        while not self._over.done() and (deadline is None or time.monotonic() < deadline):
            concurrent.futures.wait([self._over], timeout=0.1)
            if deadline is None and known():
                deadline = time.monotonic() + teardown_s
        return self._over.exception() if self._over.done() else None


def hang_ups() -> tuple[signal.Signals, ...]:
    """The signal that a terminal was closed, on systems that have it and unless it is ignored (`nohup`)."""
    number: signal.Signals | None = getattr(signal, "SIGHUP", None)
    return () if number is None or signal.getsignal(number) is signal.SIG_IGN else (number,)


@contextmanager
def stop_on_signals(stop: Callable[[], None]) -> Generator[None]:
    """The first SIGINT, SIGTERM or hang-up calls `stop`; a second signal raises KeyboardInterrupt here, but a second hang-up does nothing.
    Only the main thread receives signals: elsewhere nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked = False

    hung_up = hang_ups()

    def on_signal(number: int, _frame: object) -> None:
        nonlocal asked
        if asked and number in hung_up:
            return
        if asked:
            raise KeyboardInterrupt
        asked = True
        stop()

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM, *hung_up)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
