"""What `plan` and `status` print of a small film, at the widths that people have. `python -m tests.unit.cli.plan_screens` writes the golden files anew."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

from callsheet.clock import Clock
from tests.unit.cli.calling import call

FOLDER = Path(__file__).parents[2] / "golden" / "plan"
WIDTHS = ("80", "100", "120", "")
TODAY = datetime(2026, 3, 9, 12, tzinfo=UTC)
#: two sequences, two models, a size and a length that aren't sold, a sound that can't be left out, one shot on hold
FILM = """shot_id,sequence,prompt,model,duration_s,resolution,fps,takes,sound,status,negative_prompt
S0010,harbour,A boat leaves the harbour,runware/ltx-2.3,6.5,1920x1080,24,2,on,ready,"text, watermark"
S0020,harbour,A lamp is lit,runware/ltx-2,3.5,1280x720,24,1,off,ready,
S0030,harbour,A gull,runware/ltx-2,2,1280x704,24,1,on,hold,
S0040,lamp,The light turns,runware/ltx-2.3,6,1920x1080,24,1,on,ready,
"""
EARLIER = FILM.replace("6.5", "6").replace("S0040,lamp", "S0050,lamp")
PROJECT = '[sequences.harbour]\nlength = "12"\n'


@contextmanager
def stage() -> Iterator[Path]:
    """A project with a plan that was saved of an earlier list, on a day when its prices were new."""
    without = {name: value for name, value in os.environ.items() if not name.startswith(("RUNWARE_", "CALLSHEET_"))}
    with (
        tempfile.TemporaryDirectory() as place,
        patch.dict(os.environ, without, clear=True),
        patch.object(Clock, "now", lambda _: TODAY),
    ):
        folder = Path(place)
        (folder / "project.toml").write_text(PROJECT, encoding="utf-8")
        (folder / "film.csv").write_text(EARLIER, encoding="utf-8")
        assert call("plan", "film.csv", "--offline", "--out", "monday.plan", "-C", place).code == 0
        (folder / "film.csv").write_text(FILM, encoding="utf-8")
        yield folder


def screen(folder: Path, columns: str, *argv: str) -> str:
    """stdout of `plan` in so many columns (none: no terminal), less the line that names this machine's folder."""
    others = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    with patch.dict(os.environ, {**others, **({"COLUMNS": columns} if columns else {})}, clear=True):
        answer = call("plan", "film.csv", "--offline", *argv, "-C", str(folder))
    return "".join(line for line in answer.out.splitlines(keepends=True) if not line.startswith("Flows, cards"))


def screens(folder: Path) -> dict[str, str]:
    """Every golden file by its name."""
    tried = ("--cap", "1.5", "--against", "monday.plan")
    whole = {f"plan-{columns or 'log'}.txt": screen(folder, columns, *tried) for columns in WIDTHS}
    return {**whole, "takes-80.txt": screen(folder, "80", "-v"), "takes-log.txt": screen(folder, "", "-v")}


if __name__ == "__main__":
    with stage() as here:
        for name, text in screens(here).items():
            (FOLDER / name).write_text(text, encoding="utf-8")
