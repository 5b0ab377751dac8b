"""A plan of selected takes only: the others are skipped, kept clips stay, and what fits under the caps is recomputed."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing, nullcontext
from dataclasses import replace

from callsheet.budget.project_ledger import open_existing
from callsheet.clock import Clock
from callsheet.domain.take import TakeId
from callsheet.planning.notes import cap_preview
from callsheet.planning.plan import NOT_CHOSEN, Action, PlannedTake
from callsheet.planning.project_plan import Prepared


def only(prepared: Prepared, chosen: Collection[TakeId]) -> Prepared:
    """The plan in which only the selected takes are bought. A take that waits for a frame of a skipped one is blocked, with the reason."""
    takes = {take.take: _left_out(take) if take.action is Action.BUY and take.take not in chosen else take for take in prepared.plan.takes}
    while waiting := [take for take in takes.values() if take.action is Action.BUY and _missing(take, takes)]:
        for take in waiting:
            names = ", ".join(_missing(take, takes))
            takes[take.take] = replace(take, action=Action.BLOCKED, expected=0, reason=f"waits for a frame of {names}, which is not bought")
    plan = replace(prepared.plan, takes=tuple(takes.values()))
    settings = prepared.settings
    ledger = open_existing(prepared.project, settings)
    with closing(ledger) if ledger else nullcontext():
        day = Clock().day(settings.timezone.value, settings.day_starts_at)
        fits = cap_preview.fits(plan, prepared.project, ledger, prepared.limits, day)
    return replace(prepared, plan=replace(plan, fits=fits))


def _left_out(take: PlannedTake) -> PlannedTake:
    return replace(take, action=Action.BLOCKED, expected=0, reason=NOT_CHOSEN)


def _missing(take: PlannedTake, takes: dict[TakeId, PlannedTake]) -> list[str]:
    return [str(other) for other in take.waits if other in takes and takes[other].action is Action.BLOCKED]
