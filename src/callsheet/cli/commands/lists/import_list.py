"""`callsheet import`."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from callsheet.cli.options import LIST_HERE, ForList
from callsheet.cli.output.answer import Answer, say, schema
from callsheet.cli.output.documents import Import
from callsheet.cli.output.errors import error_count, grouped_lines, problem_lines
from callsheet.domain.errors import Exit, InputError, Problem, UsageError
from callsheet.domain.typed import typed
from callsheet.domain.wording import counted
from callsheet.shotlist.drafts.read_draft import ENDINGS as DRAFTED
from callsheet.shotlist.drafts.read_draft import read_draft
from callsheet.shotlist.load import bytes_of, load
from callsheet.shotlist.mapping import document_of, mapping_file, mapping_of, save
from callsheet.shotlist.proposal.propose import Proposal, merged, propose
from callsheet.shotlist.proposal.question import Question
from callsheet.shotlist.read import read


def import_list(
    list: Annotated[
        str | None,
        Parameter(
            help="List from another tool: a table, or a .fountain, .storyboarder, .edl or .otio file, relative to the project folder. Default: the only list in that folder."
        ),
    ] = None,
    /,
    *,
    map: Annotated[
        Path | None,
        Parameter(
            help="TOML file with your answers, or with a whole mapping. callsheet uses these answers instead of its proposals and doesn't ask for them."
        ),
    ] = None,
    sheet: Annotated[str | None, Parameter(help="Sheet to read, if the workbook has several.")] = None,
    common: ForList = LIST_HERE,
) -> Answer:
    """Propose how to read a list, ask what can't be determined, and save it in NAME.mapping.toml."""
    list = common.the_list(list)
    path = common.project.list_file(list)
    if path.suffix.lower() in DRAFTED:
        if map or sheet:
            raise UsageError(f"{list} is not a table, so there is nothing to map", help=f"write {typed('import', list)}")
        return _drafted(path, list, common)
    common.settle(list)
    before = document_of(path)
    said = _answers(common.folder / map if map else None) | ({"sheet": sheet} if sheet else {})
    grid = load(path, bytes_of(path, list), list, mapping_of(before | said, mapping_file(path).name))
    proposal = propose(grid, list, before, said)
    if proposal.questions and sys.stdin.isatty() and sys.stderr.isatty():
        say(*_lines(list, proposal))
        for question in proposal.questions:
            said = merged(said, _asked(question))
        proposal = propose(grid, list, before, said)
    shown = _lines(list, proposal)
    if proposal.questions:
        return _open(list, proposal, shown)
    mapping_of(proposal.document, mapping_file(path).name)
    file = save(path, proposal.document)
    return _read(path, list, proposal, [*shown, f"Saved to {file.name}: every command reads {list} with it."])


def _drafted(path: Path, list: str, common: ForList) -> Answer:
    """Turn a screenplay, a storyboard or a timeline into a first list, in a new file next to it."""
    new = path.with_suffix(".csv")
    if taken := [file.name for file in (new, mapping_file(new)) if file.exists()]:
        raise UsageError(
            f"{' and '.join(taken)} exist{'' if len(taken) > 1 else 's'}, and callsheet doesn't overwrite a list",
            help="move it away, or rename the file",
        )
    rate = common.settings.fps
    draft = read_draft(path, list, common.encoding, rate.value if rate else None)
    try:
        with new.open("xb") as file:
            file.write(draft.csv())
    except OSError as error:
        raise InputError(f"{new.name} can't be written: {error.strerror}", help="make the list's folder writable") from None
    name = str(Path(list).with_suffix(".csv"))
    lines = [
        f"{name} written: {len(draft.rows)} rows, all with status hold: nothing is bought until you set a row's status to ready. {list} is unchanged.",
        *(f"  note: {note}" for note in draft.notes),
        f"next: {typed('check', name)}",
    ]
    document: Import = {"schema": schema("import"), "file": list, "draft": name, "shots": len(draft.rows), "notes": [*draft.notes]}
    return Answer(document=document, lines=lines)


def _answers(file: Path | None) -> dict[str, Any]:
    """The answers in the file of --map. UsageError if it can't be read, InputError if it isn't a mapping."""
    if file is None:
        return {}
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(
            f"--map {file} can't be read: {error}", help='give a TOML file, for example with [length] and fps = "24"'
        ) from None
    mapping_of(given, file.name)
    return given


def _asked(question: Question) -> dict[str, Any]:
    """The typed answer: the number of a choice, or its word. InputError if it is neither."""
    say("", f"? {question.text}")
    for number, (value, explanation) in enumerate(question.choices, start=1):
        say(f"    {number}  {value or 'not read':<12} {explanation}")
    sys.stderr.write("  > ")
    sys.stderr.flush()
    typed = sys.stdin.readline().strip()
    values = [value for value, _ in question.choices]
    if typed.isdecimal() and 0 < int(typed) <= len(values):
        return question.answer(values[int(typed) - 1])
    if typed and (typed in values or typed in question.others):
        return question.answer(typed)
    raise InputError(f"{typed!r} is not one of the answers, so nothing was saved", help="run it again, or answer with --map FILE")


def _lines(list: str, proposal: Proposal) -> list[str]:
    """The proposal for people."""
    wide = min(28, max(len(header) for header, _, _ in proposal.columns))
    used = min(24, max(len(use) for _, use, _ in proposal.columns))
    document = proposal.document
    head = f"{list}  header in row {document['header_row']}" if document.get("header_row") else list
    lines = ["; ".join([head, *([f"left out: {', '.join(proposal.left_out)}"] if proposal.left_out else [])])]
    lines += [f"  {header[:wide]:<{wide}}  {use or '-':<{used}}  {samples}" for header, use, samples in proposal.columns]
    lines += [f"  {name} is composed: {template}" for name, template in document.get("compose", {}).items()]
    lines += [f"  status {word} is {name}" for word, name in document.get("status", {}).items()]
    length = document.get("length", {})
    return [*lines, f"  frames at {length['fps']} a second"] if "fps" in length else lines


def _document(list: str, proposal: Proposal) -> Import:
    return {
        "schema": schema("import"),
        "file": list,
        "mapping": proposal.document,
        "columns": [{"header": header, "column": use or None, "samples": samples} for header, use, samples in proposal.columns],
    }


def _open(list: str, proposal: Proposal, lines: Sequence[str]) -> Answer:
    """The questions that have to be answered first if there is no terminal to ask on."""
    problems = tuple(
        Problem(
            code="question",
            message=f"{question.text} {' | '.join(value or 'not read' for value, _ in question.choices)}",
            help=f"write the answer to a file, such as {question.example()}, and pass it: {typed('import', list)} --map FILE",
            file=list,
        )
        for question in proposal.questions
    )
    count = f"{counted(len(problems), 'question')} open. Nothing was saved or spent."
    return Answer(
        document=_document(list, proposal), lines=lines, exit=Exit.INPUT, problems=problems, notes=[*problem_lines(problems), "", count]
    )


def _read(path: Path, list: str, proposal: Proposal, lines: Sequence[str]) -> Answer:
    """The list, read with its new mapping."""
    saved = mapping_file(path).name
    try:
        shots = read(path, list)
    except InputError as error:
        notes = [*grouped_lines(error.problems), "", error_count(error.problems)]
        document: Import = {**_document(list, proposal), "saved": saved, "shots": 0}
        return Answer(document=document, lines=lines, exit=Exit.INPUT, problems=error.problems, notes=notes)
    ends = [
        *(f"  note: {note}" for note in shots.notes[1:]),
        f"{counted(len(shots.shots), 'shot')}. `{typed('check', list)}` shows how the models handle them.",
    ]
    document = {**_document(list, proposal), "saved": saved, "shots": len(shots.shots)}
    return Answer(document=document, lines=[*lines, *ends])
