"""The steps of a finish: cut and stitch existing clips. Buys nothing and contacts no service."""

from __future__ import annotations

import asyncio
from typing import Any

from prefect import State, flow

from callsheet.domain.run_request import RunRequest
from callsheet.planning.project_plan import prepare
from flows._host import carried_out, concluded, named
from flows.render import name
from tasks.finish import recut_all


@flow(name="finish", flow_run_name=name, retries=0, persist_result=False, log_prints=False)
async def finish(folder: str, list: str, wait: bool = False) -> State[dict[str, Any]]:
    """Rebuild a shot list's sequences from the clips received.

    Args:
        folder: Project folder: where the shot list, project.toml and the clips are. Absolute, on the worker.
        list: Shot list (.csv, .xlsx, .parquet or .jsonl), relative to the folder.
        wait: Wait for another run of this project to end, instead of giving up.
    """

    async def body() -> State[dict[str, Any]]:
        order = RunRequest.of(folder=folder, list=list, buy=False, wait=wait)
        prepared = prepare(order)
        _, outcome = await asyncio.gather(named(prepared, 0), recut_all(order))
        return await concluded(prepared, outcome, tasks=1)

    return await carried_out(body)
