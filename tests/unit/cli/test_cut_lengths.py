"""How long the cut will be, to the frame; shorter cuts of one list; rounding. At the level of the command."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from callsheet.budget.ledger.marks import put_mark
from callsheet.budget.ledger.store import open_ledger
from callsheet.domain.mark import Mark, MarkKind
from callsheet.store.project_folder import Project
from tests.unit.cli.calling import call, project, service

#: as somebody wrote it: twenty shots whose length is no whole number of frames
F = "shot_id,prompt,model,duration_s,resolution,fps\n" + "".join(
    f"F{n:02},case F{n:02} x,runware/ltx-2,1.5,320x192,25\n" for n in range(20)
)
TABLE = "[sequences.spot]\nlength = 30\n"


def asked(folder: Path, command: str, *more: str) -> dict[str, Any]:
    """The document of `check` or `plan`."""
    said = call(command, "spot.csv", "-C", str(folder), "--json", *more, *(["--offline"] if command == "plan" else []))
    assert said.code == 0, said.out
    return said.json


@pytest.mark.parametrize("command", ["check", "plan"])
def test_the_cuts_length_is_told_to_the_frame_with_what_is_wanted(tmp_path: Path, command: str) -> None:
    """From project.toml or the command line, as seconds, frames or timecode; and why it isn't that long."""
    folder = project(tmp_path / "film", F)
    assert asked(folder, command)["cuts"] == [{"sequence": "spot", "frames": 760, "fps": "25", "duration_s": 30.4, "wanted": None}]
    (folder / "project.toml").write_text(TABLE)
    assert asked(folder, command)["cuts"][0]["wanted"] == 750
    for length in ("30", "750f", "00:00:30:00", "spot=30s"):
        assert asked(folder, command, "--length", length)["cuts"][0]["wanted"] == 750
    said = call(command, "spot.csv", "-C", str(folder))
    line = 'cut: spot: 760 frames, 30.4 s at 25 fps; wanted 750: 10 too many: 20 shots of 1.5 s round up at 25 fps; rounding = "even" in [project] makes it as wanted'
    assert line in " ".join(said.out.split())
    shorter = call(command, "spot.csv", "--length", "29", "-C", str(folder))
    assert "wanted 725: 35 too many" in shorter.out
    assert "even" not in shorter.out
    assert call(command, "spot.csv", "--length", "long", "-C", str(folder)).code == 2
    assert call(command, "spot.csv", "--length", "other=30", "-C", str(folder)).code == 2


def test_even_rounding_makes_the_total_exact(tmp_path: Path) -> None:
    """Shots differ by a frame; the sum is that of the lengths."""
    folder = project(tmp_path / "film", F)
    (folder / "project.toml").write_text(TABLE + '[project]\nrounding = "even"\n')
    found = asked(folder, "plan")
    assert found["cuts"][0]["frames"] == 750
    assert {take["frames"] for take in found["takes"]} == {37, 38}
    assert "cut: spot: 750 frames, 30 s at 25 fps, as wanted" in call("check", "spot.csv", "-C", str(folder)).out


@pytest.mark.parametrize(("rounding", "length"), [("", 30.4), ('[project]\nrounding = "even"\n', 30)])
def test_the_seconds_used_of_a_purchase_are_those_of_the_cut(tmp_path: Path, rounding: str, length: float) -> None:
    """Whole frames, whichever way they are rounded."""
    folder = project(tmp_path / "film", F)
    (folder / "project.toml").write_text(rounding)
    found = asked(folder, "plan")
    assert found["cuts"][0]["duration_s"] == found["totals"]["used_s"] == length
    assert f" s paid, {length:g} s used" in " ".join(call("plan", "spot.csv", "-C", str(folder), "--offline").out.split())


def test_frames_that_people_chose_count_in_the_length(tmp_path: Path) -> None:
    """A clip's in and out, set in the review: the plan says how long the film is."""
    folder = project(tmp_path / "film", "".join(F.splitlines(keepends=True)[:3]))
    with service(tmp_path):
        assert call("render", "spot.csv", "--cap", "1", "--yes", "--no-prefect", "-C", str(folder)).code == 0
    home = Project(folder)
    trim = Mark(kind=MarkKind.TRIM, list="spot", shot="F00", take=1, attempt="1", body={"first": 5, "end": 25, "fps": "25"})
    with closing(open_ledger(home.ledger_file)) as ledger:
        put_mark(ledger, home.identity, trim, at="2026-11-29T12:00:00.000Z")
    [cut] = asked(folder, "plan", "--length", "76f")["cuts"]
    assert (cut["frames"], cut["wanted"]) == (58, 76)
    said = call("plan", "spot.csv", "--length", "76f", "--offline", "-C", str(folder))
    assert "18 too few: frames were chosen by hand for some of its shots" in " ".join(said.out.split())
    [made] = call("finish", "spot.csv", "-C", str(folder), "--json").json["sequences"]
    assert made["frames"] == 58


def test_wrong_lengths_and_roundings_are_told_with_the_rest(tmp_path: Path) -> None:
    """A length that is none, and a word that no rounding has."""
    folder = project(tmp_path / "film", F)
    (folder / "project.toml").write_text('[sequences.spot]\nlength = "half a minute"\nlenght = 3\n[project]\nrounding = "down"\n')
    said = call("check", "spot.csv", "-C", str(folder), "--json")
    assert (said.code, len(said.json["errors"])) == (3, 3)


def test_durations_may_be_given_in_frames_of_the_project(tmp_path: Path) -> None:
    """`37f` at the project's 25 frames a second is 1.48 s."""
    folder = project(tmp_path / "film", "shot_id,prompt,model,duration_s\nS1,a cup,runware/ltx-2,37f\n")
    (folder / "project.toml").write_text("[project]\nfps = 25\n")
    assert [take["frames"] for take in asked(folder, "plan")["takes"]] == [37]


CUTS = """shot_id,prompt,model,duration_s,resolution,fps,cuts
A,a cup,runware/ltx-2,2,320x192,24,15; 6=0.5@1
B,a hand,runware/ltx-2,2,320x192,24,15=1
C,steam,runware/ltx-2,2,320x192,24,6=1@1.5
"""


def test_shorter_cuts_of_one_list_are_films_of_the_same_clips(tmp_path: Path) -> None:
    """One purchase, three films, each exact; what only a shorter cut shows is bought, too, and told."""
    folder = project(tmp_path / "film", CUTS)
    (folder / "project.toml").write_text("[sequences.spot_15]\nlength = 3\n")
    with service(tmp_path):
        said = call("plan", "spot.csv", "--offline", "-C", str(folder))
        assert "cut: spot_15: 72 frames, 3 s at 24 fps, as wanted" in said.out
        assert "cuts: 0.5 s behind the shot are bought for a shorter cut that uses them: 3 s each, 0.03 USD more (C.t1)" in " ".join(
            said.out.split()
        )
        said = call("render", "spot.csv", "--cap", "1", "--yes", "--no-prefect", "-C", str(folder), "--json")
    assert (said.code, said.json["money"]["settled"]) == (0, "0.21"), said.err
    films = {film["sequence"]: film for film in said.json["sequences"]}
    assert {name: film["frames"] for name, film in films.items()} == {"spot": 144, "spot_15": 72, "spot_6": 36}
    assert [(shot["shot"], shot["frames"], shot["padded_frames"]) for shot in films["spot_6"]["shots"]] == [("A", 12, 0), ("C", 24, 0)]
    assert all(film["complete"] for film in films.values())
