"""Looking at a run from another terminal: each change is told once, and the looking ends with the run."""

from __future__ import annotations

from pathlib import Path

import pytest

from callsheet.cli import following
from callsheet.cli.following import until_it_ends
from callsheet.domain.attempt import Reason, State
from callsheet.status.run_mark import MARK, running
from callsheet.status.take_changes import changes, seen
from callsheet.store.project_folder import Project
from tests.unit.cli.calling import call
from tests.unit.report.test_documents import attempt, take


def test_each_change_of_a_take_is_told_once() -> None:
    """By its state; a purchase that was given back is no failure."""
    before = seen([take(attempt("S0010", state=State.SUBMITTED))])
    now = [
        take(attempt("S0010", state=State.RECEIVED)),
        take(attempt("S0020", state=State.CLOSED, reason=Reason.CANCELLED)),
        take(attempt("S0030", state=State.CLOSED, reason=Reason.FAILED)),
    ]
    assert [(event.kind, str(event.take)) for event in changes(before, now, "then")] == [
        ("received", "S0010.t1"),
        ("released", "S0020.t1"),
        ("failed", "S0030.t1"),
    ]
    assert not [*changes(seen(now), now, "then")]


def test_a_mark_without_its_lock_is_of_a_run_that_was_killed(tmp_path: Path) -> None:
    """Only who holds the project is under way."""
    project = Project(tmp_path)
    assert running(project) is None
    assert project.identity
    (project.state / MARK).write_text("a1b2")
    assert running(project) is None
    with project.lock():
        assert running(project) == "a1b2"


def test_attach_looks_until_the_run_has_ended(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends the looking alone; without a run it says so."""
    project = Project(copied)
    assert "no run is under way" in call("attach", "-C", str(copied)).out
    (project.state / MARK).write_text("a1b2")
    monkeypatch.setattr(following, "pause", (project.state / MARK).unlink)
    with project.lock():
        said = call("attach", "-C", str(copied), "--json")
        assert (said.code, said.json["run"], said.json["ended"]) == (0, "a1b2", True)

        def interrupted() -> None:
            raise KeyboardInterrupt

        assert until_it_ends(project, interrupted) is False


def test_a_status_is_watched_and_then_told_once_more(copied: Path) -> None:
    """Where nothing runs it is the plain status."""
    assert call("status", "--watch", "-C", str(copied)).out == call("status", "-C", str(copied)).out
