"""Cuts a list again from existing clips: contacts no service, buys nothing, opens no client."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from callsheet.buying.take_result import End, TakeResult
from callsheet.clock import Clock
from callsheet.domain.cut import Cut, Delivery, Finished
from callsheet.domain.errors import InputError
from callsheet.domain.run_request import Listener, RunEvent, RunRequest
from callsheet.finishing.current_film import stand
from callsheet.finishing.finish import find, finish
from callsheet.planning.plan_cuts import cuts
from callsheet.planning.project_plan import Prepared, prepare
from callsheet.runs.outcome import Outcome
from callsheet.store.project_folder import Project


def recut(order: RunRequest, tell: Listener) -> tuple[Outcome, Prepared]:
    """Finish every sequence of the list into every delivery, and return what was read for it. A sequence without any clip is left out, with
    its takes reported as not bought. LockedError if a run has the project locked; InputError if something in the list is wrong;
    DeliveryError or MediaError if a film can't be made.
    """
    with locked_project(order):
        prepared = prepare(order)
        if prepared.plan.problems:
            raise InputError.of(prepared.plan.problems)
        prepared.keep_inputs()
        films = tuple(_finish(cut, delivery, prepared, tell) for cut, delivery in cuts(prepared) if len(cut.missing) < len(cut.shots))
    done = {film.sequence for film in films}
    absent = (take for take in prepared.plan.takes if take.shot.sequence not in done)
    outcome = Outcome(
        money=prepared.view.money,
        caps=prepared.view.caps,
        takes=tuple(TakeResult(take=take.take, end=End.NOT_BOUGHT, message="its sequence has no clip") for take in absent),
        sequences=films,
        kept=len(prepared.plan.keeps),
    )
    return outcome, prepared


@contextmanager
def locked_project(order: RunRequest) -> Generator[None]:
    """Lock the project of an order with an existing list. InputError if there is none, before anything is written; LockedError if a run has
    it locked.
    """
    project = Project(order.folder)
    if order.list:
        project.list_file(order.list)
    with project.lock(wait=order.wait):
        yield


def films(prepared: Prepared) -> tuple[Finished, ...]:
    """The films of the list in `out/`, unchanged: looked up, never made."""
    standing: list[Finished] = []
    for cut, delivery in cuts(prepared):
        if len(cut.missing) < len(cut.shots) and (film := find(cut, delivery, prepared.project, prepared.settings.qc)):
            standing.append(film)
    return tuple(standing)


def _finish(cut: Cut, delivery: Delivery, prepared: Prepared, tell: Listener) -> Finished:
    film = stand(finish(cut, delivery, prepared.project, prepared.settings.qc), prepared.project)
    tell(RunEvent(kind="finish", text=film.summary(prepared.project.relative(film.file)), at=Clock().text()))
    return film
