"""Finish sequences: one task each in a render, where they wait for their takes; one for all of a list where nothing is bought."""

from __future__ import annotations

import asyncio

from prefect import State, task
from prefect.states import Completed

from callsheet.domain.run_request import RunRequest, silent
from callsheet.runs.outcome import Outcome
from callsheet.runs.recut import recut
from callsheet.runs.session import current
from tasks.policy import TERMS, ascii_name, awaited, stopped


@task(name="finish", **TERMS)
async def finish(sequence: str) -> State[list[str]]:
    """Wait for the sequence's takes, cut and stitch it."""
    try:
        films = await current().finish(sequence)
    except asyncio.CancelledError:
        return stopped()
    complete = all(film.complete for film in films)
    missing = sorted({shot for film in films for shot in film.missing})
    failing = sorted({code for film in films for code in film.failing})
    message = "; ".join(f"{word}: {', '.join(said)}" for word, said in (("failed its check", failing), ("missing", missing)) if said)
    name = "CheckFailed" if failing else "Completed" if complete else "Incomplete"
    return Completed(name=name, message=message, data=[film.file.name for film in films])


async def finished(sequence: str) -> None:
    """Make and await the task for `sequence`."""
    name = ascii_name(f"finish {sequence}").replace("{", "(").replace("}", ")")
    await awaited(finish.with_options(task_run_name=name)(sequence, return_state=True))


@task(name="recut", task_run_name="recut", **TERMS)
async def recut_list(order: RunRequest, into: list[Outcome]) -> None:
    """Cut every sequence of the list from what is there, and put the outcome `into` the list that was given."""
    outcome, _ = await asyncio.to_thread(recut, order, silent)
    into.append(outcome)


async def recut_all(order: RunRequest) -> Outcome:
    """Make and await the task."""
    into: list[Outcome] = []
    await awaited(recut_list(order, into, return_state=True))
    if not into:
        raise asyncio.CancelledError  # suspended before it began
    return into[0]
