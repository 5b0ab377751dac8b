"""`callsheet status`."""

from __future__ import annotations

from callsheet.cli.answer import Answer
from callsheet.cli.ending import money_line
from callsheet.cli.looking import Looked, looked
from callsheet.cli.options import HERE, Common, OptionalList
from callsheet.cli.plantext import caps_lines, doubt_lines
from callsheet.cli.table import Column, table, width
from callsheet.domain.money import text
from callsheet.engine.view import TakeView
from callsheet.report.documents import view_document

_COLUMNS = (
    Column("take"),
    Column("sequence", folds=3, elastic=True),
    Column("model", folds=2),
    Column("state"),
    Column("tries", right=True, folds=4),
    Column("held $", right=True, folds=1),
    Column("paid $", right=True),
    Column("notes", elastic=True),
)


def status(list: OptionalList = None, /, *, common: Common = HERE) -> Answer:
    """Every take, where it is."""
    found = looked(common, list)
    document = view_document("status", found.view, found.project) | {"notes": [*found.notes]}
    return Answer(document=document, lines=_lines(found, width()))


def _lines(found: Looked, within: int) -> tuple[str, ...]:
    takes = found.view.takes
    rows = [_row(take) for take in takes]
    head = f"{found.settings.name}: {len(takes)} takes; state in {found.project.relative(found.project.state)}"
    if found.project.network:
        head += f", ledger in {found.project.locks} ({found.project.network} is a network file system)"
    body = ["", *(f"  {line}" for line in table(_COLUMNS, rows, within - 2)), ""] if rows else ["  nothing was bought yet"]
    notes = [f"  note: {note}" for note in found.notes]
    return (
        head,
        *body,
        *notes,
        *doubt_lines(found.view),
        *caps_lines(found.view.caps, no_cap=found.view.money.cap is None),
        money_line(found.view.money),
    )


def _row(take: TakeView) -> list[str]:
    state = take.state.replace("_", " ")
    return [
        str(take.take),
        take.sequence,
        take.model,
        state,
        str(len(take.attempts)),
        text(take.held),
        text(take.settled),
        "; ".join(_notes(take)),
    ]


def _notes(take: TakeView) -> list[str]:
    last = take.attempts[-1] if take.attempts else None
    marks = (
        ("picked", take.picked),
        ("stale: made for an older row, or to be retaken", take.stale),
        ("rejected: the next render buys another", take.rejected),
    )
    notes = [word for word, holds in marks if holds]
    notes += [str(finding["message"]) for finding in take.findings]
    return [*notes, last.message] if last and last.message else notes
