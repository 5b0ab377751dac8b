"""`none` in a cell: what the project says is not taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from callsheet.domain.errors import InputError
from callsheet.domain.run_request import RunRequest
from callsheet.planning.project_plan import Prepared, prepare
from callsheet.shotlist.columns.columns import COLUMNS
from callsheet.shotlist.read import read
from callsheet.shotlist.write import write
from tests.unit.cli.calling import call

SETTINGS = '[project]\nmodel = "runware/ltx-2"\nresolution = "320x192"\nfps = "30"\nalso = "9:16"\n[params."runware/ltx-2"]\nsteps = 12\n'
LIST = "shot_id,prompt,resolution,fps,also,params,first_frame,clip\nA,A boat,,,,,,\nB,A boat,none,none,none,none,none,none\n"


def planned(folder: Path, settings: str = SETTINGS) -> Prepared:
    (folder / "spot.csv").write_text(LIST, encoding="utf-8")
    (folder / "project.toml").write_text(settings, encoding="utf-8")
    return prepare(RunRequest(folder=folder, list="spot.csv", buy=False))


def test_none_clears_what_the_project_says(tmp_path: Path) -> None:
    """Size, rate, shapes and parameters are the model's own, files none: the very purchase of a project that says nothing."""
    inherits, cleared = planned(tmp_path).priced
    assert inherits.ask
    assert cleared.ask
    assert (str(inherits.ask.size), inherits.ask.fps, len(inherits.also), inherits.ask.params["steps"]) == ("320x192", 30, 1, 12)
    assert (cleared.also, cleared.ask.first_frame, cleared.own) == ((), None, None)
    _, plain = planned(tmp_path, '[project]\nmodel = "runware/ltx-2"\n').priced
    assert (cleared.ask, cleared.author_print, cleared.request_print) == (plain.ask, plain.author_print, plain.request_print)


def test_none_is_kept_when_the_list_is_written(tmp_path: Path) -> None:
    """As text and as Parquet: else the project's value would come back."""
    planned(tmp_path)
    shots = read(tmp_path / "spot.csv", "spot.csv").shots
    for ending in (".csv", ".parquet"):
        write(shots, tmp_path / f"again{ending}")
        assert [shot.cleared for shot in read(tmp_path / f"again{ending}", "again").shots] == [shot.cleared for shot in shots]


@pytest.mark.parametrize("word", ["None", "NONE", "null", "NaN"])
def test_what_programs_leave_clears_nothing(tmp_path: Path, word: str) -> None:
    """Another size would be bought for a slip of a script; each such cell is refused."""
    (tmp_path / "spot.csv").write_text(f"shot_id,prompt,resolution\nA,A boat,{word}\n", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read(tmp_path / "spot.csv", "spot.csv")
    assert refused.value.problems[0].cell == "C2"


def test_the_columns_say_where_none_is_a_word(tmp_path: Path) -> None:
    """In the one definition; a column without it has no such word, the negative prompt among them."""
    assert {column.name for column in COLUMNS if column.none} == {
        *("clip", "cuts", "resolution", "also", "fps", "first_frame", "last_frame", "audio", "params")
    }
    (tmp_path / "spot.csv").write_text("shot_id,prompt,negative_prompt\nA,A boat,none\n", encoding="utf-8")
    with pytest.raises(InputError, match="placeholder for nothing"):
        read(tmp_path / "spot.csv", "spot.csv")


def test_show_says_that_a_cell_clears(tmp_path: Path) -> None:
    """With what holds in its place."""
    planned(tmp_path)
    values = {value["column"]: value for value in call("show", "B", "-C", str(tmp_path), "--json").json["values"]}
    assert values["fps"]["from"] == {"layer": "cell", "where": "spot.csv D3 clears it: card runware/ltx-2", "written": "none"}
    assert values["also"]["from"]["where"] == "spot.csv E3 clears it"
