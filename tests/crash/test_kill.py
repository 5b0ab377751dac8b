"""kill -9 of a whole render, again and again, against a service that makes trouble: nothing is lost, nothing is paid twice."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from callsheet.budget.ledger.audit import audit
from callsheet.budget.ledger.store import open_ledger
from callsheet.domain.money import text
from tests.film import read_film

#: the nightly job asks for five hundred
SHOTS = int(os.environ.get("KILL_SHOTS", "60"))
#: runs through Prefect start slower and are killed alike: half as many shots will do
OF_SHOTS = {"alone": SHOTS, "prefect": SHOTS // 2}
KILLS = 5
FRAMES = 24
FAULTS = ("lost-ack=0.05", "unavailable=0.025", "unavailable-after=0.025", "truncate=0.05")
QUICK = '[project]\nfps = "24"\n[lanes.runware]\npoll_first_s = 0.1\npoll_max_s = 0.5\n[attempts]\nunavailable_wait_s = 0.1\n'


def callsheet(*args: str) -> list[str]:
    return [sys.executable, "-m", "callsheet", *args]


@contextmanager
def standin(state: Path, seed: int) -> Iterator[str]:
    """The stand-in as a process of its own; its first line is its address."""
    faults = [part for fault in FAULTS for part in ("--fault", fault)]
    command = callsheet("standin", "--port", "0", "--seed", str(seed), "--speed", "40", "--state", str(state), *faults)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(20)


def bill(url: str) -> dict[str, object]:
    with urllib.request.urlopen(url + "/standin/bill", timeout=10) as answer:
        return json.load(answer)


def environment(url: str, folder: Path) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "CALLSHEET_", "RUNWARE_"))}
    return {**own, "RUNWARE_API_KEY": "made-up", "RUNWARE_BASE_URL": url + "/v1", "XDG_CACHE_HOME": str(folder / "cache")}


def shot_list(folder: Path, shots: int) -> None:
    rows = [
        f"S{n:03d},wave number {n} against the rocks,runware/ltx-2,1,320x192,{'north' if n < shots // 2 else 'south'}" for n in range(shots)
    ]
    (folder / "storm.csv").write_text("shot_id,prompt,model,duration_s,resolution,sequence\n" + "\n".join(rows) + "\n")
    (folder / "project.toml").write_text(QUICK)


def progress(folder: Path) -> int:
    """How far a run is: clips in place and clips normalized."""
    state = folder / ".callsheet"
    return sum(1 for name in ("clips", "normalized") for _ in (state / name).rglob("*.mp4")) if state.exists() else 0


def killed_at(command: list[str], folder: Path, env: dict[str, str], point: int) -> bool:
    """Start a render and kill its whole process group as soon as it is `point` far; whether it was still running then."""
    with (folder / "render.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=env, start_new_session=True, stdout=subprocess.DEVNULL, stderr=log)
    while process.poll() is None and progress(folder) < point:
        time.sleep(0.01)
    if process.poll() is not None:
        return False
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)
    return True


def left_behind(folder: Path) -> list[str]:
    """Processes that still work in or on the folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                state = (entry / "stat").read_text().rsplit(")", 1)[1].split()[0]
                place = str((entry / "cwd").readlink())
            except OSError:
                continue
            if state != "Z" and (str(folder) in command or place == str(folder)) and "standin" not in command:
                found.append(command)
    return found


def gone(folder: Path) -> list[str]:
    """What is left once the kernel has had a moment to end the children of a killed group."""
    deadline = time.monotonic() + 10
    while (left := left_behind(folder)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


@pytest.mark.timeout(900 + 10 * SHOTS)
@pytest.mark.parametrize("how", ["alone", "prefect"])
def test_a_render_killed_at_five_points_pays_each_take_once(tmp_path: Path, seed: int, how: str) -> None:
    """Five kills of the process group at seeded points of its progress, then a last run: every sequence finished, each take paid once, ledger = bill."""
    shots = OF_SHOTS[how]
    points = sorted(random.Random(seed).sample(range(1, 2 * shots - 8), KILLS))
    print(f"seed {seed}: killed when {points} of {2 * shots} files are there")
    shot_list(tmp_path, shots)
    with standin(tmp_path / "service", seed) as url:
        env = environment(url, tmp_path)
        command = callsheet("render", "storm.csv", "--cap", "50", "--yes", *(["--no-prefect"] if how == "alone" else []))
        hits = [killed_at(command, tmp_path, env, point) for point in points]
        assert all(hits), f"a run ended before its kill: {hits}\n" + (tmp_path / "render.log").read_text()
        assert gone(tmp_path) == []
        last = subprocess.run(
            [*command, "--json"], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=600 + 5 * shots, check=False
        )
        assert last.returncode == 0, last.stdout + last.stderr
        check(tmp_path, json.loads(last.stdout), bill(url), shots)
        assert gone(tmp_path) == []


def check(folder: Path, told: dict[str, object], billed: dict[str, object], shots: int) -> None:
    jobs = billed["jobs"]
    assert isinstance(jobs, list)
    keys = [job["key"] for job in jobs]
    assert len(keys) == len(set(keys)) == shots, f"{len(keys)} jobs were billed for {shots} takes"
    assert told["state"] == "completed"
    money, sequences = told["money"], told["sequences"]
    assert isinstance(money, dict)
    assert isinstance(sequences, list)
    assert (money["settled"], money["held"], money["in_doubt"]) == (billed["total"], "0.00", "0.00")
    assert money["settled"] == text(shots * 30_000)
    ledger = open_ledger(folder / ".callsheet" / "ledger.db")
    assert audit(ledger) == []
    ledger.close()
    for film in sequences:
        assert film["complete"]
        assert film["frames"] == FRAMES * len(film["shots"])
        frames = [frame for _, frame in read_film(folder / film["file"])]
        assert frames == list(range(FRAMES)) * len(film["shots"])
