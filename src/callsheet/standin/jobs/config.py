"""How a stand-in behaves: one value, checked when it is created."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from callsheet.domain.errors import UsageError
from callsheet.standin.jobs.faults import check_fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The settings of a stand-in. UsageError if a value makes no sense."""

    #: the source of all randomness: latencies, faults
    seed: int = 0
    #: how many times faster than real time; 0: instantly
    speed: float = 1.0
    #: jobs that run at once; the others wait in a queue
    slots: int = 8
    #: share of the list price that is charged
    discount: Decimal = Decimal(1)
    #: probability of each fault by name (`trouble.FAULTS`)
    faults: Mapping[str, float] = field(default_factory=dict[str, float])
    #: where jobs and bill are stored; None: only in memory
    state: Path | None = None
    #: where films are cached; None: with the state, otherwise a temporary folder
    films: Path | None = None
    #: also show clip and frame number as text for people
    burn: bool = False
    #: different pictures; clip numbers repeat after that many
    palette: int = 32
    #: USD on each service's account before the first job
    credit: Decimal = Decimal(1000)
    #: requests that deAPI takes on each of its video endpoints in a minute, and in a day; None takes any number
    per_minute: int | None = None
    per_day: int | None = None
    #: seconds since 1970: what lifetimes and limits are measured by
    clock: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        for name, chance in self.faults.items():
            check_fault(name, chance)
        self._need(self.speed >= 0, "speed", "use 0 (instantly) or more")
        self._need(self.slots >= 1, "slots", "1 or more")
        self._need(0 <= self.discount <= 1, "discount", "a share from 0 to 1")
        self._need(self.per_minute is None or self.per_minute >= 1, "per_minute", "1 or more, or None for any number")
        self._need(self.per_day is None or self.per_day >= 1, "per_day", "1 or more, or None for any number")
        self._need(1 <= self.palette <= 256, "palette", "from 1 to 256")

    def pause(self, seconds: float) -> float:
        """The duration here of something that takes `seconds` in real time."""
        return seconds / self.speed if self.speed else 0.0

    def life(self, seconds: float) -> float:
        """How long something is kept here that is kept for `seconds` in real time; if jobs are instant, nothing is forgotten."""
        return seconds / self.speed if self.speed else seconds

    def _need(self, fits: bool, name: str, wanted: str) -> None:
        if not fits:
            raise UsageError(f"the stand-in's {name} can't be {getattr(self, name)}", help=f"give {wanted}")
