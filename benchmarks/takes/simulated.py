"""How much longer a batch takes than its service needs, in simulated seconds: what slots and looks alone cost, on whatever machine.

    uv run python -m benchmarks simulated [--sizes TAKESxSLOTS ...] [--per-poll N] [--processes N]

The product's own slots, leases, pen and poller run on a made-up clock that jumps to the next timer; a service with jobs of 30 to 300 seconds (seeded,
lognormal about 100) answers each request after 50 ms. A take is sent, looked at until its job has ended, and gives its slot on; downloads come after that.
What a busy processor adds is not in these figures: `makespan` has it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
from collections.abc import Sequence
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
from callsheet.services.protocol.answers import JobAnswer, Running, Succeeded  # noqa: E402
from callsheet.services.protocol.request import Response  # noqa: E402
from callsheet.settings.load import load  # noqa: E402
from callsheet.store.house import house_root  # noqa: E402
from tests.crash.virtual import VirtualLoop, in_place  # noqa: E402

SIZES = ("100x4", "100x40", "1000x4", "1000x40", "1000x200", "10000x40", "10000x200")
ANSWER_S, GATE = 0.05, 8


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
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    rows = [row(size, asked) for size in asked.sizes]
    name = "makespan-simulated" if asked.processes == 1 else f"makespan-simulated-{asked.processes}"
    options = f"--sizes {' '.join(asked.sizes)} --per-poll {asked.per_poll} --processes {asked.processes}"
    write(name, f"uv run python -m benchmarks simulated {options}", rows, table(rows))


def row(size: str, asked: argparse.Namespace) -> dict[str, Any]:
    """One size."""
    takes, slots = (int(part) for part in size.split("x"))
    draw = random.Random(asked.seed)
    lasts = [min(max(draw.lognormvariate(4.6, 0.5), 30.0), 300.0) for _ in range(takes)]
    pen.in_thread = lambda _thread, ledger, lines: in_place(pen.written, ledger, lines)
    loop = VirtualLoop()
    with tempfile.TemporaryDirectory(prefix="callsheet-bench-") as place:
        ledger = open_ledger(Path(place) / "ledger.db")
        try:
            seconds, looks, most = loop.run_until_complete(batch(ledger, lasts, slots, asked))
        finally:
            loop.close()
            ledger.close()
    assert most <= slots, f"{most} jobs on {slots} slots"
    found = {"takes": takes, "slots": slots, "processes": asked.processes, "makespan / floor": round(seconds / floor(lasts, slots), 3)}
    print(json.dumps(found), flush=True)
    return {**found, "looks a take": round(looks / takes, 2)}


async def batch(ledger: Ledger, lasts: list[float], slots: int, asked: argparse.Namespace) -> tuple[float, int, int]:
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
            async with lane.slot(number, at_service=False):
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
