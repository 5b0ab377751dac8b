"""`callsheet export` for editing programs, as a person calls it on a project that was really rendered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import av
import numpy as np
import opentimelineio as otio
import pytest
from numpy.typing import NDArray

from callsheet.media.inspect.probe import probe
from callsheet.standin.jobs import sample_films
from tests.film_reader import samples
from tests.media_files import wav_of
from tests.unit.cli.calling import LIST, call, project, service


@pytest.mark.parametrize(("format", "ending"), [("otio", ".otio"), ("edl", ".edl"), ("fcp7", ".xml")])
def test_every_sequence_is_exported_with_its_clips(copied: Path, format: str, ending: str) -> None:
    """One file for each sequence, all takes beside it; OpenTimelineIO reads each back at the cut's length."""
    said = call("export", "edit", "--format", format, "--list", "spot.csv", "-C", str(copied), "--json")
    assert said.code == 0, said.err
    told = {one["sequence"]: one for one in said.json["sequences"]}
    assert {name: (one["frames"], len(one["clips"]), one["start"]) for name, one in told.items()} == {
        "one": (24, 2, "01:00:00:00"),
        "two": (36, 1, "01:00:00:00"),
    }
    for one in told.values():
        read = otio.adapters.read_from_file(str(copied / one["file"]))
        timeline = read[0] if isinstance(read, otio.schema.SerializableCollection) else read
        assert timeline.tracks[0].duration().to_frames() == one["frames"]
        assert (copied / one["file"]).suffix == ending
        for clip in one["clips"]:
            assert probe(copied / "edit" / clip["file"]).frames == clip["frames"] >= 24
    assert len({clip["reel"] for one in told.values() for clip in one["clips"]}) == 3


def test_one_sequence_from_another_start_with_a_hole(copied: Path) -> None:
    """A shot that isn't there is a place of its own length that says so."""
    (copied / "spot.csv").write_text(LIST + "A030,two,A gull; it's here,runware/ltx-2,1,320x192,24,1\n")
    how = ("--format", "fcp7", "--list", "spot.csv", "--sequence", "two", "--start", "10:00:00:00", "-C", str(copied))
    said = call("export", "edit", *how)
    assert said.out == "edit/two.xml: 2 shots, 60 frames from 10:00:00:00, 1 clip\n"
    root = ET.parse(copied / "edit" / "two.xml").getroot()
    assert [gap.findtext("name") for gap in root.iter("generatoritem")] == ["A030: not bought"]
    assert root.findtext("sequence/timecode/string") == "10:00:00:00"
    assert not (copied / "edit" / "one.xml").exists()


@pytest.mark.parametrize(
    ("how", "code", "says"),
    [
        (("--format", "edl"), 2, "--list"),
        (("--format", "beancount", "--list", "spot.csv"), 2, "whole project"),
        (("--format", "edl", "--list", "spot.csv", "--sequence", "ten"), 3, "one, two"),
        (("--format", "edl", "--list", "spot.csv", "--delivery", "tv"), 3, "web"),
        (("--format", "edl", "--list", "spot.csv", "--start", "1:00"), 3, "01:00:00:00"),
        (("--format", "edl", "--list", "spot.csv", "--start", "01:00:00;00"), 3, "drop-frame"),
    ],
)
def test_what_is_missing_or_unknown_is_said(copied: Path, how: tuple[str, ...], code: int, says: str) -> None:
    """And nothing is written."""
    said = call("export", "edit", *how, "-C", str(copied))
    assert (said.code, says in said.err) == (code, True)
    assert not (copied / "edit").exists()


_SCORED = """shot_id,sequence,prompt,model,duration_s,resolution,fps,loudness
A010,one,A boat leaves the harbour,runware/ltx-2,2,320x192,24,-6
A020,one,A lamp is lit,runware/ltx-2,3,320x192,24,
"""
_BEDS = """
[deliver.web]
loudness_lufs = -26  # nothing comes near the limiter

[[bed]]
file = "music/a theme.wav"
gain_db = -4
duck = 6
fade_in_s = 0.5
fade_out_s = 1

[[bed]]
file = "vo.wav"
sequence = "one"
from = 2.5
duck_others = 15
"""
_STORE = b"\x00\x00\x00\x1ejumb a manifest store"


@pytest.fixture
def scored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sequence with music and a voice-over, of clips that carry content credentials."""
    claim = bytes.fromhex("d8fec3d61b0e483c92975828877ec481") + b"\0\0\0\0manifest\0" + bytes(8) + _STORE
    box = (len(claim) + 8).to_bytes(4, "big") + b"uuid" + claim
    own = sample_films.tail
    monkeypatch.setattr(sample_films, "tail", lambda *given: own(*given) + box)
    folder = project(tmp_path / "film", _SCORED)
    (folder / "music").mkdir()
    at = np.arange(48_000 * 6) / 48_000
    (folder / "music" / "a theme.wav").write_bytes(wav_of(np.sin(2 * np.pi * 300 * at) * 0.1))
    (folder / "vo.wav").write_bytes(wav_of(np.sin(2 * np.pi * 900 * at[:48_000]) * 0.2))
    (folder / "project.toml").write_text(_BEDS)
    with service(tmp_path):
        said = call("render", "spot.csv", "--cap", "1", "--yes", "--no-prefect", "-C", str(folder))
    assert said.code == 0, said.err
    return folder


def _mixed(edit: Path, track: Any) -> NDArray[np.float64]:
    """A track's sound as its file and its metadata have it: levels between keyframes, fades at the ends; 2000 samples a frame."""
    sound = np.zeros(120 * 2000)
    for clip in (one for one in track if isinstance(one, otio.schema.Clip)):
        place, told = track.range_of_child(clip), clip.metadata["callsheet"]
        first, length = place.start_time.to_frames() * 2000, place.duration.to_frames() * 2000
        own = samples(edit / unquote(clip.media_reference.target_url))[:length]
        at = np.arange(len(own))
        level = np.interp(at, [key["frame"] * 2000 for key in told["levels"]], [key["db"] for key in told["levels"]])
        fades = [np.clip(side / max(1, 2000 * told.get(name, 0)), 0, 1) for side, name in ((at, "fade_in"), (length - at, "fade_out"))]
        sound[first : first + len(own)] += own * 10 ** (level / 20) * np.sin(fades[0] * np.pi / 2) * np.sin(fades[1] * np.pi / 2)
    return sound


def _loud(sound: NDArray[np.float64]) -> NDArray[np.float64]:
    """How loud each tenth of a second is, dB."""
    return 10 * np.log10(np.mean(sound[: 120 * 2000].reshape(-1, 4800) ** 2, axis=1) + 1e-9)


def test_what_an_editor_hears_is_the_film(scored: Path) -> None:
    """Clips, music and voice-over laid together as the timeline says are as loud as the film at every moment, but for one gain over all of it."""
    said = call("export", "edit", "--format", "otio", "--list", "spot.csv", "-C", str(scored), "--json")
    assert said.code == 0, said.err
    assert [(bed["bed"], bed["record_in"], bed["frames"]) for bed in said.json["sequences"][0]["beds"]] == [
        ("music/a theme.wav", 0, 120),
        ("vo.wav", 60, 24),
    ]
    timeline = otio.adapters.read_from_file(str(scored / "edit" / "one.otio"))
    mixed = sum(_mixed(scored / "edit", track) for track in timeline.tracks if track.kind == "Audio")
    apart = _loud(samples(scored / "out" / "one_web_v001.mp4")) - _loud(np.asarray(mixed))
    assert np.abs(apart - np.median(apart)).max() < 0.5, apart.round(1)
    assert np.abs(np.median(apart)) < 4


def test_beds_and_credentials_stand_beside_the_clips(scored: Path) -> None:
    """A bed as a WAV that every program opens; what a clip carries of its origin in a file of its name, as it was."""
    said = call("export", "edit", "--format", "fcp7", "--list", "spot.csv", "-C", str(scored), "--json")
    (one,) = said.json["sequences"]
    for bed in one["beds"]:
        with av.open(str(scored / "edit" / bed["file"])) as file:
            codec = file.streams.audio[0].codec_context
            assert (file.format.name, codec.name, codec.sample_rate, codec.channels) == ("wav", "pcm_s24le", 48_000, 2)
    assert len(one["clips"]) == 2
    for clip in one["clips"]:
        assert clip["credentials"] == clip["file"].replace(".mov", ".c2pa")
        assert (scored / "edit" / clip["credentials"]).read_bytes() == _STORE
    before = {path: path.stat().st_mtime_ns for path in (scored / "edit" / "media").iterdir()}
    assert json.loads(call("export", "edit", "--format", "edl", "--list", "spot.csv", "-C", str(scored), "--json").out)["sequences"]
    assert {path: path.stat().st_mtime_ns for path in (scored / "edit" / "media").iterdir()} == before
