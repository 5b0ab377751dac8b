"""A clip that holds the frames that are wanted is not bought again: trimmed, in another list, picked or rejected there. At the level of the command."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from callsheet.store.project_folder import Project
from tests.film_reader import read_film
from tests.unit.cli.calling import call, project, service

HEAD = "shot_id,prompt,sequence,duration_s,resolution,fps\n"
LONG = HEAD + "C1,a cup on a table,long,1.5,320x192,24\n"
#: the tighter cut of it, and one that the clip is too short for
SHORT = HEAD + "C1,a cup on a table,short,0.75,320x192,24\n"
THREE = "shot_id,prompt,duration_s,resolution,fps\nG1,a cup,2,320x192,24\nG2,a hand,2,320x192,24\nG3,steam,2,320x192,24\n"


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A project whose list was bought: a clip of 2 s, of which 1.5 s are used."""
    folder = project(tmp_path / "film", LONG)
    (folder / "short.csv").write_text(SHORT)
    return folder


def planned(folder: Path, list: str = "spot.csv") -> dict[str, dict[str, Any]]:
    """The plan's takes by name."""
    said = call("plan", list, "--offline", "-C", str(folder), "--json")
    assert said.code in (0, 4), said.err
    return {take["take"]: take for take in said.json["takes"]}


def rendered(folder: Path, *lists: str) -> dict[str, Any]:
    """The last document of `render` on each list."""
    document: dict[str, Any] = {}
    for one in lists or ("spot.csv",):
        said = call("render", one, "--cap", "2", "--yes", "--no-prefect", "-C", str(folder), "--json")
        assert said.code == 0, said.err
        document = said.json
    return document


def test_a_cutdown_in_another_list_buys_nothing(film: Path, tmp_path: Path) -> None:
    """Its film shows the same pictures; what needs a longer clip is bought."""
    with service(tmp_path):
        rendered(film)
        take = planned(film, "short.csv")["C1.t1"]
        assert (take["action"], take["price"]) == ("keep", "0.00")
        assert take["reason"] == "bought as spot:C1.t1, the same request and 2 s long"
        assert "uses the clips of spot" in call("plan", "short.csv", "--offline", "-C", str(film)).out
        document = rendered(film, "short.csv")
        assert document["money"]["settled"] == "0.06"
        [shot] = document["sequences"][0]["shots"]
        assert (shot["frames"], document["counts"]["bought"]) == (18, 0)
        assert call("reject", "spot:C1.t1", "-C", str(film)).code == 0
        assert "  it was rejected  " in call("plan", "short.csv", "--offline", "-C", str(film)).out
        (film / "short.csv").write_text(SHORT.replace("0.75", "2.5"))
        assert planned(film, "short.csv")["C1.t1"]["action"] == "buy"


def test_a_tighter_trim_and_another_order_buy_nothing(tmp_path: Path) -> None:
    """The clip that is there holds the frames that are wanted; nothing of it is stale."""
    folder = project(tmp_path / "film", THREE)
    with service(tmp_path):
        rendered(folder)
        rows = THREE.splitlines()
        (folder / "spot.csv").write_text("\n".join([rows[0], *(row.replace(",2,", ",0.5,") for row in reversed(rows[1:]))]) + "\n")
        takes = planned(folder)
        assert [take["action"] for take in takes.values()] == ["keep"] * 3
        assert takes["G1.t1"]["reason"] == "bought before and 2 s long"
        document = rendered(folder)
    assert document["counts"]["bought"] == 0
    assert [(shot["shot"], shot["frames"], shot["stale"]) for shot in document["sequences"][0]["shots"]] == [
        ("G3", 12, False),
        ("G2", 12, False),
        ("G1", 12, False),
    ]


def test_a_change_of_anything_but_the_length_is_another_request(film: Path, tmp_path: Path) -> None:
    """A longer clip of another picture, size or rate does not serve."""
    with service(tmp_path):
        rendered(film)
        for old, new in (("a cup", "a jug"), ("320x192", "640x384"), (",24\n", ",25\n")):
            (film / "short.csv").write_text(SHORT.replace(old, new))
            assert planned(film, "short.csv")["C1.t1"]["action"] == "buy", new


def test_what_was_picked_in_one_list_stands_in_every_list(tmp_path: Path) -> None:
    """The other list has the shot once: it shows the take that a person chose. What was rejected stands nowhere."""
    folder = project(tmp_path / "film", LONG.replace("fps\n", "fps,takes\n").replace(",24\n", ",24,2\n"))
    (folder / "short.csv").write_text(SHORT)
    with service(tmp_path):
        rendered(folder)
        assert call("pick", "spot:C1.t2", "-C", str(folder)).code == 0
        assert planned(folder, "short.csv")["C1.t1"]["reason"] == "bought as spot:C1.t2, the same request and 2 s long"
        assert call("reject", "spot:C1.t2", "-C", str(folder)).code == 0
        assert planned(folder, "short.csv")["C1.t1"]["reason"] == "bought as spot:C1.t1, the same request and 2 s long"
        document = rendered(folder, "short.csv")
        assert [shot["take"] for shot in document["sequences"][0]["shots"]] == ["C1.t1"]


def test_decisions_hold_in_an_accepted_copy(tmp_path: Path) -> None:
    """Picked stays picked though its row changes; what was rejected is not kept."""
    folder = project(tmp_path / "film", THREE)
    copy = tmp_path / "copy"
    with service(tmp_path):
        rendered(folder)
        for command, take in (("pick", "G1.t1"), ("reject", "G2.t1")):
            assert call(command, take, "-C", str(folder)).code == 0
        shutil.copytree(folder, copy)
        accepted = call("doctor", "--accept-copy", "--deep", "-C", str(copy))
        assert accepted.code in (0, 5)
        assert " clips      0 in place, and 3 clips of earlier purchases, every hash right" in accepted.out
        (copy / "spot.csv").write_text(THREE.replace("a cup", "a mug"))
        takes = planned(copy)
        assert [take["action"] for take in takes.values()] == ["keep", "buy", "keep"]
        assert "picked, so kept although prompt changed" in takes["G1.t1"]["reason"]


def test_a_pick_of_one_account_locks_nothing_at_another(tmp_path: Path) -> None:
    """Two rehearsals are two accounts: the take is bought at the one that is asked now."""
    folder = project(tmp_path / "film", THREE)
    with service(tmp_path / "one"):
        rendered(folder)
        assert call("pick", "G1.t1", "-C", str(folder)).code == 0
    with service(tmp_path / "two"):
        assert [take["action"] for take in planned(folder).values()] == ["buy"] * 3
        document = rendered(folder)
    assert document["counts"]["bought"] == 3
    assert Project(folder).exists


def test_a_shot_begins_where_in_s_says(film: Path, tmp_path: Path) -> None:
    """Pictures and sound of the same clip, from another frame on; nothing is bought as long as the clip reaches."""
    head, row = HEAD.replace("fps\n", "fps,in\n"), "C1,a cup on a table,short,0.75,320x192,24,{}\n"
    with service(tmp_path):
        whole = film / rendered(film)["sequences"][0]["file"]
        (film / "short.csv").write_text(head + row.format("1s"))
        document = rendered(film, "short.csv")
        assert document["counts"]["bought"] == 0
        assert read_film(film / document["sequences"][0]["file"], (320, 192)) == _cells(whole, 24)
        (film / "short.csv").write_text(head + row.format("00:00:01:12"))
        assert planned(film, "short.csv")["C1.t1"]["price"] == "0.09"


def _cells(film: Path, first: int) -> list[tuple[int, int]]:
    """What 18 pictures of the clip from `first` on show, whose clip number is that of a film of it."""
    shown = read_film(film, (320, 192))[0]
    assert shown is not None
    return [(shown[0], frame) for frame in range(first, first + 18)]
