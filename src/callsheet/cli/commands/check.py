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
from callsheet.shotlist.read import read_all


def check(list: ListFile, /, *, common: ForList = LIST_HERE) -> Answer:
    """All that is wrong with a list, the settings and the files that they name, in one pass: cells, models, sizes, media, subtitles, deliveries."""
    project = common.project
    path = project.list_file(list)
    try:
        common.settle(list)
        prepared = prepare(RunRequest(folder=project.folder, list=list, buy=False))
    except InputError as error:
        try:
            shots = read_all(path, list).list
        except InputError:
            return _wrong(0, (), error.problems)
        return _wrong(len(shots.shots), shots.notes, error.problems)
    models = sorted({item.model for item in prepared.priced} & set(prepared.cards))
    advice = tuple(f"prompts for {model}: {advice}" for model in models for advice in prepared.cards[model].advice)
    count, notes = len(prepared.shots.shots if prepared.shots else ()), (*prepared.plan.notes, *snapped_notes(prepared.priced), *advice)
    if prepared.plan.problems:
        return _wrong(count, notes, prepared.plan.problems)
    lines = [f"{list}  {count} shots", *(f"  note: {note}" for note in notes), "No errors. Nothing was spent."]
    return Answer(document=check_document(count, notes, ()), lines=lines)


def _wrong(shots: int, notes: tuple[str, ...], problems: tuple[Problem, ...]) -> Answer:
    lines = [*(f"note: {note}" for note in notes), *problem_lines(problems), "", counted(problems)]
    return Answer(document=check_document(shots, notes, problems), lines=lines, exit=Exit.INPUT)
