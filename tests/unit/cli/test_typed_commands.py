"""A command that is printed works as typed, whatever the list is called."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from callsheet.domain.typed import typed
from tests.unit.cli.calling import LIST, Said, call, service

#: a space, both quotes and what a shell would fill in
NAME = """my "spot" $1's.csv"""
_TO_TYPE = re.compile(r"`(callsheet [^`]+)`|^\W*(?:next: |run: )?(callsheet [a-z].+)$|: (callsheet [a-z][^`\n]+)$", re.MULTILINE)


def _printed(said: Said) -> list[list[str]]:
    """The commands that an answer names, as a shell reads them."""
    lines = (next(filter(None, found)) for found in _TO_TYPE.findall(said.out + "\n" + said.err))
    return [shlex.split(line) for line in lines]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "film"
    made.mkdir()
    (made / NAME).write_text(LIST, encoding="utf-8")
    return made


def test_a_name_is_quoted_as_a_shell_reads_it() -> None:
    assert shlex.split(typed("plan", NAME)) == ["callsheet", "plan", NAME]
    assert typed("plan", "spot.csv") == "callsheet plan spot.csv"


def test_what_render_prints_can_be_typed_and_does_what_it_says(folder: Path, tmp_path: Path) -> None:
    """Without a cap it names the command that sets one; that one, typed, buys, and names the report; that one is written."""
    with service(tmp_path):
        refused = call("render", NAME, "--yes", "--no-prefect", "-C", str(folder))
        assert refused.code == 4
        *whole, remedy = [words for words in _printed(refused) if words[1] == "render"]
        assert {words[2] for words in (*whole, remedy)} == {NAME}
        bought = call(*remedy[1:], "--yes", "--no-prefect", "-C", str(folder))
        assert bought.code == 0, bought.err
        named = [words for words in _printed(bought) if words[1] == "report"]
        assert named and all(NAME in words for words in named), bought.out + bought.err
        assert call(*named[0][1:]).code == 0


@pytest.mark.parametrize(
    ("text", "code"),
    [(LIST.replace("shot_id", "Shot Nr."), 3), (LIST.replace("1.5,", "soon,"), 3), ("", 3)],
    ids=["another header", "a wrong cell", "empty"],
)
def test_what_check_prints_of_a_wrong_list_can_be_typed(folder: Path, text: str, code: int) -> None:
    """Whatever command it names with a list in it names this list."""
    (folder / NAME).write_text(text, encoding="utf-8")
    said = call("check", NAME, "-C", str(folder))
    assert said.code == code
    for words in _printed(said):
        assert words[1] not in {"check", "import", "plan"} or NAME in words, words


def test_a_saved_plan_and_a_mark_name_their_files(folder: Path, tmp_path: Path) -> None:
    """`plan --out` names the plan, `pick` the list."""
    with service(tmp_path):
        saved = call("plan", NAME, "--out", "a plan.json", "-C", str(folder))
        assert ["callsheet", "render", "a plan.json"] in _printed(saved), saved.out
        assert call("render", NAME, "--cap", "1", "--yes", "--no-prefect", "-C", str(folder)).code == 0
        picked = call("pick", "A010.t1", "-C", str(folder))
        assert ["callsheet", "finish", NAME] in _printed(picked), picked.out
