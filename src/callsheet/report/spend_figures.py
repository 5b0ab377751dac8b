"""What the money came to: the share that retakes took, what a finished second costs, what was paid and not used, what is still to come. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from callsheet.domain.attempt import Attempt, State
from callsheet.domain.money import Micros
from callsheet.planning.notes.expected_cost import Forecast
from callsheet.services.registry import SERVICES
from callsheet.status.project_view import TakeView


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What the lists would still buy, micro-USD: at list price, and as receipts taught for `learned` of the takes."""

    takes: int
    price: Micros
    expected: Micros
    learned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Figures over some lists. Money in micro-USD, lengths in seconds; None where nothing could be divided by."""

    lists: tuple[str, ...]
    settled: Micros
    #: of `settled`: spent on a take whose clip had been received before
    retakes: Micros
    #: of `settled`: billed without a clip
    lost: Micros
    paid_s: Fraction
    #: seconds of bought clips that stand in the first delivery's cut
    used_s: Fraction
    left: Left
    forecast: Forecast

    @property
    def retake_share(self) -> Fraction | None:
        """Of all that was spent, what retakes took."""
        return Fraction(self.retakes, self.settled) if self.settled else None

    @property
    def per_finished_second(self) -> Micros | None:
        """What a second in the cut has cost, rounded up."""
        return -(-self.settled * self.used_s.denominator // self.used_s.numerator) if self.used_s else None

    @property
    def unused_s(self) -> Fraction:
        """Paid seconds that stand in no cut."""
        return max(self.paid_s - self.used_s, Fraction(0))


def figures(takes: Iterable[TakeView], lists: Sequence[str], used_s: Fraction, left: Left, forecast: Forecast) -> Figures:
    """The figures of all takes of `lists`."""
    known = frozenset(lists)
    tried = [take.attempts for take in takes if take.take.list in known]
    attempts = [attempt for some in tried for attempt in some]
    retakes = 0
    for some in tried:
        first = next((place for place, attempt in enumerate(some) if attempt.state is State.RECEIVED), len(some))
        retakes += sum(attempt.settled for attempt in some[first + 1 :])
    return Figures(
        lists=tuple(lists),
        settled=sum(attempt.settled for attempt in attempts),
        retakes=retakes,
        lost=sum(attempt.settled for attempt in attempts if attempt.state is State.CLOSED),
        paid_s=sum((_seconds(attempt) for attempt in attempts if attempt.settled), Fraction(0)),
        used_s=used_s,
        left=left,
        forecast=forecast,
    )


def _seconds(attempt: Attempt) -> Fraction:
    """The length that was paid for; 0 where the purchase's bytes don't tell."""
    sold = SERVICES[attempt.service].wire.sold(attempt.request) if attempt.service in SERVICES else None
    return sold.seconds if sold else Fraction(0)
