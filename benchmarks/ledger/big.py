"""How plan, status, costs and resume take to a ledger that has grown: 10,000, 100,000 and 1,000,000 attempts, all of one project.

    uv run python benchmarks/ledger/big.py [--keep DIR] [SIZE ...]

With --keep, the ledgers stay in DIR, and one that is there already is measured as it is.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.ledger.fill import fill  # noqa: E402  # the folder above must be found first
from benchmarks.report import table, write  # noqa: E402
from callsheet.budget.ledger.audit import audit  # noqa: E402
from callsheet.budget.ledger.store import open_ledger  # noqa: E402
from callsheet.domain.run_request import RunRequest  # noqa: E402
from callsheet.runs.session import open_run  # noqa: E402
from callsheet.store.project_folder import Project  # noqa: E402

SIZES = (10_000, 100_000, 1_000_000)
REPEATS = 3


def main() -> None:
    """Fill, measure, write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("sizes", nargs="*", type=int, default=list(SIZES))
    asked = parser.parse_args()
    os.environ.update({"RUNWARE_API_KEY": "made-up", "RUNWARE_BASE_URL": "https://api.runware.ai/v1"})
    results = []
    for size in asked.sizes:
        with tempfile.TemporaryDirectory(prefix="callsheet-bench-") as name:
            results.append(measured((asked.keep or Path(name)) / str(size), size))
            print(json.dumps(results[-1]), flush=True)
    write("ledger-big", "uv run python benchmarks/ledger/big.py", results, table(results))


def measured(folder: Path, size: int) -> dict[str, object]:
    """One ledger of `size` attempts: what each look at it costs, and its bytes on disk for each attempt."""
    folder.mkdir(parents=True, exist_ok=True)
    project = Project(folder)
    new = not project.ledger_file.exists()
    ledger = open_ledger(project.ledger_file)
    _, filled = timed(lambda: fill(ledger, project, size)) if new else (None, None)
    problems, audited = timed(lambda: audit(ledger))
    assert problems == []
    ledger.close()
    found: dict[str, object] = {
        "attempts": size,
        "fill cpu s": round(filled, 1) if filled else "kept",
        "bytes each": project.ledger_file.stat().st_size // size,
    }
    for name, command in COMMANDS.items():
        found |= {f"{name} {what}": value for what, value in command_cost(folder, command).items()}
    return found | {"audit cpu s": round(audited, 2), "resume cpu s": resumed_s(folder)}


COMMANDS = {
    "plan": ("plan", "l0000.csv", "--json"),
    "status of a list": ("status", "l0000.csv", "--json"),
    "costs of a list": ("costs", "l0000.csv", "--json"),
    "status of all": ("status",),
}


def command_cost(folder: Path, command: tuple[str, ...]) -> dict[str, float]:
    """Medians of a command in a process of its own, start-up included: seconds on the clock, seconds of processor, memory at most."""
    found = [_once(folder, command) for _ in range(REPEATS)]
    return {name: round(median(one[name] for one in found), 2) for name in found[0]}


def _once(folder: Path, command: tuple[str, ...]) -> dict[str, float]:
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "callsheet", *command, "-C", str(folder)], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, (command, process.returncode)
    return {"s": time.perf_counter() - began, "cpu s": used.ru_utime + used.ru_stime, "MB": used.ru_maxrss // 1024}


def resumed_s(folder: Path) -> float:
    """Until a run after a killed one may go on: the book summed again, the plan made, ten holds of the dead run given back. Once: it is then done."""
    (folder / ".callsheet" / "running").write_text("dead")

    async def resume() -> None:
        async with open_run(RunRequest(folder=folder, list="l0000.csv", buy=False)) as run:
            assert run.takes == ()

    _, seconds = timed(lambda: asyncio.run(resume()))
    return round(seconds, 2)


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    """What a call gives, and its seconds of processor."""
    began = time.process_time()
    return call(), time.process_time() - began


if __name__ == "__main__":
    main()
