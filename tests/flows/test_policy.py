"""Names, chunks and states of tasks: what a person reads on the server."""

from __future__ import annotations

import asyncio
import os
import signal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from callsheet.budget.rules.caps import CapState
from callsheet.budget.rules.purse import Money
from callsheet.buying.take_result import End, TakeResult
from callsheet.cli.prefect.server import Host
from callsheet.domain.take import TakeId
from callsheet.runs.outcome import Outcome
from tests.flows.film import ask


def _takes(count: int) -> list[TakeId]:
    return [TakeId("list", f"S{n:04}", 1) for n in range(count)]


@pytest.mark.parametrize(("takes", "tasks", "most"), [(0, 0, 0), (1, 1, 1), (500, 500, 1), (501, 11, 50), (10_000, 200, 50)])
def test_many_takes_share_a_task(takes: int, tasks: int, most: int) -> None:
    """One task per take up to 500, else one per 50: ten thousand single ones overflow the server. None is lost, the order stays."""
    from tasks.policy import chunks

    parts = chunks(_takes(takes))
    assert (len(parts), max(map(len, parts), default=0)) == (tasks, most)
    assert [take for part in parts for take in part] == _takes(takes)


@pytest.mark.parametrize(("text", "name"), [("Süd–1 \n", "Sud?1 ?"), ("夜", "?"), ("S{0}", "S{0}"), ("x" * 300, "x" * 200)])
def test_names_are_plain_ascii(text: str, name: str) -> None:
    """Prefect's lists and log lines show nothing else well."""
    from tasks.policy import ascii_name

    assert ascii_name(text) == name


@pytest.mark.parametrize(("text", "key"), [("Leuchtturm Süd", "leuchtturm-sud"), ("--A--B--", "a-b"), ("夜", "callsheet")])
def test_an_artifacts_key_is_what_prefect_allows(text: str, key: str) -> None:
    """a-z, 0-9 and hyphens; never empty."""
    from tasks.policy import slug

    assert slug(text) == key


@pytest.mark.parametrize(("given", "name"), [("lists/keeper.v2.csv", "keeper.v2"), ("", "recover"), (None, "recover")])
def test_a_run_is_called_after_its_list(given: str | None, name: str) -> None:
    """Without folder and ending; a run without a list looks after what was bought before."""
    from tasks.policy import list_name

    assert list_name(given) == name


@pytest.mark.parametrize(
    ("ends", "kind", "name"),
    [
        ([End.RECEIVED], "COMPLETED", "Received"),
        ([End.NOT_BOUGHT], "COMPLETED", "NotBought"),
        ([End.WAITING], "COMPLETED", "Waiting"),
        ([End.FAILED], "FAILED", "Failed"),
        ([End.IN_DOUBT], "FAILED", "InDoubt"),
        ([End.REFUSED], "FAILED", "Refused"),
        ([End.RECEIVED, End.NOT_BOUGHT], "COMPLETED", "Completed"),
        ([End.RECEIVED, End.FAILED], "FAILED", "Failed"),
    ],
)
def test_a_tasks_state_says_how_its_takes_ended(ends: list[End], kind: str, name: str) -> None:
    """What a person has to look at is red, a cap's refusal isn't."""
    from tasks.policy import take_state

    results = [TakeResult(take=take, end=end, message=f"because {end}") for take, end in zip(_takes(len(ends)), ends, strict=True)]
    state = take_state(results)
    assert (state.type.value, state.name) == (kind, name)
    if kind == "FAILED":
        assert state.message == f"{results[-1].take}: because {ends[-1]}"


def test_every_end_has_a_state() -> None:
    """A new end of a take can't be forgotten here."""
    from tasks.policy import take_state

    for end in End:
        assert take_state([TakeResult(take=_takes(1)[0], end=end)]).is_final()


@pytest.mark.parametrize("data", [ValueError("a defect"), SimpleNamespace(result=ValueError("a defect"))], ids=["plain", "as a record"])
async def test_what_a_task_raised_is_raised(data: Any) -> None:
    """A defect stops the run, however Prefect wrapped it."""
    from tasks.policy import awaited

    with pytest.raises(ValueError, match="a defect"):
        await awaited(_ended(data))


async def test_what_a_task_reported_is_not_raised() -> None:
    """A failing take is an outcome: the others go on."""
    from tasks.policy import awaited

    await awaited(_ended(None))


@pytest.mark.parametrize("window", ["begin_run", "handle_success"], ids=["as it begins", "as it ends"])
async def test_a_cancel_reaches_a_tasks_body_and_never_the_engine(window: str, server: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cancelled while Prefect begins or ends the task of a take, the task ends in good order, nothing is called a crash, and nobody works on."""
    from prefect import flow
    from prefect.task_engine import AsyncTaskRunEngine

    from flows._host import play
    from tasks.generate import generate
    from tasks.policy import awaited, uncancelled

    inside = asyncio.Event()
    really = getattr(AsyncTaskRunEngine, window)

    async def slowly(*args: Any, **named: Any) -> Any:
        inside.set()
        await asyncio.sleep(0.05)
        return await really(*args, **named)

    async def crashed(_engine: AsyncTaskRunEngine[Any, Any], error: BaseException) -> None:
        crashes.append(error)

    crashes: list[BaseException] = []
    monkeypatch.setattr(AsyncTaskRunEngine, "handle_crash", crashed)
    monkeypatch.setattr(AsyncTaskRunEngine, window, slowly)
    ended = asyncio.get_running_loop().create_future()
    ended.set_result(TakeResult(take=_takes(1)[0], end=End.RECEIVED))
    work = [ended] if window == "handle_success" else [asyncio.ensure_future(asyncio.Event().wait())]
    states: list[str] = []

    @flow(persist_result=False)
    async def stopped_run() -> None:
        show = generate.with_options(on_completion=[lambda _task, _run, state: states.append(state.name)])
        showing = asyncio.create_task(awaited(show(work, return_state=True), *work))
        await inside.wait()
        showing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await showing
        uncancelled()

    await play(stopped_run, {}, drain_s=0)
    assert states == (["Received"] if window == "handle_success" else [])
    assert all(one.done() for one in work)
    assert crashes == []


@pytest.mark.parametrize("cause", ["cancelled", "failed"])
async def test_steps_that_are_stopped_end_before_their_run(cause: str) -> None:
    """The one that takes longest to end has ended, too, and was cancelled once."""
    from tasks.policy import together

    ended: list[str] = []

    async def step(name: str, pauses: int) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            for _ in range(pauses):
                await asyncio.sleep(0)
            ended.append(name)

    async def failing() -> None:
        await asyncio.sleep(0)
        raise ValueError("a defect")

    steps = [step("quick", 0), step("slow", 20), *([failing()] if cause == "failed" else [])]
    run = asyncio.create_task(together(*steps))
    await asyncio.sleep(0)
    if cause == "cancelled":
        await asyncio.sleep(0)
        run.cancel()
    with pytest.raises(asyncio.CancelledError if cause == "cancelled" else ValueError):
        await run
    assert ended == ["quick", "slow"]


@pytest.mark.parametrize("asked", [1, 3])
async def test_a_stop_that_is_asked_for_again_breaks_nothing_off(asked: int, server: Host) -> None:
    """A worker may send SIGTERM more than once while a run ends: what ends it in good order is done. Nobody asked on the page: it isn't called cancelled."""
    from prefect import flow
    from prefect.context import refresh_global_settings_context

    from flows._host import carried_out

    refresh_global_settings_context()
    steps: list[str] = []

    async def body() -> Any:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.Event().wait()
        finally:
            for _ in range(asked - 1):
                os.kill(os.getpid(), signal.SIGTERM)
                await asyncio.sleep(0.05)  # the loop hears the signal meanwhile
            steps.append("closed")

    @flow(persist_result=False)
    async def stopped_run() -> Any:
        return await carried_out(body)

    state = await stopped_run(return_state=True)
    assert (steps, state.name) == (["closed"], "Crashed")
    assert str(state.message).endswith("; stopped before anything was bought")


async def test_a_stop_that_was_asked_for_on_the_page_is_a_cancel(server: Host) -> None:
    """The server knows of it when the worker sends SIGTERM."""
    from prefect import flow
    from prefect.context import refresh_global_settings_context
    from prefect.runtime import flow_run

    from flows._host import carried_out

    refresh_global_settings_context()

    async def body() -> Any:
        ask(server.url, f"flow_runs/{flow_run.id}/set_state", {"state": {"type": "CANCELLING"}})
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.Event().wait()

    @flow(persist_result=False)
    async def stopped_run() -> Any:
        return await carried_out(body)

    assert (await stopped_run(return_state=True)).name == "Cancelled"


@pytest.mark.parametrize("done", [False, True])
async def test_a_cancel_on_the_page_reaches_a_run_that_no_worker_started(done: bool, server: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody sends it a signal: it asks, and stops. Where everything was done before it asked, it isn't a defect, and the server waits for no other end."""
    from prefect import flow, get_client
    from prefect.context import refresh_global_settings_context
    from prefect.runtime import flow_run
    from prefect.states import Completed

    from flows import _host

    refresh_global_settings_context()
    monkeypatch.setattr(_host, "_ASK_S", 60.0 if done else 0.05)
    runs: list[str] = []

    async def body() -> Any:
        runs.append(flow_run.id)
        ask(server.url, f"flow_runs/{flow_run.id}/set_state", {"state": {"type": "CANCELLING"}, "force": True})
        return Completed(data={}) if done else await asyncio.Event().wait()

    @flow(persist_result=False)
    async def lonely_run() -> Any:
        return await _host.carried_out(body)

    await asyncio.wait_for(_host.play(lonely_run, {}, drain_s=0), 60)
    async with get_client() as client:
        assert (await client.read_flow_run(UUID(runs[0]))).state.is_cancelled()


async def test_a_stop_between_two_runs_reaches_the_run_around_them(server: Host) -> None:
    """A sweep hears SIGTERM also after one of its renders has ended."""
    from prefect import flow
    from prefect.context import refresh_global_settings_context
    from prefect.states import Completed

    from flows._host import carried_out

    refresh_global_settings_context()

    async def rendered() -> Any:
        return Completed()

    @flow(persist_result=False)
    async def within() -> Any:
        return await carried_out(rendered)

    async def body() -> Any:
        await within(return_state=True)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.Event().wait()

    @flow(persist_result=False)
    async def around() -> Any:
        return await carried_out(body)

    assert (await around(return_state=True)).name == "Crashed"


async def test_a_task_that_prefect_never_begins_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as in the queue of a limit that the server keeps: a cancel is heard after a grace, and what the body awaits has ended."""
    from tasks import policy

    monkeypatch.setattr(policy, "GRACE_S", 0.01)
    working = asyncio.ensure_future(asyncio.Event().wait())
    showing = asyncio.create_task(policy.awaited(asyncio.Event().wait(), working))
    await asyncio.sleep(0)
    showing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(showing, 10)
    assert working.cancelled()


async def _ended(data: Any) -> Any:
    """A task run's last state, as far as it is looked at."""
    return SimpleNamespace(data=data)


def test_the_money_page_shows_every_cap() -> None:
    """Settled, held, in doubt, and each limit with what is left of it."""
    from tasks.report import money_page

    money = Money(cap=12_000_000, settled=480_000, held=60_000, in_doubt=0, headroom=460_000)
    caps = (
        CapState(scope="project", name="", amount=12_000_000, used=540_000),
        CapState(scope="model", name="runware/ltx-2", amount=1_000_000, used=540_000),
    )
    page = money_page(Outcome(money=money, caps=caps, takes=(), sequences=()))
    assert "**0.48 USD** spent of 12.00 USD · 0.06 on hold · 0.00 in doubt" in page
    assert "| model:runware/ltx-2 | 1.00 | 0.54 | 0.46 |" in page
