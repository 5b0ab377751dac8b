"""What a person does with a project between runs: writes rows, looks at the plan, picks, rejects and retakes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from callsheet.budget.ledger.marks import put_mark
from callsheet.budget.ledger.store import open_ledger
from callsheet.clock import Clock
from callsheet.cutting import typed_marks
from callsheet.domain.mark import Mark
from callsheet.domain.run_request import RunRequest
from callsheet.planning.plan import PlannedTake
from callsheet.planning.project_plan import Prepared, prepare
from callsheet.runs import session
from callsheet.status.project_view import TakeView, read_view
from callsheet.store.project_folder import Project
from callsheet.transport.api_client import Sender
from callsheet.transport.download import Fetcher
from tests.project_stage import Stage
from tests.scripted_runware_films import Stock

HEAD = "shot_id,prompt,model,duration_s,resolution,fps,takes\n"


def enter(made: Stock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service takes the place of the network."""
    monkeypatch.setenv("RUNWARE_API_KEY", "canary-7c1e")
    monkeypatch.setenv("RUNWARE_BASE_URL", made.host + "/v1")
    monkeypatch.setattr(session, "Sender", lambda: Sender(made.transport()))
    monkeypatch.setattr(session, "Fetcher", lambda: Fetcher(made.transport()))


def row(shot: str, prompt: str, *, model: str = "runware/ltx-2", seconds: str = "3", size: str = "320x192", takes: int = 1) -> str:
    """A row of a list."""
    return f"{shot},{prompt},{model},{seconds},{size},24,{takes}\n"


def rows(*lines: str) -> str:
    """A list."""
    return HEAD + "".join(lines)


def prepared(stage: Stage, name: str = "spot.csv") -> Prepared:
    """The plan as it is now, with all it was made from."""
    return prepare(RunRequest(folder=stage.folder, list=name))


def plan(stage: Stage, name: str = "spot.csv") -> dict[str, PlannedTake]:
    """What would be done now, by take."""
    return {str(take.take): take for take in prepared(stage, name).plan.takes}


def said(stage: Stage, name: str = "spot.csv") -> dict[str, tuple[str, str]]:
    """Action and reason, by take."""
    return {take: (planned.action.value, planned.reason) for take, planned in plan(stage, name).items()}


def views(stage: Stage) -> list[TakeView]:
    """The takes as the book has them."""
    return list(read_view(Project(stage.folder), prepared(stage).settings).takes)


def put(stage: Stage, mark: Mark) -> None:
    """Write a mark down."""
    ledger = open_ledger(stage.folder / ".callsheet" / "ledger.db")
    put_mark(ledger, Project(stage.folder).identity, mark, at=Clock().text())
    ledger.close()


def pick(stage: Stage, name: str) -> None:
    put(stage, typed_marks.pick(views(stage), name))


def reject(stage: Stage, name: str) -> None:
    put(stage, typed_marks.reject(views(stage), name))


def retake(stage: Stage, name: str) -> None:
    put(stage, typed_marks.retake(views(stage), name))


def copied(of: Stage, to: Path) -> Stage:
    """A stage to change. It says of itself that it was moved here, so that it is the same project."""
    to.mkdir()
    stage = Stage(to)
    shutil.copytree(of.folder, to, dirs_exist_ok=True)
    Project(to).record(folder=str(to))
    return stage
