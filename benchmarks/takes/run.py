"""What a take costs here, and how much longer a batch takes than its service needs: callsheet alone and through Prefect, a bare script, a plain Prefect flow.

    uv run python -m benchmarks takes [--takes N] [--few N] [--slots N] [--speed X] [--rounds N] [WAY ...]

The stand-in is a process of its own; it says how long each of its jobs lasts (seeded). The floor is the least time in which those jobs can be done, in the
order in which they were accepted, on so many slots. callsheet's first of its kind, which goes alone, is bought before and counted in neither. Processor seconds are the contestant's own; start-up is taken away by a second, smaller batch: a take
costs (own of many - own of few) / (many - few). Children (ffmpeg, Prefect's server) are told apart. Contestants take turns; medians over the rounds.
"""

from __future__ import annotations

import argparse
import heapq
import json
import os
import signal
import subprocess
import sys
import tempfile
import urllib.request
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.report import table, write  # noqa: E402  # the folder above must be found first
from benchmarks.servers import own_environment, server  # noqa: E402

HERE = Path(__file__).parent
WAYS = ["bare", "callsheet", "prefect", "plain"]
QUIET = {
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
    "DO_NOT_TRACK": "1",
}


def main() -> None:
    """Every way in turn, and the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--takes", type=int, default=200)
    parser.add_argument("--few", type=int, default=40, help="the smaller batch that start-up is taken away by")
    parser.add_argument("--slots", type=int, default=40)
    parser.add_argument("--speed", type=float, default=1.0, help="how many times faster than life; at 1 a job lasts 4 to 16 s")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("ways", nargs="*", default=WAYS)
    asked = parser.parse_args()
    many: dict[str, list[dict[str, float]]] = {way: [] for way in asked.ways}
    few: dict[str, list[dict[str, float]]] = {way: [] for way in asked.ways}
    for _ in range(asked.rounds):
        for way in asked.ways:
            for found, takes in ((many, asked.takes), (few, asked.few)):
                found[way].append(one(way, takes, asked))
                print(json.dumps({"way": way, "takes": takes, **found[way][-1]}), flush=True)
    rows = [row(way, many[way], few[way], asked.takes - asked.few) for way in asked.ways]
    base = next((each["own CPU ms a take"] for each in rows if each["way"] == "bare"), None)
    rows = [{**each, "times the bare script": round(each["own CPU ms a take"] / base, 2) if base else None} for each in rows]
    options = f"--takes {asked.takes} --few {asked.few} --slots {asked.slots} --speed {asked.speed:g} --rounds {asked.rounds}"
    write("takes", f"uv run python -m benchmarks takes {options}", {"rows": rows, "many": many, "few": few}, table(rows))


def row(way: str, many: list[dict[str, float]], few: list[dict[str, float]], between: int) -> dict[str, Any]:
    """Medians of one way."""
    each = [(big["own"] - small["own"]) / between for big, small in zip(many, few, strict=True)]
    children = [(big["children"] - small["children"]) / between for big, small in zip(many, few, strict=True)]
    return {
        "way": way,
        "own CPU ms a take": round(1000 * median(each), 1),
        "children's ms a take": round(1000 * median(children), 1),
        "makespan / floor": round(median(one["seconds"] / one["floor"] for one in many), 3),
        "requests a take": round(median(one["posts"] for one in many) / many[0]["takes"], 1),
        "memory MB": round(median(one["mb"] for one in many)),
    }


def one(way: str, takes: int, asked: argparse.Namespace) -> dict[str, float]:
    """One batch at a stand-in of its own."""
    with tempfile.TemporaryDirectory(prefix="callsheet-bench-") as place, standin(Path(place), asked) as url:
        folder = Path(place) / "film"
        folder.mkdir()
        env = {**own_environment(Path(place)), **QUIET, "PREFECT_HOME": str(Path(place) / "prefect")}
        command = [sys.executable, str(HERE / "contestant.py"), way, url, str(folder), str(takes), str(asked.slots)]
        told = json.loads(finished(command, env, Path(place) / "said").splitlines()[-1])
        counts, jobs = get(f"{url}/standin/requests"), get(f"{url}/standin/jobs")["jobs"]
    assert counts["at_once"]["runware"] <= asked.slots, "more were at work than slots"
    return {**told, "takes": takes, "floor": floor([job["lasts"] for job in jobs][-takes:], asked.slots), "posts": counts["posts"]}


def finished(command: list[str], env: dict[str, str], said: Path) -> str:
    """What a command printed. It has a group of its own, which ends with it: a Prefect server of its own would stay."""
    with said.open("w+") as out:
        process = subprocess.Popen(command, env=env, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
        code = process.wait()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert code == 0, said.read_text()[-2000:]
    return said.read_text()


def floor(lasts: list[float], slots: int) -> float:
    """Seconds in which jobs that last so long are done on so many slots, each begun as soon as a slot is free."""
    free = [0.0] * slots
    for seconds in lasts:
        heapq.heapreplace(free, free[0] + seconds)
    return max(free)


def standin(place: Path, asked: argparse.Namespace) -> AbstractContextManager[str]:
    """A stand-in with room for all."""
    options = ["--seed", str(asked.seed), "--speed", str(asked.speed), "--slots", str(asked.slots), "--state", str(place / "standin")]
    return server([sys.executable, "-m", "callsheet", "standin", *options], own_environment(place))


def get(url: str) -> Any:
    """A page of the stand-in's own."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.load(answer)


if __name__ == "__main__":
    main()
