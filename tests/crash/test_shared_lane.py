"""Two runs, two projects, one ledger and one account of six slots, at a stand-in that counts: never more than six jobs at once, whoever is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest

from callsheet.budget.ledger import read, write
from callsheet.budget.ledger.lanes.pace import Lane
from callsheet.budget.ledger.pen import Pen
from callsheet.budget.ledger.store import open_ledger
from callsheet.buying.lanes import slots
from callsheet.buying.lanes.slots import Slots
from callsheet.clock import Clock
from callsheet.domain.attempt import Kind, State
from callsheet.domain.money import usd
from callsheet.store.project_folder import Project
from tests import command
from tests.ledger_attempts import ACCOUNT, MODEL, Book

SLOTS, TAKES, LONG = 6, 40, 10
#: a dead run's slots are free so many seconds after its last job has ended, or was adopted
FREE_S = 15
SETTINGS = f'[project]\nfps = "24"\nresolution = "320x192"\n[lanes.runware]\nslots = {SLOTS}\n[qc]\nclip-same = "pass"\n'
WORDS = ("render", "sea.csv", "--cap", "50", "--yes", "--no-prefect")


@contextmanager
def service(folder: Path, seed: int, speed: float) -> Iterator[str]:
    """A stand-in with room for many more jobs than the account has slots."""
    words = ("standin", "--seed", str(seed), "--speed", str(speed), "--slots", "64", "--state", str(folder / "service"))
    process = command.start(*words, folder=folder, stdout=subprocess.PIPE)
    try:
        assert process.stdout
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(20)


def film(folder: Path, name: str) -> Path:
    """A project with forty takes of a second each, but for the first ten: their jobs outlast a lease."""
    (folder / name).mkdir()
    rows = [f"S{n:03d},{name} {n}: a wave against the rocks,runware/ltx-2,{5 if n < LONG else 1},320x192" for n in range(TAKES)]
    (folder / name / "sea.csv").write_text("shot_id,prompt,model,duration_s,resolution\n" + "\n".join(rows) + "\n")
    (folder / name / "project.toml").write_text(SETTINGS)
    return folder / name


def environment(folder: Path, url: str) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "CALLSHEET_", "RUNWARE_"))}
    shared = {"CALLSHEET_LEDGER": f"sqlite:///{folder / 'ledger.db'}", "XDG_CACHE_HOME": str(folder / "cache")}
    return {**own, **shared, "RUNWARE_API_KEY": "made-up", "RUNWARE_BASE_URL": f"{url}/v1"}


def asked(url: str, page: str) -> Any:
    with urllib.request.urlopen(f"{url}/standin/{page}", timeout=20) as answer:
        return json.load(answer)


def received(folder: Path, project: Path) -> int:
    ledger = open_ledger(folder / "ledger.db")
    try:
        return sum(attempt.state is State.RECEIVED for attempt in read.attempts(ledger, Project(project).identity))
    finally:
        ledger.close()


def at_once(jobs: list[dict[str, Any]]) -> list[tuple[float, int]]:
    """When a job was accepted or ended, and how many there were from then on."""
    moments = sorted([(job["accepted_at"], 1) for job in jobs] + [(job["ended_at"], -1) for job in jobs if job["ended_at"]])
    return [(at, count) for (at, _), count in zip(moments, accumulate(step for _, step in moments), strict=True)]


async def test_a_run_that_waits_asks_what_became_of_a_dead_ones_jobs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Six of six slots are taken by jobs that nobody looks after: the service is asked, and each that has ended frees its slot without a word in the ledger."""
    monkeypatch.setattr(slots, "LOOK_S", 0.005)
    monkeypatch.setattr(slots, "ASK_S", 0.01)
    ledger, clock = open_ledger(tmp_path / "ledger.db"), Clock()
    book = Book(ledger)
    orphans = [write.move(ledger, book.held(f"S{n}"), Kind.INTENT, {"run": "r", "owner": "dead"}, at=clock.text()) for n in range(SLOTS)]
    asked: list[set[int]] = []

    async def ended(numbers: Collection[int]) -> Collection[int]:
        asked.append({*numbers})
        return [int(orphans[0].id)] if len(asked) > 1 else []

    pen = Pen(ledger)
    run = Slots(pen, Lane(ACCOUNT, MODEL), "alive", SLOTS, clock, lambda _: None, ended)
    async with run.slot(99, at_service=False):
        assert asked == [{int(orphan.id) for orphan in orphans}] * 2
    await run.close()
    await pen.close()
    assert all(read.reread(ledger, orphan) == orphan for orphan in orphans)
    ledger.close()


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_killed_runs_jobs_keep_their_slots_until_they_end(tmp_path: Path, seed: int) -> None:
    """One of two is killed on the way: the other never makes it more than six at once, has all six soon after the last orphan's end; a next run
    adopts what was left, and each of the eighty takes is bought once."""
    one, two = film(tmp_path, "one"), film(tmp_path, "two")
    with service(tmp_path, seed, speed=1) as url:
        env = environment(tmp_path, url)
        doomed = command.start(*WORDS, folder=one, environment=env, session=True)
        other = command.start(*WORDS, folder=two, environment=env)
        while received(tmp_path, one) < 3:
            assert doomed.poll() is None, "the run ended before its kill"
            time.sleep(0.1)
        os.killpg(doomed.pid, signal.SIGKILL)
        killed = time.time()
        doomed.wait(10)
        orphans = [job for job in asked(url, "jobs")["jobs"] if job["prompt"].startswith("one") and not job["ended_at"]]
        assert other.wait(300) == 0
        assert command.run(*WORDS, folder=one, environment=env, timeout=300).returncode == 0
        jobs, most, bill = asked(url, "jobs")["jobs"], asked(url, "requests")["at_once"]["runware"], asked(url, "bill")
    ends = {job["key"]: job["ended_at"] for job in jobs}
    last = max([killed, *(ends[job["key"]] for job in orphans)])
    full = [at for at, count in at_once(jobs) if count == SLOTS and at > last]
    print(f"{len(orphans)} orphans, the last ended {last - killed:.1f} s after the kill; six at once again {full[0] - last:.1f} s later")
    assert most <= SLOTS
    assert full[0] - last <= 3 * FREE_S  # what is promised holds where no other test takes the processor
    assert len(jobs) == len({job["prompt"] for job in jobs}) == 2 * TAKES
    ledger = open_ledger(tmp_path / "ledger.db")
    attempts = [attempt for project in (one, two) for attempt in read.attempts(ledger, Project(project).identity)]
    ledger.close()
    assert [attempt.state for attempt in attempts if attempt.sent] == [State.RECEIVED] * 2 * TAKES
    assert sum(attempt.settled for attempt in attempts) == usd(bill["total"])
