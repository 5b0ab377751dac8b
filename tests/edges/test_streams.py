"""Terminals and logs that go away while something is told: telling decides nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests import command
from tests.edges.conftest import Desk


def test_a_reader_of_stderr_that_goes_away_stops_no_purchase(desk: Desk) -> None:
    """`2>&1 | head -1` in mid-run: each answer is kept, the film is made, exit 0."""
    desk.list(2)
    words = ("render", "spot.csv", "--cap", "1", "--yes", "--no-prefect", "--json")
    with command.start(*words, folder=desk.folder, environment=desk.variables, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as run:
        assert run.stderr
        assert run.stdout
        for line in run.stderr:
            if " submit " in line:
                break
        run.stderr.close()
        document = run.stdout.read()
        assert run.wait(60) == 0, document
    assert (len(desk.service.jobs), '"state": "completed"' in document) == (2, True)
    assert desk.run("status").document["money"]["held"] == "0.00"


@pytest.mark.parametrize(
    ("redirection", "code", "said"),
    [
        (">&-", 0, ""),
        ("2>&- >/dev/null", 0, ""),
        ("<&- >&- 2>&-", 0, ""),
        ("| head -c 1 >/dev/null", 0, ""),
        (">/dev/full", 5, "can't be written to stdout"),
    ],
)
def test_an_answer_that_nobody_reads_is_no_defect(redirection: str, code: int, said: str, tmp_path: Path) -> None:
    """Closed streams lead nowhere, a reader may go, and a full disk is told as what it is: never a traceback, never exit 1."""
    line = f"{sys.executable} -m callsheet services --json {redirection}; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
