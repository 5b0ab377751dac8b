"""`callsheet render`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from callsheet.cli.choosing import of_list, refuse_further_lists
from callsheet.cli.commands.buying import plan_file
from callsheet.cli.commands.buying.plan import view_under_cap
from callsheet.cli.detached import start_detached
from callsheet.cli.drive_run import Drive, drive, hosted, straight
from callsheet.cli.options import ANY, FINAL, LIST_HERE, CapText, Choosing, Flag, ForList, amount
from callsheet.cli.output.answer import Answer, say, schema
from callsheet.cli.output.documents_decisions import Detached
from callsheet.cli.output.keys import KeyAction
from callsheet.cli.output.outcome_text import run_answer
from callsheet.cli.output.plan_text import plan_lines, recipients
from callsheet.cli.output.table import width
from callsheet.clock import Clock
from callsheet.domain.errors import Exit, InputError, MoneyError, UsageError
from callsheet.domain.money import PER_USD, text, usd
from callsheet.domain.run_request import RunRequest
from callsheet.domain.typed import typed
from callsheet.planning.plan import Plan
from callsheet.planning.project_plan import Prepared, prepare
from callsheet.planning.quoting import Asked, quoted, refuse_unpriced
from callsheet.report.documents import outcome_document, plan_document
from callsheet.runs.outcome import Outcome
from callsheet.runs.session import unless_paused
from callsheet.store.project_folder import Project
from callsheet.transport.way_out import require


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class HowToRun:
    """What a run buys, and how it is carried out."""

    final: Annotated[bool, Flag, Parameter(help=FINAL)] = False
    no_prefect: Annotated[bool, Flag, Parameter(help="Run without Prefect.")] = False
    wait: Annotated[
        bool, Flag, Parameter(help="If another run of this project is under way, wait for it to end instead of exiting with code 8.")
    ] = False
    detach: Annotated[
        bool, Flag, Parameter(help="Continue the run in the background after you confirm. `callsheet attach` follows the run.")
    ] = False


IN_FRONT = HowToRun()


def render(
    list: Annotated[
        str | None,
        Parameter(
            name="LIST|PLAN",
            help="Shot list (.csv, .xlsx, .parquet, .jsonl or .md), or a plan saved with `plan --out`. Default: the only list in the project folder.",
        ),
    ] = None,
    /,
    *shots: Annotated[str, Parameter(help="Buy only these shots or takes: S0010, S0010.t2, SEQUENCE/*, S0010-S0040. Default: all.")],
    cap: CapText = None,
    yes: Annotated[bool, Flag, Parameter(help="Buy without asking.")] = False,
    no_buy: Annotated[bool, Flag, Parameter(help="Collect earlier purchases and cut the sequences, but buy nothing new.")] = False,
    how: HowToRun = IN_FRONT,
    choosing: Choosing = ANY,
    common: ForList = LIST_HERE,
) -> Answer:
    """Plan, ask, run and report."""
    if list is None and yes:
        raise UsageError(
            "--yes buys without asking, so the list has to be named", help=f"write `{typed('render', common.the_list(None), '--yes')}`"
        )
    project, list = common.project, common.the_list(list)
    if common.encoding is not None and plan_file.is_plan(project.folder / list):
        raise UsageError("--encoding is a list's, and this is a saved plan", help="remove it: the list's mapping already has the encoding")
    refuse_further_lists(shots)
    common.settle(list)
    order = unless_paused(
        RunRequest(folder=project.folder, list=list, cap=amount("--cap", cap), buy=not no_buy, final=how.final, wait=how.wait)
    )
    prepared = prepare_and_show(project, order, shots, choosing)
    if how.detach and prepared.order.buy and prepared.plan.buys:
        refuse_without_cap(prepared)
        if not yes:
            _ask(prepared.plan)
        return detached(prepared, how)
    leaving = Leaving()
    try:
        outcome = run_prepared(prepared, prefect=not how.no_prefect, yes=yes, keys=(leaving.key,))
    except KeyboardInterrupt:
        if leaving.asked:
            return detached(prepared, how)
        raise
    if leaving.asked and outcome.interrupted:
        return detached(prepared, how)
    return run_answer(outcome_document("render", outcome, project), outcome, prepared, next_commands(outcome, prepared.order))


def prepare_and_show(project: Project, order: RunRequest, shots: Sequence[str] = (), choosing: Choosing = ANY) -> Prepared:
    """The order, prepared and shown. A saved plan is checked, and limits the run to its takes. InputError if something in the list is
    wrong.
    """
    path = project.folder / (order.list or "")
    saved = plan_file.load(path) if plan_file.is_plan(path) else None
    if saved and (shots or choosing.conditions.given):
        again = typed("plan", saved.list, *shots, "--out", order.list)
        raise UsageError(
            "takes can't be selected from a saved plan", help=f"select them when you plan: `{again}`, with the same conditions"
        )
    prepared = prepare(replace(order, list=saved.list, final=saved.final) if saved else order)
    if order.buy and not order.demo:
        asyncio.run(require())
    asked = asyncio.run(quoted(prepared, say)) if order.buy else Asked(prepared)
    prepared = of_list(asked.prepared, shots, choosing)
    view = prepared.view if order.cap is None else view_under_cap(prepared.view, order.cap)
    say(*plan_lines(prepared.plan, view, width()))
    if prepared.plan.problems:
        raise InputError.of(prepared.plan.problems)
    refuse_unpriced(asked)
    if saved is None:
        return prepared
    plan_file.refuse_stale(saved, prepared.plan)
    return replace(prepared, plan=plan_file.narrowed(saved, prepared.plan))


@dataclass
class Leaving:
    """Whether the person asked the run to go on without this terminal: it is stopped in good order, and taken over in the background."""

    asked: bool = False

    @property
    def key(self) -> KeyAction:
        """The key that asks."""
        return KeyAction("d", "detach", self._leave)

    def _leave(self) -> None:
        if not self.asked:
            self.asked = True
            # as Ctrl-C, which every stage of a run knows; where that is ignored, as in a script's background, a run obeys SIGTERM
            os.kill(os.getpid(), signal.SIGTERM if signal.getsignal(signal.SIGINT) is signal.SIG_IGN else signal.SIGINT)


def detached(prepared: Prepared, how: HowToRun) -> Answer:
    """The same plan, bought by a process in the background: not one request more, nor a dearer one. What is under way is collected there."""
    project = prepared.project
    name = f"render-{Clock().text().translate(str.maketrans('', '', '-:.'))}"
    plan, log = project.state / "logs" / f"{name}.plan", project.state / "logs" / f"{name}.log"
    plan_file.save(plan, plan_document(prepared.plan, prepared.view), prepared.plan)
    cap = () if prepared.order.cap is None else ("--cap", text(prepared.order.cap))
    options = [name for name, given in (("--no-prefect", how.no_prefect), ("--wait", how.wait)) if given]
    run = start_detached(project, ["render", project.relative(plan), "--yes", *cap, *options], log)
    began = "goes on" if run.began else "starts"
    where = [] if project.folder == Path.cwd() else ["-C", project.folder]
    lines = [
        f"the run {began} in the background: process {run.pid}, log {project.relative(log)}",
        *(f"next: {typed(command, *where)}" for command in ("attach", "pause", "status")),
    ]
    document: Detached = {"schema": schema("render-detached"), "pid": run.pid, "log": project.relative(log)}
    return Answer(document=document, lines=lines)


def run_prepared(prepared: Prepared, *, prefect: bool, yes: bool, keys: Sequence[KeyAction] = ()) -> Outcome:
    """Run the plan: as a Prefect flow if there is something to buy, otherwise directly with the engine."""
    if not prepared.order.buy or not prepared.plan.buys:
        return drive(prepared, straight(prepared))
    refuse_without_cap(prepared)
    with hosted(prepared) if prefect else nullcontext[Drive](straight(prepared)) as how:
        if not yes:
            _ask(prepared.plan)
        return drive(prepared, how, keys)


def refuse_without_cap(prepared: Prepared) -> None:
    """MoneyError if no limit of the project is in force, which names the command that sets one."""
    if not any(limit.scope == "project" for limit in (*prepared.limits, *prepared.view.caps)):
        money = prepared.view.money
        whole = -(-(money.settled + money.held + money.in_doubt + prepared.plan.price) // PER_USD) * PER_USD
        list, cap = prepared.order.list, text(max(whole, usd(1)))
        again = typed("render", list, "--final", "--cap", cap) if prepared.order.final else typed("render", list, "--cap", cap)
        help = f"set a limit: {again}"
        raise MoneyError("no cap is in force for this project, so nothing was bought", help=help)


def next_commands(outcome: Outcome, order: RunRequest) -> Sequence[str]:
    """Commands that make sense next."""
    here = order.folder.resolve() == Path.cwd()
    list_words = [] if order.list is None else [order.list, *(["--final"] if order.final else [])]
    where = [] if here else ["-C", order.folder]
    match outcome.exit:
        case Exit.DONE | Exit.DELIVERY:
            drafts = not order.final and any(film.drafts for film in outcome.sequences)
            return (typed("review", *list_words[:1], *where) if drafts else typed("report", *list_words[:1], *where),)
        case Exit.MONEY:
            needed = prepare(replace(order, cap=None)).plan.fits.cap_needed
            raised = (typed("render", *list_words, "--cap", text(needed), *where),) if needed is not None else ()
            return (typed("plan", *list_words, *where), *raised)
        case Exit.HUMAN:
            doubts = [typed("recover", *where)] if outcome.counts.in_doubt else []
            return (*doubts, typed("status", *list_words[:1], *where))
        case _:
            return (typed("render", *list_words, *where),)


def _ask(plan: Plan) -> None:
    """Ask on the terminal. MoneyError if the answer isn't yes, or there is no terminal."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise MoneyError("there is no terminal to confirm on, so nothing was bought", help="add --yes to buy without confirming")
    sys.stderr.write(f"Buy {recipients(plan)} for at most {text(plan.fits.usd)} USD? [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise MoneyError("not confirmed, so nothing was bought", help="answer y, or give --yes")
