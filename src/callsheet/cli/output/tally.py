"""A run so far: takes by how they ended, what each lane is working on, and how long the rest may take."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from callsheet.domain.run_request import RunEvent
from callsheet.domain.take import TakeId

_ENDS = frozenset({"received", "failed", "in_doubt"})
#: events after which a job is at its service, or about to be; and after which nothing of the take is there any more
_AT_WORK = frozenset({"submit", "submitted", "submitting", "accepted"})
_IDLE = _ENDS | {"wait", "released", "ready"}


@dataclass(frozen=True, slots=True)
class Due:
    """What a run has to do: how many takes, at which models, and how long that takes by earlier jobs, seconds; None if that isn't known."""

    takes: int
    models: Mapping[TakeId, str] = field(default_factory=dict[TakeId, str])
    seconds: float | None = None
    #: what had ended before it was looked at, and how
    ended: Mapping[TakeId, str] = field(default_factory=dict[TakeId, str])


@dataclass(frozen=True, slots=True)
class LaneTally:
    """A model's takes: how many the run has, how many have ended, and those in progress with their times, seconds, longest first."""

    model: str
    takes: int
    ended: int
    at_work: tuple[tuple[TakeId, float], ...]


class Tally:
    """Counts events. A take counts once, by its last event."""

    def __init__(self, due: Due, clock: Callable[[], float] = time.monotonic) -> None:
        self.due, self.clock, self.began = due, clock, clock()
        self.ended: dict[TakeId, str] = dict(due.ended)
        self.paused = False
        self._at_work: dict[TakeId, float] = {}

    def note(self, event: RunEvent) -> None:
        """Count an event."""
        if event.kind in ("pause", "resume"):
            self.paused = event.kind == "pause"
        if event.take is None:
            return
        if event.kind in _ENDS:
            self.ended[event.take] = event.kind
        if event.kind in _AT_WORK:
            self._at_work.setdefault(event.take, self.clock())
        elif event.kind in _IDLE:
            self._at_work.pop(event.take, None)

    def eta(self) -> str:
        """How long the rest will take, `m:ss`: at the pace so far, before that as earlier jobs took; `-` if neither is known, or nothing goes on."""
        gone, done = self.clock() - self.began, len(self.ended) - len(self.due.ended)
        left = self.due.takes - len(self.ended)
        if self.paused or left < 0:
            return "-"
        if done > 0:
            return minutes(gone / done * left)
        return "-" if self.due.seconds is None else minutes(max(self.due.seconds - gone, 1.0))

    def words(self) -> str:
        """`19/47 done 1 failed 1 in doubt`."""
        counts = Counter(self.ended.values())
        rest = [f" {counts[end]} {word}" for end, word in (("failed", "failed"), ("in_doubt", "in doubt")) if counts[end]]
        return f"{counts['received']}/{self.due.takes} done{''.join(rest)}"

    def lanes(self) -> list[LaneTally]:
        """Each model of the run, in the order of its takes."""
        wanted = Counter(self.due.models.values())
        ended = Counter(self.due.models[take] for take in self.ended if take in self.due.models)
        now = self.clock()
        return [
            LaneTally(
                model,
                takes,
                ended[model],
                tuple((take, now - since) for take, since in self._at_work.items() if self.due.models.get(take) == model),
            )
            for model, takes in wanted.items()
        ]


def minutes(seconds: float) -> str:
    """Seconds as `m:ss`."""
    whole, rest = divmod(round(seconds), 60)
    return f"{whole}:{rest:02d}"
