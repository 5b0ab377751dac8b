"""A run's progress on stderr: one line per event and a heartbeat in logs; a live bar with money on a terminal."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.text import Text

from callsheet.budget.rules.purse import Money
from callsheet.cli.output.answer import say
from callsheet.domain.money import text
from callsheet.domain.run_request import RunEvent

#: seconds between heartbeats in a log, and between readings of the ledger on a terminal
BEAT_S = 30.0
REDRAW_S = 1.0
_BAR = 24
_ENDS = ("received", "failed", "in_doubt")

ReadMoney = Callable[[], Money | None]
OnEvent = Callable[[RunEvent], None]


class Tally:
    """What has happened so far: counts by kind, and the start time."""

    def __init__(self, takes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.takes, self.clock, self.began = takes, clock, clock()
        self.ended: dict[str, str] = {}

    def note(self, event: RunEvent) -> None:
        """Count an event; a take counts once, by its last event."""
        if event.take is not None and event.kind in _ENDS:
            self.ended[event.take.full] = event.kind

    def eta(self) -> str:
        """How long the rest will take at the pace so far, as `m:ss`; `-` until a take has ended."""
        done = len(self.ended)
        if not 0 < done <= self.takes:
            return "-"
        left = (self.clock() - self.began) / done * (self.takes - done)
        return _minutes(left)

    def words(self) -> str:
        """`19/47 done 1 failed 1 in doubt`."""
        counts = Counter(self.ended.values())
        rest = [f" {counts[end]} {word}" for end, word in (("failed", "failed"), ("in_doubt", "in doubt")) if counts[end]]
        return f"{counts['received']}/{self.takes} done{''.join(rest)}"


@contextmanager
def show_progress(takes: int, read_money: ReadMoney) -> Generator[OnEvent]:
    """Show the progress of a run of `takes` takes until the block ends. `read_money` is called from a thread of its own."""
    tally = Tally(takes)
    if sys.stderr.isatty():
        bar = _Bar(tally)
        with bar.live, _beating(lambda: bar.beat(read_money()), REDRAW_S):
            yield bar.show
        return

    def log(event: RunEvent) -> None:
        tally.note(event)
        say(event_line(event))

    def beat() -> None:
        money, now = read_money(), time.strftime("%H:%M:%SZ", time.gmtime())
        say(f"{now} beat     {tally.words()}{f' {money_words(money)}' if money else ''} eta={tally.eta()}")

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


class _Bar:
    """For a terminal: events scroll by, with the counts and the money below."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.money: Money | None = None
        self.console = Console(stderr=True, highlight=False)
        self.live = Live(self._bars(), console=self.console, refresh_per_second=4, transient=True)

    def show(self, event: RunEvent) -> None:
        """Let the event scroll by, and count it."""
        self.tally.note(event)
        self.console.print(Text(event_line(event), style=_STYLES.get(event.kind, "")), soft_wrap=True)
        self.live.update(self._bars())

    def beat(self, money: Money | None) -> None:
        """Redraw the money."""
        self.money = money or self.money
        self.live.update(self._bars())

    def _bars(self) -> Text:
        tally = self.tally
        done = round(_BAR * len(tally.ended) / max(1, tally.takes))
        bar = Text("█" * done, style="blue") + Text("░" * (_BAR - done), style="dim")
        takes = Text(" takes  ") + bar + Text(f"  {tally.words()}  {_minutes(tally.clock() - tally.began)} gone, {tally.eta()} left")
        return Text("\n").join([takes, money_bar(self.money)]) if self.money else takes


_STYLES = {
    "received": "cyan",
    "failed": "yellow",
    "in_doubt": "magenta",
    "cap": "bold yellow",
    "finish": "bold cyan",
    "retry": "dim",
    "busy": "dim",
    "wait": "dim",
}


def money_bar(money: Money) -> Text:
    """Money settled, on hold and in doubt, against the cap."""
    held = money.held + money.in_doubt
    whole = max(money.cap or 0, money.settled + held, 1)
    spent = round(_BAR * money.settled / whole)
    reserved = min(_BAR - spent, -(-_BAR * held // whole))
    bar = Text("█" * spent, style="blue") + Text("▒" * reserved, style="yellow") + Text("░" * (_BAR - spent - reserved), style="dim")
    cap = f" of {text(money.cap)}" if money.cap is not None else ""
    return Text(" money  ") + bar + Text(f"  spent {text(money.settled)} + held {text(held)}{cap} USD")


def _minutes(seconds: float) -> str:
    """Seconds as `m:ss`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
