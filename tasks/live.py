"""What Prefect shows during a run: how many takes have ended, and how much of the cap is used."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from uuid import UUID

from httpx import HTTPError
from prefect.artifacts import acreate_progress_artifact, aupdate_progress_artifact
from prefect.exceptions import PrefectException

from callsheet.domain.errors import CallsheetError
from callsheet.runs.run import Run
from callsheet.status.project_view import purse
from tasks.events import Events
from tasks.policy import slug

#: how often they are updated, seconds
EVERY_S = 5.0


@asynccontextmanager
async def progress(run: Run, events: Events) -> AsyncGenerator[None]:
    """Update both progress bars within the block. If the server refuses them, the run continues."""
    events.run = run
    key = slug(run.prepared.settings.name)

    async def watch() -> None:
        with suppress(HTTPError, PrefectException):
            takes = await acreate_progress_artifact(0.0, key=f"{key}-progress", description=f"Takes that have ended, of {len(run.takes)}")
            used, says = await asyncio.to_thread(_used, run), "Used of the project's cap, including money on hold"
            money = await acreate_progress_artifact(used, key=f"{key}-cap", description=says)
            while True:
                await asyncio.sleep(EVERY_S)
                await _update(takes, 100.0 * len(events.ended) / max(len(run.takes), 1))
                await _update(money, await asyncio.to_thread(_used, run))

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


async def _update(artifact: UUID | None, percent: float) -> None:
    if artifact is not None:
        await aupdate_progress_artifact(artifact_id=artifact, progress=min(percent, 100.0))


def _used(run: Run) -> float:
    """Percent of the project's cap that is spent, on hold or in doubt; 0 without a cap, or if the ledger can't be read at the moment."""
    try:
        money = purse(run.prepared.project, run.prepared.settings)
    except CallsheetError:
        return 0.0
    return min(100.0 * (money.settled + money.held + money.in_doubt) / money.cap, 100.0) if money and money.cap else 0.0
