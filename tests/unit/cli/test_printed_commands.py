"""Messages are provoked, and the command that each prints is run as it is printed, in the project's folder. `REMEDIES` says which commands of the sources that are."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest

from callsheet.cli import following
from callsheet.cli.commands.buying import render
from callsheet.cli.drive_run import straight
from callsheet.status.run_mark import MARK
from callsheet.store.project_folder import Project
from tests.house.printed_commands import pattern
from tests.unit.cli.calling import LIST, Said, call
from tests.unit.cli.test_selections import MORE

Provoke = Callable[[Path], Said]


def listed(text: str) -> Callable[[Path], None]:
    return lambda folder: (folder / "spot.csv").write_text(text, encoding="utf-8") and None


def after(*steps: Callable[[Path], object] | tuple[str, ...]) -> Provoke:
    """What the last command says, once the steps before it were taken: files written, or commands that must succeed."""

    def provoke(folder: Path) -> Said:
        *before, last = steps
        for step in before:
            if callable(step):
                step(folder)
            else:
                done = call(*step)
                assert done.code == 0, done
        assert not callable(last)
        return call(*last)

    return provoke


_PLAN = ("plan", "spot.csv", "--offline")
_RENDER = ("render", "spot.csv", "--yes", "--no-prefect")
_OTHERS = LIST.replace("A boat", "A ship").replace("A lamp", "A light")
#: by the command that is printed, as `printed_commands` writes it: how its message is provoked, and the exit code that it is run with (3: `import` asks, and nobody is there to answer)
REMEDIES: dict[str, tuple[Provoke, int]] = {
    "callsheet init": (after(lambda folder: (folder / "spot.csv").unlink(), ("plan",)), 0),
    "callsheet docs": (after(("docs", "zzzz")), 0),
    "callsheet docs PAGE": (after(("docs",)), 2),
    "callsheet explain": (after(("explain", "nothing-of-ours")), 0),
    "callsheet explain {}": (after(listed(LIST.replace("1.5,", "soon,")), ("check", "spot.csv")), 0),
    "callsheet status": (after(("pick", "A099.t1")), 0),
    "callsheet finish {}": (after(("reject", "A020")), 1),
    "callsheet finish": (after(lambda folder: shutil.rmtree(folder / ".callsheet" / "finished"), ("approve", "one", "v001")), 0),
    "callsheet check": (after(("show", "ZZZZ")), 0),
    "callsheet plan --out {}": (
        after(lambda folder: (folder / "broken.plan").write_text('{"schema": "callsheet.plan/1"'), ("render", "broken.plan")),
        0,
    ),
    "callsheet deliver handover": (after(("approve", "one", "v001", "--as-is")), 0),
    "callsheet schema {}": (after(("schema", "project", "--sheet", "x.xlsx")), 0),
    "callsheet show {}:{} --json": (after(("show", "A010")), 0),
    "callsheet import": (after(listed(LIST.replace("A010", "Mar-01")), ("check", "spot.csv")), 3),
    "callsheet hold --undo {*}": (after(("hold", "A020"), listed(_OTHERS), _PLAN), 0),
    "callsheet {} *": (after(("hold",)), 0),
    "callsheet {} {}": (after(("reject",)), 0),
    "callsheet resume": (after(("pause",)), 0),
    "callsheet retake {}": (after(("pick", "A020"), listed(_OTHERS), (*_PLAN, "-v")), 0),
    "callsheet render": (after(listed(MORE), ("pick", "A030")), 0),
    "callsheet render {} --cap {}": (after(listed(MORE), (*_PLAN, "--cap", "0.13")), 0),
    "callsheet render {}": (after(listed(MORE), ("plan", "spot.csv", "--out", "today.plan")), 0),
    "callsheet plan {} --out {}": (after((*_PLAN, "--against", "spot.csv")), 0),
    "callsheet plan {*} {*}": (after(listed(MORE), (*_RENDER, "--cap", "0.13")), 4),
    "callsheet render {*} --cap {} {*}": (after(listed(MORE), (*_RENDER, "--cap", "0.13")), 0),
    "callsheet report {*} {*}": (after(_RENDER), 0),
    "callsheet approve {} v{}": (after(("approve", "one")), 0),
    "callsheet import {}": (after(listed(LIST.replace("shot_id", "Shot Nr.")), ("check", "spot.csv")), 0),
    "callsheet check {}": (after(listed(LIST.replace("shot_id", "Shot Nr.")), ("import", "spot.csv")), 0),
    "callsheet {} {} {*}": (after(("init", "new")), 0),
    "callsheet attach": (after(("pause",), ("resume",)), 0),
}


def printed(said: Said) -> list[str]:
    """The commands that somebody is told to type: between backticks, and at the end of a line that says so."""
    text = said.out + said.err
    return [
        *re.findall(r"`(callsheet [^`]+)`", text),
        *re.findall(
            r"^ *(?:next:|all of it:|All of it for scripts:|help:|help: write|help: set a limit:) (callsheet .+)$", text, re.MULTILINE
        ),
    ]


@pytest.mark.parametrize("skeleton", [*REMEDIES])
def test_what_is_printed_works_as_it_is_printed(skeleton: str, copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found in the message, and run to the code that it promises."""
    monkeypatch.chdir(copied)
    monkeypatch.setattr(render, "_ask", lambda _plan: None)
    monkeypatch.setattr(render, "hosted", lambda prepared: nullcontext(straight(prepared)))
    provoke, code = REMEDIES[skeleton]
    if skeleton == "callsheet attach":
        project = Project(copied)
        (project.state / MARK).write_text("a1b2")
        monkeypatch.setattr(following, "pause", (project.state / MARK).unlink)
        with project.lock():
            typed_as_printed(skeleton, provoke(copied), code)
        return
    typed_as_printed(skeleton, provoke(copied), code)


def typed_as_printed(skeleton: str, said: Said, code: int) -> None:
    found = [command for command in printed(said) if pattern(skeleton).fullmatch(command)]
    assert found, (skeleton, said)
    done = call(*shlex.split(found[0])[1:])
    assert done.code == code, (found[0], done)
