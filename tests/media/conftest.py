"""Clips are made once per test process."""

from __future__ import annotations

from pathlib import Path

import pytest

from callsheet.store.project_folder import Project
from tests.media.clips import Clips


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Clips:
    """Makes clips on demand."""
    return Clips(tmp_path_factory.mktemp("clips"))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project folder."""
    return Project(tmp_path / "project")
