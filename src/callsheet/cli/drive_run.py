"""Driving a run from the command line, with its events shown. `render`, `demo` and `recover` use it."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Coroutine, Generator, Sequence
from contextlib import contextmanager
from typing import Any

from callsheet.budget.rules.purse import Money
from callsheet.cli.output.answer import say
from callsheet.cli.output.keys import KeyAction
from callsheet.cli.output.progress import show_progress
from callsheet.cli.output.tally import Due
from callsheet.cli.pausing import toggle_pause
from callsheet.cli.prefect.flow_thread import hang_ups
from callsheet.cli.prefect.play_flow import run_flow
from callsheet.cli.prefect.server import start_early
from callsheet.domain.errors import CallsheetError
from callsheet.planning.outlook.run_time import lane_times, whole
from callsheet.planning.plan import Action
from callsheet.planning.project_plan import Prepared
from callsheet.runs.outcome import Outcome
from callsheet.runs.session import Shown, after_preview, direct
from callsheet.status.project_view import purse

#: runs the plan that was shown
Drive = Callable[[Shown], Outcome]


def drive(prepared: Prepared, how: Drive, further: Sequence[KeyAction] = ()) -> Outcome:
    """Run `how` on the plan that was shown, with its events on stderr. On a terminal keys pause it, and do what is `further` offered."""
    pause = KeyAction("p", "pause or resume", lambda: toggle_pause(prepared.project))
    keys = (pause, *further) if prepared.order.buy and prepared.plan.buys else ()
    with show_progress(due_of(prepared), lambda: _money(prepared), keys) as tell, after_preview(prepared, tell) as shown:
        return how(shown)


def due_of(prepared: Prepared) -> Due:
    """What the run of a plan has to do."""
    models = {take.take: take.model for take in prepared.plan.takes if take.action in (Action.BUY, Action.WAIT)}
    return Due(len(models), models, whole(lane_times(prepared), prepared.plan))


def straight(prepared: Prepared) -> Drive:
    """The engine alone, without Prefect. Ctrl-C and SIGTERM end it cleanly; KeyboardInterrupt only if nothing had begun."""

    def go(shown: Shown) -> Outcome:
        try:
            return asyncio.run(_terminable(direct(prepared.order)))
        except KeyboardInterrupt:
            if shown.outcome is None:
                raise
            return shown.outcome

    return go


@contextmanager
def hosted(prepared: Prepared) -> Generator[Drive]:
    """The same run as a Prefect flow. The server starts when the block is entered, and stops when it is left."""
    with start_early() as host:
        if host.private:
            say("Starting a private Prefect server to record the run (skip it with --no-prefect).")
        yield lambda shown: run_flow(host, prepared.order, shown)


def _money(prepared: Prepared) -> Money | None:
    """The money as the ledger has it now; None if it can't be read at the moment, in which case the next look will."""
    try:
        return purse(prepared.project, prepared.settings)
    except CallsheetError:
        return None


async def _terminable(run: Coroutine[Any, Any, Outcome]) -> Outcome:
    """Make SIGTERM do what Ctrl-C does, even if that is ignored, as in a script's background: the first one cancels the run, a second one
    breaks it off. A closed terminal (SIGHUP, unless `nohup` ignores it) cancels it, too, however often it is signalled. The loop handles
    the signals, because an exception raised wherever a signal finds the process could be swallowed there. Only the main thread receives
    signals: elsewhere nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        return await run
    loop, task, heard = asyncio.get_running_loop(), asyncio.current_task(), 0

    def stop() -> None:
        nonlocal heard
        heard += 1
        if task is None or heard > 1:
            raise KeyboardInterrupt
        task.cancel()

    def hang_up() -> None:
        if not heard:
            stop()

    handlers = {signal.SIGTERM: stop} | dict.fromkeys(hang_ups(), hang_up)
    for number, handler in handlers.items():
        loop.add_signal_handler(number, handler)
    try:
        return await run
    except asyncio.CancelledError:
        if heard:
            raise KeyboardInterrupt from None
        raise
    finally:
        for number in handlers:
            loop.remove_signal_handler(number)
