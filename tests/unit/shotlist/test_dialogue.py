"""What is said in a shot: its column, and one for each language."""

from __future__ import annotations

from pathlib import Path

import pytest

from callsheet.shotlist.read import read
from callsheet.shotlist.write import write
from tests.unit.shotlist.lists import faults, shots

TEXT = "shot_id,prompt,dialogue,Subtitle.DE,subtitle.pt-BR\nS1,A pier,[0.5-2] Who's there?,[0.5-2] Wer da?,\nS2,A lamp,,,Sou eu.\n"


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_dialogue_and_its_languages_are_read_and_written(tmp_path: Path, ending: str) -> None:
    """By language in lower case; what isn't said is not there; CSV and Parquet tell the same."""
    read_ = shots(tmp_path, TEXT)
    first, second = read_.shots
    assert (first.dialogue, first.subtitles) == ("[0.5-2] Who's there?", (("de", "[0.5-2] Wer da?"),))
    assert (second.dialogue, second.subtitles) == (None, (("pt-br", "Sou eu."),))
    copy = tmp_path / f"copy.{ending}"
    write(read_.shots, copy)
    again = read(copy, copy.name).shots
    assert [(shot.dialogue, shot.subtitles) for shot in again] == [(shot.dialogue, shot.subtitles) for shot in read_.shots]


@pytest.mark.parametrize("column", ["dialogue", "subtitle.de"])
def test_times_that_can_not_be_are_told_with_their_cell(tmp_path: Path, column: str) -> None:
    """Before anything is bought."""
    found = faults(tmp_path, f"shot_id,prompt,{column}\nS1,A pier,[2-1] Who?\n")
    assert [(one.code, one.column, one.row) for one in found] == [("bad-dialogue", column, 2)]
