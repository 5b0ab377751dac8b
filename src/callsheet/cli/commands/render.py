"""`callsheet render`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from callsheet.cli.choosing import of_list, refuse_further_lists
from callsheet.cli.commands import plan_file
from callsheet.cli.commands.plan import view_under_cap
from callsheet.cli.drive_run import Drive, drive, hosted, straight
from callsheet.cli.options import ANY, LIST_HERE, CapText, Choosing, Flag, ForList, amount
from callsheet.cli.output.answer import Answer, say
from callsheet.cli.output.outcome_text import run_answer
from callsheet.cli.output.plan_text import plan_lines, recipients
from callsheet.cli.output.table import width
from callsheet.domain.errors import Exit, InputError, MoneyError, UsageError
from callsheet.domain.money import PER_USD, text, usd
from callsheet.domain.run_request import RunRequest
from callsheet.domain.typed import typed
from callsheet.planning.plan import Plan
from callsheet.planning.project_plan import Prepared, prepare
from callsheet.planning.quoting import Asked, quoted, refuse_unpriced
from callsheet.report.documents import outcome_document
from callsheet.runs.outcome import Outcome
from callsheet.runs.session import unless_paused
from callsheet.store.project_folder import Project
from callsheet.transport.way_out import require


def render(
    list: Annotated[
        str, Parameter(name="LIST|PLAN", help="Shot list (.csv, .xlsx, .parquet, .jsonl or .md), or a plan that `plan --out` saved.")
    ],
    /,
    *shots: Annotated[str, Parameter(help="Buy only these takes: S0010, S0010.t2, SEQUENCE/*, S0010-S0040. Default: all.")],
    cap: CapText = None,
    yes: Annotated[bool, Flag, Parameter(help="Buy without asking.")] = False,
    no_buy: Annotated[bool, Flag, Parameter(help="Collect earlier purchases and cut, but buy nothing new.")] = False,
    no_prefect: Annotated[bool, Flag, Parameter(help="Run without Prefect.")] = False,
    wait: Annotated[bool, Flag, Parameter(help="Wait until another run of this project ends, instead of exiting with 8.")] = False,
    choosing: Choosing = ANY,
    common: ForList = LIST_HERE,
) -> Answer:
    """Plan, ask, run and report."""
    project = common.project
    if common.encoding is not None and plan_file.is_plan(project.folder / list):
        raise UsageError("--encoding is a list's, and this is a saved plan", help="remove it: the list's mapping already has the encoding")
    refuse_further_lists(shots)
    common.settle(list)
    order = unless_paused(RunRequest(folder=project.folder, list=list, cap=amount("--cap", cap), buy=not no_buy, wait=wait))
    prepared = prepare_and_show(project, order, shots, choosing)
    outcome = run_prepared(prepared, prefect=not no_prefect, yes=yes)
    return run_answer(outcome_document("render", outcome, project), outcome, prepared, next_commands(outcome, prepared.order))


def prepare_and_show(project: Project, order: RunRequest, shots: Sequence[str] = (), choosing: Choosing = ANY) -> Prepared:
    """The order, prepared and shown. A saved plan is checked, and limits the run to its takes. InputError if something in the list is
    wrong.
    """
    path = project.folder / (order.list or "")
    saved = plan_file.load(path) if plan_file.is_plan(path) else None
    if saved and (shots or choosing.conditions.given):
        raise UsageError(
            "takes can't be selected from a saved plan", help="select them when you plan: callsheet plan LIST S0010 --out PLAN"
        )
    prepared = prepare(replace(order, list=saved.list) if saved else order)
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


def run_prepared(prepared: Prepared, *, prefect: bool, yes: bool) -> Outcome:
    """Run the plan: as a Prefect flow if there is something to buy, otherwise directly with the engine."""
    if not prepared.order.buy or not prepared.plan.buys:
        return drive(prepared, straight(prepared))
    if not any(limit.scope == "project" for limit in (*prepared.limits, *prepared.view.caps)):
        money = prepared.view.money
        whole = -(-(money.settled + money.held + money.in_doubt + prepared.plan.price) // PER_USD) * PER_USD
        help = f"set a limit: {typed('render', prepared.order.list)} --cap {text(max(whole, usd(1)))}"
        raise MoneyError("no cap is in force for this project, so nothing was bought", help=help)
    with hosted(prepared) if prefect else nullcontext[Drive](straight(prepared)) as how:
        if not yes:
            _ask(prepared.plan)
        return drive(prepared, how)


def next_commands(outcome: Outcome, order: RunRequest) -> Sequence[str]:
    """Commands that make sense next."""
    here = order.folder.resolve() == Path.cwd()
    list_words = [] if order.list is None else [order.list]
    where = [] if here else ["-C", order.folder]
    match outcome.exit:
        case Exit.DONE | Exit.DELIVERY:
            return (typed("report", *list_words, *where),)
        case Exit.MONEY:
            needed = prepare(replace(order, cap=None)).plan.fits.cap_needed
            raised = (typed("render", *list_words, "--cap", text(needed), *where),) if needed is not None else ()
            return (typed("plan", *list_words, *where), *raised)
        case Exit.HUMAN:
            return (typed("recover", *where), typed("status", *list_words, *where))
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
