"""A project's files are read once for a run; what is written between the plan that was shown and the purchase is seen."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from callsheet.domain.errors import HumanError, InputError
from callsheet.domain.run_request import RunRequest
from callsheet.planning import project_plan
from callsheet.planning.project_plan import prepare
from callsheet.planning.read_project import Sources, read_project
from callsheet.runs.session import after_preview, direct
from tests.project_stage import LIST, Stage
from tests.scripted_runware import Shop

PICTURE = "shot_id,prompt,model,duration_s,resolution,fps,first_frame\nS1,rain,runware/ltx-2,3,320x192,24,pier.png\n"


def order(stage: Stage) -> RunRequest:
    return RunRequest(folder=stage.folder, list="spot.csv", cap=10_000_000)


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> list[RunRequest]:
    """The orders that files were read for."""
    seen: list[RunRequest] = []

    def read(order: RunRequest) -> Sources:
        seen.append(order)
        return read_project(order)

    monkeypatch.setattr(project_plan, "read_project", read)
    return seen


async def test_a_run_of_a_shown_plan_reads_no_file_again(stage: Stage, shop: Shop, readings: list[RunRequest]) -> None:
    """Under the lock only the ledger is asked: the files are those that the plan was shown from."""
    await stage.render()
    assert (len(readings), len(shop.jobs)) == (1, 1)


async def test_a_run_that_nobody_was_shown_reads_once(stage: Stage, shop: Shop, readings: list[RunRequest]) -> None:
    """The plan before the lock and the one under it are made from one reading."""
    await direct(order(stage))
    assert (len(readings), len(shop.jobs)) == (1, 1)


async def test_a_row_that_changes_after_the_plan_was_shown_buys_nothing(stage: Stage, shop: Shop, readings: list[RunRequest]) -> None:
    """The list is read again under the lock, and a purchase that nobody agreed to is refused."""
    shown = prepare(order(stage))
    stage.write(LIST.replace("rain", "snow"))
    with after_preview(shown, stage.told.append), pytest.raises(HumanError, match="has changed since it was shown"):
        await direct(order(stage))
    assert (len(readings), shop.jobs) == (2, {})


async def test_a_list_that_goes_wrong_after_the_plan_was_shown_buys_nothing(stage: Stage, shop: Shop) -> None:
    """Told as a wrong list is."""
    shown = prepare(order(stage))
    stage.write(LIST.replace(",24\n", ",quick\n"))
    with after_preview(shown, stage.told.append), pytest.raises(InputError):
        await direct(order(stage))
    assert shop.jobs == {}


def rewritten(stage: Stage) -> None:
    """Other bytes of the same length, with the old file's time put back."""
    path = stage.folder / "spot.csv"
    before = path.stat()
    path.write_text(PICTURE.replace("rain", "snow"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def settings_go(stage: Stage) -> None:
    (stage.folder / "project.toml").unlink()


def picture_changes(stage: Stage) -> None:
    (stage.folder / "pier.png").write_bytes(b"another picture")


def list_goes(stage: Stage) -> None:
    (stage.folder / "spot.csv").unlink()


@pytest.mark.parametrize("change", [rewritten, settings_go, picture_changes, list_goes])
def test_a_file_that_is_another_now_is_seen(stage: Stage, change: Callable[[Stage], None]) -> None:
    """Whether it was written anew, came, or went."""
    stage.write(PICTURE)
    (stage.folder / "pier.png").write_bytes(b"a picture")
    sources = read_project(order(stage))
    assert not sources.changed
    change(stage)
    assert sources.changed


def test_a_service_at_another_address_is_seen(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clips and prices belong to an account."""
    sources = read_project(order(stage))
    monkeypatch.setenv("RUNWARE_BASE_URL", "http://127.0.0.1:9/elsewhere")
    assert sources.changed


def test_what_is_written_while_it_is_read_has_changed(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file's state is taken before its bytes are: a write between the two is never missed."""

    def read(path: Path, shown_as: str, fps: object) -> object:
        found = real(path, shown_as, fps)
        stage.write(LIST.replace("rain", "snow"))
        return found

    real = project_plan.read_project.__globals__["read_all"]
    monkeypatch.setattr("callsheet.planning.read_project.read_all", read)
    assert read_project(order(stage)).changed
