"""`callsheet report`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp

from callsheet.cli.options import HERE, Common, OptionalList
from callsheet.cli.output.answer import Answer
from callsheet.cli.project_state import ProjectState, bought_takes
from callsheet.domain.cut import Finished
from callsheet.report.documents import house_of, money, sequence
from callsheet.report.page import Story, write_page
from callsheet.report.sent_files import departed
from callsheet.report.takes_table import write_takes
from callsheet.runs.recut import films
from callsheet.store.house import house


def report(list: OptionalList = None, /, *, common: Common = HERE) -> Answer:
    """Write the page and the table, and say where they are."""
    found = bought_takes(common, list)
    finished = films(found.prepared) if found.prepared else ()
    page, table = write(found, finished)
    document = {
        "schema": "callsheet.report/1",
        "report": page,
        "table": table,
        "takes": len(found.view.takes),
        "files": [one.json() for one in departed(found.view.takes)],
        "money": money(found.view.money),
        "sequences": [sequence(film, found.project) for film in finished],
        "house": house_of(),
    }
    return Answer(document=document, lines=[f"report: {page}", f"takes: {table}", f"Flows, cards and configs: {house()}."])


def write(found: ProjectState, finished: Sequence[Finished]) -> tuple[str, str]:
    """Write report.html and takes.parquet, in out/ or, where nothing can be written there, in a new folder of this machine's; their paths as users see them."""
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
    """Whether files can be made in a folder, which may not be there yet."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return os.access(there, os.W_OK | os.X_OK)
