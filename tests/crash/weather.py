"""What the world does at the engine's edges: charges out of proportion, addresses that turn good late, clips that never come, and spells in which this
machine can't fetch or decode, or the service is down.

All of it is drawn apart from a world's own chance, so that it changes the course of no world that has none of it.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx

from callsheet.transport.guard import Forbidden
from tests.crash.speakers.base import Job

if TYPE_CHECKING:
    from tests.crash.world import World

#: what a charge may be of its quote, in percent: an overrun that a cap may not bear, and two costs that nobody believes. Three quotes in one are what three
#: purchases cost, and no balance tells these apart
_CHARGES = (290, 290, 290, 2000, 2)
#: what may stand in the way for a while: an address rule, a certificate that isn't believed, a decoder that is killed or wrong, a service that is down,
#: a page that asks for a sign-in in place of every clip
SPELLS = ("barred", "untrusted", "decoder-killed", "decoder-wrong", "outage", "portal")
_LASTS_TO_THE_END = frozenset({"decoder-killed", "decoder-wrong"})
#: seconds after its job's end in which an address may still answer 404: less than a service is given
_LATE_S = 600


#: how far a clock jumps, seconds: a server's second look, a time zone, less and more than a service remembers keys, and out of all reason
_JUMPS = (600.0, 7200.0, 50_000.0, 129_600.0, 1e6, 1e6)


class Weather:
    """One world's. The shares are chances: of an odd charge, of a late address, of a clip that never comes, and of a spell for each boot."""

    def __init__(self, world: World, seed: str) -> None:
        self._world, self._chance, self._jumps = world, random.Random(f"weather {seed}"), random.Random(f"jumps {seed}")
        self.charges, self.late, self.lost, self.spells = 0.06, 0.15, 0.03, 0.3
        #: how likely this machine's clock is another one when a run begins: another system was booted, or a time server was asked
        self.turned = 0.15
        #: the kinds of spell that are drawn
        self.kinds: tuple[str, ...] = SPELLS
        self._spell, self._from, self._until = "", 0.0, 0.0

    def jump(self) -> float:
        """How far the clock jumps now."""
        return self._jumps.choice(_JUMPS)

    def boot(self) -> None:
        """A new string of runs begins: perhaps with another clock, and perhaps something stands in the way from a while after."""
        if not self._world.calm and self._jumps.random() < self.turned:
            self._world.jumped += self.jump() * self._jumps.choice([1, -1])
        self._spell = self._chance.choice(self.kinds) if not self._world.calm and self._chance.random() < self.spells else ""
        self._from = self._world.now() + self._chance.choice([0.0, self._chance.uniform(0, 120)])
        lasts = self._chance.choice([60.0, 600.0, 7200.0])
        self._until = float("inf") if self._spell in _LASTS_TO_THE_END else self._from + lasts
        if self._spell:
            self._world.note(f"from {self._from:.2f} to {self._until:.2f}: {self._spell}")

    def over(self) -> None:
        """Nothing stands in the way any more."""
        self._spell = ""

    def now(self) -> str:
        """What stands in the way."""
        return self._spell if self._from <= self._world.now() < self._until else ""

    def on_the_way(self, request: httpx.Request) -> None:
        """No connection, while the service is down."""
        if self.now() == "outage":
            raise httpx.ConnectError("refused", request=request)

    def on_a_download(self, request: httpx.Request) -> None:
        """Nothing from the clip's host, while this machine bars it."""
        match self.now():
            case "barred":
                raise Forbidden("films.test is not on the public net", "mend DNS")
            case "untrusted":
                raise httpx.ProxyError("the proxy refuses", request=request)
            case _:
                return

    def share(self, share: int) -> int:
        """What is charged of a quote, in percent."""
        if self._world.calm or not self._world.kind.tells_cost or self._chance.random() >= self.charges:
            return share
        return self._chance.choice(_CHARGES)

    def befall(self, job: Job) -> Job:
        """A job as it really comes out: its clip's address answers late, or its clip never comes."""
        if self._world.calm or job.end != "ok":
            return job
        if self._chance.random() < self.lost:
            # a service that hands its clips over says so itself where there is none
            return replace(job, lost=self._chance.choice(["rotten"] if self._world.vendor.speaker.hands_over else ["rotten", "vanished"]))
        if self._chance.random() < self.late:
            return replace(job, good_at=job.done_at + self._chance.uniform(1, _LATE_S))
        return job
