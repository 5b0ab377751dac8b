"""Sixty shots from a service that loses answers, killed half way and run again: what was paid, what twice, what for nothing.

    uv run python benchmarks/double_pay/run.py [--seed N] [--shots N] [WAY ...]

Ways: `prefect` (a plain flow with retries=3, naive.py), `callsheet` (keyed, under Prefect), and callsheet on made-up services of which one calls back with
our token (`tokened`) and one can't be asked for what it was sent (`blind`). Each way has the stand-in to itself, with the same faults from the same seed.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.report import table, write  # noqa: E402  # the folder above must be found first
from benchmarks.servers import own_environment, server  # noqa: E402

HERE = Path(__file__).parent
PRICE = 60_000
#: 10 % lost answers, 5 % 503 (half of them after the service took it), 2 % of polls 502
FAULTS = {"lost-ack": 0.10, "unavailable": 0.025, "unavailable-after": 0.025, "poll-502": 0.02}
#: a Prefect of its own, which takes its time to start on a busy machine
QUIET = {
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
    "PREFECT_API_DATABASE_TIMEOUT": "60",
    "PREFECT_API_DATABASE_CONNECTION_TIMEOUT": "60",
    "DO_NOT_TRACK": "1",
}
SETTINGS = '[project]\nfps = "24"\n[lanes.{0}]\nslots = 8\npoll_first_s = 0.2\npoll_max_s = 0.5\nquarantine_s = 1\n[attempts]\nunavailable_wait_s = 0.1\n'


def main() -> None:
    """Run every way and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--shots", type=int, default=60)
    parser.add_argument("ways", nargs="*", default=list(WAYS))
    asked = parser.parse_args()
    rows: list[dict[str, object]] = []
    for way in asked.ways:
        with tempfile.TemporaryDirectory(prefix="callsheet-bench-") as place:
            rows.append({"way": way, **WAYS[way](Path(place), asked.shots, asked.seed)})
            print(json.dumps(rows[-1]), flush=True)
    write("double-pay", f"uv run python benchmarks/double_pay/run.py --seed {asked.seed} --shots {asked.shots}", rows, table(rows))


def prefect(place: Path, shots: int, seed: int) -> dict[str, object]:
    """The plain flow."""
    folder = place / "film"
    folder.mkdir()
    with standin(place, seed, FAULTS) as url:
        command = [sys.executable, str(HERE / "naive.py"), f"{url}/v1", str(folder), str(shots)]
        env = {**own_environment(place), **QUIET, "PREFECT_HOME": str(place / "prefect")}
        runs = killed_half_way(command, folder, env, url, shots)
        jobs = bill(url)
    got = {path.stem for path in folder.glob("*.got")}
    return told(jobs, got, shots, clips=len(list(folder.glob("*.mp4"))), runs=runs, booked=None, doubts=set())


def keyed(place: Path, shots: int, seed: int) -> dict[str, object]:
    """callsheet as it is: Runware's wire, under Prefect."""
    folder = project(place, "runware", "runware/ltx-2", shots)
    with standin(place, seed, FAULTS) as url:
        env = {**own_environment(place), "RUNWARE_API_KEY": "made-up", "RUNWARE_BASE_URL": f"{url}/v1"}
        command = [sys.executable, "-m", "callsheet", "render", "storm.csv", "--cap", "20", "--yes"]
        runs = killed_half_way(command, folder, env, url, shots)
        jobs = bill(url)
    return from_ledger(folder, env, jobs, shots, runs)


def keyless(kind: str, place: Path, shots: int, seed: int) -> dict[str, object]:
    """callsheet on a service without a key of ours: reel.py stands before the stand-in and makes the same faults."""
    folder = project(place, kind, f"{kind}/reel", shots)
    with standin(place, seed, {}) as films, front(kind, films, folder, seed) as url:
        name = kind.upper()
        env = {**own_environment(place), f"{name}_API_KEY": "made-up", f"{name}_BASE_URL": url}
        command = [sys.executable, str(HERE / "reel.py"), "render", kind, str(folder)]
        runs = killed_half_way(command, folder, env, films, shots)
        jobs = bill(films)
    return from_ledger(folder, env, jobs, shots, runs)


WAYS = {
    "prefect": prefect,
    "callsheet": keyed,
    "tokened": lambda place, shots, seed: keyless("tokened", place, shots, seed),
    "blind": lambda place, shots, seed: keyless("blind", place, shots, seed),
}


def project(place: Path, service: str, model: str, shots: int) -> Path:
    """A project folder with a list."""
    folder = place / "film"
    folder.mkdir()
    rows = [f"S{n:03d},S{n:03d}: a wave against the rocks,{model},2,320x192" for n in range(shots)]
    (folder / "storm.csv").write_text("shot_id,prompt,model,duration_s,resolution\n" + "\n".join(rows) + "\n")
    (folder / "project.toml").write_text(SETTINGS.format(service))
    return folder


@dataclass(frozen=True)
class Runs:
    """How often the command was run, and how many jobs were billed when one of them was killed."""

    count: int
    at_the_kill: int


def killed_half_way(command: list[str], folder: Path, env: dict[str, str], url: str, shots: int) -> Runs:
    """Run; kill -9 the whole group once half of the shots are billed; run again as a person would who looks what came of it: until all is well, or a run
    buys nothing more. A run that stops by itself before half (as callsheet does on a wire without a key, at the second doubt) is run again, too.
    """
    count, process = 1, _start(command, folder, env)
    while len(bill(url)) < shots // 2:
        if process.poll() is not None:
            count, process = count + 1, _start(command, folder, env)
            assert count < shots, "no run gets anywhere"
        time.sleep(0.05)
    at = len(bill(url))
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(30)
    while True:
        before = len(bill(url))
        code, count = _start(command, folder, env).wait(900), count + 1
        if code == 0 or len(bill(url)) == before:
            return Runs(count, at)


def _start(command: list[str], folder: Path, env: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, cwd=folder, env=env, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def from_ledger(folder: Path, env: dict[str, str], jobs: list[dict[str, Any]], shots: int, runs: Runs) -> dict[str, object]:
    """What callsheet's own book says beside the bill."""
    said = subprocess.run(
        [sys.executable, str(HERE / "reel.py"), "status", str(folder)], env=env, capture_output=True, text=True, check=True
    )
    document = json.loads(said.stdout)
    attempts = [attempt for take in document["takes"] for attempt in take["attempts"]]
    got = {str(attempt["job"]) for attempt in attempts if attempt["state"] == "received"}
    clips = sum(take["state"] == "received" for take in document["takes"])
    doubts = {take["shot"] for take in document["takes"] for attempt in take["attempts"] if attempt["state"] == "in_doubt"}
    return told(jobs, got, shots, clips=clips, runs=runs, booked=document["money"], doubts=doubts)


def told(
    jobs: list[dict[str, Any]], got: set[str], shots: int, *, clips: int, runs: Runs, booked: dict[str, str] | None, doubts: set[str]
) -> dict[str, object]:
    """One way's row. Duplicate: a job beyond the first for its shot. Stranded: billed, its clip not here and its take not in doubt."""
    by_shot: dict[str, int] = {}
    for job in jobs:
        by_shot[job["shot"]] = by_shot.get(job["shot"], 0) + 1
    stranded = sum(str(job["key"]) not in got and job["shot"] not in doubts for job in jobs)
    return {
        "shots": shots,
        "clips": clips,
        "billed jobs": len(jobs),
        "billed USD": f"{len(jobs) * PRICE / 1e6:.2f}",
        "duplicates": sum(count - 1 for count in by_shot.values()),
        "stranded": stranded,
        "in doubt, held": len(doubts),
        "ledger settled": booked["settled"] if booked else "none kept",
        "ledger in doubt": booked["in_doubt"] if booked else "none kept",
        "billed at the kill": runs.at_the_kill,
        "runs": runs.count,
    }


def standin(place: Path, seed: int, faults: dict[str, float]) -> AbstractContextManager[str]:
    """The stand-in as a process of its own."""
    more = [part for name, rate in faults.items() for part in ("--fault", f"{name}={rate}")]
    command = [sys.executable, "-m", "callsheet", "standin", "--seed", str(seed), "--speed", "20", "--state", str(place / "standin"), *more]
    return server(command, own_environment(place))


def front(kind: str, films: str, folder: Path, seed: int) -> AbstractContextManager[str]:
    """The made-up service before the stand-in."""
    return server([sys.executable, str(HERE / "reel.py"), "serve", kind, films, str(folder), str(seed)], os.environ)


def bill(url: str) -> list[dict[str, Any]]:
    """The stand-in's jobs with the shot that each was for: its prompt's first word."""
    with urllib.request.urlopen(f"{url}/standin/bill", timeout=10) as answer:
        billed = json.load(answer)["jobs"]
    return [{**job, "shot": _shot(url, job["key"])} for job in billed]


_shots: dict[str, str] = {}


def _shot(url: str, key: str) -> str:
    """What a job was bought for, as the service's own archive has it."""
    if key not in _shots:
        body = json.dumps([{"taskType": "getTaskDetails", "taskUUID": key}]).encode()
        asked = urllib.request.Request(f"{url}/v1", body, {"Content-Type": "application/json", "Authorization": "Bearer audit"})
        with urllib.request.urlopen(asked, timeout=10) as answer:
            _shots[key] = json.load(answer)["data"][0]["request"][0]["positivePrompt"].partition(":")[0]
    return _shots[key]


if __name__ == "__main__":
    main()
