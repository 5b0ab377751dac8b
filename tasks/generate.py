"""Buy takes: one task each, or one per chunk if there are very many. A task begins when its take is sent: takes that wait for a slot don't
appear yet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from prefect import State, task

from callsheet.buying.take_result import TakeResult
from callsheet.domain.take import TakeId
from callsheet.runs.run import Run
from tasks.events import Events
from tasks.policy import TERMS, awaited, chunk_name, stopped, take_name, take_state


@task(name="generate", **TERMS)
async def generate(producing: Sequence[asyncio.Task[TakeResult]]) -> State[dict[str, str]]:
    """Follow takes under way until they end; the engine handles lanes, money and retries."""
    try:
        return take_state(await asyncio.gather(*producing))
    except asyncio.CancelledError:
        return stopped()


async def generated(run: Run, takes: Sequence[TakeId], events: Events) -> None:
    """Buy `takes`, and await the task that shows them under a readable name; it begins with the first that is sent, or that has ended
    unsent.
    """
    producing = [asyncio.create_task(run.produce(take)) for take in takes]
    sent = asyncio.create_task(events.sent(takes))
    try:
        if all(run.planned(take).attempt is None for take in takes):
            await asyncio.wait([sent, *producing], return_when=asyncio.FIRST_COMPLETED)
        name = take_name(run, takes[0]) if len(takes) == 1 else chunk_name(takes)
        named = generate.with_options(task_run_name=name.replace("{", "(").replace("}", ")"))
        await awaited(named(producing, return_state=True), *producing)
    finally:
        for one in (sent, *producing):
            one.cancel()
        await asyncio.gather(sent, *producing, return_exceptions=True)
    for result in (one.result() for one in producing if not one.cancelled()):
        events.tell_result(result)
