"""Rows that are bought in a second shape, too: takes and prices of their own, for the deliveries of that shape. At the level of the command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.calling import call, project, service

LIST = "shot_id,prompt,duration_s,also\nF1,a cup,1,\nF2,a hand,1.5,off\n"
SETTINGS = """
[project]
fps = 24
resolution = "320x180"
model = "runware/ltx-2"
{also}
[deliver.wide]
preset = "ultrafast"
[deliver.upright]
aspect = "9:16"
fit = "crop"
preset = "ultrafast"
"""


def write(folder: Path, also: str = 'also = "9:16"', rows: str = LIST) -> None:
    """The list and the settings."""
    (folder / "project.toml").write_text(SETTINGS.format(also=also))
    (folder / "spot.csv").write_text(rows)


def planned(folder: Path) -> dict[str, Any]:
    return call("plan", "spot.csv", "--offline", "-C", str(folder), "--json").json


def test_a_second_shape_has_its_own_takes_and_stands_in_its_deliveries(tmp_path: Path) -> None:
    """Bought once; taken away it leaves the film complete; put back it costs nothing; rejected, the first shape stands in its place."""
    folder = project(tmp_path / "film")
    write(folder)
    with service(tmp_path):
        plan = planned(folder)
        assert [(take["take"], take["shot"], take["price"]) for take in plan["takes"]] == [
            ("F1.t1", "F1", "0.03"), ("F1@9x16.t1", "F1@9x16", "0.03"), ("F2.t1", "F2", "0.06"),
        ]  # fmt: skip
        [note] = [note for note in plan["notes"] if note.startswith("also")]
        assert note.startswith("also 9:16: 0.03 USD at list price for upright 180x320; without it, the film uses clips of 320x192: ")
        assert "cropped" in note
        assert "enlarged" in note
        said = call("render", "spot.csv", "--cap", "2", "--yes", "--no-prefect", "-C", str(folder), "--json")
        assert (said.code, said.json["money"]["settled"]) == (0, "0.12"), said.err
        assert stands(said.json["sequences"]) == {"wide": ["F1.t1", "F2.t1"], "upright": ["F1@9x16.t1", "F2.t1"]}
        assert planned(folder)["totals"] | {"keep": 0} == planned(folder)["totals"] | {"buy": 0, "price": "0.00", "keep": 0}

        write(folder, also="")
        assert finished(folder) == {"wide": ["F1.t1", "F2.t1"], "upright": ["F1.t1", "F2.t1"]}
        write(folder, also="", rows=LIST.replace("F1,a cup,1,", "F1,a cup,1,9:16"))
        assert planned(folder)["totals"]["buy"] == 0
        assert call("reject", "F1@9x16.t1", "-C", str(folder)).code == 0
        assert [take["take"] for take in planned(folder)["takes"] if take["action"] == "buy"] == ["F1@9x16.t1"]
        assert finished(folder)["upright"] == ["F1.t1", "F2.t1"]


def test_a_rows_own_limit_holds_in_each_shape(tmp_path: Path) -> None:
    """What a row may cost at most is said of each of its shapes, not of all together; what to raise is in the row."""
    folder = project(tmp_path / "film")
    rows = "shot_id,prompt,duration_s,max_cost_usd\nF1,a cup,1,{}\n"
    with service(tmp_path):
        write(folder, rows=rows.format("0.03"))
        assert planned(folder)["fits"]["takes"] == 2
        write(folder, rows=rows.format("0.02"))
        said = call("plan", "spot.csv", "--offline", "-C", str(folder))
    assert (said.code, "raise max_cost_usd in the row of F1 to 0.03" in said.out + said.err) == (4, True), said.out


def test_a_decision_tells_of_the_shape_that_it_is_about(tmp_path: Path) -> None:
    """A shot that is bought in two shapes, in a film and in its cutdown: each shape is named by its own name, once, with what its film shows."""
    folder = project(tmp_path / "film")
    write(folder, rows="shot_id,prompt,duration_s\nF1,a cup,1\n")
    with (folder / "project.toml").open("a") as settings:
        settings.write('[cuts.short]\nsequence = "spot"\nshots = ["F1=0.5"]\n')
    with service(tmp_path):
        assert call("render", "spot.csv", "--cap", "2", "--yes", "--no-prefect", "-C", str(folder)).code == 0
        for names in (["F1"], ["F1@9x16"], ["F1", "F1@9x16"]):
            said = call("pick", *names, "-C", str(folder))
            shown = [line for line in said.out.splitlines() if "next cut" in line]
            assert shown == [f"  the next cut shows {name}.t1 for {name}" for name in names]
        rejected = call("reject", "F1@9x16.t1", "-C", str(folder), "--json").json
    assert rejected["cut"] == [{"list": "spot", "shot": "F1@9x16", "take": "F1.t1", "stale": False}]


def finished(folder: Path) -> dict[str, list[str]]:
    """What stands in the films that `finish` makes, all of them complete."""
    films = call("finish", "spot.csv", "-C", str(folder), "--json").json["sequences"]
    assert all(film["complete"] for film in films)
    return stands(films)


def stands(films: list[dict[str, Any]]) -> dict[str, list[str]]:
    return {film["delivery"]: [shot["take"] for shot in film["shots"]] for film in films}


@pytest.mark.parametrize(
    ("rows", "code", "what"),
    [
        ("F1,a cup,1,upright", "bad-shape", "is not a shape such as 9:16"),
        ("F1,a cup,1,9:16; 9:16", "bad-shape", "names a shape twice"),
        ("F1,a cup,1,16:9", "same-shape", "sells 320x192 for it, the size that the row is already bought in"),
    ],
)
def test_a_shape_that_is_none_is_refused(rows: str, code: str, what: str, tmp_path: Path) -> None:
    """Before anything is bought, at its cell."""
    folder = project(tmp_path / "film")
    write(folder, rows="shot_id,prompt,duration_s,also\n" + rows + "\n")
    with service(tmp_path):
        [error] = call("check", "spot.csv", "-C", str(folder), "--json").json["errors"]
    assert (error["code"], error["row"], error["column"]) == (code, 2, "also")
    assert what in error["message"]


def test_shapes_that_no_film_shows_are_told(tmp_path: Path) -> None:
    """They are bought, since they were asked for, and the plan says that they stand nowhere. A shape of a sequence goes before the project's."""
    folder = project(tmp_path / "film")
    write(folder, also='also = "9:16"\n[sequences.spot]\nalso = "1:1"')
    with service(tmp_path):
        plan = planned(folder)
    assert [take["take"] for take in plan["takes"]] == ["F1.t1", "F1@1x1.t1", "F2.t1"]
    assert any("no delivery has that shape, so no film uses the clips (F1)" in note for note in plan["notes"])
