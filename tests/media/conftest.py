"""Clips are made once for all workers of a session."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from callsheet.store.project_folder import Project
from tests.media.clips import Clips


@pytest.fixture(scope="session")
def clips() -> Clips:
    """Makes clips on demand."""
    folder = Path(os.environ["CALLSHEET_TEST_HOME"]) / "clips"
    folder.mkdir(exist_ok=True)
    return Clips(folder)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project folder."""
    return Project(tmp_path / "project")
