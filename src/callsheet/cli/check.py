"""`callsheet check`."""

from __future__ import annotations

from callsheet.cli.answer import Answer
from callsheet.cli.errors import problem_lines
from callsheet.cli.options import HERE, Common, ListFile
from callsheet.domain.errors import Exit, InputError, Problem
from callsheet.engine.order import Order
from callsheet.engine.prepare import prepare
from callsheet.report.documents import check_document
from callsheet.shotlist.read import read


def check(list: ListFile, /, *, common: Common = HERE) -> Answer:
    """All that is wrong with a list: its cells first, and once these are right, what the models make of them."""
    project = common.project
    path = project.list_file(list)
    try:
        shots = read(path, list)
    except InputError as error:
        return _wrong(0, (), error.problems)
    try:
        problems = prepare(Order(folder=project.folder, list=list, buy=False)).plan.problems
    except InputError as error:
        problems = error.problems
    if problems:
        return _wrong(len(shots.shots), shots.notes, problems)
    lines = [f"{list}  {len(shots.shots)} shots", *(f"  note: {note}" for note in shots.notes), "No errors. Nothing was spent."]
    return Answer(document=check_document(len(shots.shots), shots.notes, ()), lines=lines)


def _wrong(shots: int, notes: tuple[str, ...], problems: tuple[Problem, ...]) -> Answer:
    rows = len({(problem.file, problem.row) for problem in problems if problem.row})
    count = f"{len(problems)} error{'s' if len(problems) != 1 else ''} in {rows} row{'s' if rows != 1 else ''}. Nothing was spent."
    lines = [*(f"note: {note}" for note in notes), *problem_lines(problems), "", count]
    return Answer(document=check_document(shots, notes, problems), lines=lines, exit=Exit.INPUT)
