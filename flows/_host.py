"""Around a flow: its name once the plan is known, its end as a named state, and a shutdown that loses no record."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
import time
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from httpx import HTTPError
from prefect import Flow, State, get_client, get_run_logger
from prefect.context import FlowRunContext, refresh_global_settings_context
from prefect.events import emit_event
from prefect.events.worker import EventsWorker
from prefect.exceptions import PrefectException
from prefect.runtime import flow_run
from prefect.states import Cancelled, Completed, Crashed, Failed

from callsheet.buying.take_result import End
from callsheet.domain.errors import CallsheetError, Exit, Problem, SetupError
from callsheet.domain.money import text
from callsheet.domain.typed import typed
from callsheet.domain.wording import counted
from callsheet.planning.project_plan import Prepared
from callsheet.runs.outcome import Outcome
from tasks.keys import keys_from_blocks
from tasks.policy import ascii_name, flow_tags, list_name, uncancelled
from tasks.report import reported

_STATE_NAMES = {
    "completed": "Completed",
    "partial": "Partial",
    "cap_reached": "CapReached",
    "needs_decision": "NeedsDecision",
    "interrupted": "Interrupted",
}
#: the state of a run that could not begin, by the command's exit code
_REFUSALS = {
    Exit.INPUT: "InvalidInput",
    Exit.MONEY: "CapRefused",
    Exit.LOCKED: "Held",
    Exit.SETUP: "Environment",
    Exit.HUMAN: "NeedsDecision",
}
#: how often a run checks whether it was suspended, seconds; without a request to the server
_LOOK_S = 0.5
#: how often a run that no worker started asks whether it was cancelled on the page, seconds
_ASK_S = 2.0
#: whether the run is on a server with a page, and without a worker that would tell it of a cancel there
_ALONE: ContextVar[bool] = ContextVar("alone", default=False)
#: problems that fit into a state's message
_SHOWN = 20
#: what SIGTERM calls, in the run that is under way
_TERMINATES: ContextVar[Callable[[], object] | None] = ContextVar("terminates", default=None)
_FINAL = {"type": {"any_": ["COMPLETED", "FAILED", "CRASHED", "CANCELLED", "CANCELLING"]}}


async def play(flow: Flow[..., Any], parameters: Mapping[str, object], *, drain_s: float) -> None:
    """Run `flow` for a command and raise what its body raised. A failure of Prefect itself is a SetupError of code `prefect`. `drain_s`
    above 0: the server ends with the command, so wait up to that many seconds until it has recorded every task run.
    """
    _ALONE.set(not drain_s)
    refresh_global_settings_context()  # Prefect may have been imported before the server was known
    logging.getLogger("EventsWorker").setLevel(logging.CRITICAL)  # outside Prefect's own loggers, and this process waits for the same thing
    known = {name: value for name, value in parameters.items() if name in flow.parameters.properties}
    with _recording():
        state: State[Any] = await flow(**known, return_state=True)
        if drain_s:
            await _drained(state, time.monotonic() + drain_s)
        if state.is_cancelling():
            state = await _all_was_done(state)
    if not state.is_cancelled():
        await state.aresult()


async def _all_was_done(cancelling: State[Any]) -> State[Any]:
    """The last state of a run that ended by itself before it heard of its cancel: the server takes no other end, and would wait for one for ever."""
    ended: State[Any] = Cancelled(message="cancelled when everything had been done")
    async with get_client() as client:
        run = cancelling.state_details.flow_run_id
        assert run is not None, "the server's own state names its run"
        await client.set_flow_run_state(run, ended, force=True)
    return ended


@contextmanager
def _recording() -> Generator[None]:
    """An error in this block is Prefect's, not the run's."""
    try:
        yield
    except Exception as error:
        message = f"Prefect could not keep this run's record: {error or type(error).__name__}"
        help = "check the Prefect server, or add --no-prefect: the same run, without Prefect"
        raise SetupError(message, problems=[Problem(code="prefect", message=message, help=help)]) from error


async def carried_out(
    body: Callable[[], Awaitable[State[dict[str, Any]]]], outcome: Callable[[], Outcome | None] = lambda: None
) -> State[dict[str, Any]]:
    """Run a flow's body to a state that says how it ended; `outcome` is called if it was stopped. A run that can't begin is a failed state
    with a message, without a traceback. A cancel (from the page, which reaches a worker's child as SIGTERM, while a command's run asks for
    it; or Ctrl-C) stops the body cleanly, and the flow run ends as Cancelled with the run's amounts. So does SIGTERM that nobody asked for on the page, such as from a
    machine that restarts, but then it ends as Crashed: nobody wanted it to stop, and the automation starts it again.
    """
    logging.getLogger("prefect.task_runs").addFilter(_says_something)

    async def with_keys() -> State[dict[str, Any]]:
        await keys_from_blocks()
        return await body()

    def stop() -> None:
        """Asked again, it is already stopping: a second cancel would break off what ends the run in good order."""
        if not work.cancelling():
            work.cancel()

    terminated = asyncio.Event()

    def terminate() -> None:
        terminated.set()
        stop()

    with _terminable(terminate):
        work = asyncio.ensure_future(with_keys())  # in here, so that a run within knows of this one
        watches = [asyncio.create_task(_when_suspended(stop)), asyncio.create_task(_when_cancelled(stop))]
        try:
            return await work
        except CallsheetError as error:
            return refused(error)
        except asyncio.CancelledError:
            uncancelled()
            _raise_if_suspended()
            ended = outcome()
        finally:
            for watch in watches:
                watch.cancel()
            _confirm_suspension()
    if terminated.is_set() and not await _cancelled_on_the_page():
        return Crashed(message=f"its process was told to end, and not from the page; {_stopped(ended)}")
    return Cancelled(message=_stopped(ended))


def _stopped(ended: Outcome | None) -> str:
    if ended is None:  # before the run had opened
        return "stopped before anything was bought"
    held = f"; {text(ended.money.held)} USD on hold for jobs that continue at their services; the next run collects them"
    return f"stopped: {_sums(ended)}{held if ended.money.held else ''}"


async def _cancelled_on_the_page() -> bool:
    """Whether the server knows of a cancel; also where it can't be asked, since a cancel isn't undone on a guess. A sweep's renders are
    cancelled with it, by the run that the worker started.
    """
    started = os.environ.get("PREFECT__FLOW_RUN_ID") or str(flow_run.id)
    try:
        async with get_client() as client:
            state = (await client.read_flow_run(UUID(started))).state
    except (HTTPError, PrefectException):
        return True
    return state is None or state.is_cancelling() or state.is_cancelled()


async def _when_suspended(stop: Callable[[], None]) -> None:
    """A run that is suspended on the page sends nothing more at once; Prefect alone would wait for the next task to begin or end."""
    context = FlowRunContext.get()
    while context and not context.flow_run_suspension_request.is_requested():  # noqa: ASYNC110 # a Prefect thread sets the mark and notifies nobody
        await asyncio.sleep(_LOOK_S)
    stop()


async def _when_cancelled(stop: Callable[[], None]) -> None:
    """A run that a command started is sent no signal when it is cancelled on the page: it asks. A server that doesn't answer is asked again."""
    if not _ALONE.get():
        return
    cancelled = False
    async with get_client() as client:
        while not cancelled:
            await asyncio.sleep(_ASK_S)
            with suppress(HTTPError, PrefectException):
                state = (await client.read_flow_run(UUID(str(flow_run.id)))).state
                cancelled = state is not None and (state.is_cancelling() or state.is_cancelled())
    stop()


def _raise_if_suspended() -> None:
    """Leave a suspended run to Prefect, which starts it again when it is resumed: purchases are in the ledger."""
    if context := FlowRunContext.get():
        context.flow_run_suspension_request.raise_if_requested()


def _confirm_suspension() -> None:
    """A suspended run says so itself, as its last word: a sign of life may have come after the server's, and silence after a sign of life is what
    the automation takes for a death.
    """
    context = FlowRunContext.get()
    if context and context.flow_run_suspension_request.is_requested():
        tags = [{"prefect.resource.id": f"prefect.tag.{tag}", "prefect.resource.role": "tag"} for tag in sorted(flow_run.tags)]
        emit_event(event="callsheet.run.suspended", resource={"prefect.resource.id": f"prefect.flow-run.{flow_run.id}"}, related=tags)


@contextmanager
def _terminable(stop: Callable[[], object]) -> Generator[None]:
    """SIGTERM calls `stop` if this is the process's own loop; Prefect's own handling of it follows. Within another run, such as a sweep's, that
    one is told again afterwards.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop, handler, outer = asyncio.get_running_loop(), signal.getsignal(signal.SIGTERM), _TERMINATES.get()
    inner = _TERMINATES.set(stop)
    loop.add_signal_handler(signal.SIGTERM, stop)
    try:
        yield
    finally:
        _TERMINATES.reset(inner)
        if outer:
            loop.add_signal_handler(signal.SIGTERM, outer)
        else:
            loop.remove_signal_handler(signal.SIGTERM)
            signal.signal(signal.SIGTERM, handler)


def _says_something(record: logging.LogRecord) -> bool:
    """Prefect logs a task's failed state with the traceback of no exception (`NoneType: None`), and repeats it in the next line."""
    return record.exc_info is None or record.exc_info[0] is not None


def refused(error: CallsheetError) -> State[Any]:
    """The failed state of a run that could not begin: each problem with its place and its fix, in the log and in the state's message."""
    lines = [problem_line(problem) for problem in error.problems]
    for line in lines:
        get_run_logger().error("%s", line)
    shown = [*lines[:_SHOWN], *([f"and {len(lines) - _SHOWN} more, in the log"] if len(lines) > _SHOWN else [])]
    return Failed(name=_REFUSALS.get(error.exit, "Failed"), message="\n".join(shown) or error.message, data=error)


def problem_line(problem: Problem) -> str:
    """`row 7, column duration_s: ... -> ...`."""
    place = ", ".join(f"{word} {value}" for word, value in (("row", problem.row), ("column", problem.column)) if value is not None)
    return f"{place + ': ' if place else ''}{problem.message}" + (f" -> {problem.help}" if problem.help else "")


async def _drained(state: State[Any], deadline: float) -> None:
    """Task states travel as events, which the server buffers: wait until the count is right."""
    sent = EventsWorker.drain_all()  # a coroutine here, where a loop runs
    assert not isinstance(sent, tuple)
    await asyncio.wait_for(sent, deadline - time.monotonic())
    due = (await state.aresult()).get("tasks", 0) if state.is_completed() else 0
    run = state.state_details.flow_run_id
    while run and await _recorded(run) < due and time.monotonic() < deadline:  # noqa: ASYNC110 # the server has no event for this
        await asyncio.sleep(0.1)


async def _recorded(run: UUID) -> int:
    """Task runs of this flow run that the server has recorded as ended."""
    async with get_client() as client:
        question = {"flow_runs": {"id": {"any_": [str(run)]}}, "task_runs": {"state": _FINAL}}
        return int((await client.request("POST", "/task_runs/count", json=question)).json())


async def named(prepared: Prepared, takes: int) -> None:
    """Give the flow run its readable name and its tags, once the plan is known: `lighthouse 12 takes cap 12.00`. If that fails, the run
    continues.
    """
    order = prepared.order
    cap = f" cap {text(order.cap)}" if order.cap is not None else ""
    driven = f" {counted(takes, 'take')}" if order.buy else ""
    name = ascii_name(f"{list_name(order.list)}{driven}{cap}")
    try:
        async with get_client() as client:
            await client.update_flow_run(UUID(str(flow_run.id)), name=name, tags={*(flow_run.tags or ()), *flow_tags(prepared)})
    except (HTTPError, PrefectException) as error:  # such as one that was deleted on the page
        get_run_logger().warning("this flow run could not be renamed: %s", error)


async def concluded(prepared: Prepared, outcome: Outcome, *, tasks: int) -> State[dict[str, Any]]:
    """Publish the report of a closed run, and return the flow run's last state: always completed, named after the outcome. `tasks` is the
    number of task runs that the flow made.
    """
    with _recording():
        await reported(prepared, outcome)
        _emit_events(outcome, prepared.settings.name)
    capped = f". {outcome.capped.message}" + (f" -> {outcome.capped.help}" if outcome.capped.help else "") if outcome.capped else ""
    doubtful = [str(result.take) for result in outcome.takes if result.end is End.IN_DOUBT]
    doubts = f"{', '.join(doubtful[:_SHOWN])}: {text(outcome.money.in_doubt)} USD may have been spent" if doubtful else ""
    help = f" -> `{typed('recover', doubtful[0])}` shows how to resolve it" if doubtful else ""
    message = f"{_sums(outcome)}{capped}{'. ' if doubts else ''}{doubts}{help}"
    data = {"state": outcome.state, "exit": int(outcome.exit), "settled": text(outcome.money.settled), "tasks": tasks + 1}
    return Completed(name=_STATE_NAMES[outcome.state], message=message, data=data)


def _sums(outcome: Outcome) -> str:
    n = outcome.counts
    return f"{n.bought} bought, {n.kept} kept, {n.failed} failed, {n.in_doubt} in doubt, {n.not_bought} not bought, {text(outcome.money.settled)} USD spent in all"


def _emit_events(outcome: Outcome, project: str) -> None:
    """Emit events for automations: which takes are in doubt (used by deployments/notify.yaml), and which cap prevented what."""
    money, resource = outcome.money, {"prefect.resource.id": f"callsheet.project.{project}", "prefect.resource.name": project}
    if outcome.state == "cap_reached":
        cap = {"cap": "" if money.cap is None else text(money.cap), "settled": text(money.settled)}
        left_out = {"not_bought": outcome.counts.not_bought, "why": outcome.capped.message if outcome.capped else ""}
        emit_event(event="callsheet.cap.reached", resource=resource, payload={**cap, **left_out})
    if outcome.counts.in_doubt:
        takes = ", ".join(str(result.take) for result in outcome.takes if result.end is End.IN_DOUBT)
        emit_event(event="callsheet.in-doubt", resource=resource, payload={"takes": takes, "in_doubt": text(money.in_doubt)})
