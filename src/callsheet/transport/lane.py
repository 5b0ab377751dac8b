"""A lane: an account's pace at a model. It holds back, and it can be stopped; it knows nothing of money. Its slots are shared: `buying/lanes/slots.py`."""

from __future__ import annotations

from collections.abc import Callable

from callsheet.domain.backoff import LONGEST_WAIT_S, backoff_s
from callsheet.domain.errors import Problem
from callsheet.domain.money import Micros
from callsheet.domain.rules import DoubtLimit


class Lane:
    """The way to one account at one model. Seconds are monotonic."""

    def __init__(
        self,
        name: str,
        first_wait_s: float,
        monotonic: Callable[[], float],
        on_stop: Callable[[Problem], None] = lambda _problem: None,
    ) -> None:
        self.name = name
        self.stopped: Problem | None = None
        self._first_wait_s = first_wait_s
        self._monotonic = monotonic
        self._on_stop = on_stop
        self._open_at = 0.0
        self._strikes = 0
        self._doubts, self._doubtful = 0, 0
        self._dark_since: float | None = None

    def stop(self, problem: Problem) -> None:
        """Send nothing more through this lane in this run; the first reason stays."""
        if self.stopped is None:
            self.stopped = problem
            self._on_stop(problem)

    def doubted(self, problem: Problem, limit: DoubtLimit, micros: Micros, *, known: bool) -> None:
        """A purchase through this lane is in doubt, or `known` to be paid for nothing: the lane stops with `problem` where that is too much in one run."""
        self._doubts += not known
        self._doubtful += micros
        if self._doubts >= limit.count or self._doubtful >= limit.micros:
            self.stop(problem)

    def busy(self, retry_after_s: float | None) -> float:
        """The service asked us to wait, all of us: seconds until the lane is open again. Waits double up to a minute."""
        wait = min(retry_after_s, LONGEST_WAIT_S) if retry_after_s is not None else backoff_s(self._first_wait_s, self._strikes)
        self._strikes += 1
        self.hold_back(wait)
        return wait

    def hold_back(self, seconds: float) -> None:
        """Send nothing for so long."""
        self._open_at = max(self._open_at, self._monotonic() + seconds)

    def unreached_s(self) -> float:
        """The service could not be reached: seconds since that began."""
        if self._dark_since is None:
            self._dark_since = self._monotonic()
        return self._monotonic() - self._dark_since

    def fine(self) -> None:
        """The service answered normally."""
        self._strikes = 0
        self._dark_since = None

    @property
    def strikes(self) -> int:
        """How many times in a row the service had no room for us."""
        return self._strikes

    def closed_for_s(self) -> float:
        """Seconds until the lane is open."""
        return max(0.0, self._open_at - self._monotonic())
