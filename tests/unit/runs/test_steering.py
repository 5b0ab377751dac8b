"""Pauses and takes held back while a run goes: nothing that they forbid is bought, nothing that was paid is lost, and nothing is bought twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest

from callsheet.budget.ledger import read
from callsheet.budget.ledger.store import open_ledger
from callsheet.buying import steering
from callsheet.buying.take_result import End
from callsheet.domain.errors import Exit
from callsheet.domain.run_control import Control, ControlKind
from callsheet.domain.take import TakeId
from callsheet.status.run_controls import add_control
from callsheet.store.project_folder import Project
from tests.project_stage import Stage
from tests.scripted_runware import Shop
from tests.unit.runs.test_run import books_balance

HEAD = "shot_id,prompt,model,duration_s,resolution,fps\n"
LIST = HEAD + "".join(f"S{n},a lighthouse {n},runware/ltx-2,3,320x192,24\n" for n in (1, 2, 3))
S2, S3 = TakeId("spot", "S2", 1), TakeId("spot", "S3", 1)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steering, "LOOK_S", 0.005)


def say(stage: Stage, kind: ControlKind, *takes: TakeId) -> None:
    add_control(Project(stage.folder), Control(kind=kind, at="2026-11-29T21:00:00.000Z", who="anna", takes=takes))


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110  # what is waited for is told by no event
            await asyncio.sleep(0.002)


async def test_a_pause_sends_nothing_new_and_collects_what_is_under_way(stage: Stage, shop: Shop) -> None:
    """The first of its kind is at the service; paused, its clip is received and nothing else is sent, until somebody resumes. Each is bought once."""
    stage.write(LIST)
    shop.polls = ["running"]
    run = asyncio.create_task(stage.render())
    await until(lambda: len(shop.jobs) == 1)
    say(stage, ControlKind.PAUSE)
    await until(lambda: "pause" in stage.kinds())
    shop.polls = ["done"]
    await until(lambda: "received" in stage.kinds())
    looks = len(shop.asked)
    await asyncio.sleep(0.1)  # time for many looks at the log, and for a purchase that must not come
    assert (len(shop.jobs), run.done()) == (1, False), shop.asked[looks:]
    say(stage, ControlKind.RESUME)
    outcome = await run
    assert (outcome.exit, outcome.counts.bought, len(shop.jobs), len(set(shop.bodies))) == (Exit.DONE, 3, 3, 3)
    books_balance(stage, shop)


async def test_a_take_held_back_under_way_is_left_out_and_the_rest_is_bought(stage: Stage, shop: Shop) -> None:
    """Its hold is given back at once; released, the next run buys it and nothing else."""
    stage.write(LIST)
    shop.polls = ["running"]
    run = asyncio.create_task(stage.render())
    await until(lambda: len(shop.jobs) == 1)
    say(stage, ControlKind.HOLD, S2)
    await until(lambda: "hold" in stage.kinds())
    shop.polls = ["done"]
    outcome = await run
    ends = {str(result.take): (result.end, result.message) for result in outcome.takes}
    assert ends["S2.t1"] == (End.NOT_BOUGHT, "held back by anna")
    assert [problem.help for problem in outcome.problems] == ["`callsheet hold --undo spot:S2.t1` allows buying them"]
    assert (outcome.exit, outcome.counts.bought, outcome.money.held, len(shop.jobs)) == (Exit.PARTIAL, 2, 0, 2)
    say(stage, ControlKind.RELEASE, S2)
    outcome = await stage.render()
    assert (outcome.exit, outcome.counts.bought, outcome.counts.kept, len(shop.jobs)) == (Exit.DONE, 1, 2, 3)
    books_balance(stage, shop)


@pytest.mark.slow
async def test_a_job_that_was_cancelled_goes_on_to_its_clip_where_it_can_not_be_stopped(stage: Stage, shop: Shop) -> None:
    """What was paid is kept; what was not sent is not."""
    stage.write(LIST)
    shop.polls = ["running"]
    run = asyncio.create_task(stage.render())
    await until(lambda: "getResponse" in shop.asked)  # it is known to be at the service
    say(stage, ControlKind.CANCEL, TakeId("spot", "S1", 1), S3)
    await until(lambda: any("can't be stopped at the service" in told.text for told in stage.told))
    shop.polls = ["done"]
    outcome = await run
    ends = {str(result.take): result.end for result in outcome.takes}
    assert ends == {"S1.t1": End.RECEIVED, "S2.t1": End.RECEIVED, "S3.t1": End.NOT_BOUGHT}
    books_balance(stage, shop)


async def test_a_cancel_of_a_purchase_that_is_being_sent_is_passed_on_once_its_job_is_known(
    stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service answers after the person has spoken; until then there is no job that it could be asked to stop."""
    stage.write(LIST)
    answers, answer = asyncio.Event(), shop.answer

    async def late(request: httpx.Request) -> httpx.Response:
        told = await answer(request)
        if b"videoInference" in request.content:
            await answers.wait()
        return told

    monkeypatch.setattr(shop, "answer", late)
    run = asyncio.create_task(stage.render())
    await until(lambda: len(shop.jobs) == 1)
    say(stage, ControlKind.CANCEL, TakeId("spot", "S1", 1))
    await until(lambda: "hold" in stage.kinds())
    assert not any("can't be stopped" in told.text for told in stage.told)
    answers.set()
    await run
    assert sum("can't be stopped at the service" in told.text for told in stage.told) == 1
    books_balance(stage, shop)


async def test_a_run_of_a_paused_project_buys_nothing_and_says_so(stage: Stage, shop: Shop) -> None:
    """It doesn't wait for anybody; resumed, the next one buys."""
    say(stage, ControlKind.PAUSE)
    outcome = await stage.render()
    assert (outcome.exit, [problem.code for problem in outcome.problems], shop.jobs) == (Exit.PARTIAL, ["paused"], {})
    say(stage, ControlKind.RESUME)
    assert (await stage.render()).counts.bought == 1


@pytest.mark.slow
async def test_a_paused_run_that_is_stopped_gives_its_holds_back(stage: Stage, shop: Shop) -> None:
    """Ctrl-C ends the waiting; nothing stays on hold that was never sent."""
    stage.write(LIST)
    shop.polls = ["running"]
    run = asyncio.create_task(stage.render())
    await until(lambda: len(shop.jobs) == 1)
    say(stage, ControlKind.PAUSE)
    shop.polls = ["done"]
    await until(lambda: "received" in stage.kinds())
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    say(stage, ControlKind.RESUME)
    outcome = await stage.render()
    assert (outcome.exit, outcome.counts.bought, outcome.counts.kept, len(shop.jobs)) == (Exit.DONE, 2, 1, 3)
    books_balance(stage, shop)


def say_as_it_leaves(stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch, kind: ControlKind, *takes: TakeId) -> None:
    """The first purchase is lost on its way; while it is, a person says something."""
    answer, shop.submits = shop.answer, ["dropped", "ok"]

    async def told(request: httpx.Request) -> httpx.Response:
        if b"videoInference" in request.content and not shop.bodies:
            say(stage, kind, *takes)
        return await answer(request)

    monkeypatch.setattr(shop, "answer", told)


async def test_a_lost_purchase_is_not_sent_again_while_paused(stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service doesn't know it, so sending it again would buy it: that waits until somebody resumes."""
    say_as_it_leaves(stage, shop, monkeypatch, ControlKind.PAUSE)
    run = asyncio.create_task(stage.render())
    await until(lambda: "pause" in stage.kinds() and "getResponse" in shop.asked)
    await asyncio.sleep(0.1)  # time to send it again
    assert (len(shop.bodies), run.done()) == (1, False)
    say(stage, ControlKind.RESUME)
    outcome = await run
    assert (outcome.exit, len(shop.bodies), len(set(shop.bodies)), len(shop.jobs)) == (Exit.DONE, 2, 1, 1)
    books_balance(stage, shop)


async def test_a_lost_purchase_of_a_take_held_back_is_not_sent_again(stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its money stays on hold, for it may have arrived; released, the next run sends it again under its key."""
    take = TakeId("spot", "S1", 1)
    say_as_it_leaves(stage, shop, monkeypatch, ControlKind.HOLD, take)
    outcome = await stage.render()
    assert (outcome.exit, [result.end for result in outcome.takes], len(shop.bodies)) == (Exit.PARTIAL, [End.WAITING], 1)
    assert outcome.money.held == 90_000
    say(stage, ControlKind.RELEASE, take)
    outcome = await stage.render()
    assert (outcome.exit, len(shop.bodies), len(set(shop.bodies)), len(shop.jobs)) == (Exit.DONE, 2, 1, 1)
    books_balance(stage, shop)


async def test_a_run_that_is_stopped_twice_writes_the_answer_to_what_it_sent(
    stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C, then the terminal is closed: what has left is answered, and the answer is in the ledger before the run ends."""
    answers, answer = asyncio.Event(), shop.answer

    async def late(request: httpx.Request) -> httpx.Response:
        told = await answer(request)
        if shop.asked[-1] == "videoInference":
            await answers.wait()
        return told

    monkeypatch.setattr(shop, "answer", late)
    run = asyncio.create_task(stage.render())
    await until(lambda: len(shop.jobs) == 1)
    for _ in range(2):
        run.cancel()
        await asyncio.sleep(0.05)
    answers.set()
    with pytest.raises(asyncio.CancelledError):
        await run
    ledger = open_ledger(stage.folder / ".callsheet" / "ledger.db")
    [attempt] = read.attempts(ledger, Project(stage.folder).identity)
    ledger.close()
    assert attempt.job in shop.jobs
