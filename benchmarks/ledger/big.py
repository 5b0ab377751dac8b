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
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.ledger.fill import fill  # noqa: E402  # the folder above must be found first
from benchmarks.report import table, write  # noqa: E402
from callsheet.budget.ledger.audit import audit  # noqa: E402
from callsheet.budget.ledger.store import open_ledger  # noqa: E402
from callsheet.engine.opening import open_run  # noqa: E402
from callsheet.engine.order import Order  # noqa: E402
from callsheet.project import Project  # noqa: E402

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
    """One ledger of `size` attempts: seconds for each look at it, the median of three; bytes on disk for each attempt."""
    folder.mkdir(parents=True, exist_ok=True)
    project = Project(folder)
    new = not project.ledger_file.exists()
    ledger = open_ledger(project.ledger_file)
    _, filled = timed(lambda: fill(ledger, project, size)) if new else (None, None)
    problems, audited = timed(lambda: audit(ledger))
    assert problems == []
    ledger.close()
    found: dict[str, object] = {"attempts": size, "fill_s": round(filled, 1) if filled else "kept", "bytes_each": project.ledger_file.stat().st_size // size}
    for name, command in COMMANDS.items():
        found[f"{name}_s"], found[f"{name}_mb"] = command_s(folder, command)
    found["audit_s"] = round(audited, 2)
    found["resume_s"] = resumed_s(folder)
    return found


COMMANDS = {
    "plan": ("plan", "l0000.csv", "--json"),
    "status_list": ("status", "l0000.csv", "--json"),
    "costs_list": ("costs", "l0000.csv", "--json"),
    "status_all": ("status",),
}


def command_s(folder: Path, command: tuple[str, ...]) -> tuple[float, int]:
    """Median wall seconds of a command in a process of its own, start-up included, and its memory at most, MB."""
    tries = [_once(folder, command) for _ in range(REPEATS)]
    return round(sorted(seconds for seconds, _ in tries)[REPEATS // 2], 2), max(mb for _, mb in tries)


def _once(folder: Path, command: tuple[str, ...]) -> tuple[float, int]:
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "callsheet", *command, "-C", str(folder)], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, (command, process.returncode)
    return time.perf_counter() - began, used.ru_maxrss // 1024


def resumed_s(folder: Path) -> float:
    """Until a run after a killed one may go on: the book summed again, the plan made, ten holds of the dead run given back. Once: it is then done."""
    (folder / ".callsheet" / "running").write_text("dead")

    async def resume() -> None:
        async with open_run(Order(folder=folder, list="l0000.csv", buy=False)) as run:
            assert run.takes == ()

    _, seconds = timed(lambda: asyncio.run(resume()))
    return round(seconds, 2)


def timed(call: Callable[[], Any]) -> tuple[Any, float]:
    """What a call gives, and its seconds."""
    began = time.perf_counter()
    return call(), time.perf_counter() - began


if __name__ == "__main__":
    main()
