"""`python -m benchmarks NAME [OPTIONS]`: one of the benchmarks, by its folder; without a name, which there are."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

HERE = Path(__file__).parent
RUNS = {
    "again": "finishing/again.py",
    "last": "finishing/last.py",
    "cost": "finishing/cost.py",
    "holds": "ledger/holds.py",
    "big": "ledger/big.py",
    "ledger": "ledger/holds.py",
    "pen": "ledger/pen.py",
    "makespan": "takes/makespan.py",
    "scale": "takes/scale.py",
    "simulated": "takes/simulated.py",
    "storm": "takes/storm.py",
    "together": "takes/together.py",
}


def known() -> list[str]:
    """The names of all benchmarks."""
    return sorted({*RUNS, *(found.parent.name for found in HERE.glob("*/run.py"))})


def main() -> None:
    """Run it as if it had been called by its path."""
    if len(sys.argv) < 2 or sys.argv[1] not in known():
        sys.exit(f"python -m benchmarks {'|'.join(known())}")
    name = sys.argv.pop(1)
    script = HERE / RUNS.get(name, f"{name}/run.py")
    sys.argv[0] = str(script)
    sys.path.insert(0, str(script.parent))  # as Python itself does for a script
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
