"""How long a lane's jobs last, by what was ordered: learned from the ledger's past and from this run, so that a job is looked at when it may have ended."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median

#: so many ends say when the next may be; of more, the newest count
_ENOUGH, _NEWEST = 3, 60
#: before this share of what the quickest tenth took nothing is looked at
_EARLY = 0.9
#: a job that takes longer than this many times the longest is looked at as one of which nothing is known
LATE = 1.5
#: never oftener than this, seconds
_LEAST_S = 0.2


@dataclass(slots=True)
class JobTimes:
    """Seconds from request to end, by kind (what was sold: size, rate, length). `share`: between two looks passes this share of a usual job, so that its end
    is noticed half of that late."""

    share: float
    _known: dict[str, deque[float]] = field(default_factory=dict[str, deque[float]])

    def learn(self, kind: str, seconds: Iterable[float]) -> None:
        """Jobs of a kind took so long, the newest last."""
        self._known.setdefault(kind, deque(maxlen=_NEWEST)).extend(seconds)

    def next_look_s(self, kind: str, age_s: float) -> float | None:
        """In how many seconds a job of this age is looked at; None where too little is known of its kind, or it takes longer than all."""
        known = sorted(self._known.get(kind, ()))
        if len(known) < _ENOUGH or age_s > LATE * known[-1]:
            return None
        begin = _EARLY * known[len(known) // 10]
        return max(begin - age_s, self.share * median(known), _LEAST_S)
