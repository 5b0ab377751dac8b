"""Boards of a storyboard, events of an EDL and clips of a timeline as rows."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import opentimelineio as library
import pytest

from callsheet.domain.errors import InputError
from callsheet.shotlist.drafts.edl import edl
from callsheet.shotlist.drafts.otio import otio
from callsheet.shotlist.drafts.storyboarder import storyboarder

EDL = """TITLE: SPOT
FCM: NON-DROP FRAME

001  A001     V     C        01:00:00:00 01:00:02:00 01:00:02:12 01:00:04:12
* FROM CLIP NAME: HARBOUR 010.mov

002  A002     AA/V  D    012 01:00:00:00 01:00:02:12 01:00:00:00 01:00:02:12
* FROM CLIP NAME: LAMP
* LOC: 01:00:01:00 GREEN a marker

003  BL       V     C        00:00:00:00 00:00:01:00 01:00:04:12 01:00:05:12
004  MUSIC    AA    C        00:00:00:00 00:00:05:00 01:00:00:00 01:00:05:00
* FROM CLIP NAME: SONG
"""


def test_each_picture_of_an_edl_is_a_row() -> None:
    """In the record's order, as many frames long as it stands there; no black, no sound."""
    rows = edl(EDL, "spot.edl", Fraction(24)).rows
    assert [(row["shot_id"], row["duration_s"], row["x_reel"]) for row in rows] == [
        ("LAMP", "60f", "A002"),
        ("HARBOUR 010.mov", "48f", "A001"),
    ]
    assert {row["fps"] for row in rows} == {"24"}


def test_an_edl_needs_a_rate_and_timecode_at_it() -> None:
    """Which it doesn't name itself: without one, or at a wrong one, nothing is guessed."""
    with pytest.raises(InputError, match="no frame rate is known"):
        edl(EDL, "spot.edl", None)
    with pytest.raises(InputError, match="not a timecode at 10"):
        edl(EDL, "spot.edl", Fraction(10))
    with pytest.raises(InputError, match="no event with a picture"):
        edl("TITLE: X\n", "spot.edl", Fraction(24))


def test_each_board_is_a_row(tmp_path: Path) -> None:
    """Its time in seconds, else the usual one; its drawing named where it is there, and not as a first frame."""
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "board-1.png").write_bytes(b"")
    boards = [
        {"number": 1, "shot": "1A", "url": "board-1.png", "duration": 2500, "action": " A harbour ", "dialogue": "Hello", "notes": "wide"},
        {"number": 2, "shot": "1B", "url": "board-2.png", "action": ""},
    ]
    draft = storyboarder(json.dumps({"fps": 23.976, "defaultBoardTiming": 2000, "boards": boards}), "spot.storyboarder", tmp_path)
    assert draft.rows == (
        {
            "shot_id": "1A",
            "prompt": "A harbour",
            "duration_s": "2.5",
            "fps": "24000/1001",
            "dialogue": "Hello",
            "note": "wide",
            "x_board": "images/board-1.png",
        },
        {"shot_id": "1B", "prompt": "", "duration_s": "2", "fps": "24000/1001", "dialogue": "", "note": ""},
    )
    assert draft.notes[0] == "1 board has no action: write the prompt"
    for text in ("{", "[]", '{"boards": []}', '{"boards": [3]}', '{"boards": [{"duration": "long"}]}'):
        with pytest.raises(InputError):
            storyboarder(text, "spot.storyboarder", tmp_path)


def test_each_clip_of_a_timeline_is_a_row() -> None:
    """Of the first picture track, gaps and sound left out, at the rate that floats mean; what callsheet wrote itself comes back with its prompt."""
    schema, opentime = library.schema, library.opentime
    timeline = schema.Timeline(name="spot")
    for name, kind in (("V1", schema.TrackKind.Video), ("V2", schema.TrackKind.Video), ("A1", schema.TrackKind.Audio)):
        track = schema.Track(name=name, kind=kind)
        for number, frames in enumerate((48, 36)):
            span = opentime.TimeRange(opentime.RationalTime(10, 24000 / 1001), opentime.RationalTime(frames, 24000 / 1001))
            track.append(schema.Clip(name=f"{name} clip {number}", source_range=span))
        track.append(schema.Gap(duration=opentime.RationalTime(5, 24)))
        timeline.tracks.append(track)
    timeline.tracks[0][1].metadata["callsheet"] = {"shot": "S0020", "prompt": "A lamp"}
    draft = otio(timeline.to_json_string(), "spot.otio")
    assert [(row["shot_id"], row["prompt"], row["duration_s"], row["fps"]) for row in draft.rows] == [
        ("V1 clip 0", "", "48f", "24000/1001"),
        ("S0020", "A lamp", "36f", "24000/1001"),
    ]
    assert draft.notes == (
        "only the track V1 is read; 1 more above it are ignored",
        "1 clip says nothing of what is seen: write the prompts",
    )
    for text in ("{", "{}", schema.Timeline(name="empty").to_json_string()):
        with pytest.raises(InputError):
            otio(text, "spot.otio")
