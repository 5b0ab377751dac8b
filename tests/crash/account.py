"""What a service says is left on an account, and what others do there: charges and refunds are booked late, other people spend and top up, balances lie.

Drawn apart from a world's own chance, so that it changes the course of no world whose service tells no balance.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from tests.crash.speakers.base import Job

if TYPE_CHECKING:
    from tests.crash.world import World

#: on the account before anything is bought, micro-USD
_CREDIT = 1_000_000_000
#: what accounts are like: as they should be, booked late, shared with others, lying now and then, or on credit with a balance that never moves
WAYS = ("plain", "plain", "late", "late", "shared", "lying", "frozen")
#: seconds after which a charge or a refund is booked at the latest: less than configs/defaults.toml gives them
_LAG_S = 50.0
#: what others spend at a time, or bring in, micro-USD: no sum of any of our prices
_OTHERS = (777, 12_345, 300_007, 2_000_003, -5_000_009)
#: what a balance says that is none
_LIES = ("NaN", "-1", "1e11", "1e300", '"plenty"', "null", "0")


class AccountOf:
    """One world's account at its service."""

    def __init__(self, world: World, seed: str) -> None:
        self._world, self._chance = world, random.Random(f"account {seed}")
        self.way = self._chance.choice(WAYS)
        self._others = 0
        self._lags: dict[str, tuple[float, float]] = {}

    def says(self) -> str:
        """The balance as the service writes it, in JSON."""
        if self._world.calm and self.way != "frozen":
            return _usd(self.left())
        if self.way == "shared" and self._chance.random() < 0.3:
            self._others += self._chance.choice(_OTHERS)
        if self.way == "lying" and self._chance.random() < 0.3:
            return self._chance.choice(_LIES)
        return _usd(_CREDIT if self.way == "frozen" else self.left())

    def left(self) -> int:
        """What is left by now, micro-USD."""
        return _CREDIT - self._others - sum(self.booked(job) for job in self._world.vendor.jobs)

    def booked(self, job: Job) -> int:
        """What is on the account's books for a job by now: a job that fails for nothing was charged when it was taken, and is refunded."""
        if self.way != "late":
            return job.bought
        lags = self._lags.setdefault(job.id, (self._chance.uniform(0, _LAG_S), self._chance.uniform(0, _LAG_S)))
        charged, settled = (self._world.now() >= since + lag for since, lag in zip((job.accepted_at, job.done_at), lags, strict=True))
        return job.bought if settled else job.cost * charged


def _usd(micros: int) -> str:
    return f"{micros / 1_000_000:.6f}"
