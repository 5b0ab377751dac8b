"""New lists are told by their content, and only once they rest."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from callsheet.domain.errors import SetupError
from callsheet.store.list_inbox import arrivals, dated_ahead, settle
from callsheet.store.project_folder import Project

LATER = 3600.0


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "a.csv").write_text("shot_id\nS1\n")
    (tmp_path / "b.parquet").write_bytes(b"PAR1")
    (tmp_path / "notes.txt").write_text("no list")
    return Project(tmp_path)


def names(project: Project, quiet_s: float = 60.0, after: float = LATER) -> list[str]:
    return [found.name for found in arrivals(project, now=time.time() + after, quiet_s=quiet_s)]


def test_every_list_is_new_at_first(project: Project) -> None:
    """By its ending, in order of name."""
    assert names(project) == ["a.csv", "b.parquet"]


def test_a_list_that_is_still_being_written_waits(project: Project) -> None:
    """It was touched less than quiet_s seconds ago, whatever its own clock is set to."""
    os.utime(project.folder / "a.csv", (0, 0))
    assert names(project, after=59.0) == []
    assert names(project, after=61.0) == ["a.csv", "b.parquet"]


def test_a_list_that_is_dated_in_the_future_waits_and_is_told(project: Project) -> None:
    """Saved by a machine whose clock is a day ahead: who sweeps is told why nothing happens. What is a little ahead is about to come."""
    os.utime(project.folder / "a.csv", (time.time() + 24 * LATER,) * 2)
    os.utime(project.folder / "b.parquet", (time.time() + 30,) * 2)
    assert names(project) == ["b.parquet"]
    assert dated_ahead(project, now=time.time(), quiet_s=60.0) == ("a.csv",)


def test_what_was_settled_is_new_no_more_under_any_name(project: Project) -> None:
    """Renamed or copied it is the same list; another content is a new one."""
    (first, _) = arrivals(project, now=time.time() + LATER, quiet_s=60.0)
    settle(project, first, end="Completed", at="2026-11-28T00:00:00.000Z")
    (project.folder / "a.csv").rename(project.folder / "renamed.csv")
    (project.folder / "copy.csv").write_bytes((project.folder / "renamed.csv").read_bytes())
    assert names(project) == ["b.parquet"]
    (project.folder / "copy.csv").write_text("shot_id\nS2\n")
    assert names(project) == ["b.parquet", "copy.csv"]


def test_of_two_equal_lists_one_is_new(project: Project) -> None:
    """The first by name."""
    (project.folder / "c.csv").write_bytes((project.folder / "a.csv").read_bytes())
    assert names(project) == ["a.csv", "b.parquet"]


def test_what_is_no_regular_file_is_not_opened(project: Project) -> None:
    """A pipe would block, a link leads elsewhere; hidden and lock files are an editor's."""
    os.mkfifo(project.folder / "pipe.csv")
    (project.folder / "link.csv").symlink_to("/etc/passwd")
    (project.folder / ".~lock.a.csv").write_text("x")
    (project.folder / "~$a.csv").write_text("y")
    (project.folder / "folder.csv").mkdir()
    assert names(project) == ["a.csv", "b.parquet"]


def test_a_damaged_book_is_told(project: Project) -> None:
    """What a disk or a file service left of it is no traceback, and not an empty book either: every list would count as new unasked."""
    names(project)
    project.state.mkdir(exist_ok=True)
    (project.state / "swept.json").write_text('{"half')
    with pytest.raises(SetupError, match=r"swept\.json can't be read"):
        names(project)
