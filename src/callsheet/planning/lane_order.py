"""Who goes first where more takes wait for a lane than it has slots. Pure.

Holds have an order of their own (`Plan.buys`), which decides what is bought. This one only decides when: sequence after sequence, so that the first can be finished while
others are still generated, and within a sequence what takes longest first, so that no long job is left over at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from typing import NamedTuple

from callsheet.domain.shots.shot import Size
from callsheet.domain.take import TakeId
from callsheet.planning.plan import PlannedTake
from callsheet.services.protocol.ask import Sold

#: account and model
LaneName = tuple[str, str]
#: size, frame rate, frames
_Kind = tuple[Size, Fraction, int]


class Turn(NamedTuple):
    """A take's turn among those that wait for a slot of its lane: the least goes first."""

    priority: int
    #: False while no take of its kind was received: the others of the kind wait for it
    kind_known: bool
    #: the take's number: take 1 of every shot before take 2 of any
    n: int
    #: place of its sequence in the list
    sequence: int
    #: negative expected seconds of its job, with the longest chain of jobs that waits for its clip
    seconds: float
    row: int


#: the turn of what no plan puts in order: it goes as it comes
UNPLANNED = Turn(0, kind_known=True, n=0, sequence=0, seconds=0.0, row=0)


@dataclass(frozen=True, slots=True)
class JobSeconds:
    """The usual seconds of jobs, by lane and kind. A kind that its lane never made is estimated by its pixels, at the lane's usual time for as many."""

    by_kind: Mapping[LaneName, Mapping[_Kind, float]]
    #: seconds a pixel, by lane
    rates: Mapping[LaneName, float]

    @classmethod
    def learned(cls, jobs: Mapping[LaneName, Iterable[tuple[Sold | None, float]]]) -> JobSeconds:
        """From what lanes sold before, each job with the seconds that it took."""
        by_kind: dict[LaneName, dict[_Kind, float]] = {}
        for lane, past in jobs.items():
            times: dict[_Kind, list[float]] = {}
            for sold, seconds in past:
                if sold:
                    times.setdefault(_kind(sold), []).append(seconds)
            by_kind[lane] = {kind: median(some) for kind, some in times.items()}
        rates = {lane: median(seconds / _pixels(kind) for kind, seconds in kinds.items()) for lane, kinds in by_kind.items() if kinds}
        return cls(by_kind, rates)

    def expected(self, lane: LaneName, sold: Sold) -> float:
        """The seconds that a job will take. Where no lane has made anything yet, all are compared by their pixels alone."""
        kind = _kind(sold)
        known = self.by_kind.get(lane, {}).get(kind)
        rate = self.rates.get(lane) or median(self.rates.values() or [1.0])
        return rate * _pixels(kind) if known is None else known

    def of(self, take: PlannedTake) -> float:
        """The seconds that a take's job will take; 0 if there is nothing to order."""
        ask = take.priced.ask
        sold = Sold(ask.size, ask.fps, Fraction(ask.duration_s)) if ask else None
        return self.expected((take.priced.account, take.model), sold) if sold else 0.0


def turns(takes: Iterable[PlannedTake], sequences: Sequence[str], seconds: Callable[[PlannedTake], float]) -> dict[TakeId, Turn]:
    """Every take's turn: priority, take number, sequence (`sequences` are in the list's order), longest job first, row. A take whose clip others
    wait for goes as early as the first of them, and counts with the longest chain of them.
    """
    place = {name: n for n, name in enumerate(sequences)}
    found: dict[TakeId, Turn] = {}
    waiting: dict[TakeId, Turn] = {}
    for take in sorted(
        takes, key=lambda one: one.order, reverse=True
    ):  # who waits for a clip is later in buying order than that clip's take
        shot, own_s = take.shot, -seconds(take)
        turn = Turn(shot.priority, kind_known=True, n=take.take.n, sequence=place[shot.sequence], seconds=own_s, row=shot.origin.row)
        if behind := waiting.get(take.take):
            turn = _earliest(turn, behind)._replace(seconds=own_s + behind.seconds)
        found[take.take] = turn
        for other in take.waits:
            waiting[other] = _earliest(turn, waiting.get(other, turn))
    return found


def _earliest(one: Turn, other: Turn) -> Turn:
    """The earlier of two turns by each of its parts."""
    return Turn(
        min(one.priority, other.priority),
        one.kind_known and other.kind_known,
        min(one.n, other.n),
        min(one.sequence, other.sequence),
        min(one.seconds, other.seconds),
        min(one.row, other.row),
    )


def _kind(sold: Sold) -> _Kind:
    return sold.size, sold.fps, round(sold.seconds * sold.fps)


def _pixels(kind: _Kind) -> int:
    size, _, frames = kind
    return max(size.pixels * frames, 1)
