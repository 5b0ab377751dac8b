"""`callsheet plan`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from callsheet.budget.rules.caps import CapState, tightest
from callsheet.cli.choosing import of_list, refuse_further_lists
from callsheet.cli.commands.buying import plan_file
from callsheet.cli.options import CHOSEN_CUT_HERE, FINAL, Flag, ForChosenCut, ListFile, amount
from callsheet.cli.output.answer import Answer, WhenRead, say
from callsheet.cli.output.errors import grouped_lines
from callsheet.cli.output.plan_further import against_lines, cheaper_lines, full_quality_lines, further_document, time_lines
from callsheet.cli.output.plan_text import plan_lines
from callsheet.cli.output.table import width
from callsheet.domain.errors import Exit, Problem, UsageError, worst
from callsheet.domain.money import Micros, text
from callsheet.domain.run_request import RunRequest
from callsheet.domain.typed import typed
from callsheet.planning.asked_length import with_length
from callsheet.planning.outlook.cheaper_ways import cheaper_ways
from callsheet.planning.outlook.dry_run import DryRun, dry_runs
from callsheet.planning.outlook.run_time import lane_times
from callsheet.planning.plan import Plan
from callsheet.planning.project_plan import prepare
from callsheet.planning.quoting import quoted, unasked
from callsheet.report.documents import optional, plan_document
from callsheet.report.json_documents import DryRun as DryRunPart
from callsheet.report.json_documents import Plan as PlanDocument
from callsheet.status.project_view import View
from callsheet.store.house import house


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class WhichPlan:
    """What to plan; and saved plans: one to write, and one to compare with."""

    final: Annotated[bool, Flag, Parameter(help=FINAL)] = False
    out: Annotated[Path | None, Parameter(help="Save the plan to this file. `render PATH` then buys exactly this plan.")] = None
    against: Annotated[Path | None, Parameter(help="Show how the takes and the price have changed since this saved plan.")] = None


DRAFTS_FIRST = WhichPlan()


def plan(
    list: ListFile = None,
    /,
    *shots: Annotated[str, Parameter(help="Plan only these shots or takes: S0010, S0010.t2, SEQUENCE/*, S0010-S0040. Default: all.")],
    cap: Annotated[
        str | None,
        Parameter(help="Cap to try, in USD, such as 25 or 4.80: the most that this project may ever cost. `plan` doesn't store the cap."),
    ] = None,
    which: WhichPlan = DRAFTS_FIRST,
    offline: Annotated[
        bool, Flag, Parameter(help="Contact no service, not even for a free price quote. Takes without a known price are then blocked.")
    ] = False,
    quote: Annotated[
        bool, Flag, Parameter(help="Have the purchases checked and priced by each service that offers free dry runs.")
    ] = False,
    detailed_exitcode: Annotated[bool, Flag, Parameter(help="Exit with code 10 if there is something to buy.")] = False,
    verbose: Annotated[bool, Parameter(name=["-v", "--verbose"], negative="", help="Show one line for each take.")] = False,
    common: ForChosenCut = CHOSEN_CUT_HERE,
) -> Answer:
    """Price a list and explain each take. If a service has no list price, it is asked for one, which is free; with `offline`, no
    service is asked.
    """
    if quote and offline:
        raise UsageError("--quote asks services, and --offline asks none", help="leave one of them out")
    limit = amount("--cap", cap)
    list = common.the_list(list)
    refuse_further_lists(shots)
    if which.out is not None:
        plan_file.refuse_overwriting(common.project.folder / which.out)
    common.settle(list)
    first = prepare(RunRequest(folder=common.project.folder, list=list, cap=limit, final=which.final))
    asked = unasked(first) if offline else asyncio.run(quoted(first, say))
    prepared = of_list(asked.prepared, shots, common)
    planned = with_length(prepared.plan, common.length)
    view = prepared.view if limit is None else view_under_cap(prepared.view, limit)
    runs = asyncio.run(dry_runs(prepared)) if quote else ()
    lanes, ways = lane_times(prepared), cheaper_ways(prepared)
    before = None if which.against is None else plan_file.compared(common.project.folder / which.against, planned)

    def document() -> PlanDocument:
        told: PlanDocument = {**plan_document(planned, view), **further_document(lanes, ways, planned, before)}
        if quote:
            told["dry_runs"] = [_dry_run(run) for run in runs]
        return told

    unpriced, unaffordable = (*asked.problems, *_unanswered(runs)), _short_of_money(planned)
    further = [*full_quality_lines(planned), *time_lines(lanes, planned), *cheaper_lines(ways)]
    compared = against_lines(str(which.against), before) if before else []
    lines = [
        *plan_lines(planned, view, width(), verbose=verbose, further=[*further, *compared]),
        f"Flows, cards and configs: {house()}.",
        *(run.summary for run in runs),
        *(["dry run: no purchase in this plan is at a service that has dry runs"] if quote and not runs else ()),
    ]
    if (out := which.out) is not None and not planned.problems and not asked.problems:
        plan_file.save(common.project.folder / out, document(), planned)
        lines.append(f"Saved to {out}: `{typed('render', out)}` buys exactly that.")
    problems = (*planned.problems, *unpriced, *unaffordable)
    end = _end(planned, unpriced, unaffordable, detailed=detailed_exitcode)
    return Answer(document=WhenRead(document), lines=lines, exit=end, problems=problems, notes=grouped_lines(problems))


def _end(planned: Plan, unpriced: Sequence[Problem], unaffordable: Sequence[Problem], *, detailed: bool) -> Exit:
    """The exit code: the worst of what is wrong; with `detailed`, whether there is something to buy."""
    codes = {
        Exit.SETUP: any(problem.code == "service" for problem in unpriced),
        Exit.INPUT: bool(planned.problems),
        Exit.MONEY: bool(unaffordable) or any(problem.code == "unpriced" for problem in unpriced),
        Exit.TO_BUY: detailed and bool(planned.buys),
    }
    return worst(code for code, holds in codes.items() if holds)


def _unanswered(runs: Sequence[DryRun]) -> list[Problem]:
    """A problem for each dry run that failed."""
    help = "check the network, the key and the row, then try again"
    return [Problem(code="service", message=run.summary, help=help, take=run.takes[0]) for run in runs if run.failed]


def _dry_run(run: DryRun) -> DryRunPart:
    """The service's answer on purchases that it checked."""
    return {
        "model": run.model,
        "what": run.what,
        "takes": [*run.takes],
        "price": optional(run.price),
        "held": text(run.held),
        "message": run.summary,
    }


def view_under_cap(view: View, limit: Micros) -> View:
    """The view as it would be with another project cap; nothing is stored."""
    held = view.money.held + view.money.in_doubt
    others = tuple(cap for cap in view.caps if (cap.scope, cap.source) != ("project", "command"))
    caps = (CapState(scope="project", name="", amount=limit, used=view.money.settled + held, unspent=held), *others)
    tight = tightest(caps)
    return replace(view, caps=caps, money=replace(view.money, cap=limit, headroom=tight.headroom if tight else None))


def _short_of_money(planned: Plan) -> tuple[Problem, ...]:
    """The problem that not everything fits under the caps; none if it does."""
    missing = len(planned.buys) - planned.fits.takes
    if missing <= 0 or planned.fits.first is None:
        return ()
    return (
        Problem(
            code="cap",
            message=f"the plan does not fit: {missing} of {len(planned.buys)} takes exceed the cap",
            help=f"{'; '.join(planned.fits.remedies)}, which allows all of it at list price; or buy only what fits",
            take=planned.fits.first.full,
        ),
    )
