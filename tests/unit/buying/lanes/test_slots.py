"""Slots as runs have them: two runs on one ledger, in one loop."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from callsheet.budget.ledger import pen
from callsheet.budget.ledger.lanes import leases, pace
from callsheet.budget.ledger.pen import Pen
from callsheet.budget.ledger.store import Ledger, open_ledger
from callsheet.buying.lanes import pacing, slots
from callsheet.buying.lanes.slots import Slots
from callsheet.clock import Clock
from callsheet.domain.errors import LedgerError

LANE = pace.Lane("runware https://api.runware.ai/v1", "runware/ltx-2")
SLOTS, TAKES = 6, 40


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    monkeypatch.setattr(slots, "BEAT_S", 0.02)
    monkeypatch.setattr(slots, "LOOK_S", 0.005)
    made = open_ledger(tmp_path / "ledger.db")
    yield made
    made.close()


class Service:
    """Jobs of two runs, counted."""

    def __init__(self) -> None:
        self.now, self.most, self.jobs, self.done = 0, 0, 0, Counter[str]()

    async def job(self, run: Slots) -> None:
        self.jobs += 1
        async with run.slot(self.jobs, at_service=False):
            self.now += 1
            self.most = max(self.most, self.now)
            await asyncio.sleep(0.01)
            self.now -= 1
            self.done[run.owner] += 1


def made(ledger: Ledger, owner: str, closed: list[float] | None = None) -> Slots:
    return Slots(Pen(ledger), LANE, owner, SLOTS, Clock(), (closed if closed is not None else []).append)


async def test_two_runs_together_never_pass_the_slots(ledger: Ledger) -> None:
    """Forty takes each: never more than six at once, six of them used, and the second run has its part long before the first is through."""
    service, one, two = Service(), made(ledger, "one"), made(ledger, "two")
    first = [asyncio.create_task(service.job(one)) for _ in range(TAKES)]
    await asyncio.sleep(0)
    second = [asyncio.create_task(service.job(two)) for _ in range(TAKES)]
    await asyncio.gather(*first)
    assert service.done["two"] > TAKES // 8, "it had to wait for the other"
    await asyncio.gather(*second)
    assert service.most == SLOTS
    await asyncio.gather(one.close(), two.close())
    with ledger.reading() as connection:
        assert connection.exec_driver_sql("select count(*) from lease").scalar() == 0, "slots are given back at the end"


async def test_a_run_that_is_killed_frees_its_slots(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """It renews no more: when its lease is over the other has all slots. What it had at the service is adopted without waiting."""
    monkeypatch.setattr(leases, "LEASE_S", 0.2)
    service, dead, alive = Service(), made(ledger, "dead"), made(ledger, "alive")
    leases.settle(ledger, LANE, dead.owner, uses=SLOTS, wants=0, slots=SLOTS, here=dead.clock.now())
    waiting = [asyncio.create_task(service.job(alive)) for _ in range(TAKES)]
    async with alive.slot(999, at_service=True):
        assert not service.done
        await asyncio.wait_for(asyncio.gather(*waiting), 10)
    assert service.most == SLOTS - 1, "the adopted job counts"
    await alive.close()


async def test_what_the_ledger_was_not_told_of_waits_for_its_answer(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five of six jobs end, and the ledger gives their slots to another run before this one hears of it: a take that comes meanwhile uses none of them."""
    one, over, answers = made(ledger, "one"), [asyncio.Event() for _ in range(SLOTS)], asyncio.Event()
    answers.set()
    written: list[str] = []

    async def late(_thread: object, book: Ledger, lines: Sequence[pen.Line[object]]) -> list[pen.Result]:
        results = pen.written(book, lines)
        written.append("line")
        await answers.wait()
        return results

    async def job(n: int) -> None:
        async with one.slot(n, at_service=False):
            await over[n].wait()

    monkeypatch.setattr(pen, "in_thread", late)
    jobs = [asyncio.create_task(job(n)) for n in range(SLOTS)]
    async with asyncio.timeout(10):
        while one._uses < SLOTS:  # noqa: ASYNC110  # nothing tells that all are granted
            await asyncio.sleep(0.002)
        answers.clear()
        before = len(written)
        for ended in over[1:]:
            ended.set()
        while len(written) == before:  # noqa: ASYNC110  # nor that the ledger has written
            await asyncio.sleep(0.002)
        theirs = leases.settle(ledger, LANE, "two", uses=0, wants=SLOTS - 1, slots=SLOTS, here=one.clock.now())
        assert theirs.held == SLOTS - 1
        comes = asyncio.create_task(job(0))
        for _ in range(20):
            await asyncio.sleep(0.001)
        assert one._uses == 1, "seven jobs on six slots"
        over[0].set()
        answers.set()
        await asyncio.gather(comes, *jobs)
    await one.close()


async def test_takes_that_are_called_off_leave_no_slot_behind(ledger: Ledger) -> None:
    """Waiting, just granted or at work: who is cancelled gives its slot on."""
    service, run = Service(), made(ledger, "one")
    tasks = [asyncio.create_task(service.job(run)) for _ in range(TAKES)]
    for n, task in enumerate(tasks):
        if n % 3 == 0:
            task.cancel()
        await asyncio.sleep(0)
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.wait_for(service.job(run), 5)
    await run.close()


async def test_a_busy_service_is_heard_of_by_the_other_run(ledger: Ledger) -> None:
    """One is told to wait for 30 s: the other holds back, too."""
    heard: list[float] = []
    two = made(ledger, "two", heard)
    await pacing.Pacing(Pen(ledger), LANE, Clock(), 2.0).refused(30)
    async with two.slot(1, at_service=False):
        assert heard and 25 < heard[0] <= 30
    await two.close()


async def test_a_take_that_comes_after_the_ledger_failed_gets_its_slot(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run has adopted as many jobs as there are slots, and nobody renews its lease any more: who comes then has it renewed."""
    service, run, over = Service(), made(ledger, "one"), asyncio.Event()

    async def adopted(attempt: int) -> None:
        async with run.slot(attempt, at_service=True):
            await over.wait()

    def full(*_args: object, **_named: object) -> leases.Share:
        raise LedgerError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(leases, "settle", full)
        jobs = [asyncio.create_task(adopted(100 + n)) for n in range(SLOTS)]
        async with asyncio.timeout(5):
            while run._beat is None or not run._beat.done():  # noqa: ASYNC110  # nothing tells that it has given up
                await asyncio.sleep(0.002)
    waiting = asyncio.create_task(service.job(run))
    await asyncio.sleep(0)
    over.set()
    await asyncio.wait_for(asyncio.gather(waiting, *jobs), 5)
    await run.close()


async def test_a_take_that_is_called_off_as_the_ledger_fails_gives_no_slot_that_it_never_had(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both in one moment: what the run uses is what it uses."""
    run = made(ledger, "one")

    def full(*_args: object, **_named: object) -> leases.Share:
        raise LedgerError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(leases, "settle", full)
        waiting = asyncio.create_task(Service().job(run))
        await asyncio.sleep(0)
        [turn] = run._waiting
        turn.granted.set_exception(LedgerError("the disk is full"))
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert run._uses == 0
    await run.close()


async def test_a_folder_that_is_gone_is_told_to_who_waits_and_to_nobody_else(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lease ends with the folder's own error: it is raised where a slot is waited for, and asyncio has no traceback to print."""
    run, printed = made(ledger, "one"), list[dict[str, object]]()
    asyncio.get_running_loop().set_exception_handler(lambda _loop, told: printed.append(told))

    def gone(*_args: object, **_named: object) -> leases.Share:
        raise FileNotFoundError(2, "No such file or directory")

    with monkeypatch.context() as patch:
        patch.setattr(leases, "settle", gone)
        with pytest.raises(FileNotFoundError):
            await Service().job(run)
        run._beat = None
        gc.collect()
        await asyncio.sleep(0)
    assert printed == []
    await run.close()
