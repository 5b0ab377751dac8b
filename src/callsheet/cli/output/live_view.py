"""A run on a terminal: events scroll by; below them are takes, money, lanes and keys, redrawn in place."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.live import Live
from rich.text import Text

from callsheet.budget.rules.purse import Money
from callsheet.cli.output.glyphs import shown
from callsheet.cli.output.tally import LaneTally, Tally, minutes
from callsheet.domain.money import text
from callsheet.domain.run_request import RunEvent

_BAR = 24
#: takes at work that a lane names, and lines that are left to what scrolls by
_NAMED, _SCROLLS = 4, 3
#: told apart without red and green, and never by colour alone: each line has its word
STYLES = {
    "received": "cyan",
    "failed": "yellow",
    "in_doubt": "magenta",
    "cap": "bold yellow",
    "pause": "bold yellow",
    "hold": "yellow",
    "finish": "bold cyan",
    "retry": "dim",
    "busy": "dim",
    "wait": "dim",
}


class LiveView:
    """Draws a run's tally and money on stderr. `keys` is the line that explains the keys; empty if none are read."""

    def __init__(self, tally: Tally, keys: str = "") -> None:
        self.tally, self.keys = tally, keys
        self.money: Money | None = None
        self.console = Console(stderr=True, highlight=False)
        self.live = Live(self.drawn(), console=self.console, refresh_per_second=4, transient=True, vertical_overflow="crop")

    def show(self, event: RunEvent, line: str) -> None:
        """Let an event's line scroll by, and count it."""
        self.tally.note(event)
        self.console.print(Text(line, style=STYLES.get(event.kind, "")), soft_wrap=True)
        self.live.update(self.drawn())

    def beat(self, money: Money | None) -> None:
        """Redraw the time and the money."""
        self.money = money or self.money
        self.live.update(self.drawn())

    def drawn(self) -> Text:
        """The lines below the scrolling events: as many as fit, each cut at the right."""
        room = max(1, self.console.size.height - _SCROLLS)
        lines = [*self._lines()][:room]
        return Text("\n", no_wrap=True, overflow="ellipsis").join(lines)

    def _lines(self) -> Iterator[Text]:
        tally = self.tally
        if tally.paused:
            yield Text(" PAUSED: nothing new is bought; what is under way is collected", style="bold yellow")
        bar = filled([(len(tally.ended) / max(1, tally.due.takes), "█", "blue")])
        yield Text(" takes  ") + bar + Text(f"  {tally.words()}  {minutes(tally.clock() - tally.began)} elapsed, {tally.eta()} left")
        if self.money:
            yield money_bar(self.money)
        yield from map(lane_line, tally.lanes())
        if self.keys:
            yield Text(f" {self.keys}", style="dim")


def lane_line(lane: LaneTally) -> Text:
    """` runware/ltx-2  12/30  3 at work: S0010.t1 0:42, ...`."""
    names = [f"{take} {minutes(since)}" for take, since in sorted(lane.at_work, key=lambda one: -one[1])[:_NAMED]]
    more = len(lane.at_work) - len(names)
    named = f": {', '.join(names)}{f' and {more} more' if more else ''}" if names else ""
    return Text(f" {lane.model}  {lane.ended}/{lane.takes}  {len(lane.at_work)} at work{named}")


def money_bar(money: Money) -> Text:
    """Settled, held (and in doubt) against the cap."""
    held = money.held + money.in_doubt
    whole = max(money.cap or 0, money.settled + held, 1)
    bar = filled([(money.settled / whole, "█", "blue"), (held / whole, "▒", "yellow")])
    cap = f" of {text(money.cap)}" if money.cap is not None else ""
    return Text(" money  ") + bar + Text(f"  spent {text(money.settled)} + on hold {text(held)}{cap} USD")


def filled(parts: Iterable[tuple[float, str, str]]) -> Text:
    """A bar: each part's share, sign and style, the rest empty. The first part is rounded, further ones up, so that a little is seen."""
    bar, left = Text(), _BAR
    for number, (share, sign, style) in enumerate(parts):
        exact = share * _BAR
        cells = min(left, -int(-exact // 1) if number else round(exact))
        bar += Text(shown(sign, sys.stderr) * cells, style=style)
        left -= cells
    return bar + Text(shown("░", sys.stderr) * left, style="dim")
