"""`callsheet plan`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from callsheet.budget.caps import CapState, tightest
from callsheet.cli import planfile
from callsheet.cli.answer import Answer
from callsheet.cli.errors import problem_lines
from callsheet.cli.options import HERE, CapText, Common, Flag, ListFile, amount
from callsheet.cli.plantext import plan_lines
from callsheet.cli.table import width
from callsheet.domain.errors import Exit, Problem, worst
from callsheet.domain.money import Micros, text
from callsheet.engine.order import Order
from callsheet.engine.plan import Plan
from callsheet.engine.prepare import prepare
from callsheet.engine.view import View
from callsheet.report.documents import plan_document


def plan(
    list: ListFile,
    /,
    *,
    cap: CapText = None,
    out: Annotated[Path | None, Parameter(help="Save the plan to this file; `render` takes it and buys exactly that.")] = None,
    offline: Annotated[bool, Flag, Parameter(help="Ask no service, not even a free price endpoint.")] = False,
    detailed_exitcode: Annotated[bool, Flag, Parameter(help="Exit with 10 where there is something to buy.")] = False,
    verbose: Annotated[bool, Parameter(name=["-v", "--verbose"], negative="", help="One line for each take.")] = False,
    common: Common = HERE,
) -> Answer:
    """Price and explain a list. Every price so far is a list price on a card, so there is nothing to ask with or without `offline`."""
    del offline
    limit = amount("--cap", cap)
    prepared = prepare(Order(folder=common.project.folder, list=list, cap=limit))
    found = prepared.plan
    view = prepared.view if limit is None else tried(prepared.view, limit)
    document = plan_document(found, view)
    problems = (*found.problems, *short_of_money(found))
    lines = plan_lines(found, view, width(), verbose=verbose)
    if out is not None and not found.problems:
        planfile.save(common.project.folder / out, document, found)
        lines = [*lines, f"Saved to {out}: `callsheet render {out}` buys exactly that."]
    return Answer(
        document=document, lines=lines, exit=plan_exit(found, detailed=detailed_exitcode), problems=problems, notes=problem_lines(problems)
    )


def tried(view: View, limit: Micros) -> View:
    """The view as it would be with another project cap; nothing is stored."""
    used = view.money.settled + view.money.held + view.money.in_doubt
    others = tuple(cap for cap in view.caps if (cap.scope, cap.source) != ("project", "command"))
    caps = (CapState(scope="project", name="", amount=limit, used=used), *others)
    tight = tightest(caps)
    return replace(view, caps=caps, money=replace(view.money, cap=limit, headroom=tight.headroom if tight else None))


def plan_exit(found: Plan, *, detailed: bool) -> Exit:
    """What a plan comes to: wrong input, too dear, something to buy (only where it was asked for), or nothing to say."""
    codes = {
        Exit.INPUT: bool(found.problems),
        Exit.MONEY: bool(short_of_money(found)),
        Exit.TO_BUY: detailed and bool(found.buys),
    }
    return worst(code for code, holds in codes.items() if holds)


def short_of_money(found: Plan) -> tuple[Problem, ...]:
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
