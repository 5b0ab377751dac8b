"""`callsheet check`."""

from __future__ import annotations

import json
from dataclasses import replace as dataclass_replace
from pathlib import Path
from typing import Annotated, NamedTuple

from cyclopts import Parameter

from callsheet.cli.options import CUT_HERE, Flag, ForCut, ListFile
from callsheet.cli.output.answer import Answer
from callsheet.cli.output.errors import error_count
from callsheet.cli.output.problem_formats import Format, formatted
from callsheet.cli.output.table import width, wrapped_lines
from callsheet.domain.errors import Exit, InputError, Problem, UsageError
from callsheet.domain.run_request import RunRequest
from callsheet.domain.timebase import Fps
from callsheet.domain.wording import counted
from callsheet.planning.asked_length import with_length
from callsheet.planning.cut_lengths import CutLength
from callsheet.planning.notes.plan_notes import hint_notes, snapped_notes
from callsheet.planning.project_plan import prepare
from callsheet.report.documents import check_document
from callsheet.shotlist.copies.copy_of import annotated, refuse_copy, save_copy
from callsheet.shotlist.load import bytes_of
from callsheet.shotlist.mapping import load_mapping, mapping_file
from callsheet.shotlist.mend import mend
from callsheet.shotlist.read import read_all


def check(
    list: ListFile = None,
    /,
    *,
    format: Annotated[
        Format | None,
        Parameter(
            help="How to write the problems: full (grouped, for people), concise (one line each), json, github (annotations) or sarif (code scanning). Default: full."
        ),
    ] = None,
    fix: Annotated[
        bool,
        Flag,
        Parameter(
            help="Write a corrected copy of a CSV list to NAME.fixed.csv, and show the differences. Fixes every problem that has only one possible fix."
        ),
    ] = False,
    annotate: Annotated[
        Path | None,
        Parameter(
            help="Write to this file a copy of the list that shows the problems: in an extra column of a CSV, or in comments on the cells of an XLSX."
        ),
    ] = None,
    replace: Annotated[bool, Flag, Parameter(help="With --annotate: overwrite an earlier copy.")] = False,
    common: ForCut = CUT_HERE,
) -> Answer:
    """Everything that is wrong with a list, the settings and the files that they name, in one pass: cells, models, sizes, media, subtitles,
    deliveries.
    """
    list = common.the_list(list)
    path = common.project.list_file(list)
    if fix:
        common.settle(list)
        return _fixed(path, list)
    copy = common.folder / annotate if annotate else None
    if copy:
        refuse_copy(path, copy, "--annotate", str(annotate), replace=replace)
    found = _found(path, list, common)
    answer = _answer(list, found, format or "full")
    if copy is None or annotate is None:
        return answer
    copied = annotated(path, list, copy.name, found.problems)
    save_copy(copied, copy, str(annotate))
    marked = len({(problem.cell, problem.row) for problem in found.problems})
    said = f"{annotate} written: {counted(marked, 'place')} marked. {list} is unchanged."
    return dataclass_replace(answer, document={**answer.document, "annotated": str(annotate)}, notes=[*answer.notes, said])


class _Found(NamedTuple):
    """What `check` reports about a list."""

    shots: int
    notes: tuple[str, ...]
    problems: tuple[Problem, ...]
    cuts: tuple[CutLength, ...] = ()


def _found(path: Path, list: str, common: ForCut) -> _Found:
    """All problems of a list, and the notes on it."""
    try:
        common.settle(list)
        prepared = prepare(RunRequest(folder=common.project.folder, list=list, buy=False))
    except InputError as error:
        try:
            shots = read_all(path, list, Fps(24)).list
        except InputError:
            return _Found(0, (), error.problems)
        return _Found(len(shots.shots), shots.notes, error.problems)
    models = sorted({item.model for item in prepared.priced} & set(prepared.cards))
    advice = tuple(f"prompts for {model}: {advice}" for model in models for advice in prepared.cards[model].advice)
    plan = with_length(prepared.plan, common.length)
    hints = hint_notes(prepared.priced, prepared.cards)
    notes = (*plan.notes, *snapped_notes(prepared.priced), *hints, *advice)
    return _Found(len(prepared.shots.shots) if prepared.shots else 0, notes, plan.problems, plan.cuts)


def _answer(list: str, found: _Found, shown: Format) -> Answer:
    if found.problems or shown in ("sarif", "json"):
        return _wrong(found, shown)
    cuts = [f"  cut: {cut.summary}" for cut in found.cuts]
    lines = [
        f"{list}  {counted(found.shots, 'shot')}",
        *cuts,
        *(f"  note: {note}" for note in found.notes),
        "No errors. Nothing was spent.",
    ]
    lines = wrapped_lines(lines, width())
    document = check_document(found.shots, found.notes, (), found.cuts)
    return Answer(document=document, lines=[] if shown in ("concise", "github") else lines)


def _wrong(found: _Found, format: Format) -> Answer:
    document = check_document(found.shots, found.notes, found.problems, found.cuts)
    exit = Exit.INPUT if found.problems else Exit.DONE
    if format == "json":
        return Answer(document=document, lines=[json.dumps(document, ensure_ascii=False, indent=2)], exit=exit)
    lines = formatted(found.problems, format)
    if format == "full":
        lines = wrapped_lines([*(f"note: {note}" for note in found.notes), *lines, "", error_count(found.problems)], width())
    return Answer(document=document, lines=lines, exit=exit)


def _fixed(path: Path, list: str) -> Answer:
    """Write a copy of the list with every unambiguous fix, and read it again to report what is left."""
    if path.suffix.lower() not in (".csv", ".tsv"):
        raise UsageError(f"--fix works on .csv files only, and {list} is not one", help="save the sheet as CSV")
    copy = path.with_name(f"{path.stem}.fixed{path.suffix}")
    mapping = load_mapping(path)
    mended = mend(bytes_of(path, list), list, copy.name, mapping.encoding, read_all(path, list).problems)
    if not mended.count:
        return Answer(document=check_document(0, (), ()) | {"fixed": None}, lines=["Nothing can be fixed without a decision from you."])
    try:
        copy.write_bytes(mended.data)
        if mapping_file(path).exists():
            mapping_file(copy).write_bytes(mapping_file(path).read_bytes())
    except OSError as error:
        raise InputError(f"{copy.name} can't be written: {error.strerror}", help="make the list's folder writable") from None
    left = read_all(copy, copy.name)
    lines = [*mended.diff, "", f"{copy.name} written: {mended.count} fixed, {len(left.problems)} left. {list} is unchanged."]
    document = check_document(len(left.list.shots), left.list.notes, left.problems) | {"fixed": copy.name, "mended": mended.count}
    return Answer(document=document, lines=lines, exit=Exit.INPUT if left.problems else Exit.DONE, notes=formatted(left.problems, "full"))
