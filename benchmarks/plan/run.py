"""Processor seconds and memory of whole commands on a list of 5,000 rows: check; plan where nothing was bought yet, and where the ledger knows the model; beside
pandas, which reads the same file and no more. And of a plan of 50,000 rows. `python benchmarks/plan/run.py`."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.ledger.fill import fill as fill_ledger
from benchmarks.report import table, write
from callsheet.budget.ledger.store import open_ledger
from callsheet.store.project_folder import Project

COMMAND = "uv run python benchmarks/plan/run.py"
ROWS, MANY, GOES = 5_000, 50_000, 5
#: attempts that the ledger has of the list's model, of another length
BOUGHT = 1_000
#: what a child runs: its processor seconds for the imports of the command, for the rest, and its peak memory
_CHILD = """
import contextlib, io, json, resource, sys, time
begin = time.process_time()
{imports}
loaded = time.process_time()
with contextlib.redirect_stdout(io.StringIO()):
    {call}
done = time.process_time()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps([loaded - begin, done - loaded, peak]))
"""
_PANDAS = ("import pandas", "pandas.read_csv({file!r}, dtype=str, keep_default_na=False)")
_OURS = "from callsheet.cli.app import run\nimport callsheet.cli.commands.{room}.{name}"


def fill(folder: Path, rows: int = ROWS) -> Path:
    """A list of sequences of fifty shots each, with five lengths."""
    lines = ["shot_id,sequence,prompt,model,duration_s,resolution,fps,seed,note"]
    for n in range(rows):
        prompt = f"A lighthouse at dusk, number {n}, waves against the rocks, slow push in towards the lamp room"
        lines.append(f'SQ{n // 50:04}_{n % 50 * 10:04},SQ{n // 50:04},"{prompt}",runware/ltx-2,{2 + n % 5}.5,1280x720,24,{n},check {n}')
    file = folder / "film.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def measured(imports: str, call: str, often: int = GOES) -> dict[str, object]:
    """The medians of so many goes."""
    code = _CHILD.format(imports=imports, call=call)
    goes: list[list[float]] = []
    for _ in range(often):
        child = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
        goes.append(json.loads(child.stdout.splitlines()[-1]))
    load, work, peak = (median(go[at] for go in goes) for at in range(3))
    return {"imports s": round(load, 2), "work s": round(work, 2), "all s": round(load + work, 2), "peak MB": int(peak)}


def main() -> None:
    """Measure, and write the results."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    os.environ.update({"RUNWARE_API_KEY": "made-up", "RUNWARE_BASE_URL": "https://api.runware.ai/v1"})
    with TemporaryDirectory() as name:
        new, known, long = (Path(name) / folder for folder in ("new", "known", "long"))
        for folder in (new, known, long):
            folder.mkdir()
        file = fill(new)
        fill(long, MANY)
        fill(known)
        ledger = open_ledger(Project(known).ledger_file)
        fill_ledger(ledger, Project(known), BOUGHT)
        ledger.close()
        found = [{"what": "pandas reads the CSV", **measured(_PANDAS[0], _PANDAS[1].format(file=str(file)))}]
        for what, room, command, folder, often in (
            ("check", "lists", "check", new, GOES),
            ("plan, nothing bought yet", "buying", "plan", new, GOES),
            (f"plan, {BOUGHT:,} of the model bought at another length", "buying", "plan", known, GOES),
            (f"plan of {MANY:,} rows", "buying", "plan", long, 1),
        ):
            call = f"run([{command!r}, 'film.csv', '-C', {str(folder)!r}])"
            found.append({"what": what, **measured(_OURS.format(name=command, room=room), call, often)})
    write("plan", COMMAND, found, table(found))


if __name__ == "__main__":
    main()
