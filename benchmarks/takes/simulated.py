"""How much longer a batch takes than its service needs, in simulated seconds: what slots and looks alone cost, on whatever machine.

    uv run python -m benchmarks simulated [--sizes TAKESxSLOTS ...] [--per-poll N] [--processes N] [--mixed]

The product's own slots, leases, pen and poller run on a made-up clock that jumps to the next timer; a service with jobs of 30 to 300 seconds (seeded,
lognormal about 100) answers each request after 50 ms. A take is sent, looked at until its job has ended, and gives its slot on; downloads come after that.
What a busy processor adds is not in these figures: `makespan` has it. `--mixed`: clips of six lengths, whose jobs last about ten times as long (seeded, lognormal),
sent in the list's order and the longest first; the floor is that of the list's order in both.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.report import table, write  # noqa: E402  # the folder above must be found first
from benchmarks.takes.run import floor  # noqa: E402
from callsheet.budget.ledger import pen  # noqa: E402
from callsheet.budget.ledger.lanes.pace import Lane  # noqa: E402
from callsheet.budget.ledger.store import Ledger, open_ledger  # noqa: E402
from callsheet.buying.lanes.poller import Poller  # noqa: E402
from callsheet.buying.lanes.slots import Slots  # noqa: E402
from callsheet.clock import Clock  # noqa: E402
from callsheet.planning.lane_order import UNPLANNED, Turn  # noqa: E402
from callsheet.services.protocol.answers import JobAnswer, Running, Succeeded  # noqa: E402
from callsheet.services.protocol.request import Response  # noqa: E402
from callsheet.settings.load import load  # noqa: E402
from callsheet.store.house import house_root  # noqa: E402
from tests.crash.virtual import VirtualLoop, in_place  # noqa: E402

SIZES = ("100x4", "100x40", "1000x4", "1000x40", "1000x200", "10000x40", "10000x200")
ANSWER_S, GATE = 0.05, 8
#: of mixed clips, seconds; a job's for each of them; and how far single jobs are from that
LENGTHS, JOB_S, SPREAD = (2, 3, 5, 8, 12, 20), 10, 0.15
#: in the order in which they ask, and the longest first
Order = Callable[[int], Turn]


class LoopClock(Clock):
    """The made-up loop's time."""

    def now(self) -> datetime:
        return datetime(2026, 11, 21, tzinfo=UTC) + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


@dataclass
class Service:
    """Jobs that end at their time; also the wire, and the sender of what it writes."""

    jobs_per_poll: int
    ends: dict[str, float] = field(default_factory=dict[str, float])
    asked: int = 0
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(GATE))

    def poll(self, jobs: Sequence[str]) -> Sequence[str]:
        return jobs

    def read_poll(self, _response: Response, jobs: Sequence[str]) -> list[JobAnswer]:
        now = asyncio.get_running_loop().time()
        return [Succeeded(job, url="u", cost=1) if self.ends[job] <= now else Running(job) for job in jobs]

    async def ask(self, *_what: object) -> Response:
        async with self.gate:
            await asyncio.sleep(ANSWER_S)
        self.asked += 1
        return Response(200, {}, b"{}")


class Account:
    """Has nothing to hide."""

    service = "simulated"

    def key(self) -> Any:
        return self

    def get_secret_value(self) -> str:
        return ""


def main() -> None:
    """Every size, and the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", default=SIZES)
    parser.add_argument("--per-poll", type=int, default=20, help="jobs that one request looks at")
    parser.add_argument("--processes", type=int, default=1, help="runs with the same ledger, each with its part of the takes")
    parser.add_argument("--mixed", action="store_true", help="clips of six lengths, in two orders")
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    rows = [made for size in asked.sizes for made in (mixed(size, asked) if asked.mixed else [row(size, asked)])]
    name = "makespan-mixed" if asked.mixed else "makespan-simulated" if asked.processes == 1 else f"makespan-simulated-{asked.processes}"
    options = f"--sizes {' '.join(asked.sizes)} --per-poll {asked.per_poll} --processes {asked.processes}{' --mixed' * asked.mixed}"
    write(name, f"uv run python -m benchmarks simulated {options}", rows, table(rows))


def row(size: str, asked: argparse.Namespace) -> dict[str, Any]:
    """One size."""
    takes, slots = sized(size)
    draw = random.Random(asked.seed)
    lasts = [min(max(draw.lognormvariate(4.6, 0.5), 30.0), 300.0) for _ in range(takes)]
    seconds, looks = simulated(lasts, slots, asked, lambda _number: UNPLANNED)
    found = {"takes": takes, "slots": slots, "processes": asked.processes, "makespan / floor": round(seconds / floor(lasts, slots), 3)}
    print(json.dumps(found), flush=True)
    return {**found, "looks a take": round(looks / takes, 2)}


def mixed(size: str, asked: argparse.Namespace) -> list[dict[str, Any]]:
    """One size with clips of several lengths, in the list's order and the longest first."""
    takes, slots = sized(size)
    draw = random.Random(asked.seed)
    expected = [JOB_S * draw.choice(LENGTHS) for _ in range(takes)]
    lasts = [seconds * draw.lognormvariate(0.0, SPREAD) for seconds in expected]
    orders: dict[str, Order] = {
        "the list's": lambda _number: UNPLANNED,
        "longest first": lambda number: UNPLANNED._replace(seconds=-expected[number]),
    }
    found: list[dict[str, Any]] = []
    for name, order in orders.items():
        seconds, _ = simulated(lasts, slots, asked, order)
        found.append({"takes": takes, "slots": slots, "order": name, "makespan / floor": round(seconds / floor(lasts, slots), 3)})
        print(json.dumps(found[-1]), flush=True)
    return found


def sized(size: str) -> tuple[int, int]:
    """Takes and slots."""
    takes, slots = size.split("x")
    return int(takes), int(slots)


def simulated(lasts: list[float], slots: int, asked: argparse.Namespace, order: Order) -> tuple[float, int]:
    """Seconds that a batch takes, and looks."""
    pen.in_thread = lambda _thread, ledger, lines: in_place(pen.written, ledger, lines)
    loop = VirtualLoop()
    with tempfile.TemporaryDirectory(prefix="callsheet-bench-") as place:
        ledger = open_ledger(Path(place) / "ledger.db")
        try:
            seconds, looks, most = loop.run_until_complete(batch(ledger, lasts, slots, asked, order))
        finally:
            loop.close()
            ledger.close()
    assert most <= slots, f"{most} jobs on {slots} slots"
    return seconds, looks


async def batch(ledger: Ledger, lasts: list[float], slots: int, asked: argparse.Namespace, order: Order) -> tuple[float, int, int]:
    """Seconds, looks, and the most jobs at once."""
    services = [Service(asked.per_poll) for _ in range(asked.processes)]
    house = house_root()
    rules = load(house / "configs" / "defaults.toml", Path("none.toml")).lane("runware")
    now = most = 0

    async def run(n: int) -> None:
        clock, own, service = LoopClock(), pen.Pen(ledger), services[n]
        lane = Slots(own, Lane("simulated", "model"), f"run-{n}", slots, clock, lambda _seconds: None)
        poller = Poller(cast("Any", service), cast("Any", Account()), cast("Any", service), rules, clock)

        async def take(number: int) -> None:
            nonlocal now, most
            job = str(number)
            async with lane.slot(number, at_service=False, turn=order(number)):
                await asyncio.sleep(ANSWER_S)
                now, most = now + 1, max(most, now + 1)
                service.ends[job] = clock.monotonic() + lasts[number]
                asyncio.get_running_loop().call_at(service.ends[job], ended)
                assert await poller.wait(job, rules.patience_s, "kind")

        await asyncio.gather(*(take(number) for number in range(n, len(lasts), asked.processes)))
        await lane.close()
        await poller.close()
        await own.close()

    def ended() -> None:
        nonlocal now
        now -= 1

    began = asyncio.get_running_loop().time()
    await asyncio.gather(*(run(n) for n in range(asked.processes)))
    return asyncio.get_running_loop().time() - began, sum(service.asked for service in services), most


if __name__ == "__main__":
    main()
