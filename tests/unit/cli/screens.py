"""What `check`, `render`, `status`, `costs` and `review` print of a small film, at the widths that people have, on a terminal and in a log.

`python -m tests.unit.cli.screens` writes the golden files anew. A terminal of 80 columns shows what a command prints where COLUMNS is 80.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from rich.console import Console

from callsheet.budget.rules.purse import Money
from callsheet.cli.app import run
from callsheet.cli.output.live_view import LiveView
from callsheet.cli.output.tally import Due, Tally
from callsheet.domain.run_request import RunEvent
from callsheet.domain.take import TakeId
from tests.runners import remembering
from tests.unit.cli.calling import Said, call, project, service

FOLDER = Path(__file__).parents[2] / "golden" / "screens"
WIDTHS = ("80", "100", "120", "")
FILM = """shot_id,sequence,prompt,model,duration_s,resolution,fps,takes
A010,one,A boat leaves the harbour,runware/ltx-2,1,320x192,24,2
A020,two,A lamp is lit,runware/ltx-2,1.5,320x192,24,1
A030,two,A ship turns,runware/ltx-2,1,320x192,24,1
"""
#: a length in words, no prompt, an unknown model, no takes, a name twice, an edge of ten pixels, a length that isn't sold
WRONG = """shot_id,prompt,model,duration_s,resolution,takes
B010,A boat leaves the harbour,runware/ltx-2.3,7.3 minutes,1920x1080,1
B020,,runware/ltx-9,6,1920x108,0
B020,A lamp is lit,runware/ltx-2,6,10x10,2
B040,A ship turns into the wind as the keeper of the light counts its people,runware/ltx-2,31,1920x1080,1
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
        wrong = folder / "wrong"
        wrong.mkdir()
        (wrong / "wrong.csv").write_text(WRONG, encoding="utf-8")
        with service(Path(place), port, faults={"refuse": 1.0}):
            yield folder


def screen(columns: str, *argv: str) -> Said:
    """A command whose output is no terminal, with COLUMNS if that is given."""
    with _environment(**({"COLUMNS": columns} if columns else {})):
        return call(*argv)


class Terminal(io.StringIO):
    """stdout or stderr that is one, but can't draw in place."""

    def isatty(self) -> bool:
        return True


def terminal(columns: str, *argv: str) -> Said:
    """A command on a terminal of so many columns."""
    out, err = Terminal(), Terminal()
    size = os.terminal_size((int(columns), 24))
    with (
        _environment(TERM="dumb"),
        patch("shutil.get_terminal_size", lambda _: size),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = run(argv)
    return Said(code, out.getvalue(), err.getvalue())


@contextmanager
def _environment(**more: str) -> Iterator[None]:
    others = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "USER", "LOGNAME", "TERM")}
    with patch.dict(os.environ, {**others, "LOGNAME": "anna", **more}, clear=True):
        yield


def screens(folder: Path, shown: Callable[..., Said] = screen, widths: tuple[str, ...] = WIDTHS) -> dict[str, str]:
    """What each command prints, by its golden file's name. The endings come first: they are one run after the other, of which each refuses
    the same takes once more.
    """
    found: dict[str, str] = {}
    where = ("-C", str(folder))
    for columns in widths:
        name = f"{columns or 'log'}.txt"
        found[f"ending-{name}"] = shown(columns, *_RUN, *where).out.replace(f" -C {folder.resolve()}", "")
        for command in ("status", "costs"):
            found[f"{command}-{name}"] = shown(columns, command, "film.csv", *where).out
        checked = shown(columns, "check", "wrong.csv", "-C", str(folder / "wrong"))
        found[f"check-{name}"] = checked.out + checked.err
        zip = folder / "shared.zip"
        zip.unlink(missing_ok=True)
        shared = shown(columns, "review", "film.csv", "--share", zip.name, "--for", "Agency", "--until", "2099-01-31", *where)
        found[f"review-{name}"] = re.sub(r"\d\.\d MB", "0.1 MB", shared.out + shared.err)
    return found


def live(columns: int) -> str:
    """A run's live view on a terminal of so many columns, after a few events: paused, with two lanes at work and money on hold."""
    takes = {TakeId("film", f"S{n:02d}0", 1): "runware/ltx-2" if n < 6 else "bytecompute/ltx-2.3" for n in range(1, 9)}
    now = [0.0]
    tally = Tally(Due(8, takes, 90.0), clock=lambda: now[0])
    for kind, shots in (("submit", (1, 2, 3, 4, 5, 6, 7)), ("received", (1,)), ("pause", (0,))):
        for n in shots:
            take = TakeId("film", f"S{n:02d}0", 1) if n else None
            tally.note(RunEvent(kind=kind, text="", take=take, at="2026-11-21T07:41:02.000Z"))
        now[0] += 21.0
    view = LiveView(tally, "p pause or resume   d detach")
    view.money = Money(cap=12_000_000, settled=5_760_000, held=1_920_000, in_doubt=0, headroom=4_320_000)
    view.console = Console(file=io.StringIO(), width=columns, height=24, color_system=None)
    lines = view.console.render_lines(view.drawn())
    return "".join("".join(part.text for part in line).rstrip() + "\n" for line in lines)


def every(folder: Path) -> dict[str, str]:
    """Every golden file by its name."""
    return {**screens(folder), **{f"live-{columns}.txt": live(int(columns)) for columns in filter(None, WIDTHS)}}


if __name__ == "__main__":
    os.environ.setdefault("CALLSHEET_TEST_HOME", tempfile.mkdtemp())
    FOLDER.mkdir(exist_ok=True)
    with stage() as here:
        for name, text in every(here).items():
            (FOLDER / name).write_text(text, encoding="utf-8")
