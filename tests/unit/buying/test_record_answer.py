"""What a run does so that no answer is lost: room before it sends, no breaking off between sending and writing, nobody left waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest

from callsheet.buying.context import RunContext
from callsheet.buying.hold_queue import HoldQueue
from callsheet.buying.lanes.poller import Poller
from callsheet.domain.attempt import State
from callsheet.domain.errors import Exit
from callsheet.domain.run_request import RunRequest
from callsheet.planning.project_plan import prepare
from callsheet.runs import run
from callsheet.runs.session import after_preview, direct
from callsheet.status.project_view import read_view
from callsheet.store.project_folder import Project
from tests.project_stage import Stage
from tests.scripted_runware import Shop


def state(stage: Stage) -> list[State]:
    view = read_view(Project(stage.folder), prepare(RunRequest(folder=stage.folder, list="spot.csv")).settings)
    return [attempt.state for take in view.takes for attempt in take.attempts]


async def test_without_room_on_the_disk_nothing_is_sent(stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a service answers must find room: exit 5, nothing held, nothing asked."""
    monkeypatch.setattr(RunContext, "free_bytes", lambda _context: 12 << 20)
    outcome = await stage.render()
    assert (outcome.exit, shop.bodies, outcome.money.held) == (Exit.SETUP, [], 0)
    assert outcome.problems[0].message == "only 12 MB are free on the project's disk, so nothing is sent"


async def test_ctrl_c_waits_for_the_answer_to_what_was_sent(stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A purchase that is under way is not broken off: its job is in the book when the run is over."""
    sent = asyncio.Event()
    answer = shop.answer

    async def slowly(request: httpx.Request) -> httpx.Response:
        if b"videoInference" in request.content:
            sent.set()
            await asyncio.sleep(0.2)
        return await answer(request)

    monkeypatch.setattr(shop, "answer", slowly)
    order = RunRequest(folder=stage.folder, list="spot.csv", cap=10_000_000)
    with after_preview(prepare(order), stage.told.append) as shown:
        task = asyncio.create_task(direct(order))
        await sent.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert shown.outcome
    assert shown.outcome.interrupted
    assert (state(stage), len(shop.jobs)) == ([State.SUBMITTED], 1)


def broken(*_args: object) -> None:
    raise RuntimeError("a defect")


@pytest.mark.parametrize(
    "breaks", [lambda patch: patch.setattr(HoldQueue, "_grant", broken), lambda patch: patch.setattr(Poller, "_heard", broken)]
)
async def test_a_defect_ends_the_run_and_leaves_nobody_waiting(
    stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch, breaks: Callable[[pytest.MonkeyPatch], None]
) -> None:
    """Whatever dies in the middle of a run is told by the run."""
    breaks(monkeypatch)
    with pytest.raises(RuntimeError, match="a defect"):
        await asyncio.wait_for(stage.render(), 20)


async def test_a_take_that_another_process_bought_meanwhile_is_not_bought_again(
    stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the run lock bypassed, the number of the next attempt is the second wall."""
    ready = run.Run.begin
    others: list[asyncio.Task[object]] = []

    def begin(self: run.Run) -> None:
        monkeypatch.setattr(run.Run, "begin", ready)
        prepared = self.prepared
        rival = run.Run(prepared, self._context, "rival")
        rival.begin()
        others.append(asyncio.create_task(rival.produce(prepared.plan.takes[0].take)))
        ready(self)

    settle = run.Run.settle

    async def settled(self: run.Run) -> None:
        """The two share their clients: who was refused closes them when the other has bought."""
        await asyncio.gather(*others, return_exceptions=True)
        await settle(self)

    monkeypatch.setattr(run.Run, "begin", begin)
    monkeypatch.setattr(run.Run, "settle", settled)
    outcome = await stage.render()
    assert len(shop.jobs) == 1
    assert outcome.exit is Exit.SETUP or len(outcome.takes) == 1
