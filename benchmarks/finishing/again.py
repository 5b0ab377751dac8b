"""What `render` of a finished batch costs: a thousand shots of one sequence, all bought and finished. Processor seconds and memory of the whole command.

uv run python -m benchmarks again [--shots N] [--rounds N]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from decimal import Decimal
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

import bought  # noqa: E402  # the folders above must be found first
from clips import Stock  # noqa: E402
from costs import cost  # noqa: E402

from benchmarks.report import table, write  # noqa: E402

COMMAND = (sys.executable, "-m", "callsheet")
SETTINGS = '[deliver.web]\nresolution = "320x180"\nfps = "25"\n[qc]\nclip-same = "pass"\n'


def main() -> None:
    """Finish once, then render so many times."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shots", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="callsheet-bench-") as name:
        shots = [bought.Shot(Stock().fitting(n % 20, "320x180"), Decimal(3)) for n in range(asked.shots)]
        project = bought.project(Path(name) / "film", shots, SETTINGS)
        cost([*COMMAND, "finish", bought.LIST, "-C", str(project.folder)], allowed=(0, 7))
        films = sorted(film.name for film in project.out.glob("*.mp4"))
        render = [*COMMAND, "render", bought.LIST, "-C", str(project.folder), "--cap", "100000", "--yes"]
        found = [cost(render, allowed=(0, 7)) for _ in range(asked.rounds)]
        assert films == sorted(film.name for film in project.out.glob("*.mp4")) != [], "something was finished again"
    row = {
        "shots": asked.shots,
        "CPU s": median(one.cpu_s for one in found),
        "wall s": median(one.wall_s for one in found),
        "MiB": found[0].mib,
    }
    command = f"uv run python -m benchmarks again --shots {asked.shots} --rounds {asked.rounds}"
    write("finishing-again", command, {"rows": [row], "found": [vars(one) for one in found]}, table([row]))


if __name__ == "__main__":
    main()
