"""How long a lane's jobs take, by what was ordered: learned from the ledger and this run, so that a job is polled when it may have ended."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median

#: how many finished jobs are used for the estimate, the newest
_ENOUGH, _NEWEST = 3, 60
#: no poll before this share of the time that the fastest tenth took
_EARLY = 0.9
#: a job older than this many times the longest is polled like one of an unknown kind
LATE = 1.5
#: the share of a usual job's time that passes between two polls at most
_RAREST = 1 / 8
#: shortest time between polls, seconds
_LEAST_S = 0.2


@dataclass(slots=True)
class JobTimes:
    """Seconds from request to end, by kind (what was sold: size, rate, length). `share`: the part of a usual job that passes between two
    polls, so that its end is noticed half of that late.
    """

    share: float
    _known: dict[str, deque[float]] = field(default_factory=dict[str, deque[float]])

    def learn(self, kind: str, seconds: Iterable[float]) -> None:
        """Record how long jobs of a kind took, the newest last."""
        self._known.setdefault(kind, deque(maxlen=_NEWEST)).extend(seconds)

    def begins_s(self, kind: str) -> float | None:
        """The age at which a job may have ended, seconds; None if too little is known of its kind."""
        known = sorted(self._known.get(kind, ()))
        return _EARLY * known[len(known) // 10] if len(known) >= _ENOUGH else None

    def next_poll_s(self, kind: str, age_s: float, apart_s: float = 0.0) -> float | None:
        """The seconds until a job of this age is polled; None if too little is known of its kind, or it has taken longer than any. `apart_s`: two polls should be
        so far apart, to spare the service, unless that is too rare.
        """
        known, begins_s = self._known.get(kind, ()), self.begins_s(kind)
        if begins_s is None or age_s > LATE * max(known):
            return None
        usual = median(known)
        return max(begins_s - age_s, self.share * usual, min(apart_s, _RAREST * usual), _LEAST_S)
