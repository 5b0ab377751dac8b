"""What decides what is bought is read as it was meant, or refused: never left out in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.shotlist.lists import faults, shots


@pytest.mark.parametrize("cell", ["1.500", "2.000", "1.500 s"])
def test_a_point_beside_decimal_commas_may_be_a_thousands_mark(tmp_path: Path, cell: str) -> None:
    """A table that writes 3,5 could mean one thousand five hundred by 1.500: it is asked, not guessed."""
    [problem] = faults(tmp_path, f"shot_id;prompt;duration_s\nS1;A pier;3,5\nS2;A lamp;{cell}\n")
    assert (problem.code, problem.row, problem.column) == ("ambiguous-number", 3, "duration_s")
    assert problem.help == {"1": "write 1500 or 1,5", "2": "write 2000 or 2"}[cell[0]]


def test_a_price_beside_decimal_commas_too(tmp_path: Path) -> None:
    """Evidence in one column counts for the other ones of the table."""
    problems = faults(tmp_path, "shot_id;prompt;duration_s;max_cost_usd\nS1;A pier;3,5;1.500\n")
    assert [(problem.code, problem.column) for problem in problems] == [("ambiguous-number", "max_cost_usd")]


def test_three_decimals_without_decimal_commas_are_decimals(tmp_path: Path) -> None:
    """A table that shows its decimal point needs no question."""
    [one, two] = shots(tmp_path, "shot_id,prompt,duration_s\nS1,A pier,3.5\nS2,A lamp,1.500\n").shots
    assert (str(one.duration_s), str(two.duration_s)) == ("3.5", "1.5")


def test_three_decimals_between_semicolons_need_evidence(tmp_path: Path) -> None:
    """Where semicolons separate, commas are decimal marks as a rule; only another number of the table can say that they aren't."""
    assert [problem.code for problem in faults(tmp_path, "shot_id;prompt;duration_s\nS1;A pier;1.500\n")] == ["ambiguous-number"]
    assert len(shots(tmp_path, "shot_id;prompt;duration_s\nS1;A pier;1.500\nS2;A lamp;2.5\n").shots) == 2


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Laenge", ("3,5", "4")),
        ("Dauer", ("3", "4")),
        ("时长", ("3", "4")),
        ("Shot length (sec)", ("3", "4")),
        ("Nb Frames", ("72", "48")),
        ("Cut In", ("1001", "1001")),
        ("xyz", ("3s", "2.5 sec")),
        ("Wie lang", ("3,5", "4")),
        ("Timing", ("00:00:03:12", "00:00:04:00")),
    ],
)
def test_lengths_that_are_not_read_are_refused(tmp_path: Path, header: str, cells: tuple[str, str]) -> None:
    """A column of lengths that no column of ours takes is a problem with a fix: else the default length would be bought."""
    [problem] = faults(tmp_path, f'shot_id,prompt,{header}\nS1,A pier,"{cells[0]}"\nS2,A lamp,"{cells[1]}"\n')
    assert (problem.code, problem.header) == ("unmapped-column", header)
    assert "callsheet import film.csv" in problem.help


@pytest.mark.parametrize(
    ("header", "cell"), [("Auflösung", "1920x1080"), ("Bildrate", "25"), ("Modell", "runware/ltx-2"), ("xyz", "runware/ltx-2.3")]
)
def test_so_is_every_other_wish_that_a_request_would_miss(tmp_path: Path, header: str, cell: str) -> None:
    """Size, rate and model likewise."""
    assert [problem.code for problem in faults(tmp_path, f"shot_id,prompt,{header}\nS1,A pier,{cell}\n")] == ["unmapped-column"]


@pytest.mark.parametrize(
    ("header", "cells"), [("Dauer", ("", "")), ("Scene No.", ("1", "2")), ("Lens", ("35mm", "50mm")), ("Dauer geschätzt", ("kurz", "lang"))]
)
def test_what_is_empty_or_no_length_is_only_noted(tmp_path: Path, header: str, cells: tuple[str, str]) -> None:
    """Columns that people keep for themselves stay a note."""
    found = shots(tmp_path, f"shot_id,prompt,{header}\nS1,A pier,{cells[0]}\nS2,A lamp,{cells[1]}\n")
    assert found.notes == (f"column '{header}' is not read",)


def test_beside_our_own_column_another_of_the_kind_is_only_noted(tmp_path: Path) -> None:
    """duration_s is what counts where it is there."""
    assert shots(tmp_path, "shot_id,prompt,duration_s,Nb Frames\nS1,A pier,3,72\n").notes == ("column 'Nb Frames' is not read",)
