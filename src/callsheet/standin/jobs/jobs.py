"""Jobs: accepted, queued for a slot, running, ended; and the bill. Nothing here depends on a wire.

A job's end is decided when it is accepted, and written to the book with it; so a stand-in that was killed takes up every job where it was.
Money is integer micro-USD.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from math import exp
from statistics import NormalDist
from typing import Any
from uuid import UUID

from callsheet.domain.errors import MediaError
from callsheet.standin.jobs.config import Config
from callsheet.standin.jobs.faults import OF_A_JOB, Trouble, lot
from callsheet.standin.jobs.job_book import Book, Entry
from callsheet.standin.jobs.sample_films import Film, Films

#: making a clip takes about four times its length, seldom less than half or more than twice that
_LATENCY_PER_S = 4.0
_LATENCY_SIGMA = 0.35
#: failures: code and message by fault
_FAILURES = {
    "fail": ("timeoutProvider", "The provider did not answer in time."),
    "fail-billed": ("providerInferenceError", "The provider failed during inference."),
    "refuse": ("contentPolicyViolation", "The prompt or the result was refused by the content policy."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order in terms common to all wires."""

    #: the job's key, chosen by the client or made here
    key: str
    service: str
    model: str
    prompt: str
    width: int
    height: int
    fps: int
    frames: int
    sound: bool
    container: str
    #: number of clips
    results: int
    #: list price of one clip
    price: int
    #: the request as received
    request: Mapping[str, Any]
    #: id of a stored sound that replaces the film's own
    voice: str = ""


@dataclass(frozen=True, slots=True)
class Clip:
    """One clip of a job: its id, its number (drawn in its cells), its seed, and its cost."""

    asset: str
    number: int
    seed: int
    cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """An order and its result."""

    order: Order
    #: number of its first clip, before the palette repeats
    number: int
    faults: frozenset[str]
    #: seconds that it runs, once it has a slot
    lasts: float
    state: str = "queued"  #: later running, then succeeded or failed
    #: monotonic time at which it got its slot
    began: float = 0.0
    #: Unix seconds; 0 until then
    accepted_at: float = 0.0
    ended_at: float = 0.0
    charged: int = 0
    clips: tuple[Clip, ...] = ()
    #: code and message of its failure
    failure: tuple[str, str] | None = None

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return self.state in ("succeeded", "failed")

    def progress(self) -> int:
        """Percent; 0 in the queue, at most 99 while it runs."""
        if self.state != "running" or self.lasts <= 0:
            return 0
        return min(99, int(100 * (time.monotonic() - self.began) / self.lasts))

    def progress_value(self) -> int | str:
        """The same, as a string with the fault `progress-string`."""
        return f"{self.progress():.2f}" if "progress-string" in self.faults else self.progress()


@dataclass(slots=True)
class _Kept:
    """All jobs, by key and by each clip's id."""

    by_key: dict[str, Job] = field(default_factory=dict[str, Job])
    by_asset: dict[str, tuple[str, Clip]] = field(default_factory=dict[str, tuple[str, Clip]])

    def put(self, job: Job) -> None:
        self.by_key[job.order.key] = job
        self.by_asset.update({clip.asset: (job.order.key, clip) for clip in job.clips})


class Jobs:
    """All jobs of this stand-in, on one event loop; `resume` starts what an earlier process left unfinished."""

    def __init__(self, config: Config, book: Book, films: Films, trouble: Trouble) -> None:
        self._config, self._book, self._films, self._trouble = config, book, films, trouble
        self._kept = _Kept()
        #: keys of unfinished jobs that no task runs yet
        self._waiting: list[str] = []
        self._running: dict[str, asyncio.Task[None]] = {}
        self._slots: dict[str, asyncio.Semaphore] = {}
        self._watchers: list[Callable[[Job], None]] = []
        self._clips_ordered = 0
        #: open jobs by service, and the most that were open at once
        self._open: Counter[str] = Counter()
        self.most_open: Counter[str] = Counter()
        for entry in book.read():
            self._replay(entry)
        self._waiting.extend(job.order.key for job in self.all() if not job.ended)
        self._open.update(job.order.service for job in self.all() if not job.ended)

    def __contains__(self, key: object) -> bool:
        return key in self._kept.by_key

    def get(self, service: str, key: str) -> Job | None:
        """The service's job with this key, if it was accepted and isn't forgotten."""
        job = self._kept.by_key.get(key)
        known = job is not None and job.order.service == service and not (job.ended and "forgotten" in job.faults)
        return job if known else None

    def fresh_key(self, service: str, request: Mapping[str, Any]) -> str:
        """A key for the next job, for services that make the key. It depends on the request, so that two stand-ins never use one key for different films."""
        nth = len(self._kept.by_key)
        return str(_uuid(json.dumps([self._config.seed, service, nth, request], sort_keys=True)))

    def watch(self, tell: Callable[[Job], None]) -> None:
        """Have `tell` called whenever a job begins to run or has ended."""
        self._watchers.append(tell)

    def all(self) -> Iterable[Job]:
        """Every job, in order of acceptance."""
        return self._kept.by_key.values()

    def clip(self, asset: str) -> tuple[Job, Clip] | None:
        """A finished job's clip, by its id."""
        found = self._kept.by_asset.get(asset)
        return (self._kept.by_key[found[0]], found[1]) if found else None

    def film(self, job: Job, clip: Clip) -> Film:
        """The film of a clip."""
        order = job.order
        size, length = (order.width, order.height), (order.fps, order.frames)
        return Film(*size, *length, order.sound, clip.number, order.container, self._config.burn, order.voice)

    def charge(self, order: Order, *, over: bool = False) -> int:
        """What one clip of the order costs: the list price, less the discount."""
        cost = Decimal(order.price) * self._config.discount * (Decimal("1.5") if over else 1)
        return int(cost.to_integral_value(ROUND_HALF_UP))

    def charged(self, service: str | None = None) -> int:
        """The bill's total, for one service or for all."""
        return sum(job.charged for job in self.all() if service in (None, job.order.service))

    def left(self, service: str) -> int:
        """The account's balance at the service, once everything accepted is paid."""
        open_ = [job.order for job in self.all() if job.order.service == service and not job.ended]
        due = self.charged(service) + sum(self.charge(order) * order.results for order in open_)
        return int(self._config.credit * 1_000_000) - due

    def accept(self, orders: Sequence[Order]) -> None:
        """Accept orders: log them, then queue them for a slot. Keys have to be new."""
        jobs = [self._new(order) for order in orders]
        self._book.write(
            [
                {"accepted": {"number": job.number, "faults": sorted(job.faults), "order": asdict(job.order), "at": job.accepted_at}}
                for job in jobs
            ]
        )
        for job in jobs:
            self._kept.put(job)
            self._waiting.append(job.order.key)
            self._open[job.order.service] += 1
            self.most_open[job.order.service] = max(self.most_open[job.order.service], self._open[job.order.service])
        self.resume()

    def resume(self) -> None:
        """Start every unfinished job that isn't running."""
        for key in self._waiting:
            self._running[key] = asyncio.create_task(self._run(key))
        self._waiting.clear()

    async def close(self) -> None:
        """Stop working; unfinished jobs stay in the log for the next process."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        self._films.close()

    async def _run(self, key: str) -> None:
        try:
            service = self._kept.by_key[key].order.service
            async with self._slots.setdefault(service, asyncio.Semaphore(self._config.slots)):  # each service has its own
                job = replace(self._kept.by_key[key], state="running", began=time.monotonic())
                self._put(job)
                if "stuck" not in job.faults:
                    clips, failure = await self._made(job)
                    await asyncio.sleep(max(0.0, job.began + job.lasts - time.monotonic()))
                    self._end(job, clips, failure)
                    return
            await asyncio.Event().wait()  # its slot is free for others; the job ends with this stand-in
        finally:
            del self._running[key]

    def _put(self, job: Job) -> None:
        self._kept.put(job)
        for tell in self._watchers:
            tell(job)

    async def _made(self, job: Job) -> tuple[tuple[Clip, ...], tuple[str, str] | None]:
        """The job's clips, made now; or why there are none."""
        failure = next((_FAILURES[fault] for fault in _FAILURES if fault in job.faults), None)
        if failure:
            return (), failure
        clips = self._clips(job)
        try:
            for clip in clips:
                await self._films.made(self.film(job, clip))
        except (MediaError, OSError) as error:
            return (), ("providerError", str(error))
        return clips, None

    def _end(self, job: Job, clips: tuple[Clip, ...], failure: tuple[str, str] | None) -> None:
        """Bill and result are one line in the log, so neither exists without the other."""
        cost = self.charge(job.order) * job.order.results if "fail-billed" in job.faults else sum(clip.cost for clip in clips)
        ended = {
            "key": job.order.key,
            "charged": cost,
            "clips": [asdict(clip) for clip in clips],
            "failure": failure,
            "at": self._config.clock(),
        }
        self._book.write([{"ended": ended}])
        self._open[job.order.service] -= 1
        self._put(_ended(job, ended))

    def _new(self, order: Order, number: int | None = None, faults: frozenset[str] | None = None, at: float | None = None) -> Job:
        if number is None:
            number = self._clips_ordered
        self._clips_ordered = number + order.results
        if faults is None:
            faults = frozenset(fault for fault in OF_A_JOB if self._trouble.strikes(fault, order.key, order.prompt))
        at = self._config.clock() if at is None else at
        return Job(order=order, number=number, faults=faults, lasts=latency(order, self._config), accepted_at=at)

    def _clips(self, job: Job) -> tuple[Clip, ...]:
        cost = self.charge(job.order, over="overcharge" in job.faults)
        made = job.order.results - (1 if "partial" in job.faults and job.order.results > 1 else 0)
        return tuple(
            Clip(
                asset=str(_uuid(f"{job.order.key}|asset|{n}")),
                number=(job.number + n) % self._config.palette,
                seed=int(lot(job.order.key, "seed", n) * (1 << 31)),
                cost=cost,
            )
            for n in range(made)
        )

    def _replay(self, entry: Entry) -> None:
        if accepted := entry.get("accepted"):
            self._kept.put(self._new(Order(**accepted["order"]), accepted["number"], frozenset(accepted["faults"]), accepted["at"]))
        if ended := entry.get("ended"):
            self._kept.put(_ended(self._kept.by_key[ended["key"]], ended))


def latency(order: Order, config: Config) -> float:
    """Seconds that the order runs: lognormal around a multiple of its length, at the stand-in's speed; the same for the same seed and key."""
    if config.speed == 0:
        return 0.0
    even = min(max(lot(config.seed, "latency", order.key), 0.001), 0.999)
    draw = exp(NormalDist(0, _LATENCY_SIGMA).inv_cdf(even))
    return _LATENCY_PER_S * order.frames / order.fps * draw / config.speed


def _ended(job: Job, ended: Mapping[str, Any]) -> Job:
    """The job as it ended, from its line in the log."""
    failure = tuple(ended["failure"]) if ended["failure"] else None
    clips = tuple(Clip(**clip) for clip in ended["clips"])
    state = "failed" if failure else "succeeded"
    return replace(job, state=state, charged=ended["charged"], clips=clips, failure=failure, ended_at=ended["at"])


def _uuid(text: str) -> UUID:
    """A UUID v4 in form, the same for the same text."""
    return UUID(bytes=sha256(text.encode()).digest()[:16], version=4)
