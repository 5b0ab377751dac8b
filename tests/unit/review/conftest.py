"""A project that was really rendered at the stand-in, for every test of the review."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from callsheet.store.project_folder import Project
from tests.runners import remembering
from tests.unit.cli.calling import call, project, service
from tests.unit.review.visitors import LIST


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """Two shots, three takes, bought; not to be changed. And the port of who sold them, which is part of the account."""
    place = tmp_path_factory.mktemp("review")
    with remembering(), service(place) as url:
        folder = project(place / "film", LIST)
        (folder / "spot.mapping.toml").write_text('markup = "keep"\n')
        bought = call("render", "spot.csv", "--cap", "1", "--yes", "--no-prefect", "-C", str(folder), "--json")
    assert bought.code == 0, bought.err
    return folder, urlsplit(url).port or 0


@pytest.fixture
def film(rendered: tuple[Path, int], tmp_path: Path) -> Iterator[Path]:
    """A copy to change, with its stand-in running; it says of itself that it was moved here."""
    folder = tmp_path / "film"
    shutil.copytree(rendered[0], folder)
    Project(folder).record(folder=str(folder))
    with service(tmp_path, rendered[1]):
        yield folder
