"""A run's progress on stderr: one line per event and a heartbeat in logs; a live bar with money on a terminal."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

from callsheet.budget.rules.purse import Money
from callsheet.cli.output.answer import say
from callsheet.cli.output.keys import KeyAction, reading_keys
from callsheet.cli.output.tally import Due, Tally
from callsheet.domain.money import text
from callsheet.domain.run_request import RunEvent

#: seconds between heartbeats in a log, and between readings of the ledger on a terminal
BEAT_S = 30.0
REDRAW_S = 1.0

ReadMoney = Callable[[], Money | None]
OnEvent = Callable[[RunEvent], None]


@contextmanager
def show_progress(due: Due, read_money: ReadMoney, actions: Sequence[KeyAction] = ()) -> Generator[OnEvent]:
    """Show a run until the block ends. `read_money` is called from a thread of its own, and so are the `actions` of keys, which a terminal offers."""
    tally = Tally(due)
    if sys.stderr.isatty() and os.environ.get("TERM") not in ("dumb", "unknown"):  # those can't draw in place
        with reading_keys(actions) as offered:
            from callsheet.cli.output.live_view import LiveView  # noqa: PLC0415  # it loads rich, which only a terminal needs

            view = LiveView(tally, "   ".join(f"{action.key} {action.words}" for action in offered))
            with view.live, _beating(lambda: view.beat(read_money()), REDRAW_S):
                yield lambda event: view.show(event, event_line(event))
        return

    def log(event: RunEvent) -> None:
        tally.note(event)
        say(event_line(event))

    def beat() -> None:
        money, now = read_money(), time.strftime("%H:%M:%SZ", time.gmtime())
        paused = " paused" if tally.paused else ""
        say(f"{now} beat     {tally.words()}{paused}{f' {money_words(money)}' if money else ''} eta={tally.eta()}")

    with _beating(beat, BEAT_S):
        yield log


def event_line(event: RunEvent) -> str:
    """One event for a log: clock in UTC (`07:41:02Z`), kind, take, message."""
    clock = event.at[11:19] + "Z" if len(event.at) >= 19 else event.at
    return " ".join(part for part in (clock, f"{event.kind:<8}", str(event.take) if event.take else "", event.text) if part)


def money_words(money: Money) -> str:
    """`spent=5.76 held=1.92 cap=12.00`."""
    doubt = f" in-doubt={text(money.in_doubt)}" if money.in_doubt else ""
    return f"spent={text(money.settled)} held={text(money.held)}{doubt} cap={text(money.cap) if money.cap is not None else '-'}"


@contextmanager
def _beating(beat: Callable[[], None], every: float) -> Generator[None]:
    """Call `beat` every so many seconds in a thread of its own, until the block ends."""
    stop = threading.Event()

    def loop() -> None:
        while not stop.wait(every):
            beat()

    thread = threading.Thread(target=loop, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=every)
