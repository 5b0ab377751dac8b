"""Every command that a run's ending prints is run here as it was printed, in the project's folder, once what it asks for was done."""

from __future__ import annotations

import re
import shlex
from contextlib import nullcontext
from pathlib import Path

import pytest

from callsheet.cli.commands.buying import render
from callsheet.cli.drive_run import straight
from callsheet.cli.output.run_summary import markdown_text
from tests.unit.cli.calling import Said, call, project, service

LIST = "shot_id,sequence,prompt,model,duration_s,resolution,fps\nA010,one,A boat,runware/ltx-2,1,320x192,24\nA020,one,A lamp,runware/ltx-2,2,320x192,24\n"
#: LIST is what a person who reads it has to put there; nothing else may be left to put in
_LEFT_OPEN = re.compile(r"\b(LIST|TAKE|USD|FOLDER|PLAN)\b")


def printed(said: Said) -> list[str]:
    """The commands of the ending: in backticks, and behind `next:`."""
    text = said.out + said.err
    return [*re.findall(r"`(callsheet [^`]+)`", text), *re.findall(r"^next: (callsheet .+)$", text, re.MULTILINE)]


@pytest.fixture
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose folder is the current one, and a person who says yes to every purchase."""
    folder = project(tmp_path / "film", LIST)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(render, "_ask", lambda _plan: None)
    monkeypatch.setattr(render, "hosted", lambda prepared: nullcontext(straight(prepared)))
    return folder


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        ("refuse", "refused the content"),
        pytest.param("fail", "failed", marks=[pytest.mark.slow, pytest.mark.nightly]),
        pytest.param("no-credit", "the account", marks=[pytest.mark.slow, pytest.mark.nightly]),
    ],
)
def test_what_an_ending_says_to_do_brings_the_clips(at_home: Path, tmp_path: Path, fault: str, cause: str) -> None:
    """One cause, one remedy; with the fault gone and the prompt changed, each command works and the film is complete."""
    with service(tmp_path, faults={fault: 1.0}) as url:
        said = call("render", "spot.csv", "--cap", "1", "--yes", "--no-prefect")
        port = int(url.rpartition(":")[2])
    assert said.code != 0
    assert cause in said.out
    commands = printed(said)
    assert "callsheet render spot.csv" in commands
    assert not [command for command in commands if _LEFT_OPEN.search(command)]
    (at_home / "spot.csv").write_text(LIST.replace("A boat", "A ship").replace("A lamp", "A light"), encoding="utf-8")
    with service(tmp_path, port):
        codes = {command: call(*shlex.split(command)[1:]).code for command in dict.fromkeys(commands)}
        assert codes == dict.fromkeys(codes, 0)
        assert call("status", "--json").json["money"]["settled"] == "0.09"


def test_a_cap_that_stops_a_run_is_raised_by_the_command_that_it_prints(at_home: Path, tmp_path: Path) -> None:
    """The next plan fits under it to the cent."""
    with service(tmp_path):
        said = call("render", "spot.csv", "--cap", "0.05", "--yes", "--no-prefect")
        assert said.code == 4
        commands = printed(said)
        assert commands[-2:] == ["callsheet plan spot.csv", "callsheet render spot.csv --cap 0.09"]
        assert call(*shlex.split(commands[-2])[1:]).code == 4
        assert call(*shlex.split(commands[-1])[1:]).code == 0


def test_github_shows_failed_takes_at_their_rows_and_the_ending_on_its_page(
    at_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Annotations on stderr, a summary in the file that the runner names; signs of the list are text there. Elsewhere nothing of it."""
    page = tmp_path / "summary.md"
    (at_home / "spot.csv").write_text(LIST.replace("A010", "A_010"), encoding="utf-8")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    with service(tmp_path, faults={"refuse": 1.0}):
        said = call("render", "spot.csv", "--cap", "1", "--yes", "--no-prefect", "--json")
    assert said.json["counts"]["failed"] == 2
    assert re.search(r"^::warning file=spot\.csv,line=2,title=failed::A_010\.t1%?.*refused the content", said.err, re.MULTILINE)
    text = page.read_text(encoding="utf-8")
    assert text.startswith("### callsheet spot.csv: needs decision\n")
    assert "| 2 | the service refused the content | A020.t1, A\\_010.t1 | change the prompt, then `callsheet render spot.csv` |" in text
    assert markdown_text("<b>`a|b` | [x](y)") == "&lt;b&gt;`a\\|b` \\| \\[x\\]\\(y\\)"
    call("check", "nothing.csv")
    assert page.read_text(encoding="utf-8") == text
