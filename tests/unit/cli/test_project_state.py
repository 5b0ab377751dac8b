"""The lists of a folder, for commands that are told of none."""

from __future__ import annotations

from pathlib import Path

import pytest

from callsheet.cli.options import Common
from callsheet.cli.project_state import ProjectState, all_takes
from callsheet.shotlist.read import read
from callsheet.shotlist.write import write
from tests.unit.cli.calling import project

ROWS = "shot_id,prompt,x_status\n{0}1,A boat,\n{0}2,A lamp,ready\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return project(tmp_path, ROWS.format("A"))


def seen(folder: Path) -> ProjectState:
    return all_takes(Common(folder=folder))


def test_lists_of_every_kind_are_seen(folder: Path) -> None:
    """Text of all sorts, workbooks and Parquet, each once; no refs, no page, no lock of a spreadsheet program, no saved plan."""
    (folder / "tabs.tsv").write_text("shot_id\tprompt\nB1\tA boat\n")
    (folder / "lines.jsonl").write_text('{"shot_id": "C1", "prompt": "A boat"}\n')
    (folder / "array.json").write_text('[{"shot_id": "D1", "prompt": "A boat"}]')
    for ending, id in ((".xlsx", "E"), (".parquet", "F")):
        (folder / "made.csv").write_text(f"shot_id,prompt\n{id}1,A boat\n")
        write(read(folder / "made.csv", "made.csv").shots, folder / f"typed{id}{ending}")
    (folder / "made.csv").unlink()
    for name in ("page.md", "~$typedE.xlsx"):
        (folder / name).write_text("shot_id,prompt\nZ1,A boat\n")
    (folder / "refs.csv").write_text("name,text\nkeeper,an old keeper\n")
    (folder / "plan.json").write_text('{"schema": "callsheet.plan/1"}')
    found = {str(take.take) for take in seen(folder).view.takes}
    assert found == {"A1.t1", "A2.t1", "B1.t1", "C1.t1", "D1.t1", "E1.t1", "F1.t1"}


def test_of_two_files_with_one_name_it_is_said_which_is_read(folder: Path) -> None:
    """A list is its name without the ending: the CSV counts, and the other one is named."""
    (folder / "spot.jsonl").write_text('{"shot_id": "B1", "prompt": "A boat"}\n')
    found = seen(folder)
    assert {take.take.shot for take in found.view.takes} == {"A1", "A2"}
    assert found.notes == ("spot.csv and spot.jsonl are both the list spot: spot.csv is used; rename or move the other",)


def test_a_copy_of_a_list_is_no_second_list(folder: Path) -> None:
    """Shots would be ambiguous by their bare names once a copy with their standing lies there."""
    (folder / "spot-stands.csv").write_text(ROWS.format("A").replace(",\n", ",not bought\n").replace(",ready", ",received"))
    found = seen(folder)
    assert {take.take.list for take in found.view.takes} == {"spot"}
    assert found.notes == ("spot-stands.csv is a copy of spot.csv with status columns; it is left out",)
