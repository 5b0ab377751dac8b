"""What a command costs before it does anything: processor seconds of callsheet's `--help`, of `plan` with 40 rows and of `render` with nothing left to buy, beside an
empty Python and `prefect version`.

    uv run python -m benchmarks start [--goes N]

Medians and ranges over the goes, in turns.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks" / "finishing")]

from costs import cost  # noqa: E402  # the folders above must be found first

from benchmarks.report import table, write  # noqa: E402
from benchmarks.servers import own_environment, server  # noqa: E402

ROWS = 40
_CALLSHEET = [sys.executable, "-m", "callsheet"]


def main() -> None:
    """Every command once to fill the caches of bytecode; then in turns."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--goes", type=int, default=9)
    goes = parser.parse_args().goes
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with TemporaryDirectory(prefix="callsheet-bench-") as name:
        place = Path(name)
        bought, new = place / "bought", place / "new"
        for folder in (bought, new):
            folder.mkdir()
            shots(folder)
        env = own_environment(place)
        with server([*_CALLSHEET, "standin", "--speed", "0", "--state", str(place / "standin")], env) as url:
            env |= {"RUNWARE_API_KEY": "made-up", "RUNWARE_BASE_URL": f"{url}/v1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false"}
            render = [*_CALLSHEET, "render", "film.csv", "--cap", "100", "--yes", "--no-prefect", "-C", str(bought)]
            ways = {
                "an empty Python": [sys.executable, "-c", "pass"],
                "callsheet --help": [*_CALLSHEET, "--help"],
                f"callsheet plan, {ROWS} rows": [*_CALLSHEET, "plan", "film.csv", "-C", str(new)],
                f"callsheet render, {ROWS} rows bought and cut": render,
                "prefect version": [sys.executable, "-m", "prefect", "version"],
            }
            found: dict[str, list[float]] = {way: [] for way in ways}
            for go in range(goes + 1):
                for way, command in ways.items():
                    spent = cost(command, env=env)
                    if go:
                        found[way].append(spent.cpu_s)
    rows = [{"command": way, "CPU s": median(some), "range": f"{min(some):.2f} to {max(some):.2f}"} for way, some in found.items()]
    write("start", f"uv run python -m benchmarks start --goes {goes}", rows, table(rows))


def shots(folder: Path) -> None:
    """A list of short shots in one sequence."""
    rows = [f"S{n:05d},S{n:05d}: a wave against the rocks,runware/ltx-2,1,320x192" for n in range(ROWS)]
    (folder / "film.csv").write_text("shot_id,prompt,model,duration_s,resolution\n" + "\n".join(rows) + "\n")
    (folder / "project.toml").write_text('[project]\nfps = "25"\n[qc]\nclip-same = "pass"\n')


if __name__ == "__main__":
    main()
