"""Two processes, two projects, one ledger and one account of few slots: whether they together use them all, and never more.

    uv run python -m benchmarks together [--takes N] [--slots N] [--speed X] [--rounds N]

Each process buys its own list; the first of the kind was bought before. What the stand-in counts is what was at work at once; the floor is the least time
in which all jobs of both can be done on so many slots, and the makespan runs from the first intent to the last received clip of both.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.report import table, write  # noqa: E402  # the folder above must be found first
from benchmarks.servers import own_environment  # noqa: E402
from benchmarks.takes.run import HERE, QUIET, finished, floor, get, standin  # noqa: E402

NAMES = ("one", "two")


def main() -> None:
    """So many rounds, and the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--takes", type=int, default=40, help="of each process")
    parser.add_argument("--slots", type=int, default=6)
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    found: list[dict[str, Any]] = []
    for n in range(asked.rounds):
        found.append(one(argparse.Namespace(**{**vars(asked), "seed": asked.seed + n})))
        print(json.dumps(found[-1]), flush=True)
    row = {name: round(median(each[name] for each in found), 3) for name in found[0]}
    options = f"--takes {asked.takes} --slots {asked.slots} --speed {asked.speed:g} --rounds {asked.rounds}"
    write("takes-together", f"uv run python -m benchmarks together {options}", found, table([row]))


def one(asked: argparse.Namespace) -> dict[str, Any]:
    """One round at a stand-in of its own, which has room for many more."""
    room = argparse.Namespace(seed=asked.seed, speed=asked.speed, slots=10 * asked.slots)
    with tempfile.TemporaryDirectory(prefix="callsheet-bench-") as place, standin(Path(place), room) as url:
        ledger = Path(place) / "ledger.db"
        shared = {"CALLSHEET_LEDGER": f"sqlite:///{ledger}", "RUNWARE_API_KEY": "made-up", "RUNWARE_BASE_URL": f"{url}/v1"}
        env = {**own_environment(Path(place)), **QUIET, **shared}
        films = [film(Path(place) / name, asked) for name in NAMES]
        finished([*words(films[0], "first.csv")], env, Path(place) / "said")
        both = [
            subprocess.Popen(words(folder, "sea.csv"), env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for folder in films
        ]
        assert [process.wait() for process in both] == [0, 0]
        jobs, counts = get(f"{url}/standin/jobs")["jobs"][1:], get(f"{url}/standin/requests")
        with sqlite3.connect(ledger) as book:
            of_both = "from event join attempt using (attempt) where list = 'sea' and kind ="
            first, last = (
                book.execute(f"select {word}(at) {of_both} '{kind}'").fetchone()[0]
                for word, kind in (("min", "intent"), ("max", "received"))
            )
            refused = book.execute(f"select count(*) {of_both} 'unsent'").fetchone()[0]
    seconds = (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds()
    assert len(jobs) == 2 * asked.takes, f"{len(jobs)} jobs for {2 * asked.takes} takes"
    return {
        "takes": 2 * asked.takes,
        "slots": asked.slots,
        "at once": counts["at_once"]["runware"],
        "refused": refused,
        "seconds": seconds,
        "makespan / floor": seconds / floor([job["lasts"] for job in jobs], asked.slots),
    }


def film(folder: Path, asked: argparse.Namespace) -> Path:
    """A project with its list, and the first of its kind."""
    folder.mkdir()
    header = "shot_id,prompt,model,duration_s,resolution\n"
    rows = [f"S{n:05d},{folder.name} {n}: a wave against the rocks,runware/ltx-2,2,320x192" for n in range(asked.takes)]
    (folder / "sea.csv").write_text(header + "\n".join(rows) + "\n")
    (folder / "first.csv").write_text(f"{header}F1,the first of its kind,runware/ltx-2,2,320x192\n")
    (folder / "project.toml").write_text(f'[project]\nfps = "24"\n[lanes.runware]\nslots = {asked.slots}\n[qc]\nclip-same = "pass"\n')
    return folder


def words(folder: Path, list_: str) -> list[str]:
    """The command that buys a list."""
    return [sys.executable, str(HERE / "uncut.py"), "-C", str(folder), "render", list_, "--cap", "100000", "--yes", "--no-prefect"]


if __name__ == "__main__":
    main()
