"""Which header is which column."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from callsheet.shotlist.columns.columns import COLUMNS, key, meant_by
from callsheet.shotlist.files.table import Row
from callsheet.shotlist.header import match
from tests.unit.shotlist.lists import faults, places, shots


def matched(*headers: str) -> tuple[list[str | None], list[str], tuple[str, ...]]:
    """Names, problems as text, notes."""
    found = match(Row(1, 1, headers))
    return [name or None for name in found.names], [p.message for p in found.problems], found.notes


def test_aliases_are_told() -> None:
    """An alias is read and said; the name itself, written exactly, needs no word."""
    names, problems, notes = matched("Shot Code", "Action", "Dur", "sequence", "镜号x")
    assert names == ["shot_id", "prompt", "duration_s", "sequence", None]
    assert problems == []
    assert notes == (
        "column 'Shot Code' read as shot_id",
        "column 'Action' read as prompt",
        "column 'Dur' read as duration_s",
        "column '镜号x' is not read",
    )


def test_case_and_spaces_do_not_count_but_are_told() -> None:
    """`Shot ID` is shot_id, and that is said too."""
    names, _, notes = matched("Shot ID", "PROMPT")
    assert names == ["shot_id", "prompt"]
    assert len(notes) == 2


def test_the_name_itself_drives_out_an_alias() -> None:
    """Where there is a prompt, a Description is not taken for one."""
    names, problems, notes = matched("shot_id", "Description", "prompt")
    assert names == ["shot_id", None, "prompt"]
    assert problems == []
    assert notes == ("column 'Description' is not read: there is a column prompt",)


def test_two_columns_of_one_name_are_refused() -> None:
    """Two aliases with equal right, or a name twice, are for the author to tell apart."""
    assert matched("shot_id", "Action", "Description")[1] == ["'Action' and 'Description' both mean prompt"]
    assert matched("shot_id", "prompt", "Prompt")[1] == ["'prompt' and 'Prompt' both mean prompt"]
    assert matched("shot_id", "prompt", "x_lens", "X_Lens")[1] == ["'x_lens' and 'X_Lens' both mean x_lens"]


@pytest.mark.parametrize(
    ("header", "meant"),
    [("promt", "prompt"), ("duratoin_s", "duration_s"), ("resolutoin", "resolution"), ("Sounds", "sound"), ("seeds", "seed")],
)
def test_a_slip_of_the_pen_is_refused_with_what_was_meant(header: str, meant: str) -> None:
    """A header close to a name is an error; ignoring it would buy something else than was written."""
    found = match(Row(1, 1, ("shot_id", "prompt", header)))
    [problem] = found.problems
    assert problem.code == "unknown-column"
    assert f"did you mean {meant}?" in problem.help


@pytest.mark.parametrize("header", ["Location", "Camera", "Lens", "Angle", "Movement", "Cast", "Props", "Audio note", "Duty", "Shot No."])
def test_other_headers_are_named_and_left_alone(header: str) -> None:
    """What shot lists carry besides is no error."""
    names, problems, notes = matched("shot_id", "prompt", header)
    assert names[2] is None
    assert problems == []
    assert notes == (f"column '{header}' is not read",)


def test_a_bare_size_is_ambiguous() -> None:
    """`size` could be pixels or framing; both are named."""
    [problem] = match(Row(1, 1, ("shot_id", "prompt", "Size"))).problems
    assert (problem.code, problem.column) == ("ambiguous-column", "Size")
    assert "resolution" in problem.help
    assert "shot_size" in problem.help


def test_missing_columns_are_told_once(tmp_path: Path) -> None:
    """A missing required column is one problem; where a slip explains it, the slip is the one."""
    assert places(faults(tmp_path, "shot_id,seed\nS1,4\n")) == [("missing-column", 1, 1, "prompt")]
    assert places(faults(tmp_path, "shot_id,promt\nS1,A pier\n")) == [("unknown-column", 1, 1, "promt")]
    assert [p.column for p in faults(tmp_path, "a,b\n1,2\n")] == ["shot_id", "prompt"]


def test_own_columns_are_carried(tmp_path: Path) -> None:
    """An x_ column is in the shot's cells and changes nothing else."""
    [shot] = shots(tmp_path, "shot_id,prompt,X_Lens,x_a\nS1,A pier,35mm,=1+1\n").shots
    assert shot.cells == (("shot_id", "S1"), ("prompt", "A pier"), ("x_a", "=1+1"), ("x_lens", "35mm"))


def test_no_two_names_or_aliases_are_the_same() -> None:
    """Every spelling stands for one column."""
    spellings = [(key(text), column.name) for column in COLUMNS for text in (column.name, *column.aliases)]
    assert all(one[0] != other[0] for one, other in combinations(spellings, 2))
    assert all(meant_by(text) == name for text, name in spellings)


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("Shot,Prompt,In,Out,FPS\nS1,A pier,8,80,24\n", "duration_s"),
        ("Shot,Prompt,Duration,Source In,Source Out\nS1,A pier,3,8,11\n", "in_s"),
        ("Shot,Prompt,Include?\nS1,A pier,TRUE\nS2,A lamp,FALSE\n", "status"),
    ],
)
def test_what_would_buy_something_else_is_refused(tmp_path: Path, text: str, column: str) -> None:
    """The halves of a cut, and ticks that say which shots are wanted, are read by a mapping or not at all."""
    [problem] = faults(tmp_path, text)
    assert (problem.code, problem.column) == ("unmapped-column", column)
    assert "callsheet import" in problem.help


def test_an_in_point_alone_is_read(tmp_path: Path) -> None:
    """With no `Out` beside it, `In` is where in its clip the shot begins."""
    [shot] = shots(tmp_path, "Shot,Prompt,Duration,In\nS1,A pier,3,0.5\n").shots
    assert str(shot.in_s) == "0.5"


@pytest.mark.parametrize(("cell", "seconds"), [("0f", "0"), ("00:00:00:00", "0"), ("0", "0"), ("12f", "0.5"), ("00:00:01:00", "1")])
def test_an_in_point_may_be_the_first_frame_in_every_unit(tmp_path: Path, cell: str, seconds: str) -> None:
    """As a spreadsheet of timecodes says it."""
    [shot] = shots(tmp_path, f"shot_id,prompt,duration_s,in_s,fps\nS1,A pier,48f,{cell},24\n").shots
    assert (str(shot.in_s), str(shot.duration_s)) == (seconds, "2")


@pytest.mark.parametrize("column", ["duration_s", "transition_s"])
def test_a_length_of_no_frames_is_none(tmp_path: Path, column: str) -> None:
    """Only an in-point may be 0."""
    [problem] = faults(tmp_path, f"shot_id,prompt,{column},fps\nS1,A pier,0f,24\n")
    assert (problem.code, problem.column) == ("out-of-range", column)
