"""What cutting a list costs as it grows: 1,000, 2,500, 5,000 and 10,000 shots in sequences of a hundred, every clip bought, one delivery.

    uv run python benchmarks/cutting/run.py [SHOTS ...]

Processor seconds of this process, medians of five: every sequence's cut; the takes as the report has them; a reel name for each clip.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.ledger.fill import fill, sha  # noqa: E402  # the folder above must be found first
from benchmarks.report import table, write  # noqa: E402
from callsheet.budget.ledger.store import open_ledger  # noqa: E402
from callsheet.domain.edit import reels  # noqa: E402
from callsheet.domain.run_request import RunRequest  # noqa: E402
from callsheet.planning.plan_cuts import cuts  # noqa: E402
from callsheet.planning.project_plan import Prepared, prepare  # noqa: E402
from callsheet.report.take_standing import standing  # noqa: E402
from callsheet.store.project_folder import Project  # noqa: E402

SIZES = (1_000, 2_500, 5_000, 10_000)
SEQUENCE = 100
REPEATS = 5


def main() -> None:
    """Fill, measure, write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", type=int, default=list(SIZES))
    asked = parser.parse_args()
    os.environ.update({"RUNWARE_API_KEY": "made-up", "RUNWARE_BASE_URL": "https://api.runware.ai/v1"})
    results: list[dict[str, object]] = []
    for shots in asked.sizes:
        with tempfile.TemporaryDirectory(prefix="callsheet-bench-") as name:
            results.append(measured(Path(name), shots))
            print(json.dumps(results[-1]), flush=True)
    write("cutting", "uv run python benchmarks/cutting/run.py", results, table(results))


def measured(folder: Path, shots: int) -> dict[str, object]:
    """One list of `shots` shots, each with one received attempt."""
    prepared = bought(folder, shots)
    seconds = cpu_s(lambda: cut_all(prepared, shots))
    return {
        "shots": shots,
        "cut cpu s": round(seconds, 3),
        "cut us per shot": round(seconds / shots * 1e6),
        "report's takes cpu s": round(cpu_s(lambda: standing(prepared.plan, prepared.view.takes, prepared.project)), 3),
        "reels cpu s": round(cpu_s(lambda: reels(sha(number) for number in range(shots))), 3),
    }


def bought(folder: Path, shots: int) -> Prepared:
    """The plan of a list whose shots were all bought, `SEQUENCE` to a sequence."""
    ledger = open_ledger(Project(folder).ledger_file)
    fill(ledger, Project(folder), shots, shots, shots // SEQUENCE)
    ledger.close()
    return prepare(RunRequest(folder=folder, list="l0000.csv"))


def cut_all(prepared: Prepared, shots: int) -> None:
    """Every sequence for the first delivery, none of its shots missing."""
    made = [cut for cut, delivery in cuts(prepared) if delivery == prepared.deliveries[0]]
    assert sum(len(cut.shots) for cut in made) == shots
    assert not any(cut.missing for cut in made)


def cpu_s(call: Callable[[], object]) -> float:
    """The median of a call's processor seconds."""
    found: list[float] = []
    for _ in range(REPEATS):
        began = time.process_time()
        call()
        found.append(time.process_time() - began)
    return median(found)


if __name__ == "__main__":
    main()
