"""The state of a list's takes: what the ledger knows, combined with what the list asks for today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from callsheet.domain.attempt import State
from callsheet.domain.take import TakeId
from callsheet.planning.plan import Action, Plan, PlannedTake
from callsheet.pricing.priced import matches
from callsheet.status.project_view import TakeView
from callsheet.store import clip_store
from callsheet.store.project_folder import Project

NOT_BOUGHT = "not_bought"


def standing(plan: Plan, known: Iterable[TakeView], project: Project) -> tuple[TakeView, ...]:
    """Every take of the list in its order: bought, stale, using another shot's clip, or not bought; then those that the list no longer asks
    for.
    """
    views = {take.take: take for take in known if take.take.list == plan.list}
    wanted = {take.take: _stands(take, views, project) for take in plan.takes}
    return (*wanted.values(), *(view for take, view in views.items() if take not in wanted))


def _stands(planned: PlannedTake, views: Mapping[TakeId, TakeView], project: Project) -> TakeView:
    view = views.get(planned.take) or TakeView(
        take=planned.take,
        sequence=planned.shot.sequence,
        service=planned.priced.service,
        model=planned.model,
        state=NOT_BOUGHT,
        attempts=(),
    )
    if planned.action is Action.KEEP:
        return _kept(view, planned, project)
    # a clip from another account (a rehearsal) isn't stale: today's account has sold nothing yet
    same = view.chosen is not None and view.chosen.account == planned.priced.account
    return replace(view, stale=same and planned.action in (Action.BUY, Action.BLOCKED))


def _kept(view: TakeView, planned: PlannedTake, project: Project) -> TakeView:
    """The clip may have been bought as another take but belongs to this one. A picked one may be older than its row."""
    chosen = planned.attempt
    stale = bool(planned.stale) or (chosen is not None and not matches(chosen, planned.priced))
    file = clip_store.clip_path(project, chosen.sha256) if chosen and chosen.sha256 else None
    return replace(view, chosen=chosen, state=State.RECEIVED.value, file=file, picked=planned.picked, stale=stale, rejected=False)
