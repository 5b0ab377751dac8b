"""Shorter cuts as tables of project.toml: one purchase, several films. At the level of the command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.calling import call, project, service

LIST = "shot_id,prompt,duration_s,cuts\nF1,a cup,2,\nF2,a hand,1.5,\nF3,steam,1,15\n"
SETTINGS = '[project]\nfps = 24\nresolution = "320x192"\nmodel = "runware/ltx-2"\n'
TABLES = """
[cuts.6]
shots = ["F1=1@0.5", "F3=0.5"]
[cuts.8]
sequence = "spot"
shots = ["F1", "F2=1"]
"""


def checked(folder: Path, tables: str) -> dict[str, Any]:
    folder = project(folder, LIST)
    (folder / "project.toml").write_text(SETTINGS + tables)
    return call("check", "spot.csv", "-C", str(folder), "--json").json


def test_tables_name_shots_lengths_and_in_points(tmp_path: Path) -> None:
    """Each is a film of its own, of the same clips; a longer part buys what it shows."""
    folder = tmp_path / "film"
    with service(tmp_path):
        found = checked(folder, TABLES)
        assert {cut["sequence"]: cut["frames"] for cut in found["cuts"]} == {"spot": 108, "spot_15": 24, "spot_6": 36, "spot_8": 72}
        (folder / "project.toml").write_text(SETTINGS + TABLES.replace("F1=1@0.5", "F1=1@2"))
        takes = {one["take"]: one["paid_s"] for one in call("plan", "spot.csv", "--offline", "-C", str(folder), "--json").json["takes"]}
        assert takes["F1.t1"] == 3
    (folder / "other.csv").write_text("shot_id,prompt\nX1,a cup\n")
    with service(tmp_path):
        said = call("check", "other.csv", "-C", str(folder), "--json").json
    assert not said["errors"]
    assert [note for note in said["notes"] if "cuts" in note] == [
        "project.toml [cuts.6] names no shot of this list",
        "project.toml [cuts.8] names no shot of this list",
    ]


@pytest.mark.parametrize(
    ("shots", "what"),
    [
        ('["F1", "F9"]', "no shot 'F9'"),
        ('["F3", "F1"]', "F1 comes after a shot that follows it in the list"),
        ('["F1", "F1=1"]', "F1 is already in the cut 6"),
        ('["F1=fast"]', "'F1=fast' has '6=fast', which is not a part in a cut"),
        ('"F1"', "is not a list of shots"),
    ],
)
def test_what_a_table_names_wrongly_is_an_error(shots: str, what: str, tmp_path: Path) -> None:
    """Before anything is bought."""
    with service(tmp_path):
        [error] = checked(tmp_path / "film", f"[cuts.6]\nshots = {shots}\n")["errors"]
    assert what in error["message"]
    assert error["file"] == "project.toml"


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("F1,a cup,two,\nF2,a hand,1,\n", {("F1", "duration_s"), (None, "cuts.6")}),
        ("F 1,a cup,2,\nF2,a hand,1,\n", {(None, "shot_id")}),
    ],
)
def test_a_table_is_read_against_a_list_with_faulty_rows(tmp_path: Path, rows: str, told: set[tuple[str | None, str]]) -> None:
    """In the same pass. It may name a faulty row; where a row's own name is faulty, nobody is told that a shot is not there."""
    folder = project(tmp_path / "film", LIST.partition("\n")[0] + "\n" + rows)
    (folder / "project.toml").write_text(SETTINGS + '[cuts.6]\nshots = ["F1", "F2=0.5", "F9"]\n')
    with service(tmp_path):
        errors = call("check", "spot.csv", "-C", str(folder), "--json").json["errors"]
    assert {(error.get("shot"), error["column"]) for error in errors} == told
