"""`callsheet pick`, `reject`, `retake`: marks only; the next render buys."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Annotated

from cyclopts import Parameter

from callsheet.budget.ledger.marks import marks, put_mark
from callsheet.budget.project_ledger import open_existing
from callsheet.cli.choosing import candidates, some
from callsheet.cli.options import ANY, HERE, Choosing, ChosenTakes, Common, Flag
from callsheet.cli.output.answer import Answer, schema
from callsheet.cli.output.documents_decisions import Marked
from callsheet.cli.output.next_render import cut_lines, of_shots, shots_in_cut, take_lines, take_parts
from callsheet.cli.project_state import ProjectState, all_takes
from callsheet.clock import Clock
from callsheet.cutting import typed_marks
from callsheet.domain.errors import Problem, UsageError
from callsheet.domain.mark import Mark, MarkKind, Marks
from callsheet.domain.selection import Chosen
from callsheet.domain.typed import typed
from callsheet.planning.plan import Action, PlannedTake
from callsheet.planning.project_plan import Prepared
from callsheet.report.documents import problem_part
from callsheet.status.project_view import TakeView

_MEANINGS = {
    MarkKind.PICK: "is picked: it stays in the cut and is not bought again, even if its row changes",
    MarkKind.UNPICK: "is no longer picked",
    MarkKind.REJECT: "is rejected: it is out of the cut",
    MarkKind.UNREJECT: "is no longer rejected: it may be used in the cut",
    MarkKind.UNRETAKE: "is no longer marked for a retake: its clip is used again",
    MarkKind.RETAKE: "will be retaken: its clip stays in the cut, marked, until the new one is received",
}

ReadMark = Callable[[Sequence[TakeView], str, Marks], Mark]


_TAKE_NUMBER = re.compile(r".*\.t[0-9]+")


def pick(
    *takes: ChosenTakes,
    undo: Annotated[bool, Flag, Parameter(help="Undo the pick: the take is no longer locked.")] = False,
    choosing: Choosing = ANY,
    common: Common = HERE,
) -> Answer:
    """Choose takes for the cut."""
    return _mark(common, "pick", takes, choosing, typed_marks.unpick if undo else typed_marks.pick)


def reject(
    *takes: ChosenTakes,
    undo: Annotated[bool, Flag, Parameter(help="Undo the rejection: the clip may be used again.")] = False,
    choosing: Choosing = ANY,
    common: Common = HERE,
) -> Answer:
    """Remove clips from the cut."""
    return _mark(common, "reject", takes, choosing, typed_marks.unreject if undo else typed_marks.reject)


def retake(
    *shots: Annotated[
        str,
        Parameter(
            help="Shots: S0010, SEQUENCE/*, S0010-S0040. You can also select them by their takes, with --stale, --failed, --model or --cheaper-than."
        ),
    ],
    undo: Annotated[bool, Flag, Parameter(help="Undo the last retake: the shot is no longer marked to be bought again.")] = False,
    choosing: Choosing = ANY,
    common: Common = HERE,
) -> Answer:
    """Mark shots to be made again."""
    return _mark(common, "retake", shots, choosing, typed_marks.unretake if undo else typed_marks.retake)


def _mark(common: Common, command: str, words: Sequence[str], choosing: Choosing, read_mark: ReadMark) -> Answer:
    """Resolve all patterns before writing the first mark."""
    conditions = choosing.conditions
    before = all_takes(common)
    if not words and not conditions.given:
        first = next((take.take for take in before.view.takes if take.attempts), None)
        example = None if first is None else first.shot if command == "retake" else first
        help = f"write `{typed(command, example)}`, for instance" if example else "`callsheet render` buys the first takes"
        raise UsageError(f"{command} what?", help=help)
    chosen = some(words, conditions, candidates(before))
    _refuse_mistaken(command, words, chosen)
    wanted, left_out = _wanted(before, _names(command, chosen), read_mark)
    written = _write(before, wanted)
    after = all_takes(common)
    marked = {(mark.list, mark.shot) for mark in wanted}
    following, shown = of_shots(after.lists, marked), shots_in_cut(after.lists, marked)
    lists = {mark.list for mark in wanted}
    document: Marked = {
        "schema": schema(command),
        "marks": [
            {"mark": mark.kind.value, "list": mark.list, "shot": mark.shot, "take": _take_name(mark), "new": new} for mark, new in written
        ],
        "takes": take_parts(following),
        "cut": shown,
        "left_out": [problem_part(problem) for problem in left_out],
    }
    lines = [
        *(f"{_take_name(mark) or mark.shot} {_MEANINGS[mark.kind] if new else 'already had this mark'}" for mark, new in written),
        *(f"left out: {problem.message}" for problem in left_out),
        *take_lines(following),
        *cut_lines(shown),
        *(f"next: {_next(following, one)}" for one in after.lists if one.plan.list in lists),
    ]
    return Answer(document=document, lines=lines)


def _next(following: Sequence[PlannedTake], one: Prepared) -> str:
    """The command that gives a list's film what was decided: one that buys, or one that only cuts."""
    mine = [take.action for take in following if take.take.list == one.plan.list]
    return typed("render", one.plan.file) if Action.BUY in mine or Action.WAIT in mine else typed("finish", one.plan.file)


def _names(command: str, chosen: Sequence[Chosen]) -> list[tuple[str, bool]]:
    """What is marked, each once, by the name that was typed or the full name of the shot or take; and whether it was typed."""
    found: dict[tuple[str, bool], None] = {}
    for one in chosen:
        full = f"{one.take.list}:{one.take.shot}" if command == "retake" else one.take.full
        found[one.word or full, one.word is not None] = None
    return list(found)


def _refuse_mistaken(command: str, words: Sequence[str], chosen: Sequence[Chosen]) -> None:
    """UsageError if a pattern matches what can't be marked at once: takes for a retake, or two takes of a shot for a pick."""
    patterns = [one.take for one in chosen if one.word is None]
    if command == "retake" and patterns and (numbered := next((word for word in words if _TAKE_NUMBER.fullmatch(word)), None)):
        raise UsageError(f"a retake applies to whole shots, not to {numbered}", help=f"write {numbered.rpartition('.t')[0]}")
    if command == "pick":
        shots = [(take.list, take.shot) for take in patterns]
        twice = [take for take in patterns if shots.count((take.list, take.shot)) > 1]
        if twice:
            names = ", ".join(map(str, twice[:4]))
            raise UsageError(
                f"only one take of a shot can be picked, and these belong to one shot: {names}",
                help="name one of them, as in SEQUENCE/*.t1",
            )


def _wanted(before: ProjectState, names: Sequence[tuple[str, bool]], read_mark: ReadMark) -> tuple[list[Mark], list[Problem]]:
    """The marks, and why the other matches of a pattern can't be marked. UsageError with each typed name that can't be marked, or if no
    mark is left.
    """
    wanted: list[Mark] = []
    refused: list[Problem] = []
    left_out: list[Problem] = []
    for name, exact in names:
        try:
            wanted.append(read_mark(before.view.takes, name, before.view.marks))
        except UsageError as error:
            (refused if exact else left_out).extend(error.problems)
    problems = refused or (left_out if not wanted else [])
    if problems:
        raise UsageError(problems[0].message, problems=problems)
    return wanted, left_out


def _take_name(mark: Mark) -> str | None:
    return None if mark.take is None else f"{mark.shot}.t{mark.take}"


def _write(found: ProjectState, wanted: Sequence[Mark]) -> list[tuple[Mark, bool]]:
    """Write each mark, and report whether it was new; a mark that changes nothing is not written again."""
    ledger = open_existing(found.project, found.settings)
    assert ledger is not None, "a project with attempts has a ledger"
    try:
        written: list[tuple[Mark, bool]] = []
        for mark in wanted:
            new = not typed_marks.already_marked(mark, marks(ledger, found.project.identity))
            if new:
                put_mark(ledger, found.project.identity, mark, at=Clock().text())
            written.append((mark, new))
        return written
    finally:
        ledger.close()
