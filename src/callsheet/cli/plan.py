"""`callsheet plan`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from callsheet.cli import planfile
from callsheet.cli.answer import Answer
from callsheet.cli.errors import problem_lines
from callsheet.cli.options import HERE, CapText, Common, Flag, ListFile, amount
from callsheet.cli.plantext import plan_lines
from callsheet.cli.table import width
from callsheet.domain.errors import Exit, Problem, worst
from callsheet.domain.money import text
from callsheet.engine.order import Order
from callsheet.engine.plan import Plan
from callsheet.engine.prepare import prepare
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
    prepared = prepare(Order(folder=common.project.folder, list=list, cap=amount("--cap", cap)))
    found = prepared.plan
    document = plan_document(found, prepared.view)
    problems = (*found.problems, *short_of_money(found))
    lines = plan_lines(found, prepared.view, width(), verbose=verbose)
    if out is not None and not found.problems:
        planfile.save(common.project.folder / out, document, found)
        lines = [*lines, f"Saved to {out}: `callsheet render {out}` buys exactly that."]
    return Answer(
        document=document, lines=lines, exit=plan_exit(found, detailed=detailed_exitcode), problems=problems, notes=problem_lines(problems)
    )


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
    if missing <= 0:
        return ()
    first = found.buys[found.fits.takes]
    return (
        Problem(
            code="cap",
            message=f"the plan does not fit: {missing} of {len(found.buys)} takes are beyond the cap",
            help=f"raise the cap ({text(found.price)} USD buys all of it at list price), or buy what fits",
            take=first.take.full,
        ),
    )
