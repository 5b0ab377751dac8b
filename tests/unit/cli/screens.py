"""What `status`, `costs` and a run's ending print of a small film, at the widths that people have. `python -m tests.unit.cli.screens` writes the golden files anew."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from tests.runners import remembering
from tests.unit.cli.calling import Said, call, project, service

FOLDER = Path(__file__).parents[2] / "golden" / "screens"
WIDTHS = ("80", "100", "120", "")
FILM = """shot_id,sequence,prompt,model,duration_s,resolution,fps,takes
A010,one,A boat leaves the harbour,runware/ltx-2,1,320x192,24,2
A020,two,A lamp is lit,runware/ltx-2,1.5,320x192,24,1
A030,two,A ship turns,runware/ltx-2,1,320x192,24,1
"""
_RUN = ("render", "film.csv", "--yes", "--no-prefect")


@contextmanager
def stage() -> Iterator[Path]:
    """A project with two takes bought, one for a row that has changed since, one held back, and a service that refuses the rest."""
    with tempfile.TemporaryDirectory() as place, remembering():
        folder = project(Path(place) / "film", "")
        (folder / "spot.csv").unlink()
        (folder / "film.csv").write_text(FILM, encoding="utf-8")
        with service(Path(place)) as url:
            assert call(*_RUN, "A010.t1", "A020", "--cap", "1", "-C", str(folder)).code == 1
            port = int(url.rpartition(":")[2])
        assert screen("", "hold", "A030", "-C", str(folder)).code == 0
        (folder / "film.csv").write_text(FILM.replace("A lamp", "Two lamps"), encoding="utf-8")
        with service(Path(place), port, faults={"refuse": 1.0}):
            yield folder


def screen(columns: str, *argv: str) -> Said:
    """A command in so many columns (none: no terminal)."""
    others = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "USER", "LOGNAME")}
    with patch.dict(os.environ, {**others, "LOGNAME": "anna", **({"COLUMNS": columns} if columns else {})}, clear=True):
        return call(*argv)


def screens(folder: Path) -> dict[str, str]:
    """Every golden file by its name. The endings come first: they are one run after the other, of which each refuses the same takes once more."""
    found: dict[str, str] = {}
    for columns in WIDTHS:
        name = columns or "log"
        found[f"ending-{name}.txt"] = screen(columns, *_RUN, "-C", str(folder)).out.replace(f" -C {folder.resolve()}", "")
        for command in ("status", "costs"):
            found[f"{command}-{name}.txt"] = screen(columns, command, "film.csv", "-C", str(folder)).out
    return found


if __name__ == "__main__":
    os.environ.setdefault("CALLSHEET_TEST_HOME", tempfile.mkdtemp())
    FOLDER.mkdir(exist_ok=True)
    with stage() as here:
        for name, text in screens(here).items():
            (FOLDER / name).write_text(text, encoding="utf-8")
