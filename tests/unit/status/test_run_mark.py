"""Whether a run is under way: looking is in nobody's way."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from callsheet.domain.errors import LockedError, SetupError
from callsheet.status.run_mark import MARK, running
from callsheet.store.project_folder import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    with made.lock():
        (made.state / MARK).write_text("run 7")
    return made


def test_only_a_run_that_has_the_lock_counts(project: Project) -> None:
    """A mark that a killed run left says nothing."""
    assert running(project) is None
    with project.lock():
        assert running(project) == "run 7"


def test_a_reader_without_the_right_to_write_is_told(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another user may read the folder, and no more: the lock file is never opened for writing."""
    opened, really = list[int](), os.open

    def noted(path: object, flags: int, *args: int) -> int:
        opened.append(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
        return really(path, flags, *args)  # pyright: ignore[reportArgumentType]

    with project.lock():
        monkeypatch.setattr(os, "open", noted)
        assert running(project) == "run 7"
    assert opened[:1] == [0]


def test_a_run_that_begins_while_somebody_looks_is_not_refused(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The look has the lock for a moment, and is gone when the run tries again."""
    look = os.open(project.run_lock, os.O_RDONLY)
    fcntl.flock(look, fcntl.LOCK_SH)
    tries, flock = list[int](), fcntl.flock

    def tried(descriptor: int, how: int) -> None:
        tries.append(how)
        if len(tries) == 2:
            flock(look, fcntl.LOCK_UN)
        flock(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", tried)
    with project.lock():
        assert len(tries) >= 2
    os.close(look)


def test_a_run_that_stays_is_in_the_way(project: Project) -> None:
    """Who does not wait is told so."""
    with project.lock(), pytest.raises(LockedError, match="another run"), Project(project.folder).lock():
        pytest.fail("two runs have the project")


def test_a_folder_where_nothing_can_be_locked_is_told(tmp_path: Path) -> None:
    """Another user's, say: what can't be locked is named, with what to do."""
    (tmp_path / ".callsheet" / "run.lock").mkdir(parents=True)
    with pytest.raises(SetupError, match=r"can't be locked: \.callsheet/run\.lock"), Project(tmp_path).lock():
        pytest.fail("it was locked")
