"""`callsheet animatic`: sequences out of stills and slates, before anything is bought; and beds, as a person has them in project.toml."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np

from callsheet.media.inspect.packets import read_packets
from tests.film_reader import pictures, samples
from tests.media_files import png, wav
from tests.unit.cli.calling import call, project

LIST = """shot_id,sequence,prompt,model,duration_s,resolution,fps,first_frame,transition,transition_s,fit
A010,one,A boat leaves the harbour,runware/ltx-2,1,320x192,24,refs/a.png,,,
A020,one,A lamp is lit: 50 % 'x' {y},runware/ltx-2,1.5,320x192,24,,,,
A030,one,A gull,runware/ltx-2,1,320x192,24,refs/b.png,dissolve,0.5,crop
B010,two,Night,runware/ltx-2,1,320x192,24,,,,
"""


def _project(folder: Path, toml: str = "") -> Path:
    project(folder, LIST)
    (folder / "refs").mkdir()
    (folder / "refs" / "a.png").write_bytes(png(320, 192, 200))
    (folder / "refs" / "b.png").write_bytes(png(512, 512, 120))
    (folder / "project.toml").write_text(toml)
    return folder


def test_an_animatic_is_exact_buys_nothing_and_says_what_is_missing(tmp_path: Path) -> None:
    """Stills and slates of the shots' lengths, a dissolve between two of them; no service is named in the environment, and none is asked."""
    folder = _project(tmp_path / "film")
    said = call("animatic", "spot.csv", "-C", str(folder), "--json")
    assert said.code == 0, said.err
    one, two = said.json["sequences"]
    assert (one["file"], two["file"]) == ("out/one_animatic_v001.mp4", "out/two_animatic_v001.mp4")
    assert (one["frames"], one["slates"], one["slate_frames"], two["slates"]) == (84, ["A020"], 36, ["B010"])
    assert [(shot["record_in"], shot["frames"], shot["take"]) for shot in one["shots"]] == [(0, 24, None), (24, 36, None), (60, 24, None)]
    assert read_packets(str(folder / one["file"]), "mov").frames == 84
    assert not (folder / ".callsheet" / "ledger.db").exists()


def test_a_still_fills_the_picture_as_its_shot_will(tmp_path: Path) -> None:
    """As its row's `fit` says, with the shot's name on it; slates are dark, and a dissolve mixes what stands around it."""
    folder = _project(tmp_path / "film")
    one = call("animatic", "spot.csv", "-C", str(folder), "--json").json["sequences"][0]
    shown = [picture.astype(float) for picture in pictures(folder / one["file"])]
    middle = [picture[80:110, 20:300].mean() for picture in shown]
    assert 190 < middle[3] < 210 and shown[3].std() > 1
    assert middle[30] < 80
    assert 100 < shown[80][60:, :4].mean() < 140, "cropped: no black beside it"
    mixed = [shown[n][100:120, 2:10].mean() for n in range(60, 72)]
    assert all(b >= a - 1 for a, b in itertools.pairwise(mixed)) and mixed[0] + 20 < mixed[-1]


def test_it_says_so_in_words_and_is_not_made_twice(tmp_path: Path) -> None:
    """The second time the same file is told; another prompt on a slate is another version."""
    folder = _project(tmp_path / "film")
    first = call("animatic", "spot.csv", "-C", str(folder))
    assert first.out.splitlines()[0] == "out/one_animatic_v001.mp4: 3.5 s, 1 of 3 shots (1.5 s) still slates: A020"
    again = call("animatic", "spot.csv", "-C", str(folder))
    assert again.out == first.out and "unchanged out/one_animatic_v001.mp4" in again.err
    (folder / "spot.csv").write_text(LIST.replace("A lamp is lit", "The lamp goes out"))
    assert call("animatic", "spot.csv", "-C", str(folder)).out.startswith("out/one_animatic_v002.mp4")


def test_a_bed_lies_under_it_and_a_list_without_its_sequence_is_told(tmp_path: Path) -> None:
    """From the shot that it names; the plan says that another bed lies under nothing here."""
    bed = '[[bed]]\nfile = "music.wav"\nsequence = "one"\nfrom = "A020"\nto = "A020"\n[[bed]]\nfile = "music.wav"\nsequence = "ten"\n'
    folder = _project(tmp_path / "film", bed)
    (folder / "music.wav").write_bytes(wav(3))
    one = call("animatic", "spot.csv", "-C", str(folder), "--json").json["sequences"][0]
    sound = samples(folder / one["file"])
    assert np.abs(sound[:46_000]).max() < 0.01 < 0.05 < np.abs(sound[50_000:100_000]).max()
    assert abs(one["loudness_lufs"] + 14) <= 0.5
    plan = call("plan", "spot.csv", "--offline", "--cap", "9", "-C", str(folder), "--json")
    assert any("number 2 (music.wav) is for ten" in note for note in plan.json["notes"])


def test_a_bed_that_is_missing_or_misplaced_costs_nothing(tmp_path: Path) -> None:
    """Refused with exit 3 by whatever reads the list, before anything is encoded or bought."""
    folder = _project(tmp_path / "film", '[[bed]]\nfile = "gone.wav"\n')
    for command in (("animatic", "spot.csv"), ("plan", "spot.csv", "--offline")):
        said = call(*command, "-C", str(folder), "--json")
        assert said.code == 3 and "gone.wav" in said.json["errors"][0]["message"]
    (folder / "project.toml").write_text('[[bed]]\nfile = "gone.wav"\n[[bed]]\nfile = "away.wav"\nfrom = "A020"\n')
    text = call("plan", "spot.csv", "--offline", "-C", str(folder)).err
    assert "project.toml line 2, key file\n      project.toml [[bed]] number 1 file: gone.wav" in text and text.endswith(
        "\n3 errors. Nothing was spent.\n"
    )
    (folder / "music.wav").write_bytes(wav(1))
    (folder / "project.toml").write_text('[[bed]]\nfile = "music.wav"\nsequence = "one"\nfrom = "A999"\n')
    said = call("animatic", "spot.csv", "-C", str(folder), "--json")
    assert said.code == 3 and "has no shot 'A999'" in said.json["errors"][0]["message"]
    (folder / "project.toml").write_text('[bed]\nfile = "music.wav"\n')
    assert "two brackets" in str(call("animatic", "spot.csv", "-C", str(folder), "--json").json["errors"])
    assert not (folder / "out").exists()
