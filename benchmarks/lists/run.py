"""Processor seconds and memory to read shot lists of 5,000 and 50,000 rows, beside pandas, which checks nothing. `python benchmarks/lists/run.py`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.report import table, write

COMMAND = "uv run python benchmarks/lists/run.py"
#: what a child runs: its own processor seconds after the imports, those of the imports, and its peak memory
_CHILD = """
import json, resource, sys, time
from pathlib import Path
path = Path(sys.argv[1])
begin = time.process_time()
{imports}
loaded = time.process_time()
rows = {read}
done = time.process_time()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps([round(loaded - begin, 2), round(done - loaded, 2), peak, rows]))
"""
_OURS = ("from callsheet.shotlist.read import read", "len(read(path, path.name).shots)")
_PANDAS = {
    "csv": ("import pandas", "len(pandas.read_csv(path, dtype=str, keep_default_na=False))"),
    "xlsx": ("import pandas, openpyxl", "len(pandas.read_excel(path, dtype=str, keep_default_na=False))"),
    "parquet": ("import pandas, pyarrow.parquet", "len(pandas.read_parquet(path, dtype_backend='pyarrow'))"),
}
_CHECK = (
    "import contextlib, io\nfrom callsheet.cli.app import run",
    "run(['check', path.name, '-C', str(path.parent), '--format', 'concise'])",
)


def fill(folder: Path, rows: int) -> None:
    """The same list in three formats: twelve columns, a sequence of fifty shots each."""
    lines = ["shot_id,sequence,prompt,model,duration_s,resolution,fps,takes,seed,note,camera,lens"]
    for n in range(rows):
        prompt = f"A lighthouse at dusk, number {n}, waves against the rocks, slow push in towards the lamp room"
        place = f"SQ{n // 50:04}_{n % 50 * 10:04},SQ{n // 50:04}"
        lines.append(f'{place},"{prompt}",runware/ltx-2,{2 + n % 5}.5,1280x720,24,1,{n},check the lamp {n},handheld,{35 + n % 3}mm')
    (folder / "film.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    code = (
        "from pathlib import Path; from callsheet.shotlist.read import read; from callsheet.shotlist.write import write\n"
        "import sys; path = Path(sys.argv[1]); shots = read(path, path.name).shots\n"
        "write(shots, path.with_suffix('.xlsx')); write(shots, path.with_suffix('.parquet'))"
    )
    subprocess.run([sys.executable, "-c", code, str(folder / "film.csv")], check=True)


def measured(path: Path, imports: str, read: str) -> dict[str, object]:
    """The least of three goes."""
    goes: list[list[float]] = []
    for _ in range(3):
        child = subprocess.run(
            [sys.executable, "-c", _CHILD.format(imports=imports, read=read), str(path)], check=True, capture_output=True, text=True
        )
        goes.append(json.loads(child.stdout.splitlines()[-1]))
    best = min(goes, key=lambda go: go[1])
    return {"imports s": best[0], "read s": best[1], "peak MB": best[2]}


def main() -> None:
    """Measure, and write the results."""
    found: list[dict[str, object]] = []
    with TemporaryDirectory() as name:
        for rows in (5_000, 50_000):
            folder = Path(name) / str(rows)
            folder.mkdir()
            fill(folder, rows)
            for kind in ("csv", "xlsx", "parquet"):
                path = folder / f"film.{kind}"
                found.append({"rows": rows, "file": kind, "by": "callsheet", **measured(path, *_OURS)})
                found.append({"rows": rows, "file": kind, "by": "pandas", **measured(path, *_PANDAS[kind])})
            if rows == 5_000:
                found.append(
                    {"rows": rows, "file": "csv", "by": "callsheet check, the whole command", **measured(folder / "film.csv", *_CHECK)}
                )
    write("lists", COMMAND, found, table(found))


if __name__ == "__main__":
    main()
