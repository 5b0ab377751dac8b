"""Takes that wait for a lane's slots, in virtual time: the product's slots, leases and pen, and the order that is planned for them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callsheet.budget.ledger import pen
from callsheet.budget.ledger.lanes import leases
from callsheet.budget.ledger.lanes.pace import Lane
from callsheet.budget.ledger.pen import Pen
from callsheet.budget.ledger.store import Ledger, open_ledger
from callsheet.buying.lanes import slots
from callsheet.buying.lanes.slots import Slots
from callsheet.clock import Clock
from callsheet.domain.take import TakeId
from callsheet.planning.lane_order import UNPLANNED, JobSeconds, Turn, turns
from callsheet.planning.plan import PlannedTake
from tests.crash.virtual import VirtualLoop, in_place
from tests.unit.planning.test_lane_order import ACCOUNT, LANE, MODEL, sold, take

#: seconds of a job for each second of its clip
RATE = 10.0
KNOWN = JobSeconds.learned({LANE: [(sold(1), RATE)]})


class LoopClock(Clock):
    """The virtual loop's time."""

    def now(self) -> datetime:
        return datetime(2026, 11, 30, tzinfo=UTC) + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


@dataclass
class Service:
    """Jobs that last as long as their clip says; who was the most at once, and when each take's job ended."""

    ledger: Ledger
    slots: int
    now: int = 0
    most: int = 0
    ended: dict[TakeId, float] = field(default_factory=dict[TakeId, float])

    async def run(self, owner: str, takes: Sequence[PlannedTake], order: dict[TakeId, Turn], *, begins_s: float = 0.0) -> None:
        """One run's takes, which ask for their slots in buying order, each a moment after the one before."""
        await asyncio.sleep(begins_s)
        own = Pen(self.ledger)
        lane = Slots(own, Lane(ACCOUNT, MODEL), owner, self.slots, LoopClock(), lambda _seconds: None)

        async def job(n: int, one: PlannedTake) -> None:
            await asyncio.sleep(n / 1000)
            async with lane.slot(n, at_service=False, turn=order.get(one.take, UNPLANNED)):
                self.now, self.most = self.now + 1, max(self.most, self.now + 1)
                await asyncio.sleep(RATE * float(one.priced.used_s))
                self.now -= 1
                self.ended[one.take] = asyncio.get_running_loop().time()

        await asyncio.gather(*(job(n, one) for n, one in enumerate(takes)))
        await lane.close()
        await own.close()


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    monkeypatch.setattr(pen, "in_thread", lambda _thread, ledger, lines: in_place(pen.written, ledger, lines))
    made = open_ledger(tmp_path / "ledger.db")
    yield made
    made.close()


def played(service: Service, *runs: tuple[float, Sequence[PlannedTake], dict[TakeId, Turn]]) -> Service:
    """All runs, each from its second on."""

    async def all_of_them() -> None:
        await asyncio.gather(*(service.run(f"run-{n}", takes, order, begins_s=begins) for n, (begins, takes, order) in enumerate(runs)))

    loop = VirtualLoop()
    try:
        loop.run_until_complete(all_of_them())
    finally:
        loop.close()
    assert service.most <= service.slots
    return service


def test_the_first_sequence_is_complete_long_before_the_middle_of_the_second(ledger: Ledger) -> None:
    """Rows of two sequences alternate, 40 takes each on four slots: as they come, both are complete at the end."""
    takes = [take(f"S{n:03d}", n, sequence=("one", "two")[n % 2], seconds=5) for n in range(80)]

    def complete(order: dict[TakeId, Turn]) -> tuple[float, float, float]:
        ended = played(Service(ledger, slots=4), (0.0, takes, order)).ended
        one, two = (sorted(ended[each.take] for each in takes if each.shot.sequence == name) for name in ("one", "two"))
        return one[-1], two[len(two) // 2], two[-1]

    first, middle, end = complete(turns(takes, ("one", "two"), KNOWN.of))
    assert first < 0.7 * middle
    assert first < 0.55 * end
    as_it_comes, _, whole = complete({})
    assert as_it_comes > 0.95 * whole
    assert end == pytest.approx(whole, rel=0.01), "no slot is left free for it"


def test_long_jobs_first_end_no_later(ledger: Ledger, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Random lists of 30 to 120 takes on 3 to 16 slots. In all they end earlier than in the list's order, and each within what its longest job adds to an even share."""
    monkeypatch.setattr(leases, "LEASE_S", 36_000.0)  # to renew them every five seconds would be most of the test's time
    monkeypatch.setattr(slots, "BEAT_S", 18_000.0)
    chance, together, in_the_lists_order = random.Random(seed), 0.0, 0.0
    for _ in range(12):
        takes = [take(f"S{n:03d}", n, seconds=chance.choice((2, 3, 5, 8, 12, 20))) for n in range(chance.randint(30, 120))]
        most, lasts = chance.randint(3, 16), [RATE * float(one.priced.used_s) for one in takes]
        found = max(played(Service(ledger, most), (0.0, takes, turns(takes, ("one",), KNOWN.of))).ended.values())
        assert found < sum(lasts) / most + max(lasts)
        together += found / (sum(lasts) / most)
        in_the_lists_order += max(played(Service(ledger, most), (0.0, takes, {})).ended.values()) / (sum(lasts) / most)
    print(f"of an even share: {together / 12:.3f}, in the list's order {in_the_lists_order / 12:.3f}")
    assert together <= in_the_lists_order


def test_a_short_run_that_comes_later_has_its_part_at_once(ledger: Ledger) -> None:
    """A long run has begun on six slots: six takes that come a minute later wait for one job of the others, not for all; and the long run goes on meanwhile."""
    long = [take(f"L{n:03d}", n, seconds=5, priority=1) for n in range(60)]
    short = [take(f"K{n:03d}", n, seconds=5, priority=9) for n in range(6)]
    runs = [(begins, takes, turns(takes, ("one",), KNOWN.of)) for begins, takes in ((0.0, long), (60.0, short))]
    ended = played(Service(ledger, slots=6), *runs).ended
    job_s = 5 * RATE
    assert max(ended[one.take] for one in short) < 60 + 4 * job_s, "its own priorities are its own affair"
    meanwhile = sum(60 < ended[one.take] < 60 + 4 * job_s for one in long)
    assert meanwhile >= 9
    assert max(ended.values()) < (len(long) + len(short)) / 6 * job_s + 2 * job_s
