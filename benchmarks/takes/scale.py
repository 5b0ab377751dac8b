"""Whether a take of 10,000 costs as much as one of 100, and how much memory they take: callsheet alone, on a clock that goes faster than life.

    uv run python -m benchmarks scale [--sizes 100 1000 10000] [--few N] [--slots N] [--speed X] [--rounds N]

Processor seconds are the command's own, children told apart. Start-up is taken away by a batch of `--few` takes: a take costs (own of all - own of few) /
(all - few), medians over the rounds. The last size takes about three minutes of one processor.
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


def main() -> None:
    """Every size in turn, round by round."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1_000, 10_000])
    parser.add_argument("--few", type=int, default=20)
    parser.add_argument("--slots", type=int, default=200)
    parser.add_argument("--speed", type=float, default=4.0, help="how many times faster than life; at 1 a job lasts 4 to 16 s")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    found: dict[int, list[dict[str, float]]] = {size: [] for size in (asked.few, *asked.sizes)}
    for _ in range(asked.rounds):
        for size, rounds in found.items():
            rounds.append(one("callsheet", size, asked))
            print(json.dumps(rounds[-1]), flush=True)
    rows = [row(size, found[size], found[asked.few]) for size in asked.sizes]
    base = rows[0]["own CPU ms a take"]
    rows = [{**each, f"times that of {asked.sizes[0]}": round(each["own CPU ms a take"] / base, 2)} for each in rows]
    sizes = " ".join(map(str, asked.sizes))
    command = f"uv run python -m benchmarks scale --sizes {sizes} --slots {asked.slots} --speed {asked.speed:g} --rounds {asked.rounds}"
    write("takes-scale", command, {"rows": rows, "found": found}, table(rows))


def row(size: int, big: list[dict[str, float]], few: list[dict[str, float]]) -> dict[str, Any]:
    """Medians of one size."""
    each = [(some["own"] - start["own"]) / (size - start["takes"]) for some, start in zip(big, few, strict=True)]
    return {
        "takes": size,
        "own CPU ms a take": round(1000 * median(each), 1),
        "memory MB": round(median(some["mb"] for some in big)),
        "makespan / floor": round(median(some["seconds"] / some["floor"] for some in big), 3),
    }


if __name__ == "__main__":
    main()
