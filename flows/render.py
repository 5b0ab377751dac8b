"""The order of a render: open the run, buy what is to be bought while sequences wait for their takes, publish, conclude."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from prefect import State, flow
from prefect.runtime import flow_run
from pydantic import Field

from callsheet.engine.opening import open_run
from callsheet.engine.order import Order
from flows._host import concluded, named
from tasks.finish import finished
from tasks.generate import generated
from tasks.policy import ascii_name, chunks, list_name

Folder = Annotated[
    str, Field(title="Project folder", description="Where the shot list, project.toml and the clips are; absolute on a worker.")
]
List = Annotated[str, Field(title="Shot list", description="CSV or Parquet, seen from the folder. Empty: only what was bought before.")]
Cap = Annotated[
    str, Field(title="Cap in USD", description="The most that this project may ever cost, such as 12.00. Empty: the cap in force stays.")
]
Buy = Annotated[bool, Field(title="Buy", description="Off: nothing new is bought; what is there is fetched and finished.")]
Wait = Annotated[bool, Field(title="Wait", description="Queue behind a run that holds the project, instead of giving up.")]
Demo = Annotated[bool, Field(title="Demo", description="The service is the demo's stand-in.")]


def name() -> str:
    """The flow run's name until the plan is known."""
    return ascii_name(list_name(flow_run.parameters.get("list")))


@flow(name="render", flow_run_name=name, retries=0, persist_result=False, log_prints=False)
async def render(
    folder: Folder, list: List, cap: Cap = "", buy: Buy = True, wait: Wait = False, demo: Demo = False
) -> State[dict[str, Any]]:
    """Turn a shot list into finished sequences under a cap."""
    async with open_run(Order.of(folder=folder, list=list, cap=cap, buy=buy, wait=wait, demo=demo)) as run:
        parts = chunks(run.takes)
        buying = (generated(run, part) for part in parts)
        finishing = (finished(sequence) for sequence in run.sequences)
        await asyncio.gather(named(run), *buying, *finishing)
    return await concluded(run, tasks=len(parts) + len(run.sequences))
