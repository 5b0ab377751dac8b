"""Cells, models, sizes, files, media, subtitles, deliveries: one pass, one list of errors, a row that is wrong in two ways told twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.calling import call, project

#: a fault of each kind; the row of E050 has two
LIST = """shot_id,prompt,model,duration_s,resolution,fps,takes,first_frame,audio,dialogue
E010,a cup,runware/ltx-2,two,320x192,24,1,,,
E020,a cup,runware/ltx-9,2,320x192,24,1,,,
E030,a cup,runware/ltx-2,2,9000x192,24,1,,,
E040,a cup,runware/ltx-2,99,320x192,24,1,,,
E050,a cup,runware/ltx-2,2,320x192,24,99,zz.png,,
E060,a cup,runware/ltx-2,2,320x192,24,1,d.heic,,
E070,a cup,runware/ltx-2,2,320x192,24,1,,,[2-1] back in time
"""
SETTINGS = """
[deliver.web]
codec = "vp8"
[[bed]]
file = "music.wav"
"""
KINDS = {
    ("E010", "duration_s"),
    ("E020", "model"),
    ("E030", "resolution"),
    ("E040", "duration_s"),
    ("E050", "takes"),
    ("E050", "first_frame"),
    ("E060", "first_frame"),
    ("E070", "dialogue"),
}


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A project in which everything is wrong."""
    folder = project(tmp_path, LIST)
    (folder / "d.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64))
    (folder / "project.toml").write_text(SETTINGS)
    return folder


@pytest.mark.parametrize("command", ["check", "plan", "render"])
def test_every_kind_of_fault_is_told_in_one_pass(film: Path, command: str) -> None:
    """Exit 3, nothing is bought, and the list's errors come in the order of its rows."""
    said = call(command, "spot.csv", "-C", str(film), "--json")
    assert said.code == 3
    errors = said.json["errors"]
    told = {(error.get("shot"), error.get("column")) for error in errors}
    assert told >= KINDS, KINDS - told
    assert {error["code"] for error in errors if error.get("file") == "project.toml"} >= {"deliver-value", "bed"}
    rows = [error["row"] for error in errors if "row" in error]
    assert rows == sorted(rows)
    assert len(errors) == 10


def test_a_cell_that_is_wrong_is_told_once(film: Path) -> None:
    """What a model would say of the cell in its place is not told beside it."""
    errors = call("check", "spot.csv", "-C", str(film), "--json").json["errors"]
    places = [(error["row"], error["column"]) for error in errors if "row" in error]
    assert len(places) == len(set(places))


def test_a_file_that_is_missing_hides_none_that_cannot_be_used(tmp_path: Path) -> None:
    """As somebody wrote it: one picture is not there, the other is of a kind that no service takes."""
    folder = project(tmp_path, "shot_id,prompt,duration_s,first_frame\nA1,case A1 x,2,zz.png\nA2,case A2 x,2,d.heic\n")
    (folder / "d.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64))
    said = call("check", "spot.csv", "-C", str(folder), "--json")
    assert [(error["shot"], error["column"]) for error in said.json["errors"]] == [("A1", "first_frame"), ("A2", "first_frame")]
