"""`callsheet check`."""

from __future__ import annotations

from callsheet.cli.options import LIST_HERE, ForList, ListFile
from callsheet.cli.output.answer import Answer
from callsheet.cli.output.errors import counted, problem_lines
from callsheet.domain.errors import Exit, InputError, Problem
from callsheet.domain.run_request import RunRequest
from callsheet.planning.plan_notes import snapped_notes
from callsheet.planning.project_plan import prepare
from callsheet.report.documents import check_document
from callsheet.shotlist.read import read


def check(list: ListFile, /, *, common: ForList = LIST_HERE) -> Answer:
    """All that is wrong with a list: its cells first, and once these are right, what the models make of them."""
    project = common.project
    path = project.list_file(list)
    try:
        common.settle(list)
        shots = read(path, list)
    except InputError as error:
        return _wrong(0, (), error.problems)
    try:
        prepared = prepare(RunRequest(folder=project.folder, list=list, buy=False))
        models = sorted({item.model for item in prepared.priced} & set(prepared.cards))
        advice = tuple(f"prompts for {model}: {advice}" for model in models for advice in prepared.cards[model].advice)
        problems, notes = prepared.plan.problems, (*prepared.plan.notes, *snapped_notes(prepared.priced), *advice)
    except InputError as error:
        problems, notes = error.problems, shots.notes
    if problems:
        return _wrong(len(shots.shots), notes, problems)
    lines = [f"{list}  {len(shots.shots)} shots", *(f"  note: {note}" for note in notes), "No errors. Nothing was spent."]
    return Answer(document=check_document(len(shots.shots), notes, ()), lines=lines)


def _wrong(shots: int, notes: tuple[str, ...], problems: tuple[Problem, ...]) -> Answer:
    lines = [*(f"note: {note}" for note in notes), *problem_lines(problems), "", counted(problems)]
    return Answer(document=check_document(shots, notes, problems), lines=lines, exit=Exit.INPUT)
