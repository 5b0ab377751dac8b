"""`callsheet costs`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from callsheet.cli.options import HERE, Common, Flag, OptionalList
from callsheet.cli.output.answer import Answer
from callsheet.cli.output.outcome_text import money_line
from callsheet.cli.output.plan_text import caps_lines
from callsheet.cli.output.table import Column, table, width, wrapped_lines
from callsheet.cli.project_state import ProjectState, bought_takes
from callsheet.domain.money import text
from callsheet.domain.timebase import fps_text
from callsheet.planning.notes.expected_cost import known
from callsheet.planning.plan_cuts import cut_seconds
from callsheet.report.documents import number, optional, view_document
from callsheet.report.json_documents import Costs, Receipts
from callsheet.report.json_documents import Figures as FiguresPart
from callsheet.report.json_documents import Group as GroupSums
from callsheet.report.receipt.costs_page import Spending, costs_page
from callsheet.report.receipt.printed_page import print_page
from callsheet.report.spend_figures import Figures, Left, figures
from callsheet.report.spend_groups import By, Group, as_csv, groups
from callsheet.report.takes_frame import attempts

if TYPE_CHECKING:
    import pandas as pd


def costs(
    list: OptionalList = None,
    /,
    *,
    by: Annotated[
        By, Parameter(help="How to group the sums. `client` and `job` are the client and the production job that project.toml names.")
    ] = "sequence",
    csv: Annotated[bool, Flag, Parameter(help="Print only the sums, as CSV.")] = False,
    pdf: Annotated[Path | None, Parameter(help="Also print the costs to this PDF file. Requires Chromium or Chrome.")] = None,
    common: Common = HERE,
) -> Answer:
    """What was spent, and on what."""
    found = bought_takes(common, list)
    frame = attempts(found.view.takes, found.settings.timezone.value, found.settings.billing)
    summed = groups(frame, by)
    absent = sorted({take.take.list for take in found.view.takes} - {one.plan.list for one in found.lists})
    notes = (
        *found.notes,
        *(f"the list {name} can't be read in this folder, so its takes are left out of the figures per second" for name in absent),
    )
    came_to = _figures(found, frame)
    document: Costs = {
        **view_document("costs", found.view, found.project, notes),
        "by": by,
        "groups": [_document(group) for group in summed],
        "figures": _figures_document(came_to),
    }
    rows = [
        [group.name, str(group.attempts), str(group.received), *map(text, (group.price, group.settled, group.held, group.in_doubt))]
        for group in summed
    ]
    if pdf is not None:
        words = [line for line in (*_lines(came_to), *(f"note: {note}" for note in notes)) if line]
        whose, view = found.settings.billing, found.view
        _print(Spending(title=found.settings.name, billing=whose, view=view, by=by, groups=summed, words=words), common.folder / pdf)
        document["pdf"] = str(pdf)
        notes = (*notes, f"printed as {pdf}")
    if csv:
        return Answer(document=document, lines=as_csv(summed, by))
    body = [*table(_columns(by), rows, width()), ""] if rows else ["nothing has been bought yet"]
    money = [*caps_lines(found.view.caps, no_cap=found.view.money.cap is None), money_line(found.view.money)]
    return Answer(
        document=document, lines=[*body, *wrapped_lines((*_lines(came_to), *(f"  note: {note}" for note in notes), *money), width())]
    )


def _print(spent: Spending, to: Path) -> None:
    with TemporaryDirectory(prefix="callsheet-costs-") as folder:
        page = Path(folder) / "costs.html"
        page.write_text(costs_page(spent, datetime.now(UTC)), encoding="utf-8")
        print_page(page, to)


def _figures(found: ProjectState, frame: pd.DataFrame) -> Figures:
    takes = [take for one in found.lists for take in one.plan.buys]
    left = Left(
        takes=len(takes),
        price=sum(take.price for take in takes),
        expected=sum(take.expected for take in takes),
        learned=sum(bool(take.receipts) for take in takes),
    )
    used = sum((cut_seconds(one) for one in found.lists), Fraction(0))
    accounts = {attempt.account for take in found.view.takes for attempt in take.attempts}
    return figures(frame, [one.plan.list for one in found.lists], used, left, known(found.project, found.settings, accounts))


def _lines(came_to: Figures) -> Iterator[str]:
    share, each, left = came_to.retake_share, came_to.per_finished_second, came_to.left
    if each is not None:
        yield f"  a finished second costs {text(each)} USD: {_seconds(came_to.used_s)} s are in the cut, {_seconds(came_to.paid_s)} s were paid, {_seconds(came_to.unused_s)} s of them unused"
    if share is not None:
        yield f"  retakes took {text(came_to.retakes)} USD ({float(share):.0%}); {text(came_to.lost)} USD was billed without a clip"
    if left.takes:
        yield f"  still to buy: {left.takes} takes, {text(left.price)} USD at list price, {text(left.expected)} expected (receipts for {left.learned} of them)"
    for (_, model, size, fps, length), taught in came_to.forecast.kinds.items():
        if taught.share != 1:
            receipts = f"charged {float(taught.share):.1%} of the quote (median of {taught.receipts})"
            yield f"  {model} {size} {fps_text(fps)} fps {_seconds(length)} s: {receipts}"
    if came_to.settled or left.takes:
        yield ""


def _seconds(seconds: Fraction) -> str:
    return f"{float(seconds):.2f}".rstrip("0").rstrip(".")


def _columns(by: By) -> tuple[Column, ...]:
    return (
        Column(by, elastic=True),
        Column("tries", right=True, folds=2),
        Column("clips", right=True, folds=3),
        Column("list $", right=True, folds=1),
        Column("spent $", right=True),
        Column("held $", right=True),
        Column("in doubt $", right=True),
    )


def _document(group: Group) -> GroupSums:
    return {
        "name": group.name,
        "attempts": group.attempts,
        "received": group.received,
        "price": text(group.price),
        "settled": text(group.settled),
        "held": text(group.held),
        "in_doubt": text(group.in_doubt),
    }


def _figures_document(came_to: Figures) -> FiguresPart:
    share, left = came_to.retake_share, came_to.left
    receipts: list[Receipts] = [
        {
            "account": account,
            "model": model,
            "resolution": str(size),
            "fps": fps_text(fps),
            "duration_s": number(seconds),
            "share": number(taught.share),
            "receipts": taught.receipts,
        }
        for (account, model, size, fps, seconds), taught in came_to.forecast.kinds.items()
    ]
    return {
        "lists": [*came_to.lists],
        "settled": text(came_to.settled),
        "retakes": text(came_to.retakes),
        "retake_share": number(share) if share is not None else None,
        "billed_without_clip": text(came_to.lost),
        "paid_s": number(came_to.paid_s),
        "used_s": number(came_to.used_s),
        "unused_s": number(came_to.unused_s),
        "per_finished_s": optional(came_to.per_finished_second),
        "left": {"takes": left.takes, "price": text(left.price), "expected": text(left.expected), "from_receipts": left.learned},
        "receipts": receipts,
    }
