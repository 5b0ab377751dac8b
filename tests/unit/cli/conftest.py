"""A project that was rendered once, for every test that only looks."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from callsheet.store.project_folder import Project
from tests.runners import remembering
from tests.unit.cli.calling import Said, call, project, service


@pytest.fixture(autouse=True)
def _remembered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """All these commands buy the same few films, and write for no terminal: pytest-xdist tells its workers a width."""
    monkeypatch.delenv("COLUMNS", raising=False)
    with remembering():
        yield


@dataclass(frozen=True, slots=True)
class Rendered:
    """A rendered project, its command's last words, and the stand-in's folder."""

    folder: Path
    said: Said
    standin: Path
    port: int


@pytest.fixture(scope="session")
def filmed(tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    """Three takes bought under a cap of 1 USD, two sequences finished. Not to be changed."""
    place = tmp_path_factory.mktemp("filmed")
    folder = project(place / "film")
    with service(place) as url:
        said = call("render", "spot.csv", "--cap", "1", "--yes", "--no-prefect", "-C", str(folder), "--json")
    assert said.code == 0, said.err
    return Rendered(folder, said, place / "standin", urlsplit(url).port or 0)


@pytest.fixture
def copied(filmed: Rendered, tmp_path: Path) -> Iterator[Path]:
    """A copy of it to change, with its stand-in running; it says of itself that it was moved here, so that it is the same project."""
    folder = tmp_path / "film"
    shutil.copytree(filmed.folder, folder)
    Project(folder).record(folder=str(folder))
    shutil.copytree(filmed.standin, tmp_path / "standin")
    with service(tmp_path, filmed.port):
        yield folder
