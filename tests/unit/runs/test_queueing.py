"""`--wait`: a run queues behind another one of its project, and can be stopped while it does."""

from __future__ import annotations

import asyncio

import pytest

from callsheet.domain.errors import Exit, LockedError
from callsheet.domain.run_request import RunRequest
from callsheet.planning.project_plan import prepare
from callsheet.runs.session import after_preview, direct
from callsheet.store.project_folder import Project
from tests.project_stage import Stage
from tests.scripted_runware import Shop


async def test_a_run_that_waits_for_another_can_be_stopped_and_begins_when_that_has_ended(stage: Stage, shop: Shop) -> None:
    """The one that is stopped buys nothing; the other one buys as soon as the project is free."""
    order = RunRequest(folder=stage.folder, list="spot.csv", cap=1_000_000, wait=True)
    with after_preview(prepare(order), stage.told.append):
        with Project(stage.folder).lock():
            stopped, waiting = asyncio.create_task(direct(order)), asyncio.create_task(direct(order))
            async with asyncio.timeout(10):  # a loop that is blocked doesn't come here at all
                await asyncio.sleep(0.1)
            stopped.cancel()
            with pytest.raises(asyncio.CancelledError):
                await stopped
            assert (waiting.done(), shop.bodies) == (False, [])
        outcome = await waiting
    assert (outcome.exit, outcome.counts.bought, len(shop.bodies)) == (Exit.DONE, 1, 1)


async def test_a_run_that_does_not_wait_is_told(stage: Stage, shop: Shop) -> None:
    """Exit code 8."""
    with Project(stage.folder).lock(), pytest.raises(LockedError, match="another run"):
        await stage.render()
    assert shop.bodies == []
