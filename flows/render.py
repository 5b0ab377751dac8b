"""The steps of a render: open the run, buy while sequences wait for their takes, publish, conclude."""

from __future__ import annotations

from typing import Any

from prefect import State, flow
from prefect.runtime import flow_run

from callsheet.domain.run_request import RunRequest
from callsheet.runs.session import open_run
from flows._host import carried_out, concluded, named
from tasks.events import Events
from tasks.finish import finished
from tasks.generate import generated
from tasks.live import progress
from tasks.policy import ascii_name, chunks, list_name, together


def name() -> str:
    """The flow run's name until the plan is known."""
    return ascii_name(list_name(flow_run.parameters.get("list")))


@flow(name="render", flow_run_name=name, retries=0, persist_result=False, log_prints=False)
async def render(
    folder: str, list: str, cap: str | float = "", buy: bool = True, wait: bool = False, final: bool = False
) -> State[dict[str, Any]]:
    """Turn a shot list into finished sequences under a cap.

    Args:
        folder: Project folder: where the shot list, project.toml and the clips are. Absolute, on the worker.
        list: Shot list (.csv, .xlsx, .parquet or .jsonl), relative to the folder. Empty: only collect earlier purchases.
        cap: The most that this project may ever cost, in USD, such as 12.00. Empty: the cap in force stays.
        buy: Off: buy nothing new; fetch and finish what was bought.
        final: Where the project buys drafts: buy the takes that were picked, as their rows say.
        wait: Wait for another run of this project to end, instead of giving up.
    """
    events = Events()

    async def body() -> State[dict[str, Any]]:
        order = RunRequest.of(folder=folder, list=list, cap=cap, buy=buy, wait=wait, final=final)
        async with open_run(order, events.tell) as run, progress(run, events):
            parts = chunks(run.takes)
            buying = (generated(run, part, events) for part in parts)
            finishing = (finished(sequence) for sequence in run.sequences)
            await together(named(run.prepared, len(run.takes)), *buying, *finishing)
        assert run.ended is not None, "a closed run has an outcome"
        return await concluded(run.prepared, run.ended, tasks=len(parts) + len(run.sequences))

    return await carried_out(body, lambda: events.run.ended if events.run else None)
