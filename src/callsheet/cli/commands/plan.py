"""`callsheet plan`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from callsheet.budget.rules.caps import CapState, tightest
from callsheet.cli.commands import plan_file
from callsheet.cli.options import HERE, CapText, Common, Flag, ListFile, amount
from callsheet.cli.output.answer import Answer, say
from callsheet.cli.output.errors import problem_lines
from callsheet.cli.output.plan_text import plan_lines
from callsheet.cli.output.table import width
from callsheet.domain.errors import Exit, Problem, UsageError, worst
from callsheet.domain.money import Micros, text
from callsheet.domain.run_request import Order
from callsheet.planning.dry_run import DryRun, failures, tried
from callsheet.planning.plan import Plan
from callsheet.planning.project_plan import prepare
from callsheet.planning.quoting import quoted, unasked
from callsheet.report.documents import Document, plan_document
from callsheet.status.project_view import View


def plan(
    list: ListFile,
    /,
    *,
    cap: CapText = None,
    out: Annotated[Path | None, Parameter(help="Save the plan to this file; `render` takes it and buys exactly that.")] = None,
    offline: Annotated[bool, Flag, Parameter(help="Ask no service, not even a free price endpoint.")] = False,
    quote: Annotated[
        bool, Flag, Parameter(help="Have the services that offer dry runs check the purchases and tell their prices, which is free.")
    ] = False,
    detailed_exitcode: Annotated[bool, Flag, Parameter(help="Exit with 10 where there is something to buy.")] = False,
    verbose: Annotated[bool, Parameter(name=["-v", "--verbose"], negative="", help="One line for each take.")] = False,
    common: Common = HERE,
) -> Answer:
    """Price and explain a list. A service is asked only where the vendor has no list price, which is free; `offline` asks none."""
    limit = amount("--cap", cap)
    first = prepare(Order(folder=common.project.folder, list=list, cap=limit))
    asked = unasked(first) if offline else asyncio.run(quoted(first, say))
    prepared = asked.prepared
    found = prepared.plan
    view = prepared.view if limit is None else under(prepared.view, limit)
    if quote and offline:
        raise UsageError("--quote asks services, and --offline asks none", help="leave one of them out")
    runs = asyncio.run(tried(prepared)) if quote else ()
    document = plan_document(found, view) | ({"dry_runs": [dry_run(run) for run in runs]} if quote else {})
    problems = (*found.problems, *asked.problems, *_unanswered(runs), *_short_of_money(found))
    lines = [*plan_lines(found, view, width(), verbose=verbose), *_dry_run_lines(runs, quote=quote)]
    if out is not None and not found.problems and not asked.problems:
        plan_file.save(common.project.folder / out, document, found)
        lines = [*lines, f"Saved to {out}: `callsheet render {out}` buys exactly that."]
    return Answer(
        document=document,
        lines=lines,
        exit=_plan_exit(found, (*asked.problems, *_unanswered(runs)), detailed=detailed_exitcode),
        problems=problems,
        notes=problem_lines(problems),
    )


def under(view: View, limit: Micros) -> View:
    """The view as it would be with another project cap; nothing is stored."""
    used = view.money.settled + view.money.held + view.money.in_doubt
    others = tuple(cap for cap in view.caps if (cap.scope, cap.source) != ("project", "command"))
    caps = (CapState(scope="project", name="", amount=limit, used=used), *others)
    tight = tightest(caps)
    return replace(view, caps=caps, money=replace(view.money, cap=limit, headroom=tight.headroom if tight else None))


def dry_run(run: DryRun) -> Document:
    """What a service said of one kind of purchase, for scripts."""
    price = None if run.price is None else text(run.price)
    return {"model": run.model, "what": run.what, "takes": [*run.takes], "price": price, "held": text(run.held), "message": run.says}


def _dry_run_lines(runs: Sequence[DryRun], *, quote: bool) -> list[str]:
    """What services said; that none was asked where somebody wished it."""
    return [run.says for run in runs] or (["dry run: nothing would be bought at a service that has dry runs"] if quote else [])


def _unanswered(runs: Sequence[DryRun]) -> tuple[Problem, ...]:
    """The problem of each dry run that was not answered."""
    help = "check the network, the key and the row, then run again"
    return tuple(Problem(code="service", message=run.says, help=help, take=run.takes[0]) for run in failures(runs))


def _plan_exit(found: Plan, unpriced: Sequence[Problem], *, detailed: bool) -> Exit:
    """What a plan comes to: a service that gave no price, wrong input, too dear or without a price, something to buy (only where it was asked for)."""
    codes = {
        Exit.PLACE: any(problem.code == "service" for problem in unpriced),
        Exit.INPUT: bool(found.problems),
        Exit.MONEY: bool(_short_of_money(found)) or any(problem.code == "unpriced" for problem in unpriced),
        Exit.TO_BUY: detailed and bool(found.buys),
    }
    return worst(code for code, holds in codes.items() if holds)


def _short_of_money(found: Plan) -> tuple[Problem, ...]:
    """The problem that not everything fits under the caps; nothing where it does."""
    missing = len(found.buys) - found.fits.takes
    if missing <= 0 or found.fits.first is None:
        return ()
    return (
        Problem(
            code="cap",
            message=f"the plan does not fit: {missing} of {len(found.buys)} takes are beyond the cap",
            help=f"raise the cap ({text(found.price)} USD buys all of it at list price), or buy what fits",
            take=found.fits.first.full,
        ),
    )
