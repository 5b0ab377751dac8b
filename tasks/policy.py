"""Names, tags and settings for every task, in one place. Prefect never retries, caches or persists a task: a retry would buy twice, and
purchases are in the ledger.
"""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Awaitable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypedDict, cast

from prefect import State
from prefect.cache_policies import NO_CACHE, CachePolicy
from prefect.exceptions import Pause
from prefect.states import Cancelled, Completed, Failed

from callsheet.buying.take_result import End, TakeResult
from callsheet.domain.take import TakeId
from callsheet.planning.project_plan import Prepared
from callsheet.runs.run import Run

#: up to this many takes, each has its own task; more at once overflow the server's event queue
SINGLE_TASKS = 500
#: takes per task beyond that
CHUNK = 50
#: how long Prefect may take to begin or end a task whose run was cancelled, seconds
GRACE_S = 15.0

#: a take's end as a Prefect state: failures are failed states, the others are named outcomes
_FAILING = {End.FAILED: "Failed", End.REFUSED: "Refused", End.IN_DOUBT: "InDoubt"}
_NAMES = {End.RECEIVED: "Received", End.KEPT: "Kept", End.WAITING: "Waiting", End.NOT_BOUGHT: "NotBought"}


class Terms(TypedDict):
    """The arguments of `@task`."""

    cache_policy: CachePolicy
    persist_result: bool
    retries: int
    log_prints: bool


TERMS = Terms(cache_policy=NO_CACHE, persist_result=False, retries=0, log_prints=False)


def ascii_name(text: str) -> str:
    """`text` in printable ASCII, for Prefect's lists and log lines: accents are dropped, other characters become `?`."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return "".join(sign if " " <= sign <= "~" else "?" for sign in plain)[:200]


def list_name(given: str | None) -> str:
    """A shot list's name without folder and ending; `recover` if there is none."""
    return Path(given).stem if given else "recover"


def slug(text: str) -> str:
    """`text` as an artifact's key: a-z, 0-9 and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", ascii_name(text).lower()).strip("-") or "callsheet"


def take_name(run: Run, take: TakeId) -> str:
    """`S0010.t1 runware-ltx-2.3`."""
    return ascii_name(f"{take} {run.planned(take).model.replace('/', '-')}")


def chunk_name(takes: Sequence[TakeId]) -> str:
    """`S0010.t1 to S0490.t1 (50 takes)`."""
    return ascii_name(f"{takes[0]} to {takes[-1]} ({len(takes)} takes)")


def chunks(takes: Sequence[TakeId]) -> list[Sequence[TakeId]]:
    """The takes by the task that buys them: one each, or if there are many, chunks in buying order."""
    size = 1 if len(takes) <= SINGLE_TASKS else CHUNK
    return [takes[start : start + size] for start in range(0, len(takes), size)]


def flow_tags(prepared: Prepared) -> set[str]:
    """Tags for finding a flow run. Its tasks have none: before a task with tags begins, Prefect asks the server for a slot of each tag's
    limit, and where the server doesn't answer, the run would end there.
    """
    order = prepared.order
    lists = {ascii_name(f"list:{list_name(order.list)}")} if order.list else set[str]()
    models = {ascii_name(f"model:{planned.model}") for planned in prepared.plan.takes}
    return {ascii_name(f"project:{prepared.settings.name}"), *lists, *models}


def take_state(results: Sequence[TakeResult]) -> State[dict[str, str]]:
    """The state of a task that handled `results`: failed if one of them is, with a message and no traceback."""
    failing = [result for result in results if result.end in _FAILING]
    if failing:
        return Failed(name=_FAILING[failing[0].end], message="; ".join(f"{result.take}: {result.message}" for result in failing))
    ends = {result.end for result in results}
    return Completed(
        name=_NAMES[ends.pop()] if len(ends) == 1 else "Completed", data={str(result.take): result.end.value for result in results}
    )


def uncancelled() -> None:
    """Take back a cancel that was handled, so that Prefect reports no crash for a run that ends by itself."""
    task = asyncio.current_task()
    while task and task.cancelling():
        task.uncancel()


def stopped() -> State[Any]:
    """The state of a task whose run was cancelled. The run itself continues to its own end."""
    uncancelled()
    return Cancelled(
        name="Stopped", message="the run was stopped; jobs under way continue at their service, and the next run collects them"
    )


async def together(*steps: Coroutine[Any, Any, None]) -> None:
    """Run steps side by side until the last has ended, also where one fails or all are cancelled; raise what the first raised.

    `gather` alone is over with the first that is: a task that Prefect is still writing down would be cut off with the loop, as a crash.
    """
    running = [asyncio.ensure_future(step) for step in steps]
    try:
        await asyncio.gather(*running)
    except BaseException:
        for one in running:
            if not one.done() and not one.cancelling():
                one.cancel()
        await asyncio.wait(running)
        raise


async def awaited(call: object, *working: asyncio.Future[Any]) -> None:
    """Await a task that was called with `return_state=True`, and raise what it raised: a defect, or a stop of the whole run.

    A cancel reaches `working`, the futures that the task's body awaits, and the task is left to end by itself, because Prefect's engine
    treats a cancel during its own beginning or end as a crash. A task that hangs there, such as in a limit's queue, is cancelled after
    `GRACE_S`. In any case, `working` has ended when this returns. A task that reported a failing take has done its work: nothing is raised.
    Prefect types such a call as a plain State, hence the cast.
    """
    engine = asyncio.ensure_future(cast("Awaitable[State[Any]]", call))
    try:
        state = await asyncio.shield(engine)
    except Pause:  # the run was suspended: it ends as a whole, not task by task
        return
    except asyncio.CancelledError:
        for one in working:
            one.cancel()
        await asyncio.wait({engine}, timeout=GRACE_S)
        raise
    finally:
        for one in (engine, *working):
            one.cancel()
        await asyncio.gather(engine, *working, return_exceptions=True)
    raised = getattr(state.data, "result", state.data)
    if isinstance(raised, BaseException):
        raise raised
