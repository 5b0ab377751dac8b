"""`callsheet demo`."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from callsheet.cli.commands.buying.render import prepare_and_show, run_prepared
from callsheet.cli.commands.money.report import write
from callsheet.cli.options import HERE, Common, Flag
from callsheet.cli.output.answer import Answer, say
from callsheet.cli.output.outcome_text import run_answer
from callsheet.cli.project_state import list_state
from callsheet.domain.money import usd
from callsheet.domain.run_request import RunRequest
from callsheet.domain.typed import typed
from callsheet.planning.project_plan import prepare
from callsheet.report.documents import outcome_document
from callsheet.report.json_documents import Run
from callsheet.settings.isolated import environment
from callsheet.standin.jobs.config import Config
from callsheet.standin.serve import running
from callsheet.store.house import house_root
from callsheet.store.project_folder import Project

_LIST = "lighthouse.csv"
#: enough for the whole list at list price, with some money left
_CAP = usd("2.50")
#: much faster than real time, but slow enough to watch
_SPEED = 20.0


def demo(
    directory: Annotated[
        Path, Parameter(name="DIR", help="Folder for the demo, relative to --folder. callsheet creates the folder if it doesn't exist.")
    ] = Path("callsheet-demo"),
    /,
    *,
    no_prefect: Annotated[bool, Flag, Parameter(help="Run without Prefect.")] = False,
    common: Common = HERE,
) -> Answer:
    """The main job on the stand-in: list, plan, render, report."""
    project = _project(common.folder / directory)
    config = Config(speed=_SPEED, state=project.state / "standin", burn=True)
    with running(config) as url, environment({"RUNWARE_API_KEY": "made-up-for-the-demo", "RUNWARE_BASE_URL": f"{url}/v1"}):
        say(f"This demo buys from a local stand-in: no key needed, nothing is paid. Working in {directory}.", "")
        prepared = prepare_and_show(project, RunRequest(folder=project.folder, list=_LIST, cap=_CAP, demo=True))
        outcome = run_prepared(prepared, prefect=not no_prefect, yes=True)
        page, table = write(list_state(prepare(prepared.order)), outcome.sequences)
        document: Run = {**outcome_document("demo", outcome, project), "folder": str(directory), "report": page, "table": table}
        return run_answer(document, outcome, prepared, (f"open {directory / page}", typed("docs", "tutorial")))


def _project(folder: Path) -> Project:
    """The demo's folder with its list; an existing list is left alone."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / _LIST).exists():
        shutil.copyfile(house_root() / "manifests" / _LIST, folder / _LIST)
    return Project(folder.resolve())
