"""Buy takes: one task each, or one per chunk where there are very many."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from prefect import State, task

from callsheet.domain.take import TakeId
from callsheet.runs.run import Run
from callsheet.runs.session import current
from tasks.policy import TERMS, awaited, chunk_name, stopped, take_name, take_state, take_tags


@task(name="generate", **TERMS)
async def generate(takes: Sequence[TakeId]) -> State[dict[str, str]]:
    """See to `takes` at once; the engine keeps the lanes, the money and the retries."""
    run = current()
    try:
        return take_state(await asyncio.gather(*(run.produce(take) for take in takes)))
    except asyncio.CancelledError:
        return stopped()


async def generated(run: Run, takes: Sequence[TakeId]) -> None:
    """Make and await the task for `takes`, with a name that a person can read."""
    name = take_name(run, takes[0]) if len(takes) == 1 else chunk_name(takes)
    named = generate.with_options(task_run_name=name.replace("{", "(").replace("}", ")"), tags=take_tags(run, takes))
    await awaited(named(takes, return_state=True))
