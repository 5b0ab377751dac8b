"""A world: a project of a few shots, a service that really bills, and a string of runs that are killed, struck by exceptions, cut from power,
doubled with the run lock bypassed, lied to by clocks and refused by the disk. Network, disk, clock and death are simulated, seeded and replayable.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import errno
import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from callsheet.budget.ledger import store
from callsheet.domain.attempt import Attempt
from callsheet.domain.errors import CallsheetError
from callsheet.domain.run_request import RunRequest
from callsheet.planning import project_plan, quoting
from callsheet.runs import session
from callsheet.store.project_folder import Project
from tests.crash import person
from tests.crash.disk import Disk, restore_book
from tests.crash.drafts import Drafts
from tests.crash.edges import Edges
from tests.crash.kinds import BLOWS, FATES, KNOWN
from tests.crash.laws import Broken, Laws
from tests.crash.process import PROCESS, SENDING, Killed, Process, Struck
from tests.crash.speakers.base import Manner
from tests.crash.vendor import Vendor
from tests.crash.virtual import VirtualLoop, WaitsForever
from tests.crash.weather import Weather

#: commits that a power cut takes at most, where they are not synced
UNSYNCED = 6
#: a run that is still alive after this waits for something that never comes, virtual seconds
_FOR_EVER_S = 3 * 86_400.0
_OPEN = "select attempt from attempt where attempt not in (select attempt from event where kind in ('received', 'closed'))"


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
        drafts: bool | None = None,
        gap_s: float = 10,
        plants: Sequence[Plant] = (),
        install: Callable[[World], contextlib.AbstractContextManager[Any]],
    ) -> None:
        self.seed, self.name, self.kind, self.folder, self.script = seed, kind, KNOWN[kind], folder, script
        self.chance = random.Random(f"{kind} {seed}")
        self.drafts = Drafts(self, f"{kind} {seed}", self.must, on=drafts if script is None else bool(drafts))
        self.shots = shots or self.drafts.at_most(self.chance.randint(2, 6))
        self.faulty = True
        #: the newest run's plan and outcome
        self.shown: session.Shown | None = None
        self.fates = {**FATES, **(fates or {})}
        self.blows = blows or BLOWS
        self.plants, self.gap_s, self._install = plants, gap_s, install
        by_chance = self.chance.random() < 0.4
        self.doubles = script is None and (by_chance if doubles is None else doubles)
        self.cap = (
            self.kind.price
            * self.drafts.clips
            * self.shots
            * (10 if script is not None else self.chance.choice([6, 8, 10, 12, 15, 20]))
            // 10
        )
        self.jumped = 0.0
        #: how often the power was cut: the machine was started again as often
        self.cuts = 0
        #: when each attempt's events were written, by everybody else's clocks
        self.times: dict[tuple[str, str], float] = {}
        self.url = "https://service.test/v1"
        self.loop = VirtualLoop()
        self.vendor = Vendor(self, self.kind.speaker(Manner(f"{kind} {seed}")))
        self.laws = Laws(self, self.must)
        self.edges = Edges(self, self.must)
        self.weather = Weather(self, f"{kind} {seed}")
        self.disk = Disk(folder)
        self.processes: list[Process] = []
        self.lives: set[asyncio.Task[None]] = set()
        self.log: list[str] = []
        self.reached: Counter[str] = Counter()
        self.hits: Counter[str] = Counter()
        self.power_is_cut = False
        self.books: list[bytes] = []
        #: whether what is written now can't be committed; and what is looked at once it is
        self.group_is_lost = False
        self._looks: list[Callable[[], None]] = []
        self.broken: Broken | None = None
        self.ended: Sequence[Attempt] = ()
        self.settings: Any = None
        self._reader: sqlite3.Connection | None = None
        self.ledger: store.Ledger | None = None
        self.pens_books: list[store.Ledger] = []

    # -- what the engine meets ------------------------------------------------------------------------------------------------------------------

    @property
    def calm(self) -> bool:
        """Whether nothing happens by chance: what is scripted, or the end."""
        return self.script is not None or not self.faulty

    def now(self) -> float:
        """Virtual seconds."""
        return self.loop.time()

    def alive(self) -> None:
        """Every handle of a dead process raises from its death on."""
        process = PROCESS.get()
        if process is not None and process.dead:
            raise Killed

    async def pause(self, seconds: float) -> None:
        """Virtual time goes by; who died meanwhile does not wake."""
        self.alive()
        process = PROCESS.get()
        if process and self.now() - process.born > _FOR_EVER_S:
            self.must(False, f"run {process.n} has waited for {_FOR_EVER_S / 86_400:.0f} days")
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

    def sending(self) -> int:
        """The attempt whose purchase is under way, which the service itself is not told."""
        return SENDING.get()

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
        process = PROCESS.get()
        match fault:
            case "kill":
                self._die([process])
            case "power":
                self.power_is_cut = True
                self._die(self.processes)
            case "exception":
                raise Struck
            case "clock+" | "clock-":
                self.jumped += self.weather.jump() * (1 if fault == "clock+" else -1)
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
        process = PROCESS.get()
        self.log.append(f"{self.now():12.2f} p{process.n if process else '-'} {text}")

    # -- the book -------------------------------------------------------------------------------------------------------------------------------

    def caller(self) -> int:
        """Which process asks the service."""
        process = PROCESS.get()
        return process.n if process else -1

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Straight from the book, past the engine."""
        if self._reader is None:
            self._reader = sqlite3.connect(Project(self.folder).ledger_file, isolation_level=None)
        return self._reader.execute(sql).fetchall()

    def check(self, when: str) -> None:
        """What must hold after every event; first of all that the ledger can be read."""
        try:
            self.laws.check(when)
        except sqlite3.DatabaseError as error:
            self.must(False, f"{when}: the ledger can't be read: {error}")

    def must(self, holds: bool, message: str) -> None:
        """Break this world where a law does not hold: Broken, and every process dies."""
        if not holds:
            broken = Broken(f"{message} ({self._replay})")
            self._fail(broken)
            raise broken

    @property
    def _replay(self) -> str:
        return f"replay: python -m tests.crash.simulation --wire {self.name} --seed {self.seed}{self.drafts.said}"

    def once_durable(self, ledger: store.Ledger, look: Callable[[], None]) -> None:
        """Look at what was written: now, or when its group is committed."""
        if ledger.within is None:
            look()
        else:
            self._looks.append(look)

    def look_at_what_is_durable(self, *, some: bool) -> None:
        """A group is committed, or lost."""
        looks, self._looks = self._looks, []
        for look in looks if some else ():
            look()

    # -- the course of a world ------------------------------------------------------------------------------------------------------------------

    def spawn(self, *, bypass: bool = False) -> asyncio.Task[None]:
        """Start a run."""
        process = Process(len(self.processes), bypass, self.drafts.begins(), self.now())
        self.processes.append(process)
        context = contextvars.copy_context()
        context.run(PROCESS.set, process)
        life = self.loop.create_task(self._life(process), context=context)
        self.lives.add(life)
        life.add_done_callback(self.lives.discard)
        return life

    async def _life(self, process: Process) -> None:
        order = RunRequest(folder=self.folder, list="spot.csv", cap=self.cap, final=process.final)
        await asyncio.sleep(process.n / 1000)  # no two runs begin at the same millisecond
        try:
            shown = quoting.refuse_unpriced(await quoting.quoted(project_plan.prepare(order), self.note))
            with session.after_preview(shown, lambda told: self.note(f"{told.take or ''} {told.kind}: {told.text}")) as self.shown:
                await session.direct(order)
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
            self._fail(Broken(f"a defect: {error!r} ({self._replay})"))
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
        process = (context or contextvars.copy_context()).get(PROCESS)
        if process:
            process.tasks.add(task)
            task.add_done_callback(process.tasks.discard)
        return task

    async def live(self) -> None:
        """Runs and blows, then calm and two more runs."""
        boots = 1 if self.script else self.chance.randint(1, 4)
        for _ in range(boots):
            self.drafts.pick()
            self.weather.boot()
            self.spawn()
            if self.doubles and self.chance.random() < 0.5:
                await asyncio.sleep(self.chance.uniform(0.005, 20))
                self.spawn(bypass=True)
            await self._quiet()
            await asyncio.sleep(self.gap_s if self.script else self.chance.choice([1, 60, 3600, 3600, 2 * 86_400]))
            if self.broken:
                return
        self.faulty = False
        self.weather.over()
        if self.script is None:
            self.script = {}
        await asyncio.sleep(600)  # what lingers in the network arrives, callbacks come
        for n in range(4):
            decided = person.decide(self)
            if n and not decided and not self.rows(_OPEN):
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
        self.cuts += 1
        self.note(f"the power is cut: {self.disk.cut(Project(self.folder).clips)} files suffered")
        if self.books:
            self._close_reader()
            restore_book(Project(self.folder).ledger_file, self.books[max(0, len(self.books) - 1 - self.chance.randint(0, UNSYNCED))])
            self.books.clear()
        with contextlib.suppress(Broken):  # noted, and told by `run`
            self.check("after the power cut")

    def _close_reader(self) -> None:
        if self._reader:
            self._reader.close()
            self._reader = None
        for book in self.pens_books:
            book.let_go()
        self.pens_books.clear()
        if self.ledger:
            self.ledger.engine.dispose()
            self.ledger = None

    def run(self) -> World:
        """Live, and be judged. Broken where a law does not hold."""
        with self._install(self):
            self.loop.set_task_factory(self.born)
            self.loop.set_exception_handler(lambda _loop, told: self.note(f"{told['message']}: {told.get('exception')!r}"))
            try:
                self.loop.run_until_complete(self.live())
                if self.broken:
                    raise self.broken
                self.check("at the end")
                self.ended = self.laws.last_check()
            except WaitsForever:
                raise Broken(f"a run waits for ever ({self._replay})") from None
            finally:
                self._close_reader()
                self.loop.close()
        return self
