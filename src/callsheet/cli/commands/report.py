"""`callsheet report`."""

from __future__ import annotations

import os
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
from callsheet.domain.typed import typed
from callsheet.domain.wording import counted
from callsheet.report.documents import house_of, money, sequence
from callsheet.report.page import Story, write_page
from callsheet.report.sent_files import Departed, departed
from callsheet.report.status_sheet import NAMES, status_cells
from callsheet.report.takes_table import write_takes
from callsheet.runs.recut import films
from callsheet.shotlist.copies.copy_of import refuse_copy, save_copy, with_columns
from callsheet.store.house import house

#: lines of a diff that are shown
_SHOWN = 60


def report(
    list: OptionalList = None,
    /,
    *,
    sheet: Annotated[
        Path | None,
        Parameter(
            help="Write a copy of the list to this file instead: your own CSV or XLSX, with status, cost, chosen take, clip and picture of each shot."
        ),
    ] = None,
    replace: Annotated[bool, Flag, Parameter(help="Overwrite an earlier copy.")] = False,
    common: Common = HERE,
) -> Answer:
    """Write the page and the table, and print their paths; or a copy of the list's sheet with the state of its shots."""
    if sheet is not None:
        return _sheet(common, list, sheet, replace=replace)
    found = bought_takes(common, list)
    finished = films(found.prepared) if found.prepared else ()
    page, table = write(found, finished)
    document: Report = {
        "schema": "callsheet.report/1",
        "report": page,
        "table": table,
        "takes": len(found.view.takes),
        "files": [sent_file(one) for one in departed(found.view.takes)],
        "money": money(found.view.money),
        "sequences": [sequence(film, found.project) for film in finished],
        "house": house_of(),
    }
    return Answer(document=document, lines=[f"report: {page}", f"takes: {table}", f"Flows, cards and configs: {house()}."])


def _sheet(common: Common, list: str | None, sheet: Path, *, replace: bool) -> Answer:
    """The copy of the user's sheet, shown as a diff before it is written. The list itself is never changed."""
    if list is None:
        raise UsageError("--sheet needs a list", help=f"write {typed('report', 'shots.csv', '--sheet', sheet)}")
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
    folder = project.out if _writable(project.out) else Path(mkdtemp(prefix="callsheet-report-"))
    planned = found.prepared.plan.takes if found.prepared else ()
    story = Story(
        title=found.settings.name,
        view=found.view,
        sequences=finished,
        prompts={take.take.full: take.shot.prompt for take in planned},
        zone=found.settings.timezone.value,
        folder=folder,
    )
    page, table = folder / "report.html", folder / "takes.parquet"
    write_page(story, project, page)
    write_takes(found.view.takes, project, table)
    return project.relative(page), project.relative(table)


def _writable(folder: Path) -> bool:
    """Whether files can be created in a folder, which may not exist yet."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return os.access(there, os.W_OK | os.X_OK)
