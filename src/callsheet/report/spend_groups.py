"""What was paid for what: attempts summed by sequence, shot, model, day or attempt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from callsheet.domain.attempt import Attempt, State
from callsheet.domain.money import Micros
from callsheet.status.project_view import TakeView

By = Literal["sequence", "shot", "model", "day", "attempt"]


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


def groups(takes: Iterable[TakeView], by: By, zone: ZoneInfo) -> tuple[Group, ...]:
    """One group per name, in the order in which the takes come; days are those of `zone`."""
    named = _NAMES[by]
    found: dict[str, list[Attempt]] = {}
    for take in takes:
        for attempt in take.attempts:
            if attempt.sent or attempt.held:
                found.setdefault(named(take, attempt, zone), []).append(attempt)
    order = sorted(found) if by == "day" else list(found)
    return tuple(_group(name, found[name]) for name in order)


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
    "model": lambda _take, attempt, _zone: attempt.model,
    "day": lambda _take, attempt, zone: datetime.fromisoformat(attempt.made_at).astimezone(zone).date().isoformat(),
    "attempt": lambda take, attempt, _zone: f"{take.take} #{attempt.n}",
}
