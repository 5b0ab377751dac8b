"""`init`: a project that plans as it is."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from openpyxl import load_workbook

from callsheet.cli.app import build
from callsheet.cli.commands.begin.init import Sample
from callsheet.shotlist.columns.columns import COLUMNS
from tests.unit.cli.calling import call


def test_a_new_project_plans_without_an_edit(tmp_path: Path) -> None:
    """As text and as a workbook alike: the same takes at the same prices, nothing wrong, and something to buy."""
    plans: list[list[tuple[str, str, str]]] = []
    for name, *options in (("film",), ("sheet", "--sheet")):
        made = call("init", str(tmp_path / name), *options, "--json").json
        said = call("plan", made["list"], "-C", str(tmp_path / name), "--offline", "--json")
        assert said.code == 0, said.err
        plans.append([(take["take"], take["action"], take["price"]) for take in said.json["takes"]])
    assert plans[0] == plans[1]
    assert [action for _, action, _ in plans[0]].count("buy") == 4


@pytest.mark.parametrize("name", [*Sample])
def test_each_sample_plans_without_a_fault(tmp_path: Path, name: Sample) -> None:
    """Nothing wrong, all of it for sale under the cap that its page names, and each film as long as its project.toml wants it."""
    call("init", str(tmp_path), "--sample", name)
    said = call("plan", "shots.csv", "-C", str(tmp_path), "--offline", "--cap", "3", "--json")
    assert said.code == 0, said.err
    wanted = [line for line in call("check", "shots.csv", "-C", str(tmp_path)).out.splitlines() if "wanted" in line]
    assert all(line.endswith("as wanted") for line in wanted)
    assert len(wanted) == (tmp_path / "project.toml").read_text().count('\nlength = "')
    assert "--cap 3 " in (tmp_path / "README.md").read_text()


def test_the_workbook_offers_what_the_columns_have(tmp_path: Path) -> None:
    """A drop-down for each column of words, from the one definition of columns."""
    call("init", str(tmp_path), "--sheet")
    sheet = load_workbook(tmp_path / "shots.xlsx")["Shots"]
    lists = {rule.formula1.strip('"') for rule in sheet.data_validations.dataValidation if rule.type == "list"}
    assert lists == {",".join(column.words) for column in COLUMNS if column.words}


def test_the_page_shows_commands_that_can_be_typed(tmp_path: Path) -> None:
    """Each line with `callsheet` parses as it stands, less what is said of it."""
    call("init", str(tmp_path))
    page = (tmp_path / "README.md").read_text()
    lines = [re.split(r"\s{2,}", line)[0] for line in page.splitlines() if line.startswith("callsheet ")]
    assert len(lines) > 6
    for line in lines:
        build().parse_args(shlex.split(line)[1:], exit_on_error=False, print_error=False)


@pytest.mark.parametrize("name", ["project.toml", "shots.csv", "README.md"])
def test_nothing_is_written_over(tmp_path: Path, name: str) -> None:
    """One file that is there already, and none is written; it is as it was."""
    (tmp_path / name).write_text("mine")
    said = call("init", str(tmp_path))
    assert said.code == 2
    assert name in said.err
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {name: "mine"}
