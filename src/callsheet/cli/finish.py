"""`callsheet finish`."""

from __future__ import annotations

import asyncio

from callsheet.cli.answer import Answer
from callsheet.cli.options import HERE, Common, ListFile
from callsheet.cli.running import drive, ended, ended_well
from callsheet.domain.errors import InputError
from callsheet.engine.opening import open_run
from callsheet.engine.order import Order
from callsheet.engine.outcome import Outcome
from callsheet.engine.prepare import prepare
from callsheet.report.documents import finish_document


def finish(list: ListFile, /, *, common: Common = HERE) -> Answer:
    """Cut and stitch what is there."""
    project = common.project
    prepared = prepare(Order(folder=project.folder, list=list, buy=False))
    if prepared.plan.problems:
        raise InputError.of(prepared.plan.problems)
    outcome = drive(prepared, ended_well(lambda: _cut(prepared.order)))
    return ended(finish_document(outcome, project), outcome, prepared, ())


async def _cut(order: Order) -> Outcome:
    """Every sequence from what is there; no take is produced, so no service is asked."""
    async with open_run(order) as run:
        await asyncio.gather(*(run.finish(sequence) for sequence in run.sequences))
        return run.outcome()
