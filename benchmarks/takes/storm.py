"""A service that takes a third of the requests that a batch would send, and refuses the others (429): how much of what it allows is used.

    uv run python -m benchmarks storm [--takes N] [--minute N] [--slots N] [--speed X]

The stand-in's deAPI takes so many purchases in a minute (which passes as fast as its jobs do) and tells in Retry-After when there is room again. What is
allowed is that many at once and the rest one by one as the minute behind them ends; the throughput is the number of takes accepted after the first
minute's worth, over the seconds from the first acceptance past it to the last. No take may fail, and none may be bought twice.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.report import table, write  # noqa: E402  # the folder above must be found first
from benchmarks.servers import own_environment, server  # noqa: E402
from benchmarks.takes.run import HERE, QUIET, finished, get  # noqa: E402


def main() -> None:
    """One batch in the storm."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--takes", type=int, default=300)
    parser.add_argument("--minute", type=int, default=60, help="purchases that are taken in a minute")
    parser.add_argument("--slots", type=int, default=40)
    parser.add_argument("--speed", type=float, default=2.0, help="how many times faster than life")
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    found = stormed(asked)
    print(json.dumps(found), flush=True)
    options = f"--takes {asked.takes} --minute {asked.minute} --slots {asked.slots} --speed {asked.speed:g}"
    write("takes-storm", f"uv run python -m benchmarks storm {options}", found, table([found]))


def stormed(asked: argparse.Namespace) -> dict[str, Any]:
    """What became of the batch."""
    with tempfile.TemporaryDirectory(prefix="callsheet-bench-") as place, limited(Path(place), asked) as url:
        folder = Path(place) / "film"
        folder.mkdir()
        env = {**own_environment(Path(place)), **QUIET, "DEAPI_API_KEY": "made-up", "DEAPI_BASE_URL": url}
        shots(folder, asked)
        words = [sys.executable, str(HERE / "uncut.py"), "-C", str(folder), "render"]
        for list_ in ("first.csv", "sea.csv"):
            finished([*words, list_, "--cap", "100000", "--yes", "--no-prefect"], env, Path(place) / "said")
        jobs, counts = get(f"{url}/standin/jobs")["jobs"], get(f"{url}/standin/requests")
        with sqlite3.connect(folder / ".callsheet" / "ledger.db") as book:
            kinds = dict(book.execute("select kind, count(*) from event join attempt using (attempt) where list = 'sea' group by kind"))
    return {**measured([job["accepted_at"] for job in jobs[1:]], asked), **kinds, "jobs": len(jobs) - 1, "posts": counts["posts"]}


def measured(accepted: list[float], asked: argparse.Namespace) -> dict[str, Any]:
    """Throughput once the first minute's worth is taken, and over all."""
    at, minute = sorted(accepted), 60 / asked.speed
    rate = asked.minute / minute
    late = at[asked.minute :]
    ideal = minute * ((len(at) - 1) // asked.minute)  # the last of them, if each is sent in the moment in which there is room
    return {
        "takes": len(at),
        "allowed/s": round(rate, 3),
        "share of what is allowed": round((len(late) - 1) / (late[-1] - late[0]) / rate, 3),
        "seconds": round(at[-1] - at[0], 1),
        "at best": round(ideal, 1),
    }


def shots(folder: Path, asked: argparse.Namespace) -> None:
    """A list of takes, and one for the first of their kind."""
    header = "shot_id,prompt,model,duration_s,resolution\n"
    rows = [f"S{n:05d},S{n:05d}: a wave against the rocks,deapi/ltx-2.3,2,512x512" for n in range(asked.takes)]
    (folder / "sea.csv").write_text(header + "\n".join(rows) + "\n")
    (folder / "first.csv").write_text(f"{header}F1,the first of its kind,deapi/ltx-2.3,2,512x512\n")
    (folder / "project.toml").write_text(f'[project]\nfps = "24"\n[lanes.deapi]\nslots = {asked.slots}\n[qc]\nclip-same = "pass"\n')


def limited(place: Path, asked: argparse.Namespace) -> AbstractContextManager[str]:
    """A stand-in that takes so many purchases in a minute, with room for all jobs."""
    words = [asked.minute, asked.speed, asked.slots, asked.seed, place / "standin"]
    return server([sys.executable, str(HERE / "limited.py"), *map(str, words)], own_environment(place))


if __name__ == "__main__":
    main()
