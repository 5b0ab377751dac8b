"""A list that means harm costs nothing, is told cell by cell, and takes a bounded memory."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from callsheet.domain.errors import Problem
from callsheet.shotlist.columns.cells import MAX_TEXT
from tests.unit.cli.calling import call, project
from tests.unit.shotlist.lists import faults, shots


def measured(folder: Path, text: str, name: str = "film.csv") -> tuple[tuple[Problem, ...], int]:
    """What is wrong with a list, and the most memory that finding it took, in MB."""
    data = text.encode()
    tracemalloc.start()
    problems = faults(folder, data, name)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return problems, peak >> 20


def test_a_cell_of_ten_megabytes(tmp_path: Path) -> None:
    """A prompt longer than any model takes is refused at its cell, and shown cut."""
    problems, peak = measured(tmp_path, f'shot_id,prompt\nS1,"{"A pier " * 1_500_000}"\n')
    assert [(problem.code, problem.cell) for problem in problems] == [("too-long", "B2")]
    assert len(problems[0].message) < 300
    assert peak < 180


def test_two_thousand_columns(tmp_path: Path) -> None:
    """More columns than a list has are refused at once, not one by one."""
    names = ",".join(f"c{n}" for n in range(2000))
    problems, peak = measured(tmp_path, f"shot_id,prompt,{names}\nS1,A pier{',x' * 2000}\n")
    assert [problem.code for problem in problems] == ["too-many-columns"]
    assert peak < 20


def test_a_row_of_a_hundred_thousand_cells(tmp_path: Path) -> None:
    """While the separator is looked for all of the line is one header, in which no unit is sought."""
    problems, peak = measured(tmp_path, f"shot_id,prompt\nS1,A pier,3{',' * 100_000}\n")
    assert [problem.code for problem in problems] == ["cell-count"]
    assert peak < 60


def test_control_characters_and_formulas(tmp_path: Path) -> None:
    """Control characters are told with their number; a formula is a text and never runs."""
    [problem] = faults(tmp_path, "shot_id,prompt\nS1,A \x1b[2Jpier\n")
    assert (problem.code, problem.cell) == ("control-character", "B2")
    assert "\x1b" not in problem.message
    assert shots(tmp_path, "shot_id,prompt,note\nS1,A pier,=HYPERLINK(1)\n").shots[0].note == "=HYPERLINK(1)"


@pytest.mark.parametrize("name", ["film.csv", "film.jsonl"])
def test_control_characters_in_a_header(tmp_path: Path, name: str) -> None:
    """A header is shown in messages, so what would move a terminal's cursor is refused before any is."""
    text = {
        "film.csv": "shot_id,prompt,\x1b[2Jx\nS1,A pier,y\n",
        "film.jsonl": '{"shot_id": "S1", "prompt": "A pier", "\\u001b[2Jx": "y"}\n',
    }[name]
    [problem] = faults(tmp_path, text, name)
    assert problem.code == "control-character"
    assert "\x1b" not in problem.message + problem.help


@pytest.mark.parametrize(
    "cell",
    [
        "../../../../etc/passwd",
        "/etc/passwd",
        "http://169.254.169.254/latest",
        "http://10.0.0.1/a.png",
        "file:///etc/passwd",
        "data:text/html,<script>",
    ],
)
def test_files_and_addresses_outside(tmp_path: Path, cell: str) -> None:
    """What lies outside the project, on a private network, or is no picture is refused by check, and never opened for a service."""
    folder = project(tmp_path, f'shot_id,prompt,first_frame,model\nS1,A pier,"{cell}",runware/ltx-2.3\n')
    checked = call("check", "spot.csv", "--json", "-C", str(folder))
    assert checked.code == 3
    assert [problem["column"] for problem in checked.json["errors"]] == ["first_frame"]
    assert "root:" not in checked.out


def test_a_data_uri_bomb(tmp_path: Path) -> None:
    """A data URI of many megabytes is refused at its cell."""
    folder = project(
        tmp_path, 'shot_id,prompt,first_frame,model\nS1,A pier,"data:image/png;base64,' + "A" * (48 << 20) + '",runware/ltx-2.3\n'
    )
    checked = call("check", "spot.csv", "--json", "-C", str(folder))
    assert checked.code == 3
    assert [problem["column"] for problem in checked.json["errors"]] == ["first_frame"]
    assert len(checked.out) < 2000
    assert MAX_TEXT < 1 << 20
