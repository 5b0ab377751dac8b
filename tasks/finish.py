"""Finish a sequence: one task each."""

from __future__ import annotations

from prefect import State, task
from prefect.states import Completed

from callsheet.engine.opening import current
from tasks.policy import TERMS, ascii_name, awaited


@task(name="finish", **TERMS)
async def finish(sequence: str) -> State[list[str]]:
    """Wait for the sequence's takes, cut and stitch it."""
    films = await current().finish(sequence)
    complete = all(film.complete for film in films)
    missing = sorted({shot for film in films for shot in film.missing})
    message = f"missing: {', '.join(missing)}" if missing else ""
    return Completed(name="Completed" if complete else "Incomplete", message=message, data=[film.file.name for film in films])


async def finished(sequence: str) -> None:
    """Make and await the task for `sequence`."""
    name = ascii_name(f"finish {sequence}").replace("{", "(").replace("}", ")")
    await awaited(finish.with_options(task_run_name=name)(sequence, return_state=True))
