"""`callsheet report`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp
from typing import Annotated

from cyclopts import Parameter

from callsheet.cli.options import HERE, Common, Flag, OptionalList
from callsheet.cli.output.answer import Answer, say
from callsheet.cli.output.documents import Report, SentFile
from callsheet.cli.project_state import ProjectState, bought_takes
from callsheet.domain.cut import Finished
from callsheet.domain.errors import InputError, UsageError
from callsheet.domain.wording import counted
from callsheet.report.documents import house_of, money, sequence, view_document
from callsheet.report.json_documents import ReportPage
from callsheet.report.receipt.page import Story, write_page
from callsheet.report.receipt.printed_page import browser, print_page
from callsheet.report.sent_files import Departed, departed
from callsheet.report.status_sheet import NAMES, status_cells
from callsheet.report.takes_table import write_takes
from callsheet.runs.recut import films
from callsheet.shotlist.copies.copy_of import refuse_copy, save_copy, with_columns
from callsheet.store import atomic_files
from callsheet.store.house import house
from callsheet.store.project_folder import Project

#: lines of a diff that are shown
_SHOWN = 60


def report(
    list: OptionalList = None,
    /,
    *,
    sheet: Annotated[
        Path | None,
        Parameter(
            help="Instead of the report, write to this file a copy of your CSV or XLSX list, with each shot's status, cost, chosen take, clip and picture added."
        ),
    ] = None,
    replace: Annotated[bool, Flag, Parameter(help="With --sheet: overwrite an earlier copy.")] = False,
    pdf: Annotated[bool, Flag, Parameter(help="Also print the report to out/report.pdf. Requires Chromium or Chrome.")] = False,
    common: Common = HERE,
) -> Answer:
    """Write the page and the table, and print their paths; or a copy of the list's sheet with the state of its shots."""
    if sheet is not None:
        if pdf:
            raise UsageError("--pdf prints the page, and --sheet writes none", help="run the command once with each")
        return _sheet(common, list, sheet, replace=replace)
    if pdf:
        browser()  # before the page's pictures are made
    found = bought_takes(common, list)
    finished = [film for one in found.lists for film in films(one)]
    page, table = write(found, finished)
    twin = _twin(found, finished, page)
    printed = _printed(found.project, page) if pdf else None
    document: Report = {
        "schema": "callsheet.report/1",
        "report": page,
        "table": table,
        "twin": twin,
        "takes": len(found.view.takes),
        "files": [sent_file(one) for one in departed(found.view.takes)],
        "money": money(found.view.money),
        "sequences": [sequence(film, found.project) for film in finished],
        "house": house_of(),
    }
    if printed:
        document["pdf"] = printed
    files = [f"report: {page}", *([f"printed: {printed}"] if printed else []), f"takes: {table}", f"as JSON: {twin}"]
    return Answer(document=document, lines=[*files, f"Flows, cards and configs: {house()}."])


def _twin(found: ProjectState, finished: Sequence[Finished], page: str) -> str:
    """The page's takes, attempts and money as JSON beside it."""
    path = (found.project.folder / page).with_suffix(".json")
    films = [sequence(film, found.project) for film in finished]
    document: ReportPage = {**view_document("report-page", found.view, found.project, found.notes), "sequences": films}
    atomic_files.write(path, json.dumps(document, indent=1, ensure_ascii=False))
    return found.project.relative(path)


def _printed(project: Project, page: str) -> str:
    path = (project.folder / page).with_suffix(".pdf")
    print_page(project.folder / page, path)
    return project.relative(path)


def _sheet(common: Common, list: str | None, sheet: Path, *, replace: bool) -> Answer:
    """The copy of the user's sheet, shown as a diff before it is written. The list itself is never changed."""
    list = common.the_list(list)
    path, copy = common.project.list_file(list), common.folder / sheet
    refuse_copy(path, copy, "--sheet", str(sheet), replace=replace)
    found = bought_takes(common, list)
    if found.prepared is None or found.prepared.plan.problems:
        raise InputError.of(found.prepared.plan.problems if found.prepared else ())
    stands = status_cells(found.prepared, found.view.takes, copy.parent)
    copied = with_columns(path, list, copy.name, NAMES, stands.cells, stands.pictures)
    say(*copied.diff[:_SHOWN], *([f"... and {more} lines more"] if (more := len(copied.diff) - _SHOWN) > 0 else []))
    save_copy(copied, copy, str(sheet))
    shots = len(stands.cells)
    document: Report = {
        "schema": "callsheet.report/1",
        "sheet": str(sheet),
        "shots": shots,
        "pictures": len(stands.pictures),
        "money": money(found.view.money),
    }
    return Answer(
        document=document,
        lines=[f"{sheet} written: {counted(shots, 'shot')}, {counted(len(stands.pictures), 'picture')}. {list} is unchanged."],
    )


def sent_file(one: Departed) -> SentFile:
    """A file that was sent with a purchase."""
    return {
        "file": one.file.cell,
        "column": one.file.column,
        "sha256": one.file.sha256 or None,
        "size": one.file.size or None,
        "service": one.attempt.service,
        "account": one.attempt.account,
        "at": one.at,
        "take": one.attempt.take.full,
        "attempt": one.attempt.n,
    }


def write(found: ProjectState, finished: Sequence[Finished]) -> tuple[str, str]:
    """Write report.html and takes.parquet to out/ or, if that isn't writable, to a new folder on this machine; returns their paths for
    display.
    """
    project = found.project
    folder = project.out if atomic_files.writable(project.out) else Path(mkdtemp(prefix="callsheet-report-"))
    planned = [take for one in found.lists for take in one.plan.takes]
    story = Story(
        title=found.settings.name,
        view=found.view,
        sequences=finished,
        prompts={take.take.full: take.shot.prompt for take in planned},
        zone=found.settings.timezone.value,
        folder=folder,
        billing=found.settings.billing,
    )
    page, table = folder / "report.html", folder / "takes.parquet"
    write_page(story, project, page)
    write_takes(found.view.takes, project, table)
    return project.relative(page), project.relative(table)
