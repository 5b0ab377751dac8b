"""Opens a run: the project's lock, the ledger, the clients; and plans again under the lock, so that nothing is bought from outdated
knowledge.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager, closing, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module

from callsheet.budget import ledger_identity
from callsheet.budget.bought_elsewhere import BOUGHT_ELSEWHERE
from callsheet.budget.ledger.audit import audit, small
from callsheet.budget.ledger.store import Ledger
from callsheet.budget.project_ledger import open_named
from callsheet.buying import attempt_machine
from callsheet.buying.attempt_log import AttemptLog
from callsheet.buying.context import RunContext
from callsheet.buying.lanes.channels import Channels
from callsheet.buying.listening import listen
from callsheet.clock import Clock
from callsheet.domain.errors import HumanError, InputError, LedgerError, LockedError, SetupError
from callsheet.domain.fingerprint import digest
from callsheet.domain.run_request import Listener, RunEvent, RunRequest, silent
from callsheet.media.inspect import self_check
from callsheet.planning import fallback
from callsheet.planning.plan import Action, Plan
from callsheet.planning.project_plan import Prepared, plan_of, prepare
from callsheet.planning.quoting import quoted, refuse_unpriced
from callsheet.runs.notices import Notices
from callsheet.runs.outcome import Outcome
from callsheet.runs.run import Run
from callsheet.status.run_controls import controls
from callsheet.status.run_mark import MARK
from callsheet.store.file_names import safe
from callsheet.store.project_folder import Project
from callsheet.transport.api_client import Sender
from callsheet.transport.download import Fetcher
from callsheet.transport.way_out import require

#: between two looks at whether a project is free by now, seconds
_QUEUE_S = 0.2


@dataclass(slots=True)
class Shown:
    """The plan that a person saw and agreed to, who listens to its run, and its outcome: None until it has closed, also after an
    interruption.
    """

    prepared: Prepared
    tell: Listener
    outcome: Outcome | None = None


_shown: ContextVar[Shown | None] = ContextVar("callsheet_shown", default=None)
_current: ContextVar[Run | None] = ContextVar("callsheet_run", default=None)


@contextmanager
def after_preview(prepared: Prepared, tell: Listener) -> Generator[Shown]:
    """Within this block, a run of the same order counts as one whose plan a person has seen: it buys nothing that wasn't shown. Its outcome
    is stored in the given value.
    """
    shown = Shown(prepared, tell)
    token = _shown.set(shown)
    try:
        yield shown
    finally:
        _shown.reset(token)


def current() -> Run:
    """The run of this context."""
    run = _current.get()
    assert run is not None, "no run is open here"
    return run


@asynccontextmanager
async def open_run(order: RunRequest, also: Listener = silent) -> AsyncGenerator[Run]:
    """Lock the project and open a run of `order`; `also` hears its events, too. LockedError, InputError, MoneyError, SetupError or
    HumanError if it can't begin; nothing is held then.
    """
    shown = _shown.get()
    order = replace(order, demo=shown.prepared.order.demo) if shown else order  # it is not among a flow's parameters
    order = unless_paused(order)
    if not order.demo:
        await require()
    first = shown.prepared if shown else await _priced(prepare(order))
    project = Project(order.folder)
    with ExitStack() as locks:
        await _entered(locks, project.lock, wait=order.wait)
        if first.order != order or first.changed:
            first = prepare(order)
        if not shown:
            _refuse(first, None)  # before a ledger is created for it
        _refuse_again(first)
        ledger_identity.refuse_strange(project, first.settings, buy=order.buy)
        with closing(open_named(project, first.settings)) as ledger, ExitStack() as shared:
            await _entered(shared, partial(ledger.locked, project.identity), wait=order.wait)
            done = first.plan.is_done and first.holds_for(ledger)
            prepared = first if done else plan_of(first, ledger)
            prepared = _as_shown(prepared, shown.prepared.plan) if shown else prepared
            _refuse(prepared, shown.prepared.plan if shown else None)
            ledger_identity.record_identity(prepared.project, ledger)
            _audit(ledger, prepared)
            if order.buy and prepared.plan.buys:
                await asyncio.to_thread(self_check.refuse_unfit)
                await asyncio.to_thread(_load_makers)
                attempt_machine.refuse_full(shutil.disk_usage(project.state).free)
                _refuse_unnameable(prepared)
                _refuse_unwritable(project)
            async with Sender() as sender, _running(shown or Shown(prepared, silent), prepared, ledger, sender, also) as run:
                yield run
            ledger_identity.record_identity(prepared.project, ledger)


async def _entered(locks: ExitStack, lock: Callable[[], AbstractContextManager[None]], *, wait: bool) -> None:
    """Enter a lock; `wait`: as soon as it is free. Until then the loop goes on, so that whoever waits can be stopped."""
    while True:
        try:
            locks.enter_context(lock())
        except LockedError:
            if not wait:
                raise
        else:
            return
        await asyncio.sleep(_QUEUE_S)


@asynccontextmanager
async def _running(shown: Shown, prepared: Prepared, ledger: Ledger, sender: Sender, also: Listener) -> AsyncGenerator[Run]:
    clock = Clock()

    def tell(event: RunEvent) -> None:
        shown.tell(event)
        also(event)
        notices.notify(event)

    log = AttemptLog(ledger, clock, tell)
    notices = Notices.of(prepared.settings, lambda words: log.say("note", words))
    channels = Channels(
        prepared.project, prepared.settings, sender, clock, prepared.cards, prepared.accounts, log.note_stop, log.pen, log.say
    )
    context = RunContext(
        project=prepared.project,
        settings=prepared.settings,
        cards=prepared.cards,
        log=log,
        channels=channels,
        fetcher=Fetcher(),
        buy=prepared.order.buy,
    )
    name = "\0".join((ledger.id, clock.text(), prepared.project.identity))  # the same only for the same ledger state and project
    run = Run(prepared, context, digest(name.encode())[:12])
    token = _current.set(run)
    mark = prepared.project.state / MARK
    mark.write_text(run.id)
    interrupted = True
    listening: asyncio.Task[None] | None = None
    following = asyncio.create_task(context.steering.follow(run.steered))
    try:
        run.begin()
        ledger_identity.record_run(prepared.project, ledger, run.id)  # holds are granted from here on
        listening = asyncio.create_task(listen(log, channels, lambda: run.under_way)) if prepared.settings.callback_url else None
        yield run
        await run.settle()
        interrupted = False
    except Exception:
        interrupted = False
        raise
    finally:
        following.cancel()
        if listening:
            listening.cancel()
        await run.close()
        shown.outcome = run.ended = run.outcome(interrupted=interrupted)
        notices.ended(run.ended)
        await context.close()
        await asyncio.to_thread(notices.close)
        mark.unlink(missing_ok=True)
        _current.reset(token)


def unless_paused(order: RunRequest) -> RunRequest:
    """The order, changed to buy nothing if the project is paused. SetupError if that can't be read."""
    return replace(order, buy=order.buy and controls(Project(order.folder)).paused is None)


async def direct(order: RunRequest) -> Outcome:
    """A whole run without Prefect, with the same steps as the flow."""
    async with open_run(order) as run:
        await asyncio.gather(*(run.produce(take) for take in run.takes), *(run.finish(sequence) for sequence in run.sequences))
    assert run.ended is not None, "a closed run has an outcome"
    return run.ended


async def _priced(prepared: Prepared) -> Prepared:
    """The plan with the prices that only services know, for a run whose plan nobody saw. ServiceError if one gives none."""
    if prepared.plan.problems or not prepared.order.buy:
        return prepared
    return refuse_unpriced(await quoted(prepared))


def _as_shown(prepared: Prepared, shown: Plan) -> Prepared:
    """The current plan, without what the shown one left out (a saved plan buys nothing that was added to the list later, and uses no other
    fallback).
    """
    left_out = {take.take: take for take in shown.takes if take.action is Action.BLOCKED}
    offers = {take.take: fallback.prices(take.priced) for take in shown.takes}
    takes = tuple(left_out.get(take.take, take) if take.action is Action.BUY else take for take in prepared.plan.takes)
    takes = tuple(replace(take, priced=fallback.agreed(take.priced, offers.get(take.take, {}))) for take in takes)
    return replace(prepared, plan=replace(prepared.plan, takes=takes))


def _refuse(prepared: Prepared, shown: Plan | None) -> None:
    """Report bad input, missing keys and a changed plan before anything is held."""
    plan = prepared.plan
    if plan.problems:
        raise InputError.of(plan.problems)
    if not prepared.order.buy:
        return
    for take in plan.buys:
        for offer in (take.priced, *take.priced.fallbacks):
            prepared.accounts[offer.service].key()
    if shown is not None:
        agreed = {take.take: (take.priced.agreed_print, take.price) for take in shown.buys}
        moved = [
            take for take in plan.buys if agreed.get(take.take, ("", 0))[0] != take.priced.agreed_print or take.price > agreed[take.take][1]
        ]
        if moved:
            names = ", ".join(str(take.take) for take in moved[:5])
            raise HumanError(f"the plan has changed since it was shown: {names}", help="check the new plan with `callsheet plan`")


def _refuse_unnameable(prepared: Prepared) -> None:
    """SetupError if a film that is named like its sequence couldn't be written once it is paid for."""
    for name in {take.shot.sequence for take in prepared.plan.takes} | {delivery.name for delivery in prepared.deliveries}:
        safe(name)


def _refuse_unwritable(project: Project) -> None:
    """SetupError if no film could be put where films stand, before its clips are paid for."""
    place = next(folder for folder in (project.out, project.folder) if folder.exists())
    if not os.access(place, os.W_OK | os.X_OK):
        raise SetupError(
            f"{place.resolve()} can't be written, and films are put there; nothing was bought",
            help="make it writable, then run the same command again",
        )


def _load_makers() -> None:
    """Load what receives clips and makes films before one is paid for: a broken installation costs nothing, and one that is replaced meanwhile isn't mixed in."""
    import_module("callsheet.finishing.make_film")


def _refuse_again(prepared: Prepared) -> None:
    """Stop a run in the wrong folder before a ledger is created there."""
    again = [doubt for doubt in prepared.view.doubts if doubt.code == BOUGHT_ELSEWHERE]
    if again and prepared.order.buy and prepared.plan.buys:
        raise HumanError(again[0].message, problems=again)


def _audit(ledger: Ledger, prepared: Prepared) -> None:
    """Recompute the ledger's sums after a run that was killed, and always if it is small; if they differ, nothing is bought."""
    if not (prepared.project.state / MARK).exists() and not small(ledger):
        return
    problems = audit(ledger, file=small(ledger))
    if problems:
        raise LedgerError("the ledger contradicts itself", problems=problems)
