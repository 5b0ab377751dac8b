"""Shots that repeat an earlier one's request: told by `check` and `plan`, with what they cost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.calling import call, project

HEAD = "shot_id,prompt,duration_s,resolution,fps,seed,takes,status\n"
ONE = HEAD + "T1,a cup,2,320x192,24,7,1,\nT2,a cup,2,320x192,24,7,2,\n"
SAME = "same prompt, model and seed"


def notes(folder: Path, command: str) -> list[str]:
    """What is told of shots that are alike."""
    said = call(command, "spot.csv", "-C", str(folder), "--json")
    assert said.code == 0, said.err
    return [note for note in said.json["notes"] if SAME in note]


@pytest.mark.parametrize("command", ["check", "plan"])
def test_a_repeated_shot_is_told_with_its_price(tmp_path: Path, command: str) -> None:
    """All takes of the second count; takes of one shot are no twins."""
    folder = project(tmp_path, ONE)
    assert notes(folder, command) == [f"T2 has the {SAME} as T1, and is bought as well, for 0.12 USD"]


@pytest.mark.parametrize(
    "row", ["a cup,2,320x192,24,8,1,", "a mug,2,320x192,24,7,1,", "a cup,2,320x192,24,7,1,omit", "a cup,2,320x192,24,7,1,hold"]
)
def test_another_seed_or_prompt_and_what_is_not_bought_are_no_twins(tmp_path: Path, row: str) -> None:
    """Nothing is told where nothing is bought for the same."""
    assert notes(project(tmp_path, f"{HEAD}T1,a cup,2,320x192,24,7,1,\nT2,{row}\n"), "plan") == []


def test_many_twins_are_one_line(tmp_path: Path) -> None:
    """Four are named, and all are counted and summed."""
    rows = "".join(f"T{n},a cup,2,320x192,24,7,1,\n" for n in range(1, 8))
    [note] = notes(project(tmp_path, HEAD + rows), "plan")
    assert note == (
        f"6 shots have the {SAME} as an earlier one, and are bought as well, for 0.36 USD (T2 as T1, T3 as T1, T4 as T1, T5 as T1 and 2 more)"
    )
