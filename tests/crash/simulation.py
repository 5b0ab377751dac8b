"""The real engine and the real ledger in a made-up world: network, disk, clock and death are simulated, seeded and replayable.

A world is a project of a few shots, a service that really bills (tests/crash/vendor.py) and a string of runs that are killed, struck by exceptions,
cut from power, doubled with the run lock bypassed, lied to by clocks and refused by the disk. The laws are checked after every event; at the end
everything that was bought must be in place and in the book.

    python -m tests.crash.simulation --wire keyed --seed 17          one world, told step by step
    python -m tests.crash.simulation --wire blind --seeds 10000      many, silent unless a law breaks
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import contextvars
import errno
import functools
import random
import shutil
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

from callsheet.budget.ledger import inbox, read, sqlite, store, write
from callsheet.budget.ledger.store import open_ledger
from callsheet.domain.attempt import Attempt, Kind
from callsheet.domain.errors import CallsheetError, LedgerError, MediaError
from callsheet.engine import advance, home, opening, prepare, receive, shelf, view
from callsheet.engine.clock import Clock
from callsheet.engine.drive import Sender
from callsheet.engine.fetch import Fetcher
from callsheet.engine.order import Order, Told
from callsheet.media.probe import Probe, Sound
from callsheet.project import Project, house_root
from callsheet.services.cards import load_cards
from callsheet.settings import load
from callsheet.shotlist.read import read as read_list
from tests import wires
from tests.crash import boundaries
from tests.crash.disk import Disk
from tests.crash.vendor import Job, Vendor, film_of
from tests.crash.virtual import VirtualLoop, WaitsForever, in_place

FULL = 2  # PRAGMA synchronous: every commit is on the disk before it is said to be done
KINDS = ("keyed", "tokened", "blind")
_BASE = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
_CLIP = Probe(
    container="mov",
    index=0,
    codec="h264",
    width=320,
    height=192,
    sar=Fraction(1),
    rotation=0,
    pix_fmt="yuv420p",
    matrix="bt709",
    full_range=False,
    frames=72,
    hidden=0,
    fps=Fraction(24),
    duration=Fraction(3),
    vfr=False,
    offset=Fraction(0),
    sound=Sound(index=1, codec="aac", rate=48000, channels=2, samples=144_000),
)

#: what may come of a purchase, of a look and of a download, with weights
FATES = {
    "submit": {
        "ok": 70,
        "lost-before": 4,
        "lost-after": 6,
        "late": 4,
        "503-before": 3,
        "503-after": 3,
        "429": 4,
        "402": 2,
        "400": 1,
        "refused-connection": 3,
    },
    "poll": {"ok": 88, "502": 4, "429": 2, "empty": 4, "unknown": 2, "stale": 2},
    "fetch": {"ok": 80, "truncated": 7, "503": 5, "expired": 4, "wrong": 4},
}


#: compiled statements, shared by all engines of all worlds: compiling them anew for each is most of a world's time
_STATEMENTS: LRUCache[Any, Any] = LRUCache(500)


#: what strikes at a boundary, with weights
BLOWS = {"kill": 4, "exception": 2, "power": 3, "clock+": 1, "clock-": 1, "double": 3}
#: commits that a power cut takes at most, where they are not synced
_UNSYNCED = 6


class Killed(BaseException):
    """This process is dead: nothing of it may run on."""


class Struck(RuntimeError):
    """A defect out of nowhere."""


_OPEN = "select attempt from attempt where attempt not in (select attempt from event where kind in ('received', 'closed'))"


class Broken(AssertionError):
    """A law does not hold."""


@dataclass(eq=False)
class Process:
    """One `callsheet render` as the world sees it."""

    n: int
    bypass: bool = False
    dead: bool = False
    tasks: set[asyncio.Task[Any]] = field(default_factory=set[asyncio.Task[Any]])
    told: list[Told] = field(default_factory=list[Told])


_PROCESS: contextvars.ContextVar[Process | None] = contextvars.ContextVar("process", default=None)
_SENDING: contextvars.ContextVar[int] = contextvars.ContextVar("sending", default=0)


class SimClock(Clock):
    """Virtual seconds; a time of day that jumps."""

    def __init__(self, world: World) -> None:
        self._world = world

    def now(self) -> datetime:
        return _BASE + timedelta(seconds=self._world.now() + self._world.jumped)

    def monotonic(self) -> float:
        return self._world.now()

    async def sleep(self, seconds: float) -> None:
        await self._world.pause(seconds)


#: what strikes at a boundary: (name, how often it was reached before) -> fault
Script = dict[tuple[str, int], str]
#: changes the engine for the worse, for one world
Plant = Callable[[pytest.MonkeyPatch, "World"], None]


class World:
    """One seeded world. `script` replaces chance by single faults: `b6` -> `kill`, `submit` -> `lost-after`, `write:accepted` -> `full`."""

    def __init__(
        self,
        seed: int,
        kind: str,
        folder: Path,
        *,
        script: Script | None = None,
        shots: int | None = None,
        fates: Mapping[str, Mapping[str, int]] | None = None,
        blows: Mapping[str, int] | None = None,
        doubles: bool | None = None,
        gap_s: float = 10,
        plants: Sequence[Plant] = (),
    ) -> None:
        self.seed, self.kind, self.folder, self.script = seed, kind, folder, script
        self.chance = random.Random(f"{kind} {seed}")
        self.shots = shots or self.chance.randint(2, 6)
        self.faulty = True
        self.fates = {**FATES, **(fates or {})}
        self.blows = blows or BLOWS
        self.plants, self.gap_s = plants, gap_s
        by_chance = self.chance.random() < 0.4
        self.doubles = script is None and (by_chance if doubles is None else doubles)
        self.cap = 90_000 * self.shots * (10 if script is not None else self.chance.choice([6, 8, 10, 12, 15, 20])) // 10
        self.jumped = 0.0
        self.url = "https://service.test/v1"
        self.loop = VirtualLoop()
        self.vendor = Vendor(self)
        self.disk = Disk(folder)
        self.processes: list[Process] = []
        self.lives: set[asyncio.Task[None]] = set()
        self.log: list[str] = []
        self.reached: Counter[str] = Counter()
        self.hits: Counter[str] = Counter()
        self.power_is_cut = False
        self.books: list[bytes] = []
        self._reader: sqlite3.Connection | None = None
        self.ledger: store.Ledger | None = None

    # -- what the engine meets ------------------------------------------------------------------------------------------------------------------

    def now(self) -> float:
        """Virtual seconds."""
        return self.loop.time()

    def alive(self) -> None:
        """Every handle of a dead process raises from its death on."""
        process = _PROCESS.get()
        if process is not None and process.dead:
            raise Killed

    async def pause(self, seconds: float) -> None:
        """Virtual time goes by; who died meanwhile does not wake."""
        self.alive()
        await asyncio.sleep(seconds)
        self.alive()

    def later(self, seconds: float, action: Callable[[], Any]) -> None:
        """Something that happens out there, whoever is dead by then."""
        self.loop.call_later(seconds, self._outside, action, context=contextvars.Context())

    def _outside(self, action: Callable[[], Any]) -> None:
        try:
            action()
        except Broken as broken:
            self._fail(broken)

    def _fail(self, broken: Broken) -> None:
        self.broken = self.broken or broken
        for process in self.processes:
            self._kill(process)

    broken: Broken | None = None

    def sending(self) -> int:
        """The attempt whose purchase is under way, which the service itself is not told."""
        return _SENDING.get()

    def draw(self, what: str) -> str:
        """What comes of a purchase, a look or a download."""
        if self.script is not None:
            return self._scripted(what) or "ok"
        if not self.faulty:
            return "ok"
        fates = self.fates[what]
        fate = self.chance.choices(list(fates), list(fates.values()))[0]
        if fate != "ok":
            self.note(f"{what}: {fate}")
        return fate

    def _scripted(self, name: str) -> str | None:
        assert self.script is not None
        n = self.reached[name]
        self.reached[name] += 1
        fault = self.script.get((name, n))
        if fault:
            self.hits[name] += 1
            self.note(f"{name}: {fault}")
        return fault

    def strike(self, name: str) -> None:
        """A boundary was reached: perhaps something happens."""
        self.alive()
        if self.script is not None:
            fault = self._scripted(name)
        elif self.faulty and self.chance.random() < 0.03:
            fault = self.chance.choices(list(self.blows), list(self.blows.values()))[0]
            self.note(f"{name}: {fault}")
        else:
            return
        self._suffer(fault)

    def _suffer(self, fault: str | None) -> None:
        process = _PROCESS.get()
        match fault:
            case "kill":
                self._die([process])
            case "power":
                self.power_is_cut = True
                self._die(self.processes)
            case "exception":
                raise Struck
            case "clock+" | "clock-":
                self.jumped += 1e6 if fault == "clock+" else -1e6
            case "double" if (self.doubles or self.script) and len([p for p in self.processes if not p.dead]) < 2:
                self.hits["double"] += 1
                self.spawn(bypass=True)

    def _die(self, processes: Sequence[Process | None]) -> None:
        for process in processes:
            if process:
                self._kill(process)
        self.alive()

    def _kill(self, process: Process) -> None:
        process.dead = True
        for task in process.tasks:
            task.cancel()

    def disk_full(self, where: str) -> None:
        """No space left on the device, perhaps."""
        if self._refuses(f"disk:{where}"):
            raise OSError(errno.ENOSPC, "No space left on device")

    def _refuses(self, name: str) -> str | None:
        if self.script is not None:
            return self._scripted(name)
        if self.faulty and self.chance.random() < 0.01:
            self.note(name)
            return "locked"
        return None

    def note(self, text: str) -> None:
        """For the replay."""
        process = _PROCESS.get()
        self.log.append(f"{self.now():12.2f} p{process.n if process else '-'} {text}")

    # -- the service's side ---------------------------------------------------------------------------------------------------------------------

    def job(self, id: str, attempt: int) -> Job:
        """What becomes of a purchase that the service takes, and what it costs."""
        take, quote = self._attempt(attempt)
        calm = self.script is not None or not self.faulty
        end = "ok" if calm else self.chance.choices(["ok", "fail", "fail-billed"], [85, 10, 5])[0]
        share = 100 if calm else self.chance.choices([100, 75, 120], [70, 26, 4])[0]
        cost = quote * share // 100 if end == "ok" else quote // 2
        reported = calm or end != "ok" or share != 100 or self.chance.random() > 0.1
        lasts = self.chance.uniform(2, 90)
        self.note(f"{id} taken for {take} (attempt {attempt}), will {end}, costs {cost}")
        return Job(id, attempt, take, end, cost, reported, self.now(), self.now() + lasts)

    def call_back(self, token: str, job: Job) -> None:
        """The service's callback, which is lost now and then."""
        if self.script is None and self.faulty and self.chance.random() < 0.15:
            return
        self.later(self.chance.uniform(0.5, 60), lambda: self._called(token, job))

    def _called(self, token: str, job: Job) -> None:
        ledger = view.open_ledger(Project(self.folder).ledger_file)
        inbox.put_inbox(ledger, service=self.kind, token=token, body=f'{{"job": "{job.id}"}}', at="2026-11-21T00:00:00.000Z")
        ledger.close()

    # -- the laws -------------------------------------------------------------------------------------------------------------------------------

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        if self._reader is None:
            self._reader = sqlite3.connect(Project(self.folder).ledger_file, isolation_level=None)
        return self._reader.execute(sql).fetchall()

    def _attempt(self, number: int) -> tuple[str, int]:
        rows = self._rows(f"select shot || '.t' || take, quote from attempt where attempt = {number}")
        if not rows:
            raise Broken(f"attempt {number} was sent and isn't in the book")
        return rows[0][0], int(rows[0][1])

    def check(self, when: str) -> None:
        """What must hold after every event."""
        money = {
            int(number): (int(held), int(doubt), int(settled), int(quote))
            for number, held, doubt, settled, quote in self._rows(
                "select a.attempt, coalesce(sum(d_held), 0), coalesce(sum(d_doubt), 0), coalesce(sum(d_settled), 0), a.quote"
                " from attempt a left join entry e on e.attempt = a.attempt group by a.attempt"
            )
        }
        [(authorised,)] = self._rows(
            "select coalesce(sum(d_held + d_doubt + d_settled), 0) from entry where kind not in ('overrun', 'correction')"
        )
        self._must(authorised <= self.cap, f"{when}: {authorised} authorised under a cap of {self.cap}")
        self._must(all(min(buckets) >= 0 for buckets in money.values()), f"{when}: a negative bucket")
        takes, attempts = Counter[str](), Counter[int]()
        for job in self.vendor.jobs:
            held, doubt, settled, quote = money.get(job.attempt, (0, 0, 0, 0))
            due = min(job.bought, quote)
            self._must(held + doubt + settled >= due, f"{when}: {job.take} costs {job.cost} and the book counts {held + doubt + settled}")
            attempts[job.attempt] += 1
            takes[job.take] += job.end != "fail"
        self._must(max(attempts.values(), default=0) <= 1, f"{when}: an attempt was accepted twice")
        self._must(max(takes.values(), default=0) <= 1, f"{when}: a take was bought twice")
        self._in_place(when)
        bill = sum(min(job.bought, money[job.attempt][3]) for job in self.vendor.jobs if job.attempt in money)
        self._must(bill <= self.cap, f"{when}: {bill} billed under a cap of {self.cap}")

    def _in_place(self, when: str) -> None:
        """Received is the row and the file: after every event, and after every cut of the power."""
        for take, sha256 in self._rows(
            "select a.shot || '.t' || a.take, json_extract(e.body, '$.sha256') from event e join attempt a using (attempt) where e.kind = 'received'"
        ):
            clip = shelf.clip_path(Project(self.folder), sha256)
            self._must(
                clip.is_file() and film_of(clip.read_bytes()) is not None, f"{when}: {take} is received and its clip is not in place"
            )

    def _must(self, holds: bool, message: str) -> None:
        if not holds:
            broken = Broken(f"{message} (replay: python -m tests.crash.simulation --wire {self.kind} --seed {self.seed})")
            self._fail(broken)
            raise broken

    def last_check(self) -> None:
        """What must hold when the dust has settled and undisturbed runs have come to their end."""
        self.ended = attempts = store_attempts(view.open_ledger(Project(self.folder).ledger_file))
        bills = {job.attempt: job for job in self.vendor.jobs}
        for attempt in attempts:
            self._last_of(attempt, bills.get(int(attempt.id)))

    def _last_of(self, attempt: Attempt, job: Job | None) -> None:
        name = f"{attempt.take}.a{attempt.n}"
        bought = job.bought if job else 0
        match attempt.state.value:
            case "received":
                clip = shelf.clip_path(Project(self.folder), attempt.sha256 or "")
                intact = clip.is_file() and film_of(clip.read_bytes()) == (job.id if job else None)
                self._must(intact, f"{name} is received and its clip is not in place")
                self._must(attempt.settled == bought, f"{name}: {attempt.settled} in the book, {bought} on the bill")
            case "closed" if attempt.reason and attempt.reason.value in ("expired", "written_off"):
                self._must(attempt.settled >= min(bought, attempt.quote), f"{name}: {attempt.settled} in the book, {bought} on the bill")
                self._must(job is not None and self.kind != "keyed", f"{name} was given up though its clip can be had")
            case "closed":
                self._must(attempt.settled == bought, f"{name}: {attempt.settled} in the book, {bought} on the bill")
                self._must(
                    bought == 0 or job is None or job.end != "ok", f"{name} was closed ({attempt.reason}) though its clip can be had"
                )
            case "in_doubt":
                self._must(attempt.job is None, f"{name} is in doubt and its job is known")
                self._must(attempt.doubt >= min(bought, attempt.quote), f"{name}: the doubt counts less than the bill")
                self._must(self.kind != "keyed" or self._forgettable(attempt), f"{name} is in doubt on a keyed wire")
            case state:
                self._must(False, f"{name} is stranded: {state}")

    def _forgettable(self, attempt: Attempt) -> bool:
        """Whether the key was older than the service is sure to remember, by the clock that said so."""
        rows = dict(self._rows(f"select kind, max(at) from event where attempt = {attempt.id} group by kind"))
        return (datetime.fromisoformat(rows["lost"]) - datetime.fromisoformat(rows["intent"])).total_seconds() > 86_400

    # -- the course of a world ------------------------------------------------------------------------------------------------------------------

    def spawn(self, *, bypass: bool = False) -> asyncio.Task[None]:
        """Start a run."""
        process = Process(len(self.processes), bypass)
        self.processes.append(process)
        context = contextvars.copy_context()
        context.run(_PROCESS.set, process)
        life = self.loop.create_task(self._life(process), context=context)
        self.lives.add(life)
        life.add_done_callback(self.lives.discard)
        return life

    async def _life(self, process: Process) -> None:
        order = Order(folder=self.folder, list="spot.csv", cap=self.cap)
        await asyncio.sleep(process.n / 1000)  # no two runs begin at the same millisecond
        try:
            with opening.prepared_as(prepare.prepare(order), lambda told: self.note(f"{told.take or ''} {told.kind}: {told.text}")):
                await opening.direct(order)
        except Killed:
            self.note("dies")
        except asyncio.CancelledError:
            if not process.dead:
                raise
            self.note("dies")
        except (Struck, CallsheetError) as error:
            self.note(f"ends: {type(error).__name__}: {error}")
        except Broken as broken:
            self._fail(broken)
        except Exception as error:  # noqa: BLE001  # whatever else a run raises is a defect, and is told as one
            self._fail(Broken(f"a defect: {error!r} (replay: python -m tests.crash.simulation --wire {self.kind} --seed {self.seed})"))
        finally:
            await self._bury(process)

    async def _bury(self, process: Process) -> None:
        """As asyncio.run does: what is left is cancelled; then the process is gone."""
        me = asyncio.current_task()
        left = [task for task in process.tasks if task is not me and not task.done()]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        process.dead = True

    def born(self, loop: asyncio.AbstractEventLoop, coroutine: Any, context: contextvars.Context | None = None) -> asyncio.Task[Any]:
        """The loop's task factory: a task belongs to the process whose context it runs in."""
        task = asyncio.Task(coroutine, loop=loop, context=context)
        process = (context or contextvars.copy_context()).get(_PROCESS)
        if process:
            process.tasks.add(task)
            task.add_done_callback(process.tasks.discard)
        return task

    async def live(self) -> None:
        """Runs and blows, then calm and two more runs."""
        boots = 1 if self.script else self.chance.randint(1, 4)
        for _ in range(boots):
            self.spawn()
            if self.doubles and self.chance.random() < 0.5:
                await asyncio.sleep(self.chance.uniform(0.005, 20))
                self.spawn(bypass=True)
            await self._quiet()
            await asyncio.sleep(self.gap_s if self.script else self.chance.choice([1, 60, 3600, 3600, 2 * 86_400]))
            if self.broken:
                return
        self.faulty = False
        if self.script is None:
            self.script = {}
        await asyncio.sleep(600)  # what lingers in the network arrives, callbacks come
        for n in range(3):
            if n and not self._rows(_OPEN):
                return
            self.spawn()
            await self._quiet()
            await asyncio.sleep(60)

    async def _quiet(self) -> None:
        """Until no process is alive; then what a power cut takes is taken."""
        while self.lives:
            await asyncio.wait(self.lives)
        if self.power_is_cut:
            self.power_is_cut = False
            self._cut_power()

    def _cut_power(self) -> None:
        self.note(f"the power is cut: {self.disk.cut(Project(self.folder).clips)} files suffered")
        if self.books:
            self._close_reader()
            restore_book(Project(self.folder).ledger_file, self.books[max(0, len(self.books) - 1 - self.chance.randint(0, _UNSYNCED))])
            self.books.clear()
        with contextlib.suppress(Broken):  # noted, and told by `run`
            self.check("after the power cut")

    def _close_reader(self) -> None:
        if self._reader:
            self._reader.close()
            self._reader = None
        if self.ledger:
            self.ledger.engine.dispose()
            self.ledger = None

    def run(self) -> World:
        """Live, and be judged. Broken where a law does not hold."""
        with installed(self):
            self.loop.set_task_factory(self.born)
            try:
                self.loop.run_until_complete(self.live())
                if self.broken:
                    raise self.broken
                self.check("at the end")
                self.last_check()
            except WaitsForever:
                raise Broken(f"a run waits for ever (replay: --wire {self.kind} --seed {self.seed})") from None
            finally:
                self._close_reader()
                self.loop.close()
        return self

    ended: Sequence[Attempt] = ()


def store_attempts(ledger: Any) -> list[Attempt]:
    """Every attempt of the book."""
    with ledger.reading() as connection:
        return read._folded(connection, [])


def restore_book(file: Path, content: bytes) -> None:
    """The ledger as the disk still has it after the cut."""
    for tail in ("-wal", "-shm"):
        file.with_name(file.name + tail).unlink(missing_ok=True)
    file.write_bytes(content)


# -- putting the engine into a world ------------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def installed(world: World) -> Generator[pytest.MonkeyPatch]:
    """The engine with this world's network, disk, clock and death in place of the real ones."""
    with pytest.MonkeyPatch.context() as patch:
        prefix = {"keyed": "RUNWARE"}.get(world.kind, world.kind.upper())
        patch.setenv(f"{prefix}_API_KEY", "made-up")
        patch.setenv(f"{prefix}_BASE_URL", world.url)
        patch.setattr(asyncio, "to_thread", in_place)
        _plan_quickly(patch, world)
        _meet_the_network(patch, world)
        _mind_the_book(patch, world)
        _mind_the_shelf(patch, world)
        boundaries.watch(patch, world.strike)
        for plant in world.plants:
            plant(patch, world)
        yield patch


def _plan_quickly(patch: pytest.MonkeyPatch, world: World) -> None:
    """The list, the cards and the settings are read once for all worlds; nothing is finished, for there is nothing to see."""
    if world.kind != "keyed":
        wires.open_shop(world.kind, patch)
    cards, settings, shots = _read_once(world.kind, world.shots)
    patch.setattr(prepare, "load_cards", lambda *_args, **_named: cards)
    patch.setattr(prepare, "load", lambda *_args, **_named: settings)
    patch.setattr(prepare, "read_list", lambda *_args, **_named: shots)
    patch.setattr(prepare, "deliveries", lambda *_args, **_named: ())


@functools.cache
def _read_once(kind: str, shots: int) -> tuple[Any, Any, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        house = house_root(folder)
        cards = dict(load_cards(house / "configs" / "cards"))
        for other in ("tokened", "blind"):
            cards[f"{other}/reel"] = wires.card(other, cards["runware/ltx-2"])
        model = "runware/ltx-2" if kind == "keyed" else f"{kind}/reel"
        rows = "".join(f"S{n},shot number {n},{model},3,320x192,24\n" for n in range(shots))
        (folder / "spot.csv").write_text("shot_id,prompt,model,duration_s,resolution,fps\n" + rows)
        return cards, load(house / "configs" / "defaults.toml", folder / "project.toml"), read_list(folder / "spot.csv", "spot.csv")


def _meet_the_network(patch: pytest.MonkeyPatch, world: World) -> None:
    patch.setattr(opening, "Sender", lambda: Sender(world.vendor))
    patch.setattr(opening, "Fetcher", lambda: Fetcher(world.vendor))
    patch.setattr(opening, "Clock", lambda: SimClock(world))
    post = advance._post

    async def posted(tools: Any, attempt: Attempt) -> Any:
        _SENDING.set(int(attempt.id))
        return await post(tools, attempt)

    patch.setattr(advance, "_post", posted)
    lock = Project.lock

    def locked(project: Project, *, wait: bool = False) -> Any:
        process = _PROCESS.get()
        return contextlib.nullcontext() if process and process.bypass else lock(project, wait=wait)

    patch.setattr(Project, "lock", locked)


def _mind_the_book(patch: pytest.MonkeyPatch, world: World) -> None:
    """Dead processes can't use the ledger; it is locked or full at times; the laws are checked after every write."""
    patch.setattr(SQLiteDialect_pysqlite, "__eq__", lambda one, other: type(one) is type(other))
    patch.setattr(SQLiteDialect_pysqlite, "__hash__", lambda dialect: hash(type(dialect)))
    engine = sqlite.Sqlite.engine

    def remembered(place: sqlite.Sqlite) -> Any:
        made = engine(place)
        made._compiled_cache = _STATEMENTS
        return made

    patch.setattr(sqlite.Sqlite, "engine", remembered)
    _open_once(patch, world)
    for name in ("reading", "writing"):
        patch.setattr(store.Ledger, name, _gated(world, getattr(store.Ledger, name)))
    hold, move = write.hold, write.move

    def held(*args: Any, **named: Any) -> Attempt:
        _refuse(world, "hold")
        attempt = hold(*args, **named)
        world.note(f"{attempt.take}.a{attempt.n} hold {attempt.quote}")
        world.check("after a hold")
        return attempt

    def moved(ledger: Any, attempt: Attempt, kind: Kind, *args: Any, **named: Any) -> Attempt:
        _refuse(world, kind.value)
        now = move(ledger, attempt, kind, *args, **named)
        world.note(f"{attempt.take}.a{attempt.n} {kind.value}: {attempt.state.value} -> {now.state.value}")
        world.check(f"after {kind.value}")
        return now

    patch.setattr(write, "hold", held)
    patch.setattr(write, "move", moved)


def _open_once(patch: pytest.MonkeyPatch, world: World) -> None:
    """A world's processes share one open ledger: opening it anew for each look is most of a world's time. A power cut closes it."""

    def opened(_place: Any) -> store.Ledger:
        if world.ledger is None:
            world.ledger = open_ledger(Project(world.folder).ledger_file)
        return world.ledger

    patch.setattr(view, "open_ledger", opened)
    patch.setattr(home, "open_ledger", opened)
    patch.setattr(store.Ledger, "close", lambda _ledger: None)


def _gated(world: World, method: Any) -> Any:
    @contextlib.contextmanager
    def gate(ledger: Any) -> Iterator[Any]:
        world.alive()
        with method(ledger) as connection:
            yield connection
            synced = connection.exec_driver_sql("PRAGMA synchronous").scalar()
        if synced < FULL:
            keep_book(world)

    return gate


def keep_book(world: World) -> None:
    """Where the ledger doesn't sync every commit, a power cut takes the last ones: copies of the book as it was."""
    file = Project(world.folder).ledger_file
    copy = sqlite3.connect(":memory:")
    with contextlib.closing(sqlite3.connect(file)) as source:
        source.backup(copy)
    content = copy.serialize()
    if not world.books or world.books[-1] != content:
        world.books.append(content)
        del world.books[: -_UNSYNCED - 1]


def _refuse(world: World, kind: str) -> None:
    word = world._refuses(f"write:{kind}")
    if word:
        reason = "database is locked" if word == "locked" else "database or disk is full"
        raise LedgerError(f"the ledger ledger.db can't be used: {reason}", help="free disk space")


def _mind_the_shelf(patch: pytest.MonkeyPatch, world: World) -> None:
    world.disk.install(patch)
    sync = shelf._sync

    def synced(path: Path) -> None:
        world.alive()
        if path.suffix == ".part":
            world.disk_full("link")
        sync(path)

    def inspected(path: Path) -> Probe:
        world.alive()
        try:
            film = film_of(path.read_bytes())
        except OSError as error:
            raise MediaError(f"can't be opened: {error}") from None
        if film is None:
            raise MediaError("not a film")
        return _CLIP

    patch.setattr(shelf, "_sync", synced)
    patch.setattr(receive, "inspect_clip", inspected)


# -- places for worlds --------------------------------------------------------------------------------------------------------------------------


def ground() -> Path:
    """Where worlds are made: in memory if the machine allows."""
    memory = Path("/dev/shm")  # a world's files are small and gone at once
    return Path(tempfile.mkdtemp(prefix="callsheet-worlds-", dir=memory if memory.is_dir() else None))


@contextlib.contextmanager
def land(place: Path, name: str) -> Generator[Path]:
    """A project folder with an empty ledger, gone afterwards."""
    model = place / "model"
    if not model.exists():
        project = Project(model)
        assert project.identity
        open_ledger(project.ledger_file).close()
        (model / "spot.csv").touch()
    folder = place / name
    shutil.copytree(model, folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def try_out(kind: str, seed: int, place: Path, **how: Any) -> World:
    """One world, lived to its end."""
    with land(place, f"{kind}-{seed}") as folder:
        return World(seed, kind, folder, **how).run()


def main(argv: Sequence[str] | None = None) -> int:
    """Worlds from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash.simulation", description=__doc__)
    parser.add_argument("--wire", choices=KINDS, action="append", help="default: all three")
    parser.add_argument("--seed", type=int, help="one world, told step by step")
    parser.add_argument("--seeds", type=int, default=200, help="how many worlds")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    given = parser.parse_args(argv)
    place = ground()
    try:
        return sum(_many(kind, given, place) for kind in given.wire or KINDS)
    finally:
        shutil.rmtree(place)


def _many(kind: str, given: argparse.Namespace, place: Path) -> int:
    seeds = [given.seed] if given.seed is not None else range(given.first, given.first + given.seeds)
    broken, takes, ends = 0, 0, Counter[str]()
    for seed in seeds:
        with land(place, f"{kind}-{seed}") as folder:
            world = World(seed, kind, folder)
            try:
                world.run()
            except Broken as error:
                broken += 1
                print(f"{kind} {seed}: {error}", flush=True)
            if given.seed is not None:
                print("\n".join(world.log))
        takes += world.shots
        ends.update(attempt.state.value for attempt in world.ended)
    print(f"{kind}: {len(seeds)} worlds, {takes} takes, {broken} broken; attempts ended {dict(ends)}")
    return broken


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
