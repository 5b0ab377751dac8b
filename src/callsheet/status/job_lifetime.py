"""How long a bought clip is available: some services forget a job after a day, paid or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from callsheet.domain.attempt import Attempt, State
from callsheet.services.cards.card import Card
from callsheet.status.project_view import TakeView


@dataclass(frozen=True, slots=True)
class Kept:
    """A job whose clip is not received yet, and how long its service keeps it."""

    attempt: Attempt
    until: datetime

    def summary(self, now: datetime) -> str:
        """For people: until when to fetch it, and how."""
        job = f"{self.attempt.take}: job {self.attempt.job} at {self.attempt.service}"
        at = f"{self.until.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
        return (
            f"{job} is kept until {at}: `callsheet recover`"
            if now < self.until
            else f"{job} was kept until {at}; `callsheet recover` checks"
        )

    @property
    def until_text(self) -> str:
        """`until` as ISO 8601 UTC."""
        return self.until.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def kept(takes: Iterable[TakeView], cards: Mapping[str, Card]) -> Iterator[Kept]:
    """The jobs that still have to be fetched from services that forget them, soonest first."""
    found: list[Kept] = []
    for attempt in (attempt for take in takes for attempt in take.attempts):
        card = cards.get(attempt.model)
        waits = attempt.state in (State.SUBMITTED, State.READY)
        if waits and attempt.accepted_at and card and card.job_lifetime_s is not None:  # its lifetime counts from its acceptance
            found.append(Kept(attempt, datetime.fromisoformat(attempt.accepted_at) + timedelta(seconds=card.job_lifetime_s)))
    yield from sorted(found, key=lambda job: (job.until, job.attempt.take))
