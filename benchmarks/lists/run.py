"""Processor seconds and memory to read shot lists of 5,000 and 50,000 rows, beside pandas, which checks nothing, and pandera, which checks what a schema can say; and of
whole commands. `python benchmarks/lists/run.py`.

pandera isn't among the project's dependencies: it is installed for this run only, into an environment of its own that `uv` keeps.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.report import table, write

COMMAND = "uv run python benchmarks/lists/run.py"
#: each is measured so often, all in turns, so that whatever else the machine does meets all alike
GOES = 3
#: what a child runs: its own processor seconds after the imports, those of the imports, and its peak memory
_CHILD = """
import json, resource, sys, time
from pathlib import Path
path = Path(sys.argv[1])
begin = time.process_time()
{imports}
loaded = time.process_time()
{work}
done = time.process_time()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps([round(loaded - begin, 2), round(done - loaded, 2), peak, rows]))
"""
_OURS = ("from callsheet.shotlist.read import read", "rows = len(read(path, path.name).shots)")
_PANDAS = {
    "csv": ("import pandas", "rows = len(pandas.read_csv(path, dtype=str, keep_default_na=False))"),
    "xlsx": ("import pandas, openpyxl", "rows = len(pandas.read_excel(path, dtype=str, keep_default_na=False))"),
    "parquet": ("import pandas, pyarrow.parquet", "rows = len(pandas.read_parquet(path, dtype_backend='pyarrow'))"),
}
#: the same checks as far as a schema says them: which columns, ids that are file names and used once, texts that hold no control character, numbers within limits, words out of a few
_PANDERA = """
import re
schema = pandera.DataFrameSchema(
    {
        "shot_id": pandera.Column(str, [pandera.Check.str_matches(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"), pandera.Check(lambda s: ~s.str.contains(r"\\.t[0-9]+$"))], unique=True),
        "sequence": pandera.Column(str, [pandera.Check.str_length(0, 64), pandera.Check(lambda s: ~s.str.contains(r'[\\n\\t/\\\\:*?"<>|]'))]),
        "prompt": pandera.Column(str, [pandera.Check.str_length(1, 100_000), pandera.Check(lambda s: ~s.str.contains(r"[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\ufffd]")), pandera.Check(lambda s: ~s.str.casefold().isin(["none", "nan", "null", "n/a", "tbd", "total"]))]),
        "model": pandera.Column(str, pandera.Check.str_matches(r"^[a-z0-9-]+/[A-Za-z0-9._-]+$")),
        "duration_s": pandera.Column(float, pandera.Check.in_range(0, 3600, include_min=False), coerce=True),
        "resolution": pandera.Column(str, pandera.Check.str_matches(r"^\\d{2,4}x\\d{2,4}$")),
        "fps": pandera.Column(float, pandera.Check.in_range(1, 240), coerce=True),
        "takes": pandera.Column(int, pandera.Check.in_range(1, 99), coerce=True),
        "seed": pandera.Column(int, pandera.Check.ge(0), coerce=True),
        "note": pandera.Column(str, pandera.Check(lambda s: ~s.str.contains(r"[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\ufffd]"))),
    }
)
rows = len(schema.validate({read}, lazy=True))
"""
_COMMANDS = ("check", "plan")


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


def once(python: str, path: Path, imports: str, work: str) -> list[float]:
    """One go in a process of its own: processor seconds of the imports and of the reading, peak memory in MB. `work` leaves `rows`, their number."""
    child = [python, "-c", _CHILD.format(imports=imports, work=work), str(path)]
    done = subprocess.run(child, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])[:3]


def whole(command: str, path: Path) -> list[float]:
    """A whole command: its processor seconds, all of them, and its peak memory."""
    words = [sys.executable, "-m", "callsheet", command, path.name, "-C", str(path.parent)]
    child = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    assert status == 0, words
    return [0.0, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024]


def pandera_python(folder: Path) -> str:
    """An environment that has pandera, beside the project's."""
    python = folder / "pandera" / "bin" / "python"
    subprocess.run(["uv", "venv", "-q", "--python", sys.executable, str(folder / "pandera")], check=True)
    subprocess.run(["uv", "pip", "install", "-q", "--python", str(python), "pandera[pandas]==0.35.0", "openpyxl", "pyarrow"], check=True)
    return str(python)


def main() -> None:
    """Measure, and write the results."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ.update({"RUNWARE_API_KEY": "made-up", "RUNWARE_BASE_URL": "https://api.runware.ai/v1"})
    found: list[dict[str, object]] = []
    with TemporaryDirectory() as name:
        other = pandera_python(Path(name))
        for rows in (5_000, 50_000):
            folder = Path(name) / str(rows)
            folder.mkdir()
            fill(folder, rows)
            for kind in ("csv", "xlsx", "parquet") if rows == 5_000 else ("csv",):
                path, (imports, read) = folder / f"film.{kind}", _PANDAS[kind]
                ways: dict[str, Callable[[], list[float]]] = {
                    "callsheet": lambda path=path: once(sys.executable, path, *_OURS),
                    "pandas": lambda path=path, imports=imports, read=read: once(sys.executable, path, imports, read),
                }
                if kind != "parquet":  # its columns have types already
                    table_ = read.removeprefix("rows = len(").removesuffix(")")
                    ways["pandas and pandera"] = lambda path=path, imports=imports, read=table_: once(
                        other, path, f"{imports}\nimport pandera.pandas as pandera", _PANDERA.replace("{read}", read)
                    )
                if kind == "csv" or (kind == "xlsx" and rows == 5_000):
                    ways |= {f"`callsheet {word}`, the whole command": lambda path=path, word=word: whole(word, path) for word in _COMMANDS}
                found += measured(rows, kind, ways, GOES if rows == 5_000 else 1)
    write("lists", COMMAND, found, table(found))


def measured(rows: int, kind: str, ways: Mapping[str, Callable[[], list[float]]], goes: int) -> list[dict[str, object]]:
    """The medians of each way, and how many times our own reading takes."""
    taken: dict[str, list[list[float]]] = {by: [] for by in ways}
    for _ in range(goes):
        for by, way in ways.items():
            taken[by].append(way())
    medians = {by: [median(go[at] for go in all_goes) for at in range(3)] for by, all_goes in taken.items()}
    ours = medians["callsheet"][1]
    return [
        {
            "rows": rows,
            "file": kind,
            "by": by,
            "imports s": round(load, 2),
            "s": round(work, 2),
            "of our reading": round(work / ours, 2),
            "peak MB": int(peak),
        }
        for by, (load, work, peak) in medians.items()
    ]


if __name__ == "__main__":
    main()
