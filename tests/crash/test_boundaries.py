"""A real kill -9 at a boundary, slowly at all fourteen: the process stops itself there. What was begun is gone on with, and each take is paid once."""

from __future__ import annotations

import json
import signal
from collections.abc import Sequence
from pathlib import Path

import pytest

from callsheet.budget.ledger.audit import audit
from callsheet.budget.ledger.store import open_ledger
from callsheet.domain.money import text
from callsheet.standin.jobs.config import Config
from callsheet.standin.serve import running
from tests import command, prefect_database
from tests.crash.boundaries import NAMES, PEN
from tests.crash.test_kill import bill, environment, gone

QUICK = '[project]\nfps = "24"\n[lanes.runware]\npoll_first_s = 0.02\npoll_max_s = 0.1\n[attempts]\nunavailable_wait_s = 0.05\n'


def killed_at(place: str, folder: Path, env: dict[str, str], *how: str) -> None:
    """A render that must die at `place`, by its own hand."""
    words = ("render", "storm.csv", "--cap", "10", "--yes", *how)
    done = command.run(*words, folder=folder, environment={**env, "SELFKILL": place}, before="tests.crash.selfkill:arm", timeout=240)
    assert done.returncode == -signal.SIGKILL, f"{place} was never reached: {done.stdout}{done.stderr}"


def paid_once(places: Sequence[str], folder: Path, *how: str) -> None:
    """Killed at each place in turn, a take more than there are kills; then a last run: everything received, one job each, ledger = bill."""
    shots = len(places) + 2
    rows = "".join(f"S{n:02d},wave number {n},runware/ltx-2,1,320x192,24\n" for n in range(shots))
    (folder / "storm.csv").write_text("shot_id,prompt,model,duration_s,resolution,fps\n" + rows)
    (folder / "project.toml").write_text(QUICK)
    if "--no-prefect" not in how:
        prefect_database.put_into_cache(folder / "cache")
    with running(Config(speed=0.0, state=folder / "service")) as url:
        env = environment(url, folder)
        for place in places:
            killed_at(place, folder, env, *how)
        words = ("render", "storm.csv", "--cap", "10", "--yes", "--no-prefect", "--json")
        last = command.run(*words, folder=folder, environment=env, timeout=300)
        assert last.returncode == 0, last.stdout + last.stderr
        billed = bill(url)
    money, jobs = json.loads(last.stdout)["money"], billed["jobs"]
    assert isinstance(jobs, list)
    assert len({job["key"] for job in jobs}) == len(jobs) == shots, f"{len(jobs)} jobs for {shots} takes"
    assert (money["settled"], money["held"], money["in_doubt"]) == (billed["total"], "0.00", "0.00")
    assert money["settled"] == text(shots * 30_000)
    assert gone(folder) == []
    ledger = open_ledger(folder / ".callsheet" / "ledger.db")
    assert audit(ledger) == []
    ledger.close()


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "places",
    [("b3", "committed intent", "b5", "b9", "b11"), pytest.param((*NAMES, *PEN), marks=[pytest.mark.slow, pytest.mark.nightly])],
    ids=["few", "each"],
)
def test_a_kill_at_each_boundary_pays_each_take_once(tmp_path: Path, places: Sequence[str]) -> None:
    """In one project, one after the other, each on what the ones before left."""
    paid_once(places, tmp_path, "--no-prefect")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("places", [("b6",), pytest.param(("b3", "b6", "b11"), marks=[pytest.mark.slow, pytest.mark.nightly])])
def test_the_same_through_prefect(tmp_path: Path, places: tuple[str, ...]) -> None:
    """`accepted` written, and at length also bytes left and clip linked: the run is a Prefect flow, and its private server dies with it."""
    paid_once(places, tmp_path)
