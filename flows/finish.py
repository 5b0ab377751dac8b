"""The order of a finish: cut and stitch what is there. Nothing is bought, no service is asked."""

from __future__ import annotations

import asyncio
from typing import Any

from prefect import State, flow

from callsheet.engine.opening import open_run
from callsheet.engine.order import Order
from flows._host import concluded, named
from flows.render import Folder, List, Wait, name
from tasks.finish import finished


@flow(name="finish", flow_run_name=name, retries=0, persist_result=False, log_prints=False)
async def finish(folder: Folder, list: List, wait: Wait = False) -> State[dict[str, Any]]:
    """Rebuild a shot list's sequences from what was received."""
    async with open_run(Order.of(folder=folder, list=list, buy=False, wait=wait)) as run:
        await asyncio.gather(named(run), *(finished(sequence) for sequence in run.sequences))
    return await concluded(run, tasks=len(run.sequences))
