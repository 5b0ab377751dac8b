"""Buying needs a yes: from the terminal or from the command line. And a run that is stopped says that its state is saved."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests import command
from tests.unit.cli.calling import call, project, service

RENDER = ("render", "spot.csv", "--cap", "1", "--no-prefect")


def at_terminal(folder: Path, answer: str) -> tuple[int, str]:
    """Run a render on a terminal and type an answer when it asks. Its exit code and what it showed."""
    control, terminal = pty.openpty()
    own = {**os.environ, "TERM": "xterm"}
    child = command.start(*RENDER, "-C", str(folder), environment=own, stdin=terminal, stdout=terminal, stderr=terminal, remembering=True)
    os.close(terminal)
    shown, answered = "", False
    while True:
        try:
            shown += os.read(control, 4096).decode(errors="replace")
        except OSError:  # the terminal's other end was closed: the child has ended
            break
        if "[y/N]" in shown and not answered:
            os.write(control, f"{answer}\n".encode())
            answered = True
    os.close(control)
    return child.wait(timeout=60), shown


@pytest.mark.parametrize("answer", ["", "no thanks"])
def test_anything_but_yes_buys_nothing(answer: str, tmp_path: Path) -> None:
    """The default is No: exit 4, and no state is left behind but the list."""
    folder = project(tmp_path / "film")
    with service(tmp_path):
        code, shown = at_terminal(folder, answer)
    assert code == 4, shown
    assert "Buy 3 takes from runware (rehearsal) for at most 0.12 USD? [y/N]" in shown
    assert not (folder / "out").exists()


def test_yes_buys_what_was_shown(tmp_path: Path) -> None:
    """y at the terminal: exit 0, and the ending says where the film is."""
    folder = project(tmp_path / "film")
    with service(tmp_path):
        code, shown = at_terminal(folder, "y")
    assert code == 0, shown
    assert "completed: 3 bought, 0 kept" in shown
    assert "film: out/one_web_v001.mp4" in shown


@pytest.mark.parametrize(
    ("number", "deaf"), [(signal.SIGINT, False), (signal.SIGTERM, False), (signal.SIGTERM, True), (signal.SIGHUP, False)]
)
def test_a_stopped_render_ends_with_130_and_goes_on_later(number: signal.Signals, deaf: bool, tmp_path: Path) -> None:
    """Stopped while its jobs run: one document, state interrupted; the next run buys nothing twice."""
    folder = project(tmp_path / "film")
    with service(tmp_path, speed=4.0) as url:
        pipe = subprocess.PIPE  # `deaf` to Ctrl-C is a job in a script's background
        child = command.start(*RENDER, "--yes", "--json", "-C", str(folder), stdout=pipe, stderr=pipe, deaf=deaf, remembering=True)
        assert child.stderr is not None
        for line in child.stderr:
            if " accepted " in line:
                break
        child.send_signal(number)
        assert child.wait(60) == 130
        assert child.stdout is not None
        out = child.stdout.read()
        assert json.loads(out)["state"] == "interrupted"
        said = call("render", "spot.csv", "--yes", "--no-prefect", "-C", str(folder), "--json")
        with urllib.request.urlopen(f"{url}/standin/bill") as answer:
            bill = json.load(answer)
    assert said.code == 0, said.err
    assert said.json["money"]["settled"] == bill["total"] == "0.12"
    assert len(bill["jobs"]) == 3


def test_the_standin_command_says_its_address_first_and_ends_on_a_signal() -> None:
    """The first line on stdout is its URL; SIGTERM ends it with 0."""
    child = subprocess.Popen(
        [sys.executable, "-m", "callsheet", "standin", "--speed", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    url = child.stdout.readline().strip()
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(f"{url}/standin/bill") as answer:
                bill = json.load(answer)
            break
        except OSError:
            assert time.monotonic() < deadline
    child.send_signal(signal.SIGTERM)
    rest, _ = child.communicate(timeout=30)
    assert (bill["total"], bill["jobs"], rest, child.returncode) == ("0.00", [], "", 0)


@pytest.mark.parametrize(
    "option", [["--fault", "no-such=0.5"], ["--fault", "fail"], ["--discount", "half"], ["--discount", "2"], ["--slots", "0"]]
)
def test_a_standin_with_senseless_values_is_a_usage_error(option: list[str]) -> None:
    """Told before it listens."""
    said = call("standin", *option, "--json")
    assert said.code == 2
    assert said.json["errors"][0]["help"]
