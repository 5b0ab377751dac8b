"""`callsheet export` for editing programs, as a person calls it on a project that was really rendered."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import opentimelineio as otio
import pytest

from callsheet.media.probe import probe
from tests.unit.cli.calling import LIST, call


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
    assert said.out == "edit/two.xml: 2 shots, 60 frames from 10:00:00:00, 1 clips\n"
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
