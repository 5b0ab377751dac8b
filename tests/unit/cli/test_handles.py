"""Transitions pay their handles: the frames that the next shot comes on over are part of what is bought. At the level of the command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.film_reader import read_film
from tests.unit.cli.calling import Said, call, project, service

#: the second shot dissolves in, the third one doesn't
SPOT = """shot_id,prompt,model,duration_s,resolution,fps,transition,transition_s
D010,a cup,runware/ltx-2,2,320x192,24,fade,0.5
D020,a hand,runware/ltx-2,2,320x192,24,{join},0.5
D030,steam,runware/ltx-2,2,320x192,24,,
"""


def planned(folder: Path) -> Said:
    """The plan's answer."""
    return call("plan", "spot.csv", "--offline", "-C", str(folder), "--json")


def takes(folder: Path) -> dict[str, Any]:
    """Its takes by name."""
    return {take["take"]: take for take in planned(folder).json["takes"]}


def rendered(folder: Path) -> dict[str, Any]:
    """What `render` says."""
    said = call("render", "spot.csv", "--cap", "2", "--yes", "--no-prefect", "-C", str(folder), "--json")
    assert said.code == 0, said.err
    return said.json


def test_a_dissolve_buys_the_frames_that_it_lies_over(tmp_path: Path) -> None:
    """The plan says what they cost; the film has no frozen picture, and no finding of one."""
    folder = project(tmp_path / "film", SPOT.format(join="dissolve"))
    with service(tmp_path):
        said = call("plan", "spot.csv", "--offline", "-C", str(folder))
        assert (
            "transitions: 0.5 s behind the shot are bought for the transition to the next one: 3 s each, 0.03 USD more (D010.t1)"
            in " ".join(said.out.split())
        )
        assert [take["price"] for take in takes(folder).values()] == ["0.09", "0.06", "0.06"]
        [film] = rendered(folder)["sequences"]
        assert not [one for one in film["findings"] if one["code"] == "padded-transition"]
        shown = read_film(folder / film["file"], (320, 192))
    assert (film["frames"], len(shown)) == (144, 144)


def test_a_cut_and_a_fade_buy_nothing_more(tmp_path: Path) -> None:
    """They lie on the shots' own frames."""
    for join in ("cut", "fade"):
        folder = project(tmp_path / join, SPOT.format(join=join))
        with service(tmp_path):
            assert [take["price"] for take in takes(folder).values()] == ["0.06"] * 3


def test_handles_that_cannot_be_had_are_an_error_before_the_purchase(tmp_path: Path) -> None:
    """The longest clip of the model is as long as the shot."""
    folder = project(tmp_path / "film", SPOT.format(join="wipe").replace("D010,a cup,runware/ltx-2,2", "D010,a cup,runware/ltx-2,20"))
    with service(tmp_path):
        said = planned(folder)
        [error] = said.json["errors"]
        assert (said.code, error["code"], error["row"], error["column"], error["shot"]) == (3, "no-handle", 2, "duration_s", "D010")
        assert "D020's wipe lies over 0.5 s behind this shot" in error["message"]
        assert call("check", "spot.csv", "-C", str(folder)).code == 3
        assert call("render", "spot.csv", "--cap", "9", "--yes", "--no-prefect", "-C", str(folder)).code == 3
        assert not (tmp_path / "standin" / "jobs").exists() or not list((tmp_path / "standin" / "jobs").iterdir())


def test_a_second_shape_pays_for_the_same_transition(tmp_path: Path) -> None:
    """Its handle is a transition's, not a shorter cut's; where it can't be had, the row is told once."""
    header, first, *rest = SPOT.format(join="dissolve").splitlines()
    rows = [f"{header},also", f"{first},192x320", *(f"{row}," for row in rest)]
    folder = project(tmp_path / "film", "\n".join(rows))
    handle = "0.5 s behind the shot are bought for the transition to the next one: 3 s each, 0.06 USD more (D010.t1, D010@192x320.t1)"
    assert f"transitions: {handle}" in planned(folder).json["notes"]
    (folder / "spot.csv").write_text("\n".join(rows).replace("D010,a cup,runware/ltx-2,2", "D010,a cup,runware/ltx-2,20"))
    [error] = planned(folder).json["errors"]
    assert "D020's dissolve lies over 0.5 s behind this shot" in error["message"]


def test_what_was_bought_without_handles_is_kept_and_told(tmp_path: Path) -> None:
    """A dissolve that comes later changes no row but its own: the clip stays, and the plan says what will be seen, and what mends it."""
    folder = project(tmp_path / "film", SPOT.format(join="cut"))
    with service(tmp_path):
        rendered(folder)
        (folder / "spot.csv").write_text(SPOT.format(join="dissolve"))
        said = call("plan", "spot.csv", "--offline", "-C", str(folder))
        assert "D010.t1's clip ends 12 frames before the transition over it does" in said.out
        assert "Plan: 0 to buy, 3 kept." in said.out
        assert call("retake", "D010", "-C", str(folder)).code == 0
        assert takes(folder)["D010.t1"]["price"] == "0.09"
        assert call("pick", "D020.t1", "-C", str(folder)).code == 0
        (folder / "spot.csv").write_text(
            SPOT.format(join="cut").replace("transition_s", "transition_s,in_s").replace(",cut,0.5", ",cut,0.5,1.5")
        )
        said = planned(folder).json
        assert [one for one in said["freezes"] if one["shot"] == "D020"] == [
            {"sequence": "spot", "delivery": "web", "shot": "D020", "take": "D020.t1", "padded_frames": 36, "padded_under": 0}
        ]
        assert any(note.startswith("D020.t1's clip ends 36 frames before the shot does in spot (web)") for note in said["notes"])
        film = call("finish", "spot.csv", "-C", str(folder), "--json").json["sequences"][0]
        assert {one["shot"]: one["padded_frames"] for one in film["shots"]}["D020"] == 36


def test_a_film_that_begins_with_a_dissolve_is_told(tmp_path: Path) -> None:
    """There is nothing to dissolve from; a list that begins with the fade that it becomes says nothing."""
    for join, due in (("dissolve", True), ("wipe", True), ("fade", False), ("cut", False)):
        said = planned(project(tmp_path / join, SPOT.format(join="cut").replace("24,fade,", f"24,{join},")))
        assert any(f"nothing to {join} from" in note for note in said.json["notes"]) == due


def test_what_a_shorter_cut_needs_is_not_called_the_transitions(tmp_path: Path) -> None:
    """Where both need frames behind a shot, the note and the error name the one that needs more: else the fix that is told mends nothing."""
    rows = SPOT.format(join="dissolve").replace("transition_s\n", "transition_s,cuts\n").replace("fade,0.5\n", "fade,0.5,6=2@{begins}\n")
    with service(tmp_path):
        folder = project(tmp_path / "sold", rows.format(begins=1))
        notes = " ".join(call("plan", "spot.csv", "--offline", "-C", str(folder)).out.split())
        assert "cuts: 1 s behind the shot are bought for a shorter cut that uses them: 3 s each, 0.03 USD more (D010.t1)" in notes
        folder = project(tmp_path / "unsold", rows.format(begins=19))
        [error] = call("check", "spot.csv", "-C", str(folder), "--json").json["errors"]
    assert (error["column"], error["message"].startswith("a shorter cut shows 19 s behind this shot")) == ("cuts", True)
    assert error["help"] == "let it begin earlier there, or shorten it"
