"""The steps of a sweep: render each new list in a folder, one after the other, until none is left."""

from __future__ import annotations

from typing import Any

from prefect import State, flow

from flows._host import carried_out
from flows.render import render
from tasks.inbox import alone, ended_with, inbox_of, next_list, settled, swept


@flow(name="sweep", flow_run_name="sweep", retries=0, persist_result=False, log_prints=False)
async def sweep(folder: str, cap: str | float = "", quiet_s: int = 60) -> State[dict[str, Any]]:
    """Render each new shot list of a folder once, under its daily cap.

    Args:
        folder: Project folder for new lists; its project.toml needs a [[cap]] of scope day. Absolute, on the worker.
        cap: The most that this project may ever cost, in USD, such as 12.00. Empty: the cap in force stays.
        quiet_s: A list counts as complete once it has been unchanged for this many seconds.
    """

    async def body() -> State[dict[str, Any]]:
        inbox = inbox_of(folder, quiet_s)
        with alone(inbox) as at_work:
            while at_work and (found := next_list(inbox)):
                rendered: Any = render(folder=folder, list=found.name, cap=cap, wait=True, return_state=True)
                state: State[dict[str, Any]] = await rendered  # Prefect types the call as if it were synchronous
                settled(inbox, found, state.name or state.type.value)
                if state.is_cancelled() or state.is_crashed():  # it was stopped, and the sweep with it
                    return ended_with(found, state)
            return swept(inbox, at_work=at_work)

    return await carried_out(body)
