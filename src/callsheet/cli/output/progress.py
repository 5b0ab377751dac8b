"""A run as it goes, on stderr: one line per event, a heartbeat in logs, a live bar with money on a terminal."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import TracebackType
from typing import Protocol

from rich.console import Console
from rich.live import Live
from rich.text import Text

from callsheet.budget.rules.purse import Money
from callsheet.cli.output.answer import say
from callsheet.domain.money import text
from callsheet.domain.run_request import Told

#: seconds between heartbeats in a log, and between looks at the ledger on a terminal
BEAT_S = 30.0
LOOK_S = 1.0
_BAR = 24
_ENDS = ("received", "failed", "in_doubt")

Purse = Callable[[], Money | None]


class Tally:
    """What has happened so far: counts by kind, and when it began."""

    def __init__(self, takes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.takes, self.clock, self.began = takes, clock, clock()
        self.ended: dict[str, str] = {}

    def note(self, told: Told) -> None:
        """Count an event; a take counts once, as what it came to last."""
        if told.take is not None and told.kind in _ENDS:
            self.ended[told.take.full] = told.kind

    def count(self, kind: str) -> int:
        """Takes that ended so."""
        return sum(end == kind for end in self.ended.values())

    def eta(self) -> str:
        """How long the rest will take at the pace so far, `m:ss`; `-` until something has ended."""
        done = len(self.ended)
        if not 0 < done <= self.takes:
            return "-"
        left = (self.clock() - self.began) / done * (self.takes - done)
        return _clocked(left)

    def words(self) -> str:
        """`19/47 done 1 failed 1 in doubt`."""
        rest = [f"{self.count(kind)} {word}" for kind, word in (("failed", "failed"), ("in_doubt", "in doubt")) if self.count(kind)]
        return " ".join([f"{self.count('received')}/{self.takes} done", *rest])


class Teller(Protocol):
    """Takes the events of a run."""

    def __call__(self, told: Told) -> None: ...


@contextmanager
def showing(takes: int, purse: Purse) -> Generator[Teller]:
    """Show a run of `takes` takes until the block ends. `purse` reads the money as it stands; it is called from a thread of its own."""
    tally = Tally(takes)
    shown: _Lines | _Bar = _Bar(tally) if sys.stderr.isatty() else _Lines(tally)
    with shown, _pulse(purse, shown.beat, LOOK_S if isinstance(shown, _Bar) else BEAT_S):
        yield shown


def event_line(told: Told) -> str:
    """One event for a log: clock in UTC, kind, take, what was said."""
    return " ".join(part for part in (_clock(told.at), f"{told.kind:<8}", str(told.take) if told.take else "", told.text) if part)


def purse_words(money: Money) -> str:
    """`spent=5.76 held=1.92 cap=12.00`."""
    doubt = f" in-doubt={text(money.in_doubt)}" if money.in_doubt else ""
    return f"spent={text(money.settled)} held={text(money.held)}{doubt} cap={text(money.cap) if money.cap is not None else '-'}"


def _clock(at: str) -> str:
    """The time of day of an ISO time in UTC: `07:41:02Z`."""
    return at[11:19] + "Z" if len(at) >= 19 else at


@contextmanager
def _pulse(purse: Purse, beat: Callable[[Money | None], None], every: float) -> Generator[None]:
    stop = threading.Event()

    def loop() -> None:
        while not stop.wait(every):
            beat(purse())

    thread = threading.Thread(target=loop, name="pulse", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=every)


class _Lines:
    """For logs: every event is a line, and a heartbeat says that the run lives."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally

    def __enter__(self) -> _Lines:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Nothing has to be put back."""

    def __call__(self, told: Told) -> None:
        self.tally.note(told)
        say(event_line(told))

    def beat(self, money: Money | None) -> None:
        """One line of where the run stands."""
        now = time.strftime("%H:%M:%SZ", time.gmtime())
        say(
            " ".join(
                part
                for part in (now, "beat    ", self.tally.words(), purse_words(money) if money else "", f"eta={self.tally.eta()}")
                if part
            )
        )


class _Bar:
    """For a terminal: what ended scrolls by, below it the counts and the money."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.money: Money | None = None
        self.console = Console(stderr=True, highlight=False)
        self.live = Live(self._face(), console=self.console, refresh_per_second=4, transient=True)

    def __enter__(self) -> _Bar:
        self.live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.live.stop()

    def __call__(self, told: Told) -> None:
        self.tally.note(told)
        self.console.print(Text(event_line(told), style=_STYLES.get(told.kind, "")), soft_wrap=True)
        self.live.update(self._face())

    def beat(self, money: Money | None) -> None:
        """Draw the money as it stands now."""
        self.money = money or self.money
        self.live.update(self._face())

    def _face(self) -> Text:
        return Text("\n").join([self._takes(), *([money_bar(self.money)] if self.money else [])])

    def _takes(self) -> Text:
        done = round(_BAR * len(self.tally.ended) / max(1, self.tally.takes))
        bar = Text("█" * done, style="blue") + Text("░" * (_BAR - done), style="dim")
        return (
            Text(" takes  ")
            + bar
            + Text(f"  {self.tally.words()}  {_clocked(self.tally.clock() - self.tally.began)} gone, {self.tally.eta()} left")
        )


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
    """Settled, held (and in doubt) against the cap."""
    held = money.held + money.in_doubt
    whole = max(money.cap or 0, money.settled + held, 1)
    spent = round(_BAR * money.settled / whole)
    reserved = min(_BAR - spent, -(-_BAR * held // whole))
    bar = Text("█" * spent, style="blue") + Text("▒" * reserved, style="yellow") + Text("░" * (_BAR - spent - reserved), style="dim")
    cap = f" of {text(money.cap)}" if money.cap is not None else ""
    return Text(" money  ") + bar + Text(f"  spent {text(money.settled)} + held {text(held)}{cap} USD")


def _clocked(seconds: float) -> str:
    """Seconds as `m:ss`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
