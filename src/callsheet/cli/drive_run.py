"""Driving a run from the command line: told as it goes. `render`, `demo` and `recover` use it."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType

from callsheet.budget.rules.purse import Money
from callsheet.cli.output.answer import say
from callsheet.cli.output.progress import show_progress
from callsheet.cli.prefect.play_flow import run_flow
from callsheet.cli.prefect.server import start_early
from callsheet.domain.errors import CallsheetError
from callsheet.planning.plan import Action
from callsheet.planning.project_plan import Prepared
from callsheet.runs.outcome import Outcome
from callsheet.runs.session import Shown, direct, prepared_as
from callsheet.status.project_view import purse

#: runs what was shown
Drive = Callable[[Shown], Outcome]


def drive(prepared: Prepared, how: Drive) -> Outcome:
    """Run `how` on the plan that was shown, its events told on stderr."""
    takes = sum(take.action in (Action.BUY, Action.WAIT) for take in prepared.plan.takes)
    with show_progress(takes, lambda: _money(prepared)) as tell, prepared_as(prepared, tell) as shown:
        return how(shown)


def straight(prepared: Prepared) -> Drive:
    """The engine alone, without Prefect. Ctrl-C and SIGTERM end it in good order; KeyboardInterrupt only where nothing had begun."""

    def go(shown: Shown) -> Outcome:
        try:
            with _terminable():
                return asyncio.run(direct(prepared.order))
        except KeyboardInterrupt:
            if shown.outcome is None:
                raise
            return shown.outcome

    return go


@contextmanager
def hosted(prepared: Prepared) -> Generator[Drive]:
    """The same run as a Prefect flow. The server begins to start when the block is entered, and is gone when it is left."""
    with start_early() as host:
        if host.private:
            say("Prefect starts beside this, to keep the run's history (--no-prefect goes without).")
        yield lambda shown: run_flow(host, prepared.order, shown)


def _money(prepared: Prepared) -> Money | None:
    """The money as the ledger has it now; None where it can't be read at this moment, which the next look mends."""
    try:
        return purse(prepared.project, prepared.settings)
    except CallsheetError:
        return None


@contextmanager
def _terminable() -> Generator[None]:
    """SIGTERM does what Ctrl-C does. Signals are the main thread's: elsewhere nothing changes."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """As Ctrl-C, also where that is ignored: a job in a script's background is still stopped by SIGTERM."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.raise_signal(signal.SIGINT)
