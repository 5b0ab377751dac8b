"""What a project cost, week by week: read from its ledger, published as an artifact. Buys nothing and contacts no service."""

from __future__ import annotations

from typing import Any

from prefect import State, flow

from flows._host import carried_out
from tasks.costs import published, weeks


@flow(name="costs", flow_run_name="costs", retries=0, persist_result=False, log_prints=False)
async def costs(folder: str) -> State[dict[str, Any]]:
    """Publish what a project cost by week.

    Args:
        folder: Project folder: where project.toml and the clips are. Absolute, on the worker.
    """
    return await carried_out(lambda: published(folder, weeks(folder)))
