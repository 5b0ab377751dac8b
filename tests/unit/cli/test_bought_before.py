"""What an earlier version bought is not bought again: the fingerprints of what an author gives stay, whatever a newer version asks for by itself."""

from __future__ import annotations

from pathlib import Path

from callsheet.domain.run_request import RunRequest
from callsheet.planning.project_plan import prepare
from tests.unit.cli.calling import project

LIST = """shot_id,prompt,sequence,model,duration_s,resolution,fps,seed,takes,transition,transition_s,params,negative_prompt,sound
D010,a cup on a table,film,runware/ltx-2,2,320x192,24,42,2,fade,0.5,,,
D020,a hand pours coffee,film,runware/ltx-2,1.5,320x192,24,,1,dissolve,0.5,,text,off
D030,steam in backlight,film,,2,,,,1,wipe,,,,
D040,a street,film,runware/ltx-2.3,3,,25,,1,dissolve,1,,,
"""
#: of the author's values, and of the requests of the rows that no transition makes longer, as the version before handles wrote them into ledgers
AUTHOR = {
    "D010": "cffeba3ae890260b88dd2391fcfa804c0a1667885e58c043f8f3420588be97ff",
    "D020": "951a9af50f56ae0b6927b715961da6be6036d6af592b158f5e0241df5a7438bb",
    "D030": "9c0f5579509a79049eb808b74487cbd67ef8e9ba918368eee6f7831bf2e9e68e",
    "D040": "6cd309b27a539e7a45682619249ea045cfc2361fdbc9bde9363b7caddb9f3d1c",
}
REQUEST = {
    "D040": "65485d44f7d4b88f10ea2a103d9358d91b1121a301917927185d59f68b37d8eb",
}


def test_the_fingerprints_of_an_earlier_version_are_those_of_today(tmp_path: Path) -> None:
    """A clip is kept while one of the two is unchanged: so all that was bought is kept, also where its request would be longer today."""
    folder = project(tmp_path, LIST)
    (folder / "project.toml").write_text('[project]\nfps = 25\nresolution = "1280x720"\n')
    rows = {item.shot.shot_id: item for item in prepare(RunRequest(folder=folder, list="spot.csv")).priced}
    assert {name: item.author_print for name, item in rows.items()} == AUTHOR
    assert {name: rows[name].request_print for name in REQUEST} == REQUEST
    assert rows["D010"].handle_s and rows["D030"].handle_s
