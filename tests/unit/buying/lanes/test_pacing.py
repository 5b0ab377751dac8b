"""A lane's pace against services that take fewer requests than they are sent, on a made-up clock: what they allow is used, by any number of processes."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callsheet.budget.ledger import pen
from callsheet.budget.ledger.lanes.pace import Lane
from callsheet.budget.ledger.pen import Pen
from callsheet.budget.ledger.store import open_ledger
from callsheet.budget.rules.pace import Pace
from callsheet.buying.lanes.pacing import Pacing
from callsheet.clock import Clock
from tests.crash.virtual import VirtualLoop, in_place

LANE = Lane("runware https://api.example/v1", "runware/ltx-2")
HOUR_S = 3600.0


class Bucket:
    """So many a second, and a few at once."""

    def __init__(self, rate: float, burst: int) -> None:
        self.rate, self.burst, self.at, self.left = rate, burst, 0.0, float(burst)
        self.allowed = rate

    def take(self, now: float) -> float:
        """0 where it takes a request at `now`, else the seconds until there is room."""
        self.left, self.at = min(self.burst, self.left + (now - self.at) * self.rate), now
        if self.left < 1:
            return (1 - self.left) / self.rate
        self.left -= 1
        return 0.0


class Window:
    """So many in the last minute."""

    def __init__(self, most: int) -> None:
        self.most, self.taken = most, deque[float]()
        self.allowed = most / 60

    def take(self, now: float) -> float:
        while self.taken and now - self.taken[0] >= 60:
            self.taken.popleft()
        if len(self.taken) >= self.most:
            return self.taken[0] + 60 - now
        self.taken.append(now)
        return 0.0


SERVICES = {
    "one a second": lambda: Bucket(1, 1),
    "twenty a minute, five at once": lambda: Bucket(1 / 3, 5),
    "five a second": lambda: Bucket(5, 10),
    "twenty in a minute": lambda: Window(20),
    "a hundred in a minute": lambda: Window(100),
}


@pytest.mark.parametrize("tells", [True, False], ids=["Retry-After", "no word"])
@pytest.mark.parametrize("name", SERVICES)
def test_what_a_service_allows_is_used(name: str, tells: bool) -> None:
    """Three times as much is wanted. Within an hour 95 % of what is allowed is taken, and few requests are refused."""
    service, pace, now, taken, refused = SERVICES[name](), Pace(), 0.0, 0, 0
    while now < HOUR_S:
        wait = service.take(now)
        taken, refused = taken + (not wait), refused + bool(wait)
        pace = pace.refused(1000 * now) if wait else pace.accepted(1000 * now)
        asked = math.ceil(wait) if tells and wait else 0
        now += max(asked, pace.gap_ms / 1000 if pace.gap_ms else 0.02, 0.02)
    share = taken / (HOUR_S * service.allowed)
    print(f"{share:.3f} of what is allowed, {refused} of {taken + refused} refused")
    assert share > 0.95
    assert refused < max(taken / 5, 80)


class LoopClock(Clock):
    """The made-up loop's time."""

    def now(self) -> datetime:
        return datetime(2026, 11, 21, tzinfo=UTC) + timedelta(seconds=asyncio.get_running_loop().time())

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


@pytest.mark.parametrize("processes", [1, 3])
def test_processes_share_a_pace(tmp_path: Path, processes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three runs with four takes at a time each, on one ledger, at a service that takes one request in two seconds: together they use what it allows."""
    monkeypatch.setattr(pen, "in_thread", lambda _thread, ledger, lines: in_place(pen.written, ledger, lines))
    ledger, service, clock = open_ledger(tmp_path / "ledger.db"), Bucket(0.5, 1), LoopClock()
    taken = [0] * processes
    most_s = 600.0

    async def take(run: Pacing, n: int, closed: list[float]) -> None:
        while clock.monotonic() < most_s:
            if (wait := closed[0] - clock.monotonic()) > 0:
                await clock.sleep(wait)
            await run.turn()
            if closed[0] > clock.monotonic():
                continue
            wait = service.take(clock.monotonic())
            await clock.sleep(0.05)
            if wait:
                closed[0] = clock.monotonic() + await run.refused(math.ceil(wait))
            else:
                await run.accepted()
                taken[n] += 1
                await clock.sleep(0.2)

    async def all_of_them() -> None:
        runs = [Pacing(Pen(ledger), LANE, clock, 2.0) for _ in range(processes)]
        await asyncio.gather(*(take(run, n, closed) for n, run in enumerate(runs) for closed in [[0.0]] for _ in range(4)))

    loop = VirtualLoop()
    try:
        loop.run_until_complete(all_of_them())
    finally:
        loop.close()
        ledger.close()
    print(taken)
    assert sum(taken) > 0.95 * most_s * service.allowed
    assert min(taken) > sum(taken) / processes / 3, "one of them had hardly anything"


def test_a_clock_that_is_put_back_opens_no_lane() -> None:
    """An hour back after a refusal: the pace is kept as it is."""
    now = 1_800_000_000_000.0
    pace = Pace()
    for n in range(20):
        pace = pace.accepted(now + 1000 * n)
    pace = pace.refused(now + 20_000)
    assert pace.accepted(now - 3_600_000).gap_ms == pytest.approx(pace.gap_ms, rel=0.01)


class Jumping(LoopClock):
    """The made-up loop's time, and a time of day that jumps."""

    jumped_s = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.jumped_s)


@pytest.mark.parametrize("jump_s", [4 * HOUR_S, -4 * HOUR_S])
def test_a_clock_that_jumps_slows_no_lane(tmp_path: Path, jump_s: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten were taken in ten seconds, the time of day jumped (a laptop slept, a time server was asked), and one is refused: the pace is about what was taken."""
    monkeypatch.setattr(pen, "in_thread", lambda _thread, ledger, lines: in_place(pen.written, ledger, lines))
    ledger, clock = open_ledger(tmp_path / "ledger.db"), Jumping()

    async def waits_s() -> float:
        run = Pacing(Pen(ledger), LANE, clock, 2.0)
        for _ in range(10):
            await run.accepted()
            await clock.sleep(1)
        clock.jumped_s = jump_s
        return await run.refused(None)

    loop = VirtualLoop()
    try:
        assert loop.run_until_complete(waits_s()) < 5
    finally:
        loop.close()
        ledger.close()
