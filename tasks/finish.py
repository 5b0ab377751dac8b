"""Finish sequences: one task each in a render, where they wait for their takes; one for the whole list if nothing is bought."""

from __future__ import annotations

import asyncio

from prefect import State, task
from prefect.states import Completed

from callsheet.domain.cut import Finished
from callsheet.domain.run_request import RunRequest, silent
from callsheet.planning.project_plan import Prepared
from callsheet.runs.outcome import Outcome
from callsheet.runs.recut import recut
from callsheet.runs.session import current
from tasks.policy import TERMS, ascii_name, awaited, stopped


@task(name="finish", **TERMS)
async def finish(cutting: asyncio.Task[tuple[Finished, ...]]) -> State[list[str]]:
    """Follow a sequence until its takes have ended and it is cut and stitched."""
    try:
        films = await cutting
    except asyncio.CancelledError:
        return stopped()
    complete = all(film.complete for film in films)
    missing = sorted({shot for film in films for shot in film.missing})
    failing = sorted({code for film in films for code in film.failing})
    message = "; ".join(f"{word}: {', '.join(said)}" for word, said in (("failed its check", failing), ("missing", missing)) if said)
    name = "CheckFailed" if failing else "Completed" if complete else "Incomplete"
    return Completed(name=name, message=message, data=[film.file.name for film in films])


async def finished(sequence: str) -> None:
    """Create and await the task for `sequence`."""
    name = ascii_name(f"finish {sequence}").replace("{", "(").replace("}", ")")
    cutting = asyncio.create_task(current().finish(sequence))
    await awaited(finish.with_options(task_run_name=name)(cutting, return_state=True), cutting)


@task(name="recut", task_run_name="recut", **TERMS)
async def recut_list(recutting: asyncio.Task[tuple[Outcome, Prepared]]) -> State[None]:
    """Cut every sequence of the list from existing clips."""
    try:
        await recutting
    except asyncio.CancelledError:
        return stopped()
    return Completed()


async def recut_all(order: RunRequest) -> Outcome:
    """Create and await the task."""
    recutting = asyncio.create_task(asyncio.to_thread(recut, order, silent))
    await awaited(recut_list(recutting, return_state=True), recutting)
    return recutting.result()[0]  # CancelledError if it was suspended before it began
