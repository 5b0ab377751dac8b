"""How much longer a batch takes than its service needs, by the number of takes and of slots: callsheet alone, beside a bare script.

    uv run python -m benchmarks makespan [--sizes TAKESxSLOTS ...] [--speed X] [--rounds N] [WAY ...]

The floor is the least time in which the stand-in's jobs, whose lengths it tells, can be done on so many slots, in the order in which they were accepted.
Faster than life, the jobs are shorter, and what a request takes counts for more: the machine has to bear takes in the pace that slots and speed ask for.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.report import table, write  # noqa: E402  # the folder above must be found first
from benchmarks.takes.run import one  # noqa: E402

SIZES = ("100x4", "200x40", "1000x40")


def main() -> None:
    """Every size and way in turn, round by round."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", default=SIZES)
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("ways", nargs="*", default=["bare", "callsheet"])
    asked = parser.parse_args()
    found: dict[tuple[str, str], list[dict[str, float]]] = {}
    for _ in range(asked.rounds):
        for size in asked.sizes:
            takes, slots = (int(part) for part in size.split("x"))
            for way in asked.ways:
                batch = one(way, takes, argparse.Namespace(slots=slots, speed=asked.speed, seed=asked.seed))
                found.setdefault((way, size), []).append(batch)
                print(json.dumps({"way": way, "slots": slots, **batch}), flush=True)
    rows = [row(way, size, rounds) for (way, size), rounds in found.items()]
    command = f"uv run python -m benchmarks makespan --sizes {' '.join(asked.sizes)} --speed {asked.speed:g} --rounds {asked.rounds}"
    write("makespan", command, rows, table(rows))


def row(way: str, size: str, rounds: list[dict[str, float]]) -> dict[str, Any]:
    """Medians of one size."""
    takes, slots = (int(part) for part in size.split("x"))
    return {
        "way": way,
        "takes": takes,
        "slots": slots,
        "seconds": round(median(one["seconds"] for one in rounds), 1),
        "makespan / floor": round(median(one["seconds"] / one["floor"] for one in rounds), 3),
    }


if __name__ == "__main__":
    main()
