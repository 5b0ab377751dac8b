"""`callsheet pick`, `reject`, `retake`: marks only; the next render buys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

from cyclopts import Parameter

from callsheet.budget.ledger.marks import marks, put_mark
from callsheet.budget.project_ledger import open_existing
from callsheet.cli.options import HERE, Common, Flag
from callsheet.cli.output.answer import Answer, schema
from callsheet.cli.project_state import ProjectState, all_takes
from callsheet.clock import Clock
from callsheet.cutting import selects
from callsheet.domain.errors import UsageError
from callsheet.domain.mark import Mark, MarkKind, Marks
from callsheet.domain.money import text
from callsheet.domain.typed import typed
from callsheet.planning.plan import Action
from callsheet.report.documents import Document
from callsheet.status.project_view import TakeView

_MEANINGS = {
    MarkKind.PICK: "is picked: it stands in the cut and is not bought again, also when its row changes",
    MarkKind.UNPICK: "is not picked any more",
    MarkKind.REJECT: "is rejected: it is not cut any more",
    MarkKind.UNREJECT: "is not rejected any more: it may be cut again",
    MarkKind.UNRETAKE: "is not to be retaken: what it has counts again",
    MarkKind.RETAKE: "is to be retaken: what it has stays in the cut, marked, until the next clip is received",
}
_VERBS = {Action.BUY: "buys", Action.KEEP: "keeps", Action.WAIT: "goes on with", Action.BLOCKED: "can't buy"}

ReadMark = Callable[[Sequence[TakeView], str, Marks], Mark]


def pick(
    *takes: str,
    undo: Annotated[bool, Flag, Parameter(help="Take the pick back: the take is no longer locked.")] = False,
    common: Common = HERE,
) -> Answer:
    """Choose takes for the cut."""
    return _mark(common, "pick", takes, selects.unpick if undo else selects.pick)


def reject(
    *takes: str,
    undo: Annotated[bool, Flag, Parameter(help="Take the reject back: the clip may be cut again.")] = False,
    common: Common = HERE,
) -> Answer:
    """Refuse clips."""
    return _mark(common, "reject", takes, selects.unreject if undo else selects.reject)


def retake(
    *shots: str,
    undo: Annotated[bool, Flag, Parameter(help="Take the last retake back: what the shot has counts again.")] = False,
    common: Common = HERE,
) -> Answer:
    """Have shots made again."""
    return _mark(common, "retake", shots, selects.unretake if undo else selects.retake)


def _mark(common: Common, command: str, names: Sequence[str], read_mark: ReadMark) -> Answer:
    """All names are understood before the first mark is written."""
    if not names:
        raise UsageError(f"{command} what?", help=f"write callsheet {command} {'S0010' if command == 'retake' else 'S0010.t2'}")
    before = all_takes(common)
    wanted = [read_mark(before.view.takes, name, before.view.marks) for name in names]
    written = _write(before, wanted)
    after = all_takes(common)
    marked = {(mark.list, mark.shot) for mark in wanted}
    following = [take for prepared in after.lists for take in prepared.plan.takes if (take.take.list, take.take.shot) in marked]
    lines = [f"note: {note}" for note in before.notes]
    takes: list[Document] = []
    marks_written: list[Document] = []
    for mark, new in written:
        take_name = None if mark.take is None else f"{mark.shot}.t{mark.take}"
        lines.append(f"{take_name or mark.shot} {_MEANINGS[mark.kind] if new else 'was marked so before'}")
        marks_written.append({"mark": mark.kind.value, "list": mark.list, "shot": mark.shot, "take": take_name, "new": new})
    for take in following:
        price = f" for {text(take.price)} USD" if take.action is Action.BUY else ""
        action = {"action": take.action.value, "reason": take.reason, "price": text(take.price)}
        takes.append({"take": str(take.take), "list": take.take.list, **action})
        lines.append(f"  the next render {_VERBS[take.action]} {take.take}{price}: {take.reason}")
    lists = {mark.list for mark in wanted}
    lines += [f"next: {typed('finish', one.plan.file)}" for one in after.lists if one.plan.list in lists]
    document = {
        "schema": schema(command),
        "marks": marks_written,
        "takes": takes,
    }
    return Answer(document=document, lines=lines)


def _write(found: ProjectState, wanted: Sequence[Mark]) -> list[tuple[Mark, bool]]:
    """Each mark with whether it was new; one that says nothing new is not written again."""
    ledger = open_existing(found.project, found.settings)
    assert ledger is not None, "what has attempts has a ledger"
    try:
        written: list[tuple[Mark, bool]] = []
        for mark in wanted:
            new = not selects.already_marked(mark, marks(ledger, found.project.identity))
            if new:
                put_mark(ledger, found.project.identity, mark, at=Clock().text())
            written.append((mark, new))
        return written
    finally:
        ledger.close()
