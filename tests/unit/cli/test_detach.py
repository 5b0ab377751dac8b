"""A run that goes on without its terminal: started so, or handed over by a key. A real process buys what was agreed, once."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from callsheet.cli import detached
from callsheet.cli.commands.buying import render
from callsheet.cli.output.keys import KeyAction
from callsheet.domain.errors import LockedError
from callsheet.status.run_mark import MARK, running
from callsheet.store.project_folder import Project
from tests.unit.cli.calling import call, project, service

LIST = "shot_id,sequence,prompt,model,duration_s,resolution,fps\nA010,one,A boat,runware/ltx-2,1,320x192,24\nA020,one,A lamp,runware/ltx-2,2,320x192,24\n"


def ended(pid: int) -> bool:
    """Whether the background process is over. It is our child here, as it would not be for a person."""
    try:
        return os.waitpid(pid, os.WNOHANG) != (0, 0)
    except ChildProcessError:
        return True


def wait_until_it_ends(folder: Path, pid: int) -> None:
    deadline = time.monotonic() + 60
    while not ended(pid) or running(Project(folder)):
        assert time.monotonic() < deadline, [path.read_text() for path in folder.glob(".callsheet/logs/*.log")]
        time.sleep(0.05)


def test_a_detached_run_buys_what_was_agreed(tmp_path: Path) -> None:
    """It answers at once with where its words go; the clips come, and there is nothing left to buy. Without a cap nothing starts."""
    folder = project(tmp_path / "film", LIST)
    with service(tmp_path) as url:
        assert call("render", "spot.csv", "--detach", "--yes", "--no-prefect", "-C", str(folder)).code == 4
        assert not list(folder.glob(".callsheet/logs/*"))
        said = call("render", "spot.csv", "--detach", "--cap", "1", "--yes", "--no-prefect", "-C", str(folder), "--json")
        assert said.code == 0, said.err
        wait_until_it_ends(folder, said.json["pid"])
        log = (folder / said.json["log"]).read_text()
        assert "completed: 2 bought" in log, log
        again = call("render", "spot.csv", "--yes", "--no-prefect", "-C", str(folder), "--json").json
    assert (again["counts"]["kept"], again["money"]["settled"], url[:7]) == (2, "0.09", "http://")


@pytest.fixture
def interrupt(request: pytest.FixtureRequest) -> Iterator[None]:
    """What Ctrl-C does in this process, which may itself be in a script's background."""
    before = signal.signal(signal.SIGINT, request.param)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.slow
@pytest.mark.usefixtures("interrupt")
@pytest.mark.parametrize("interrupt", [signal.default_int_handler, signal.SIG_IGN], ids=["heard", "ignored"], indirect=True)
def test_a_run_that_is_left_goes_on_in_the_background(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key stops it in good order, and another process takes it over: what was sent is collected there, nothing is bought twice."""
    folder = project(tmp_path / "film", LIST)

    class Typed(render.Leaving):
        @property
        def key(self) -> KeyAction:
            threading.Thread(target=self._when_sent, daemon=True).start()
            return super().key

        def _when_sent(self) -> None:
            while not running(Project(folder)):
                time.sleep(0.01)
            time.sleep(0.3)  # the first of its kind is at the service now, or soon: either way is to come out right
            super().key.act()

    monkeypatch.setattr(render, "Leaving", Typed)
    with service(tmp_path, speed=2.0):
        said = call("render", "spot.csv", "--cap", "1", "--yes", "--no-prefect", "-C", str(folder), "--json")
        assert (said.code, said.json["schema"]) == (0, "callsheet.render-detached/1"), said.err
        wait_until_it_ends(folder, said.json["pid"])
        assert "2 bought" in (folder / said.json["log"]).read_text()
    assert call("costs", "-C", str(folder), "--json").json["money"]["settled"] == "0.09"


def test_another_run_is_not_taken_for_the_one_that_was_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has the project locked: nothing is started behind it, unless it is to queue there; and then it has not begun."""
    place, log = Project(project(tmp_path / "film", LIST)), tmp_path / "run.log"
    started = list[list[str]]()

    class Child:
        pid, returncode = 7, None

        def __init__(self, words: list[str], **_: object) -> None:
            started.append(words)

        def poll(self) -> None:
            return None

    monkeypatch.setattr(detached.subprocess, "Popen", Child)
    monkeypatch.setattr(detached, "BEGINS_S", 0.3)
    with place.lock():
        (place.state / MARK).write_text("of another")
        with pytest.raises(LockedError, match="another run"):
            detached.start_detached(place, ["render", "spot.csv"], log)
        assert started == []
        assert not detached.start_detached(place, ["render", "spot.csv", "--wait"], log).began
    assert len(started) == 1
