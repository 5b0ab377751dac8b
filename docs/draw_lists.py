"""Read every list of tests/lists as it is and after an import, and write what came of it into docs/lists.md: `python docs/draw_lists.py`."""

from __future__ import annotations

import re
import shutil
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from callsheet.domain.errors import InputError
from callsheet.shotlist.load import bytes_of, load
from callsheet.shotlist.mapping import announced, mapping_of, save
from callsheet.shotlist.proposal.propose import propose
from callsheet.shotlist.read import ShotList, read

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "lists.md"
LISTS = ROOT / "tests" / "lists"
#: what the user is asked and answers
ANSWERS: dict[str, dict[str, Any]] = {
    "boords.csv": {"columns": {"Image": ""}},
    "frame_durations.csv": {"length": {"fps": "24"}},
    "shotgrid.csv": {"status": {"fin": "hold"}},
    "studiobinder_like.csv": {"length": {"unit": "m:ss"}},
    "toonboom.csv": {"length": {"fps": "24"}},
    "cp1250_polish_excel.csv": {"encoding": "cp1250"},
    "gbk_chinese_excel.csv": {"encoding": "gbk"},
    "sjis_japanese_excel.csv": {"encoding": "cp932"},
    "airtable.csv": {"length": {"unit": "m:ss"}, "status": {"in progress": "ready"}},
    "strike.xlsx": {"struck": "leave out"},
    "list.xlsx": {"hidden": "leave out", "columns": {"take": ""}},
}
_BLOCK = re.compile(r"(<!-- drawn: lists -->\n).*?(<!-- end -->)", re.DOTALL)


def drawn(page: str) -> str:
    """The page with the table as the reader makes it today."""
    return _BLOCK.sub(lambda found: f"{found[1]}{_table()}\n{found[2]}", page)


def outcomes(path: Path) -> tuple[str, str]:
    """What comes of a list as it is, and after an import with the answers above."""
    with TemporaryDirectory() as folder:
        copy = Path(shutil.copy(path, folder))
        return _read(copy), _imported(copy)


def _read(path: Path) -> str:
    try:
        return _shots(read(path, path.name))
    except InputError as error:
        return _refused(error)


def _imported(path: Path) -> str:
    said = ANSWERS.get(path.name, {})
    try:
        proposal = propose(load(path, bytes_of(path, path.name), path.name, mapping_of(said, path.name)), path.name, {}, said)
        if proposal.questions:
            return "asked: " + ", ".join(".".join([*question.table, question.name]) for question in proposal.questions)
        save(path, proposal.document)
        mapping = announced(mapping_of(proposal.document, path.name), "the mapping").removeprefix("read by the mapping: ")
        return "; ".join(filter(None, [_shots(read(path, path.name)), mapping]))
    except InputError as error:
        return _refused(error)


def _shots(shots: ShotList) -> str:
    return f"{len(shots.shots)} shot{'s' if len(shots.shots) > 1 else ''}"


def _refused(error: InputError) -> str:
    codes = Counter(problem.code for problem in error.problems)
    return "refused: " + ", ".join(f"{code} x {count}" if count > 1 else code for code, count in codes.items())


def _table() -> str:
    lines = ["| list | as it is | after `callsheet import` |", "|---|---|---|"]
    for path in sorted(LISTS.rglob("*.*")):
        cells = (f"{path.parent.name}/{path.name}", *outcomes(path))
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    sys.stdout.write(f"{PAGE.relative_to(ROOT)} written\n")
