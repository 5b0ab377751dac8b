"""What `doctor` says of the disk."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from callsheet.cli.commands.begin.doctor_checks import Mark, machine_checks
from callsheet.store.project_folder import Project


@pytest.mark.parametrize(
    ("free", "mark"), [(0, Mark.FAIL), (99 << 20, Mark.FAIL), (100 << 20, Mark.WARN), (1 << 30, Mark.WARN), (2 << 30, Mark.FINE)]
)
def test_a_full_disk_fails(free: int, mark: Mark, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Little room is a warning; where a paid clip may not fit any more, doctor fails."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=free))
    (found,) = [check for check in machine_checks(Project(tmp_path)) if check.name == "disk"]
    assert found.mark is mark
