"""The ledger's pen: the one writer of a run. What all its takes want written at a moment is committed together, in a thread of its own.

A commit waits for the disk, and the disk takes as long for one event as for forty. So whoever writes leaves a line and is told once it is durable; nothing
is acted on before. `written` is one such group, and no more than a function: a thread drives it, and the simulation does so in its own time.

Each line stands or falls alone: what the schema refuses to one it grants to the next. That is rare, so a group is written as a whole, and only where that
fails once more, with a savepoint for each line; so a line may act twice, and only what its last act wrote is kept. If the group can't be committed, none of
it was written, and every one is told so. Lines that give the right to spend are written after all others, so that what the ledger learnt together with them guards
them, too. A file has one writer at a time anyway; on PostgreSQL each line is a transaction of its own, for a group would lock rows of caps in another order
than its neighbours do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from callsheet.budget.ledger.pen_thread import PenThread, tell
from callsheet.budget.ledger.store import Ledger
from callsheet.domain.attempt import SPENDS, Kind

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Line(Generic[T]):
    """One thing to be written: `act` writes it in the ledger that it is given, whose transaction is the group's. It does nothing else: it may act twice."""

    #: the event that it writes of an attempt; None for what is written of no attempt
    kind: Kind | None
    act: Callable[[Ledger], T]
    #: told of what was written, in the loop, before its writer is: also where that one was cancelled meanwhile
    heard: Callable[[T], None] | None = None


#: what became of a line: what `act` gave, or why nothing of it was written
Result = tuple[Any, None] | tuple[None, Exception]


class _Lost(Exception):
    """The group's transaction is over before its end: the disk is full, say."""


class _Refused(Exception):
    """One of a group's lines is not written, and the others have to be written without it."""


def written(ledger: Ledger, lines: Sequence[Line[Any]]) -> list[Result]:
    """Write lines together, and give what became of each, in their order. When this returns all that succeeded is durable."""
    if len(lines) == 1:
        return [_alone(ledger, lines[0])]
    ordered = sorted(range(len(lines)), key=lambda at: lines[at].kind in SPENDS)
    try:
        try:
            found = _together(ledger, [lines[at] for at in ordered], _whole)
        except _Refused:  # nothing of the group is written
            found = _together(ledger, [lines[at] for at in ordered], _part)
    except Exception as error:  # noqa: BLE001  # whatever it is, nothing was written, and whoever waits is told
        why = error.__cause__ if isinstance(error, _Lost) and isinstance(error.__cause__, Exception) else error
        return [(None, why) for _ in lines]
    of = dict(zip(ordered, found, strict=True))
    return [of[at] for at in range(len(lines))]


def _together(ledger: Ledger, lines: Sequence[Line[Any]], write: Callable[[Ledger, Line[Any]], Result]) -> list[Result]:
    with ledger.writing() as connection:
        group = replace(ledger, within=connection)
        return [write(group, line) for line in lines]


def _alone(ledger: Ledger, line: Line[Any]) -> Result:
    try:
        return line.act(ledger), None
    except Exception as error:  # noqa: BLE001  # its writer's to judge
        return None, error


def _whole(group: Ledger, line: Line[Any]) -> Result:
    """One line of a group of which all or none is written. _Refused where this one isn't."""
    try:
        return line.act(group), None
    except Exception as why:
        raise _Refused from why


def _part(group: Ledger, line: Line[Any]) -> Result:
    """One line of a group, under a savepoint of its own. _Lost where an error has ended the whole transaction."""
    assert group.within is not None, "a group has a transaction"
    driver: Any = group.within.connection.driver_connection
    driver.execute("SAVEPOINT line")
    made, why = _alone(group, line)
    if why is None:
        driver.execute("RELEASE SAVEPOINT line")
        return made, None
    if not group.place.goes_on(group.within):
        raise _Lost from why
    driver.execute("ROLLBACK TO SAVEPOINT line")
    driver.execute("RELEASE SAVEPOINT line")
    return None, why


async def in_thread(thread: PenThread, ledger: Ledger, lines: Sequence[Line[Any]]) -> list[Result]:
    """Drive one group in the pen's thread."""
    return await thread.carry_out(lambda: written(ledger, lines))


@dataclass(slots=True)
class Pen:
    """Takes lines and has them written. One for a run; closed by its owner."""

    ledger: Ledger
    _book: Ledger = field(init=False)
    _waiting: list[tuple[Line[Any], asyncio.Future[Any]]] = field(default_factory=list[tuple[Line[Any], asyncio.Future[Any]]])
    _thread: PenThread = field(default_factory=PenThread)
    _task: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self._book = self.ledger.keeping()

    async def write(self, line: Line[T]) -> T:
        """What the line's `act` gives, once it is durable; what it raises, and LedgerError where its group can't be written: then nothing of it was.

        It is written also where its writer is cancelled meanwhile, who must not act on it.
        """
        told: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((line, told))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        return await told

    async def drained(self) -> None:
        """Wait until everything that was left to be written is, or is known not to be."""
        while self._task and not self._task.done():
            await asyncio.wait([self._task])

    async def close(self) -> None:
        """Write what waits, and stop: the pen's connection is given back before its ledger is closed."""
        await self.drained()
        await self._thread.end(self._book.let_go)

    async def _run(self) -> None:
        group: list[tuple[Line[Any], asyncio.Future[Any]]] = []
        try:
            while self._waiting:
                most = self.ledger.place.together
                group, self._waiting = self._waiting[:most], self._waiting[most:]
                results = await self._results([line for line, _ in group])
                for (line, told), result in sorted(zip(group, results, strict=True), key=lambda one: one[0][0].kind in SPENDS):
                    _tell(line, told, result)
                await asyncio.sleep(0)  # whoever was told may have the next line
        except BaseException:  # the run is broken off: nobody may wait for a pen that is no more
            for _, told in [*group, *self._waiting]:
                told.cancel()
            self._waiting.clear()
            raise

    async def _results(self, lines: Sequence[Line[Any]]) -> list[Result]:
        try:
            return await in_thread(self._thread, self._book, lines)
        except Exception as defect:  # noqa: BLE001  # it may be written or not: its writers act on neither
            return [(None, defect) for _ in lines]


def _tell(line: Line[Any], told: asyncio.Future[Any], result: Result) -> None:
    """Tell a writer what became of its line; whoever is told of spending is told last, and acts on what the others were told."""
    made, why = result
    if why is None and line.heard is not None:
        try:
            line.heard(made)
        except Exception as error:  # noqa: BLE001  # it is written, and what follows from it is not: its writer is told
            why = error
    tell(told, made, why)
