"""Messages are provoked, and the command that each prints is run as it is printed, in the project's folder. `REMEDIES` says which commands of the sources that are."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from contextlib import nullcontext
from decimal import Decimal
from pathlib import Path

import pytest

from callsheet.cli import following
from callsheet.cli.commands.buying import render
from callsheet.cli.drive_run import straight
from callsheet.status.run_mark import MARK
from callsheet.store.project_folder import Project
from tests.house.printed_commands import pattern
from tests.unit.cli.calling import LIST, Said, call, project, service
from tests.unit.cli.printed_remedies import REMEDIES, Remedy

_IN_DOUBT = "shot_id,prompt,model,duration_s,resolution\nD010,a pier [[fault:lost-ack]],deapi/ltx-2.3,2,512x896\n"


def printed(said: Said) -> list[str]:
    """The commands that somebody is told to type: between backticks, and at the end of a line that says so."""
    text = said.out + said.err
    ends = re.findall(r"(?:^|[:;,] |\bthen |\bwrite )(callsheet [a-z][^`\n]*)$", text, re.MULTILINE)
    return [*re.findall(r"`(callsheet [^`]+)`", text), *ends]


@pytest.fixture
def cheap(tmp_path: Path) -> Iterator[Path]:
    """A list of one shot, at a service that bills a thousandth of its price."""
    with service(tmp_path, discount=Decimal("0.001")):
        folder = project(tmp_path / "film", "".join(LIST.splitlines(keepends=True)[::2]))
        (folder / "project.toml").write_text('[[cap]]\nscope = "project"\nusd = 1\n', encoding="utf-8")
        yield folder


@pytest.fixture
def doubtful(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project with one take in doubt, at a service that can't look it up by our key."""
    folder = project(tmp_path / "film", _IN_DOUBT)
    (folder / "project.toml").write_text(
        '[attempts]\nunavailable_wait_s = 0.01\n[lanes.deapi]\ncharge_lag_s = 0.01\n[[cap]]\nscope = "project"\nusd = 1\n', encoding="utf-8"
    )
    with service(tmp_path) as url:
        monkeypatch.setenv("DEAPI_BASE_URL", url)
        monkeypatch.setenv("DEAPI_API_KEY", "test-key-91f3")
        assert call("render", "spot.csv", "--yes", "--no-prefect", "-C", str(folder)).code == 6
        yield folder


@pytest.mark.parametrize("skeleton", [*REMEDIES])
def test_what_is_printed_works_as_it_is_printed(skeleton: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found in the message, and run to the code that it promises; what the message says of it is true afterwards."""
    remedy = REMEDIES[skeleton]
    folder: Path = request.getfixturevalue(remedy.begin)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(render, "_ask", lambda _plan: None)
    monkeypatch.setattr(render, "hosted", lambda prepared: nullcontext(straight(prepared)))
    remedy.stage(monkeypatch)
    if skeleton == "callsheet attach":
        project = Project(folder)
        (project.state / MARK).write_text("a1b2")
        monkeypatch.setattr(following, "pause", (project.state / MARK).unlink)
        with project.lock():
            typed_as_printed(skeleton, remedy, folder)
        return
    typed_as_printed(skeleton, remedy, folder)


def typed_as_printed(skeleton: str, remedy: Remedy, folder: Path) -> None:
    said = remedy.provoke(folder)
    wanted = re.compile(remedy.look) if remedy.look else pattern(skeleton)
    found = [*dict.fromkeys(command for command in printed(said) if wanted.fullmatch(command))]
    assert found, (skeleton, said)
    assert remedy.says in said.out + said.err, said
    remedy.first(folder)
    for command in found if remedy.look else found[:1]:
        done = call(*(_filled(word, remedy) for word in shlex.split(command)[1:]))
        assert done.code == remedy.code, (command, done)
    assert remedy.kept(done), (found, done)


def _filled(word: str, remedy: Remedy) -> str:
    """The word, or what a person puts in its place."""
    value = remedy.fill.get(word, word)
    return value if isinstance(value, str) else value()
