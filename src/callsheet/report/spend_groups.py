"""What was paid for what: attempts summed by sequence, shot, model, day and more, and the sums as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from callsheet.domain.attempt import Attempt, State
from callsheet.domain.money import Micros, text
from callsheet.status.project_view import TakeView

By = Literal["sequence", "shot", "list", "model", "service", "day", "attempt", "client", "job"]
#: what a name in a cell that spreadsheets would calculate begins with
_CALCULATED = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The attempts that belong together, micro-USD: how many were sent, what those were quoted, and how many brought a clip."""

    name: str
    attempts: int
    received: int
    price: Micros
    settled: Micros
    held: Micros
    in_doubt: Micros


def groups(takes: Iterable[TakeView], by: By, zone: ZoneInfo, billing: Mapping[str, str] | None = None) -> tuple[Group, ...]:
    """One group per name, in the order in which the takes come; days are those of `zone`, client and job the project's, by `billing`."""
    whose = (billing or {}).get(by, f"no {by} named")
    named = _NAMES.get(by, lambda _take, _attempt, _zone: whose)
    found: dict[str, list[Attempt]] = {}
    for take in takes:
        for attempt in take.attempts:
            if attempt.sent or attempt.held:
                found.setdefault(named(take, attempt, zone), []).append(attempt)
    order = sorted(found) if by == "day" else list(found)
    return tuple(_group(name, found[name]) for name in order)


def as_csv(summed: Iterable[Group], by: By) -> list[str]:
    """The groups as lines of CSV, money in USD. A name that a spreadsheet would calculate has a ' before it."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow([by, "tries", "clips", "list_usd", "spent_usd", "held_usd", "in_doubt_usd"])
    for one in summed:
        name = f"'{one.name}" if one.name.startswith(_CALCULATED) else one.name
        writer.writerow([name, one.attempts, one.received, *map(text, (one.price, one.settled, one.held, one.in_doubt))])
    return table.getvalue().splitlines()


def _group(name: str, attempts: Sequence[Attempt]) -> Group:
    return Group(
        name=name,
        attempts=sum(attempt.sent for attempt in attempts),
        received=sum(attempt.state is State.RECEIVED for attempt in attempts),
        price=sum(attempt.quote for attempt in attempts if attempt.sent),
        settled=sum(attempt.settled for attempt in attempts),
        held=sum(attempt.held for attempt in attempts),
        in_doubt=sum(attempt.doubt for attempt in attempts),
    )


_NAMES: dict[By, Callable[[TakeView, Attempt, ZoneInfo], str]] = {
    "sequence": lambda take, _attempt, _zone: take.sequence,
    "shot": lambda take, _attempt, _zone: f"{take.take.list}:{take.take.shot}",
    "list": lambda take, _attempt, _zone: take.take.list,
    "service": lambda _take, attempt, _zone: attempt.service,
    "model": lambda _take, attempt, _zone: attempt.model,
    "day": lambda _take, attempt, zone: datetime.fromisoformat(attempt.made_at).astimezone(zone).date().isoformat(),
    "attempt": lambda take, attempt, _zone: f"{take.take} #{attempt.n}",
}
