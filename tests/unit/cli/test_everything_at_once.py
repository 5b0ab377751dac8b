"""Cells, models, sizes, files, media, subtitles, deliveries: one pass, one list of errors, a row that is wrong in two ways told twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runners import ffmpeg
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


#: valid but for one model, one font and one sign that no font has; lengths in frames at the project's rate
SOUND = """shot_id,prompt,model,duration_s,title
F010,a cup,runware/ltx-9,37f,
F020,a cup,runware/ltx-2,48f,[fonts/None.ttf] Hello
F030,a cup,,,\u6c34
F040,a cup,runware/ltx-2,99,
"""
TOLD = {("F010", "model"), ("F020", "title"), ("F030", "title"), ("F040", "duration_s")}
RATE = '[project]\nfps = "24"\n'
FILES = (
    '[deliver.web]\nfont = "fonts/Gone.ttf"\n[deliver.logo]\nwatermark_file = "art/gone.png"\n[deliver.plain]\n[[bed]]\nfile = "gone.wav"\n'
)


def told(folder: Path) -> tuple[set[tuple[str | None, str | None]], list[str]]:
    """What `check` says: the places in the list, and the messages on project.toml."""
    errors = call("check", "spot.csv", "-C", str(folder), "--json").json["errors"]
    own = [error for error in errors if "row" not in error]
    return {(error["shot"], error["column"]) for error in errors if "row" in error}, [error["message"] for error in own]


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        ('[sequences.spot]\nlength = "30x"\n', "length"),
        ('[[cap]]\nscope = "projekt"\nusd = 3\n', "scope"),
        ("[lanes.runware]\nslots = 0\n", "slots"),
        ("[continuity]\nmax_links = 0\n", "max_links"),
        ("[qc]\nblack = 3\n", "black"),
        ('[cuts.6]\nshots = "F010"\n', "shots"),
        ("[draft]\nmodel = 3\n", "model"),
        ("[notify]\non = 3\n", "on"),
        ("[networks]\n", "networks"),
        ('[params]\nx = "y"\n', "x"),
    ],
)
def test_a_table_that_is_wrong_hides_nothing_of_the_list_or_of_files(tmp_path: Path, settings: str, wrong: str) -> None:
    """Models, lengths in frames, titles, fonts, logos and music are told with it, in one round, and nothing that isn't so."""
    folder = project(tmp_path, SOUND)
    (folder / "project.toml").write_text(RATE + settings + FILES)
    rows, own = told(folder)
    assert rows == TOLD
    assert len(own) == 4, own
    for name in (wrong, "fonts/Gone.ttf", "art/gone.png", "gone.wav"):
        assert any(name in message for message in own), name


def test_a_file_that_is_no_toml_hides_nothing_that_rows_say_of_themselves(tmp_path: Path) -> None:
    """What depends on a setting that can't be read, such as lengths in frames, is left for the next round."""
    folder = project(tmp_path, SOUND)
    (folder / "project.toml").write_text(RATE + "[deliver.web\n")
    rows, own = told(folder)
    assert (rows, len(own)) == ({("F010", "model"), ("F020", "title")}, 1)


@pytest.mark.parametrize(
    ("settings", "rows"),
    [
        ('[project]\nfps = "24 or so"\n', "shot_id,prompt,duration_s\nG010,a cup,37f\n"),
        ('[project]\nfps = "29,97"\n[deliver.web]\ntimecode = "01:00:00;00"\n', "shot_id,prompt,duration_s\nG010,a cup,2\n"),
        ('[project]\nmodle = "runware/ltx-9"\n', "shot_id,prompt,duration_s\nG010,a cup,99\n"),
        ('[project]\nmodel = 3\nfps = "24"\n', "shot_id,prompt,duration_s\nG010,a cup,2400f\n"),
        ('[project]\nresolution = "big"\n', "shot_id,prompt,duration_s\nG010,a cup,2\n"),
        ('[projct]\nfps = "24"\n', "shot_id,prompt,duration_s\nG010,a cup,37f\n"),
        ('[project]\nfps = "24"\nduration_s = "long"\n', "shot_id,prompt,duration_s\nG010,a cup,\n"),
        ("[draft]\nresolution = 3\n", "shot_id,prompt,duration_s\nG010,a cup,2\n"),
    ],
)
def test_a_setting_that_cannot_be_read_makes_no_further_error(tmp_path: Path, settings: str, rows: str) -> None:
    """What would be said of the default in its place is not so."""
    folder = project(tmp_path, rows)
    (folder / "project.toml").write_text(settings)
    found, own = told(folder)
    assert (found, len(own)) == (set(), 1), own


def test_a_rate_that_cannot_be_read_makes_no_error_of_lengths_in_frames(tmp_path: Path) -> None:
    """Neither of the row's own, nor in the file's timecode, whose rate is that of the list's first shot."""
    folder = project(tmp_path, "shot_id,prompt,duration_s,fps\nG010,a cup,37f,fast\n")
    assert told(folder)[0] == {("G010", "fps")}
    folder = project(tmp_path / "other", "shot_id,prompt,duration_s,fps,takes\nG010,a cup,2,30000/1001,99\n")
    (folder / "project.toml").write_text('[deliver.web]\ntimecode = "01:00:00;00"\n')
    assert told(folder) == ({("G010", "takes")}, [])


def test_a_delivery_that_is_wrong_hides_no_file_of_its_own_or_of_others(tmp_path: Path) -> None:
    """A codec, a logo and two fonts, told together; a font that is not there shows no sign wrongly."""
    folder = project(tmp_path, "shot_id,prompt,duration_s,title\nG010,a cup,2,\u6c34\n")
    tables = '[deliver.a]\ncodec = "h999"\nfont = "fonts/a.ttf"\n[deliver.b]\nwatermark_file = "art/b.png"\nfont = "fonts/b.ttf"\n'
    (folder / "project.toml").write_text(tables)
    rows, own = told(folder)
    assert rows == set()
    assert len(own) == 4, own
    for name in ("h999", "fonts/a.ttf", "art/b.png", "fonts/b.ttf"):
        assert any(name in message for message in own), name


def test_a_parameter_of_the_project_is_told_at_the_project(tmp_path: Path) -> None:
    """Not at each row that is wrong in another way."""
    folder = project(tmp_path, "shot_id,prompt,duration_s\nG010,a cup,two\nG020,a cup,2\n")
    (folder / "project.toml").write_text('[params."runware/ltx-2"]\nstepz = 30\n')
    rows, own = told(folder)
    assert (rows, len(own)) == ({("G010", "duration_s")}, 1)


def test_a_row_that_is_wrong_is_checked_for_its_own_service(tmp_path: Path) -> None:
    """Though no valid row names it."""
    folder = project(tmp_path, "shot_id,prompt,model,duration_s,takes\nG010,a cup,runware/ltx-2,2,1\nG020,a cup,lightricks/ltx-2.3,2,99\n")
    assert told(folder)[0] == {("G020", "takes")}


#: an own clip that ends too early for the dissolve after it, a clip that no model makes so long, and a row that is wrong in itself
CUT = """shot_id,prompt,duration_s,clip,transition,transition_s,takes
H010,,0.9,own.mov,,,
H020,a cup,20,,dissolve,0.5,
H030,a cup,2,,dissolve,1,99
"""


def test_what_is_wrong_with_the_cut_is_told_with_the_rest(tmp_path: Path) -> None:
    """Handles, lengths at the films' rate, and music from a shot that isn't there."""
    folder = project(tmp_path, CUT)
    ffmpeg(["-f", "lavfi", "-i", "color=gray:s=160x96:r=24:d=1", "-c:v", "libx264", "-pix_fmt", "yuv420p", str(folder / "own.mov")])
    ffmpeg(["-f", "lavfi", "-i", "sine=d=1", str(folder / "a.wav")])
    tables = '[project]\nfps = 24\n[sequences.spot]\nlength = "00:00:30:24"\n[[bed]]\nfile = "a.wav"\nsequence = "spot"\nfrom = "H099"\n'
    (folder / "project.toml").write_text(tables)
    rows, own = told(folder)
    assert rows == {("H010", "clip"), ("H020", "duration_s"), ("H030", "takes")}
    assert len(own) == 2
    assert "is not a timecode at 24" in "".join(own) and "no shot 'H099'" in "".join(own)


def test_a_cell_that_decides_the_cut_makes_no_error_of_its_own(tmp_path: Path) -> None:
    """How long the transition takes isn't known, so nothing is said of the clips under it."""
    folder = project(tmp_path, CUT.replace("dissolve,0.5", "dissolve,half"))
    ffmpeg(["-f", "lavfi", "-i", "color=gray:s=160x96:r=24:d=1", "-c:v", "libx264", "-pix_fmt", "yuv420p", str(folder / "own.mov")])
    assert told(folder)[0] == {("H020", "transition_s"), ("H030", "takes")}
