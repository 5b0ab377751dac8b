"""Titles over shots and on cards, at the level of the command: checked, drawn where and when they should be, for nothing."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from callsheet.media.ffmpeg import runner
from tests.runners import ffmpeg
from tests.unit.cli.calling import call, project

LIST = """shot_id,prompt,duration_s,clip,title
OPEN,,0.4,card #ff0000,
A,,1,grey.mov,{title}
"""


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A project with a grey clip and a font."""
    folder = project(tmp_path / "film", LIST.format(title="[0.2-0.6; top-left; fonts/Mono.ttf] HARBOUR"))
    (folder / "fonts").mkdir()
    (folder / "fonts" / "Mono.ttf").write_bytes(runner.font().read_bytes())
    source = ["-f", "lavfi", "-i", "color=gray:s=160x96:r=25:d=1"]
    ffmpeg([*source, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", str(folder / "grey.mov")])
    return folder


def _pictures(path: Path) -> list[NDArray[np.int_]]:
    with av.open(str(path)) as box:
        return [frame.to_ndarray(format="rgb24").astype(int) for frame in box.decode(video=0)]


def test_a_title_stands_in_its_frames_and_a_card_in_its_colour(film: Path) -> None:
    """Nothing is missing and nothing is paid; the letters are in their corner, inside the safe area, only as long as they should."""
    said = call("finish", "spot.csv", "-C", str(film), "--json")
    assert said.code == 0, said.err
    [made] = said.json["sequences"]
    assert (made["frames"], made["complete"], made["missing"]) == (35, True, [])
    shown = _pictures(film / made["file"])
    assert np.abs(shown[4] - (255, 0, 0)).max() < 8
    written = [np.abs(picture - picture[-1, -1]).max() > 60 for picture in shown[10:]]
    assert written == [5 <= n < 15 for n in range(25)]
    rows, columns = np.nonzero(np.abs(shown[20] - shown[20][-1, -1]).max(2) > 60)
    assert 5 <= rows.min() < rows.max() < 30 and 8 <= columns.min() < columns.max() < 100


def test_the_plan_tells_of_titles_and_cards(film: Path) -> None:
    """A column that means something else in an older list is seen before a film is made."""
    said = call("check", "spot.csv", "-C", str(film))
    assert "titles are written over A (HARBOUR)" in said.out and "title cards, for which nothing is bought: OPEN" in said.out


@pytest.mark.parametrize(
    ("title", "clip", "told"),
    [
        ("[left] x", "grey.mov", [("bad-title", "title")]),
        ("[fonts/none.ttf] x", "grey.mov", [("title-font", "title")]),
        ("[fonts/Mono.ttf] 谁 and 🎬", "grey.mov", [("letters", "title")]),
        ("谁", "gone.mov", [("not-found", "clip"), ("letters", "title")]),
    ],
)
def test_what_can_not_be_written_is_an_error_of_check(film: Path, title: str, clip: str, told: list[tuple[str, str]]) -> None:
    """At its cell, with whatever else is wrong with the row; signs that a font lacks are named."""
    (film / "spot.csv").write_text(LIST.format(title=title).replace("grey.mov", clip))
    errors = call("check", "spot.csv", "-C", str(film), "--json").json["errors"]
    assert [(one["code"], one["column"]) for one in errors if one["row"] == 3] == told
    assert all("谁 (U+8C01)" in one["message"] for one in errors if one["code"] == "letters")


def test_a_card_needs_a_length_and_gives_no_frame(film: Path) -> None:
    """Both are told at their cells."""
    (film / "spot.csv").write_text("shot_id,prompt,duration_s,clip,first_frame,model\nC,,,card,,\nB,p,1,,@C#last,runware/ltx-2\n")
    errors = call("check", "spot.csv", "-C", str(film), "--json").json["errors"]
    assert {(one["row"], one["column"]) for one in errors} == {(2, "duration_s"), (3, "first_frame")}
