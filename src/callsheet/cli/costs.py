"""`callsheet costs`."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from callsheet.cli.answer import Answer
from callsheet.cli.ending import money_line
from callsheet.cli.looking import looked
from callsheet.cli.options import HERE, Common
from callsheet.cli.plantext import caps_lines
from callsheet.cli.table import Column, table, width
from callsheet.domain.money import text
from callsheet.report.documents import Document, view_document
from callsheet.report.sums import By, Group, groups


def costs(
    *,
    by: Annotated[By, Parameter(help="What to sum by.")] = "sequence",
    common: Common = HERE,
) -> Answer:
    """What was spent on what."""
    found = looked(common, None)
    summed = groups(found.view.takes, by, found.settings.timezone.value)
    document = view_document("costs", found.view, found.project) | {"by": by, "groups": [_document(group) for group in summed]}
    rows = [_row(group) for group in summed]
    body = [*table(_columns(by), rows, width()), ""] if rows else ["nothing was bought yet"]
    lines = [*body, *caps_lines(found.view.caps, no_cap=found.view.money.cap is None), money_line(found.view.money)]
    return Answer(document=document, lines=lines)


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


def _row(group: Group) -> list[str]:
    return [group.name, str(group.attempts), str(group.received), *map(text, (group.price, group.settled, group.held, group.in_doubt))]


def _document(group: Group) -> Document:
    return {
        "name": group.name,
        "attempts": group.attempts,
        "received": group.received,
        "price": text(group.price),
        "settled": text(group.settled),
        "held": text(group.held),
        "in_doubt": text(group.in_doubt),
    }
