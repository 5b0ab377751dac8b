"""Figures on spending: the share of retakes, the cost of a finished second, what was paid but not used, what is still to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

from callsheet.domain.money import Micros
from callsheet.planning.notes.expected_cost import Forecast

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What the lists would still buy, micro-USD: at list price, and as expected from receipts for `learned` of the takes."""

    takes: int
    price: Micros
    expected: Micros
    learned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Figures over some lists. Money in micro-USD, lengths in seconds; None if nothing could be divided by."""

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


def figures(attempts: pd.DataFrame, lists: Sequence[str], used_s: Fraction, left: Left, forecast: Forecast) -> Figures:
    """The figures of all attempts of `lists`."""
    frame = cast("Any", attempts)  # half of what the stubs say of pandas is unknown
    mine = frame[frame["list"].isin([*lists])]
    settled = mine["settled"]
    return Figures(
        lists=tuple(lists),
        settled=int(settled.sum()),
        retakes=int(settled[mine["retake"]].sum()),
        lost=int(settled[mine["closed"]].sum()),
        paid_s=sum(mine["paid_s"], Fraction(0)),
        used_s=used_s,
        left=left,
        forecast=forecast,
    )
