"""A shot's clip may be a file of the project: looked at as bought clips are, cut like them, for nothing. At the level of the command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

from callsheet.media.inspect.probe import probe
from tests.film_reader import pictures, read_film
from tests.runners import ffmpeg
from tests.unit.cli.calling import call, project, service

LIST = """shot_id,prompt,model,duration_s,resolution,fps,clip,in_s
A,a cup,runware/ltx-2,1,320x192,24,,
END,,,{length},,,{clip},{begins}
"""


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A project with a pack shot of 2 s, larger than the list's pictures and at another rate."""
    folder = project(tmp_path / "film", LIST.format(length="1.5", clip="packshot.mov", begins="0.5"))
    source = ["-f", "lavfi", "-i", "color=red:s=640x384:r=25:d=2", "-f", "lavfi", "-i", "sine=f=440:r=48000:d=2"]
    ffmpeg([*source, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", str(folder / "packshot.mov")])
    return folder


def errors(folder: Path) -> list[dict[str, Any]]:
    """What `check` says is wrong."""
    return call("check", "spot.csv", "-C", str(folder), "--json").json["errors"]


def test_own_footage_stands_in_the_cut_for_nothing(film: Path, tmp_path: Path) -> None:
    """It has its length and place, with sound; the film is complete, and nothing was bought but the other shot."""
    with service(tmp_path):
        said = call("plan", "spot.csv", "--offline", "-C", str(film))
        assert "own clips, for which nothing is bought: END (packshot.mov)" in said.out
        assert ["2 shots" in call(command, "spot.csv", "-C", str(film)).out for command in ("check", "plan")] == [True, True]
        assert "Plan: 1 to buy, 0 kept. 0.03 USD" in said.out
        said = call("render", "spot.csv", "--cap", "1", "--yes", "--no-prefect", "-C", str(film), "--json")
        assert (said.code, said.json["money"]["settled"]) == (0, "0.03"), said.err
        [made] = said.json["sequences"]
        assert (made["frames"], made["complete"], made["missing"]) == (60, True, [])
        assert [(shot["shot"], shot["take"], shot["frames"]) for shot in made["shots"]] == [("A", "A.t1", 24), ("END", None, 36)]
        assert len(read_film(film / made["file"], (320, 192))) == 60
        again = call("finish", "spot.csv", "-C", str(film), "--json")
        assert (again.code, again.json["sequences"][0]["version"]) == (0, 1)


def test_without_a_length_it_is_as_long_as_its_clip(film: Path) -> None:
    """From its in-point on."""
    (film / "spot.csv").write_text(LIST.format(length="", clip="packshot.mov", begins="0.5"))
    assert call("check", "spot.csv", "-C", str(film), "--json").json["cuts"][0]["frames"] == 60


@pytest.mark.parametrize("list", ["shot_id,prompt,clip\nEND,,packshot.mov\n", "shot_id;clip\n\nEND;packshot.mov\n"])
def test_a_list_of_own_clips_alone_is_cut_without_a_service(film: Path, list: str) -> None:
    """Nothing is to be bought, so no cap, key, service or prompt is needed, and no column for one."""
    (film / "spot.csv").write_text(list)
    said = call("finish", "spot.csv", "-C", str(film), "--json")
    assert said.code == 0, said.err
    assert (said.json["sequences"][0]["frames"], said.json["sequences"][0]["width"]) == (50, 640)


@pytest.mark.parametrize("empty", ["A,", "A"])
def test_a_row_without_a_clip_needs_a_column_for_its_prompt(film: Path, empty: str) -> None:
    """No row is passed over because its cells are empty."""
    (film / "spot.csv").write_text(f"shot_id,clip\nEND,packshot.mov\n{empty}\n")
    said = call("check", "spot.csv", "-C", str(film), "--json")
    assert said.code == 3
    assert "missing-column" in {error["code"] for error in said.json["errors"]}


def test_the_first_clip_gives_a_film_its_size_and_rate_as_it_is_shown(film: Path) -> None:
    """Pixels that aren't square, and steps that aren't even (a phone's): the film has square ones, and the nearest usual rate."""
    source = "color=red:s=352x288:r=30:d=2,setsar=16/11,select='mod(n,9)'"
    more = ["-fps_mode", "vfr", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]
    ffmpeg(["-f", "lavfi", "-i", source, *more, str(film / "phone.mov")])
    (film / "spot.csv").write_text("shot_id,prompt,duration_s,clip\nA,,1,phone.mov\n")
    notes = call("check", "spot.csv", "-C", str(film)).out
    assert "own clips: the frame rate is not constant: finishing repeats or drops frames (A)" in notes
    said = call("finish", "spot.csv", "-C", str(film), "--json")
    assert said.code == 0, said.out
    [made] = said.json["sequences"]
    assert (made["width"], made["height"], made["fps"], made["frames"]) == (512, 288, "25", 25)


@pytest.mark.parametrize(
    "command", [["finish", "spot.csv"], ["export", "edit", "--format", "fcp7", "--list", "spot.csv"]], ids=["finish", "export"]
)
def test_a_film_of_a_clip_with_odd_edges_has_even_ones(film: Path, command: list[str]) -> None:
    """As scaled films of the web have: nobody asked for a size that no film can have."""
    ffmpeg(
        [
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=854x482:r=25:d=1,scale=853:481",
            "-c:v",
            "libvpx-vp9",
            "-deadline",
            "realtime",
            "-cpu-used",
            "8",
            str(film / "odd.webm"),
        ]
    )
    (film / "spot.csv").write_text("shot_id,prompt,clip\nA,,odd.webm\n")
    said = call(*command, "-C", str(film), "--json")
    assert said.code == 0, said.out
    if command[0] == "finish":
        [made] = said.json["sequences"]
        assert (made["width"], made["height"], made["frames"]) == (854, 482, 25)


@pytest.mark.parametrize(
    ("length", "clip", "begins", "code", "words"),
    [
        ("2", "packshot.mov", "0.5", "own-clip", "lasts 2 s, and the cut needs 2.5 s of it"),
        ("1", "notes.txt", "", "own-clip", "can't be used as a clip"),
        ("1", "../packshot.mov", "", "own-clip", "is outside the project's folder"),
        ("1", "packshoot.mov", "", "not-found", "doesn't exist"),
    ],
)
def test_what_cannot_be_cut_is_an_error_of_check(film: Path, length: str, clip: str, begins: str, code: str, words: str) -> None:
    """Too short, no film, outside of the project, not there: at its cell."""
    (film / "notes.txt").write_text("not a film")
    (film.parent / "packshot.mov").write_bytes((film / "packshot.mov").read_bytes())
    (film / "spot.csv").write_text(LIST.format(length=length, clip=clip, begins=begins))
    [error] = errors(film)
    assert (error["code"], error["row"], error["column"]) == (code, 3, "clip")
    assert words in error["message"]


@pytest.mark.parametrize(("format", "file"), [("otio", "spot.otio"), ("edl", "spot.edl"), ("fcp7", "spot.xml")])
def test_an_editor_finds_own_footage_in_its_place(film: Path, format: str, file: str) -> None:
    """From its in-point on, linked to a copy that is whole, with a reel; it says that nobody was paid for it, and what is written over it."""
    (film / "spot.csv").write_text(
        "shot_id,prompt,duration_s,clip,in_s,title\nOPEN,,1,packshot.mov,,Harbour\nEND,,1.2,packshot.mov,0.6,\nC,,1,card,,The end\n"
    )
    said = call("export", "edit", "--format", format, "--list", "spot.csv", "-C", str(film), "--json")
    assert said.code == 0, said.err
    [one] = said.json["sequences"]
    [clip] = one["clips"]
    assert (one["missing"], clip["clip"], clip["frames"], probe(film / "edit" / clip["file"]).frames) == ([], "packshot.mov", 50, 50)
    read = otio.adapters.read_from_file(str(film / "edit" / file), **({"rate": 25.0} if format == "edl" else {}))
    timeline = read[0] if isinstance(read, otio.schema.SerializableCollection) else read
    picture = next(track for track in timeline.tracks if track.kind == "Video")
    begins = 25 * 3600
    places = [(shot.name, shot.source_range.start_time.to_frames() - begins, shot.duration().to_frames()) for shot in picture]
    assert places[:2] == [("packshot.mov", 0, 25), ("packshot.mov", 15, 30)] and len(places) == 3
    text = (film / "edit" / file).read_text()
    assert [word in text for word in (clip["reel"], "own clip", "title: Harbour", "title card #000000")] == [True] * 4


def test_copies_for_the_editor_are_in_prores_on_request(film: Path) -> None:
    """Beside those that were made before, under names of their own; the book knows no clips."""
    (film / "spot.csv").write_text("shot_id,prompt,duration_s,clip\nEND,,1,packshot.mov\n")
    files: list[str] = []
    for more in ((), ("--clips", "prores")):
        said = call("export", "edit", "--format", "edl", "--list", "spot.csv", "-C", str(film), "--json", *more)
        assert said.code == 0, said.err
        files.append(said.json["sequences"][0]["clips"][0]["file"])
        assert files[-1] in (film / "edit" / "spot.edl").read_text()
    assert [probe(film / "edit" / file).codec for file in files] == ["h264", "prores"]
    assert call("export", "book.txt", "--format", "beancount", "--clips", "prores", "-C", str(film)).code == 2


def test_the_animatic_and_the_report_know_what_is_there(film: Path) -> None:
    """Own clips and title cards are no slates: they stand in the animatic, and the report says what they are."""
    (film / "spot.csv").write_text("shot_id,prompt,duration_s,clip,title\nC,,0.4,card #ffffff,Harbour\nEND,,0.4,packshot.mov,\n")
    said = call("animatic", "spot.csv", "-C", str(film), "--json").json["sequences"][0]
    shown = list(pictures(film / said["file"]))
    assert (said["slates"], len(shown)) == ([], 20)
    assert shown[4][-20:].mean() > 230 and 60 < shown[15][-20:].mean() < 110, "white, then the red clip"
    assert call("finish", "spot.csv", "-C", str(film)).code == 0
    assert call("report", "spot.csv", "-C", str(film)).code == 0
    page = (film / "out" / "report.html").read_text()
    assert "<td>title card</td>" in page and "<td>own clip packshot.mov</td>" in page
