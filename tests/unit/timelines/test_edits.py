"""An edit as OTIO, EDL and FCP7 XML: read back with OpenTimelineIO's own adapters, it is the cut."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import opentimelineio as otio
import pytest

from callsheet.domain.delivery.fitting import Fitting, Focus, Frame, Join, Transition, Trim
from callsheet.domain.edit import BedEvent, Edit, Event, Keyframe, Media, reels
from callsheet.domain.shots.shot import Size
from callsheet.domain.timebase import Fps
from callsheet.domain.timecode import Timecode
from callsheet.timelines.edl import edl
from callsheet.timelines.fcp7 import fcp7
from callsheet.timelines.otio import otio as otio_text

RATES = [(Fraction(24), ":"), (Fraction(25), ":"), (Fraction(24000, 1001), ":"), (Fraction(30000, 1001), ":"), (Fraction(30000, 1001), ";")]
NASTY = 'A lamp; it\'s 50% <lit> & "warm"\n* FROM CLIP NAME: another\nFCM: DROP FRAME'


def media(shot: str, take: int, frames: int = 60, *, sound: bool = True) -> Media:
    sha256 = hashlib.sha256(f"{shot}{take}".encode()).hexdigest()
    reel = reels([sha256])[sha256]
    return Media(
        name=f"{shot}.t{take}.a1", reel=reel, file=f"media/{shot}.t{take}.a1_{reel}.mov", frames=frames, size=Size(320, 192), sound=sound,
        sha256=sha256, model="runware/ltx-2", seed=7 + take, cost=480_000,
    )  # fmt: skip


def edit(fps: Fps = Fraction(24), mark: str = ":") -> Edit:
    """Three shots: one with two more takes to choose from, one missing, one without sound and stale."""
    shots = (
        Event(shot="S0010", prompt=NASTY, record_in=0, frames=48, media=media("S0010", 2), alternates=(media("S0010", 3), media("S0010", 1, 20))),
        Event(shot="S0020", prompt="A gull", record_in=48, frames=13, missing="not bought"),
        Event(shot="S0030", prompt="A crab", record_in=61, frames=31, media=media("S0030", 1, sound=False), stale=True),
    )  # fmt: skip
    return Edit(name="SQ010", size=Size(320, 192), start=Timecode.parse(f"10:00:00{mark}00", fps), events=shots)


def _read(text: str, adapter: str, **how: Any) -> Any:
    found = otio.adapters.read_from_string(text, adapter_name=adapter, **how)
    return found[0] if isinstance(found, otio.schema.SerializableCollection) else found


def _cut(track: Any, first: int) -> list[tuple[str, int, int]]:
    """Name, first record frame and length of everything on a track."""
    ranges = [(one, track.range_of_child(one)) for one in track]
    return [(one.name, at.start_time.to_frames() - first, at.duration.to_frames()) for one, at in ranges]


@pytest.mark.parametrize(("fps", "mark"), RATES)
def test_an_otio_file_is_the_cut(fps: Fps, mark: str) -> None:
    """Places, lengths, source ranges, start; all takes stand as alternatives of their place."""
    made = edit(fps, mark)
    timeline = _read(otio_text(made), "otio_json")
    pictures, sounds = timeline.tracks
    assert _cut(pictures, 0) == [("S0010.t2.a1", 0, 48), ("S0020", 48, 13), ("S0030.t1.a1", 61, 31)]
    assert timeline.global_start_time.to_frames() == made.start.frame
    first = pictures[0]
    assert list(first.media_references()) == ["S0010.t1.a1", "S0010.t2.a1", "S0010.t3.a1"]
    assert first.media_reference.target_url == made.media[0].file
    assert first.available_range().start_time == first.source_range.start_time
    assert (first.available_range().duration.to_frames(), first.source_range.duration.rate) == (60, float(fps))
    assert first.media_reference.metadata["callsheet"]["cost_usd"] == "0.48"
    assert [one.name.split(" | ")[:2] for one in first.markers] == [["S0010", "0.48 USD"]]
    assert [type(one).__name__ for one in sounds] == ["Clip", "Gap", "Gap"]


@pytest.mark.parametrize(("fps", "mark"), RATES)
def test_an_edl_is_the_cut(fps: Fps, mark: str) -> None:
    """Read back by OpenTimelineIO: names, record places from the start timecode, source from the clip's; FCM says how frames are labelled."""
    made = edit(fps, mark)
    text = edl(made)
    timeline = _read(text, "cmx_3600", rate=float(fps))
    pictures = next(one for one in timeline.tracks if one.kind == "Video")
    assert _cut(pictures, 0) == [("S0010.t2.a1", 0, 48), ("S0020, not bought", 48, 13), ("S0030.t1.a1", 61, 31)]
    assert pictures[0].source_range.start_time.to_frames() == made.clip_start.frame
    assert next(one.metadata["cmx_3600"]["reel"] for one in pictures if "cmx_3600" in one.metadata) == made.media[0].reel
    assert text.splitlines()[1] == f"FCM: {'DROP FRAME' if mark == ';' else 'NON-DROP FRAME'}"
    assert f"{made.start} {made.start.plus(48)}" in text.splitlines()[3]


def test_no_prompt_writes_an_edl_statement() -> None:
    """A prompt with line breaks and statements of its own stays one comment."""
    lines = edl(edit()).splitlines()
    assert [line for line in lines if line.startswith("FCM")] == ["FCM: NON-DROP FRAME"]
    assert len([line for line in lines if line.startswith("* FROM CLIP NAME: ")]) == 3


@pytest.mark.parametrize(("fps", "mark"), RATES)
def test_an_fcp7_document_is_the_cut(fps: Fps, mark: str) -> None:
    """Read back by OpenTimelineIO: the cut on V1, its sound on A1 and A2, other takes above it; handles, start, reels and markers."""
    made = edit(fps, mark)
    timeline = _read(fcp7(made), "fcp_xml")
    first, second, third, *sounds = timeline.tracks
    assert _cut(first, 0) == [("S0010.t2.a1", 0, 48), ("S0020: not bought", 48, 13), ("S0030.t1.a1", 61, 31)]
    assert [_cut(track, 0)[0] for track in (second, third)] == [("S0010.t3.a1", 0, 48), ("S0010.t1.a1", 0, 20)]
    assert [_cut(track, 0)[0] for track in sounds] == [("S0010.t2.a1", 0, 48)] * 2
    assert timeline.global_start_time.to_frames() == made.start.frame
    clip = first[0]
    assert clip.media_reference.available_range.duration.to_frames() == 60
    assert clip.source_range.start_time.to_frames() == made.clip_start.frame
    assert clip.media_reference.target_url == made.media[0].file
    assert [marker.name for marker in clip.markers] == ["S0010"]


def test_fcp7_switches_other_takes_off_and_links_picture_with_sound() -> None:
    """What an editor sees is the cut; what she moves, moves with its sound. Every file is described once."""
    root = ET.fromstring(fcp7(edit()))
    enabled = {item.attrib["id"]: item.findtext("enabled") for item in root.iter("clipitem")}
    assert {id for id, on in enabled.items() if on == "FALSE"} == {"picture-S0010-1", "picture-S0010-2"}
    linked = [link.findtext("linkclipref") for link in root.iterfind(".//clipitem[@id='picture-S0010-0']/link")]
    assert linked == ["picture-S0010-0", "sound-S0010-1", "sound-S0010-2"]
    described = [file.attrib["id"] for file in root.iter("file") if len(file)]
    assert sorted(described) == sorted({f"file-{one.reel}" for one in edit().media})
    assert sorted(str(reel.findtext("name")) for reel in root.iter("reel")) == sorted(one.reel for one in edit().media)


def test_parts_of_a_shot_have_names_of_their_own() -> None:
    """A shot that is joined of two clips is two items, each linked with its own sound."""
    parts = tuple(Event(shot="A", prompt="", record_in=n * 9, frames=9, part=n, media=media("A", n + 1)) for n in range(2))
    root = ET.fromstring(fcp7(replace(edit(), events=parts)))
    ids = [one.attrib["id"] for one in root.iter("clipitem")]
    assert len(ids) == len(set(ids)) == 6
    linked = [link.text for link in root.iterfind(f".//clipitem[@id='{ids[1]}']/link/linkclipref")]
    assert linked == ["picture-A:2-0", "sound-A:2-1", "sound-A:2-2"]


def test_writing_twice_gives_the_same_bytes() -> None:
    """No time of day, no random id."""
    assert [write(edit()) for write in (otio_text, edl, fcp7)] == [write(edit()) for write in (otio_text, edl, fcp7)]


def _hashes(count: int) -> Iterator[str]:
    return (hashlib.sha256(str(n).encode()).hexdigest() for n in range(count))


def test_reels_are_unique_and_stay() -> None:
    """Eight letters and digits each; also where hashes begin alike; the same whatever else is exported."""
    many = reels(_hashes(2000))
    assert len(set(many.values())) == 2000
    assert {len(reel) for reel in many.values()} == {8}
    assert all(reel.isalnum() and reel.isupper() and reel[0].isalpha() for reel in many.values())
    a = "ab" * 32
    alike = [a, a[:40] + "cd" * 12, a[:62] + "ff"]
    assert len(set(reels(alike).values())) == 3
    assert reels([a])[a] == reels(alike)[a]


def _dissolved(fps: Fps = Fraction(24)) -> Edit:
    """48 frames, then 36 that dissolve in over 12 of the 12 that follow in the first clip, then 24 that fade in, then 10 that wipe over too short a clip."""
    shots = (
        Event(shot="A", prompt="", record_in=0, frames=48, media=media("A", 1, 60)),
        Event(shot="B", prompt="", record_in=48, frames=36, media=media("B", 1, 60), transition=Transition(Join.DISSOLVE, 12)),
        Event(shot="C", prompt="", record_in=84, frames=24, media=media("C", 1, 24), transition=Transition(Join.FADE, 8)),
        Event(shot="D", prompt="", record_in=108, frames=10, media=media("D", 1, 24), transition=Transition(Join.WIPE, 6)),
    )
    return Edit(name="SQ020", size=Size(320, 192), start=Timecode.parse("01:00:00:00", fps), events=shots)


def test_a_dissolve_stands_in_every_format_at_its_place() -> None:
    """It begins with the shot that comes on; no place moves; what the clip before can't give is not claimed, only told."""
    made = _dissolved()
    assert [made.over(number) for number in range(4)] == [0, 12, 0, 0]
    lines = edl(made).splitlines()
    assert [line for line in lines if line.startswith("002")] == [
        f"002  {made.media[0].reel} AA/V  C        01:00:02:00 01:00:02:00 01:00:02:00 01:00:02:00",
        f"002  {made.media[1].reel} AA/V  D    012 01:00:00:00 01:00:01:12 01:00:02:00 01:00:03:12",
    ]
    assert [line for line in lines if "TRANSITION" in line] == ["* TRANSITION: fade, 8 frames", "* TRANSITION: wipe, 6 frames"]
    timeline = _read(otio_text(made), "otio_json")
    pictures = timeline.tracks[0]
    changes = [one for one in pictures if isinstance(one, otio.schema.Transition)]
    assert [(one.name, one.in_offset.to_frames(), one.out_offset.to_frames()) for one in changes] == [
        ("dissolve", 0, 12),
        ("fade", 4, 4),
        ("wipe", 0, 0),
    ]
    shots = [one for one in pictures if isinstance(one, otio.schema.Clip)]
    assert [pictures.range_of_child(one).start_time.to_frames() for one in shots] == [0, 48, 84, 108]


def test_a_dissolve_is_read_back_from_edl_and_fcp7() -> None:
    """By OpenTimelineIO's adapters: one transition of 12 frames, and the cut as long as before."""
    made = replace(_dissolved(), events=_dissolved().events[:2])
    for text, adapter, how in ((edl(made), "cmx_3600", {"rate": 24.0}), (fcp7(made), "fcp_xml", {})):
        timeline = _read(text, adapter, **how)  # its tracks live as long as it does
        track = next(one for one in timeline.tracks if one.kind == "Video")
        (change,) = (one for one in track if isinstance(one, otio.schema.Transition))
        assert (change.in_offset + change.out_offset).to_frames() == 12, adapter
        assert track.duration().to_frames() == 84, adapter
        assert [one.name for one in track if isinstance(one, otio.schema.Clip)] == ["A.t1.a1", "B.t1.a1"], adapter


def _carded(fps: Fps = Fraction(24), mark: str = ":") -> Edit:
    """A title card, a shot that dissolves in over it, an end card that dissolves in over the shot, another that wipes in over that one, and a hole."""
    shots = (
        Event(shot="A", prompt="", record_in=0, frames=24, card="ff0000", title="One"),
        Event(shot="B", prompt="", record_in=24, frames=36, media=media("B", 1, 60), transition=Transition(Join.DISSOLVE, 12)),
        Event(shot="C", prompt="", record_in=60, frames=24, card="0000ff", title="The End", transition=Transition(Join.DISSOLVE, 10)),
        Event(shot="D", prompt="", record_in=84, frames=24, card="00ff00", transition=Transition(Join.WIPE, 6)),
        Event(shot="E", prompt="", record_in=108, frames=24, missing="not bought", transition=Transition(Join.DISSOLVE, 12)),
    )
    return Edit(name="SQ030", size=Size(320, 192), start=Timecode.parse(f"01:00:00{mark}00", fps), events=shots)


@pytest.mark.parametrize(("fps", "mark"), RATES)
def test_title_cards_dissolve_in_every_format_as_in_the_film(fps: Fps, mark: str) -> None:
    """A card goes on for as long as it is needed; what is missing has nothing to dissolve to."""
    made = _carded(fps, mark)
    assert [made.over(number) for number in range(5)] == [0, 12, 10, 6, 0]
    changes = [(24, 36), (60, 70), (84, 90)]
    picture, sound = _read(otio_text(made), "otio_json").tracks
    assert [one for one in _transitions(picture) if one[1] > one[0]] == changes
    assert _transitions(sound) == [(24, 36), (60, 70)]
    picture, left, _ = _read(fcp7(made), "fcp_xml").tracks
    assert _transitions(picture) == changes
    assert [(at, frames) for _, at, frames in _items(picture, otio.core.Item)] == [(0, 24), (24, 36), (60, 24), (84, 24), (108, 24)]
    assert _transitions(left) == changes[:2]
    statements = [line.split()[1:5] for line in edl(made).splitlines() if line[:3].isdigit()]
    reel = made.media[0].reel
    assert [(reel_, *how[1:]) for reel_, *how in statements if how[1] != "C"] == [
        (reel, "D", "012"),
        ("BL", "D", "010"),
        ("BL", "W001", "006"),
    ]


def _scored(fps: Fps = Fraction(24), mark: str = ":") -> Edit:
    """From black, a dissolve into a silent shot, a wipe out of it, a fade; under it music that fades and is lowered once, and a voice from frame 40."""
    level = (Keyframe(0, -6.0),)
    shots = (
        Event(shot="A", prompt="", record_in=0, frames=48, media=media("A", 1), transition=Transition(Join.FADE, 10), levels=level),
        Event(shot="B", prompt="", record_in=48, frames=36, media=media("B", 1), transition=Transition(Join.DISSOLVE, 12), sound=False),
        Event(shot="C", prompt="", record_in=84, frames=24, media=media("C", 1), transition=Transition(Join.WIPE, 8), levels=level),
        Event(shot="D", prompt="", record_in=108, frames=20, media=media("D", 1), transition=Transition(Join.DISSOLVE, 6), levels=level),
        Event(shot="E", prompt="", record_in=128, frames=20, media=media("E", 1), transition=Transition(Join.FADE, 7), levels=level),
    )
    lowered = (Keyframe(0, -6.0), Keyframe(36, -6.0), Keyframe(40, -18.0), Keyframe(147, -18.0))
    music = BedEvent(
        name="music/a theme.ogg", file="media/a theme_01234567.wav", sha256="01234567" * 8, media_frames=200, record_in=0, frames=148,
        levels=lowered, fade_in=24, fade_out=48, label="music/a theme.ogg, -6 dB beside the clips",
    )  # fmt: skip
    voice = BedEvent(
        name="vo.wav", file="media/vo_89abcdef.wav", sha256="89abcdef" * 8, media_frames=50, record_in=40, frames=50, levels=(Keyframe(0, 14.0),)
    )  # fmt: skip
    return Edit(name="SQ", size=Size(320, 192), start=Timecode.parse(f"01:00:00{mark}00", fps), events=shots, beds=(music, voice))


def _transitions(track: Any) -> list[tuple[int, int]]:
    """First frame and the one after the last of every transition on a track."""
    found: list[tuple[int, int]] = []
    for n, one in enumerate(track):
        if isinstance(one, otio.schema.Transition):
            behind = [track.range_of_child(other).start_time.to_frames() for other in track[n + 1 :] if isinstance(other, otio.core.Item)]
            cut = behind[0] if behind else track.duration().to_frames()
            found.append((cut - one.in_offset.to_frames(), cut + one.out_offset.to_frames()))
    return found


def _items(track: Any, kind: Any = otio.schema.Clip) -> list[tuple[str, int, int]]:
    """Name, first record frame and length of the clips on a track."""
    ranges = [(one, track.range_of_child(one)) for one in track if isinstance(one, kind)]
    return [(one.name, at.start_time.to_frames(), at.duration.to_frames()) for one, at in ranges]


_PICTURES = [("A.t1.a1", 0, 48), ("B.t1.a1", 48, 36), ("C.t1.a1", 84, 24), ("D.t1.a1", 108, 20), ("E.t1.a1", 128, 20)]
_CHANGES = [(0, 10), (48, 60), (84, 92), (108, 114), (125, 128), (128, 132)]


@pytest.mark.parametrize(("fps", "mark"), RATES)
def test_fcp7_has_every_transition_in_picture_and_sound(fps: Fps, mark: str) -> None:
    """Read back by OpenTimelineIO: no place moves; a shot's sound goes on under the silent one that dissolves in over it, and comes out of silence."""
    timeline = _read(fcp7(_scored(fps, mark)), "fcp_xml")
    picture, left, right, *beds = timeline.tracks
    assert _items(picture) == _PICTURES
    assert _transitions(picture) == _CHANGES
    assert _items(left) == _items(right) == [("A.t1.a1", 0, 60), *_PICTURES[2:]]
    assert _transitions(left) == _transitions(right) == _CHANGES
    assert [_items(track) for track in beds] == [[("a theme.ogg", 0, 148)]] * 2 + [[("vo.wav", 40, 50)]] * 2
    assert [_transitions(track) for track in beds] == [[(0, 24), (100, 148)]] * 2 + [[]] * 2
    assert [track[-1 if track[0].name == "" else 1].media_reference.target_url for track in beds[::2]] == [
        "media/a%20theme_01234567.wav",
        "media/vo_89abcdef.wav",
    ]


def test_fcp7_clips_reach_as_far_as_their_transitions() -> None:
    """What goes on under the next shot lasts to the transition's end, in frames that its file has; edges are the transition's."""
    root = ET.fromstring(fcp7(_scored()))
    edges = {item.attrib["id"]: tuple(item.findtext(name) for name in ("start", "end", "in", "out")) for item in root.iter("clipitem")}
    assert edges["picture-A-0"] == ("-1", "-1", "0", "60")
    assert edges["picture-B-0"] == ("-1", "-1", "0", "44")
    assert edges["sound-A-1"] == ("-1", "-1", "0", "60")
    assert edges["sound-C-2"] == ("-1", "-1", "0", "30")
    assert edges["picture-E-0"] == ("-1", "148", "0", "20")
    assert edges["bed-1-1"] == ("-1", "-1", "0", "148") and edges["bed-2-2"] == ("40", "90", "0", "50")
    names = [one.findtext("effect/name") for one in root.findall("sequence/media/video/track/transitionitem")]
    assert names == ["Cross Dissolve", "Cross Dissolve", "Edge Wipe", "Cross Dissolve", "Cross Dissolve", "Cross Dissolve"]
    ways = [one.findtext("alignment") for one in root.findall("sequence/media/audio/track[1]/transitionitem")]
    assert ways == ["start-black", "end-black", "start-black", "start", "end-black", "start-black"]


def test_fcp7_has_levels_as_factors_and_no_more_than_it_can_hold() -> None:
    """One value where it stays, keyframes where it moves; +14 dB stands as +12."""
    root = ET.fromstring(fcp7(_scored()))
    found = {item.attrib["id"]: item.find("filter/effect/parameter") for item in root.iter("clipitem")}
    level = {id: parameter for id, parameter in found.items() if parameter is not None}
    assert [one.findtext("value") for one in (level["sound-A-1"], level["bed-1-2"], level["bed-2-1"])] == ["0.50119", "0.50119", "3.98107"]
    assert [(key.findtext("when"), key.findtext("value")) for key in level["bed-1-1"].findall("keyframe")] == [
        ("0", "0.50119"),
        ("36", "0.50119"),
        ("40", "0.12589"),
        ("147", "0.12589"),
    ]
    assert found["picture-A-0"] is None and not level["sound-A-1"].findall("keyframe")


def test_fades_at_both_ends_of_a_short_shot_do_not_overlap() -> None:
    """No program takes two transitions over one frame: what comes on stays, what goes begins behind it."""
    fade = Transition(Join.FADE, 16)
    shots = tuple(
        Event(shot=name, prompt="", record_in=10 * n, frames=10, media=media(name, 1), transition=fade if n else None)
        for n, name in enumerate("ABC")
    )
    made = Edit(name="SQ", size=Size(320, 192), start=Timecode.parse("01:00:00:00", Fraction(24)), events=shots)
    assert [(made.fade_in(n), made.fade_out(n)) for n in range(3)] == [(0, 8), (8, 2), (8, 0)]
    for text, adapter in ((fcp7(made), "fcp_xml"), (otio_text(made), "otio_json")):
        timeline = _read(text, adapter)
        assert _items(timeline.tracks[0]) == [("A.t1.a1", 0, 10), ("B.t1.a1", 10, 10), ("C.t1.a1", 20, 10)]


@pytest.mark.parametrize(("fps", "mark"), RATES)
def test_an_otio_file_has_beds_on_tracks_of_their_own(fps: Fps, mark: str) -> None:
    """At their place, with fades, levels and a file that can be found; transitions stand on the cut's sound as on its pictures."""
    timeline = _read(otio_text(_scored(fps, mark)), "otio_json")
    picture, sound, music, voice = timeline.tracks
    assert [track.kind for track in timeline.tracks] == ["Video", "Audio", "Audio", "Audio"]
    assert _transitions(picture) == _transitions(sound) == [(0, 10), (48, 60), (84, 92), (108, 114), (125, 132)]
    assert _items(sound) == [_PICTURES[0], *_PICTURES[2:]]
    assert (_items(music), _transitions(music)) == ([("a theme.ogg", 0, 148)], [(0, 24), (100, 148)])
    assert _items(voice) == [("vo.wav", 40, 50)]
    clip = music[1]
    assert otio.url_utils.filepath_from_url(clip.media_reference.target_url) == "media/a theme_01234567.wav"
    assert clip.available_range().duration.to_frames() == 200
    assert [(key["frame"], key["db"]) for key in clip.metadata["callsheet"]["levels"]][2] == (40, -18.0)
    assert [key["db"] for key in sound[1].metadata["callsheet"]["levels"]] == [-6.0]


@pytest.mark.parametrize(("fps", "mark"), RATES)
def test_an_edl_tells_of_beds_and_levels_in_comments(fps: Fps, mark: str) -> None:
    """At their record times; read back, the cut is as it was."""
    made = _scored(fps, mark)
    lines = edl(made).splitlines()
    timeline = _read(edl(made), "cmx_3600", rate=float(fps))
    assert _items(next(one for one in timeline.tracks if one.kind == "Video")) == _PICTURES
    assert f"* BED 2: {made.start.plus(40)} {made.start.plus(90)} media/vo_89abcdef.wav" in lines
    assert "* BED 1 FADES: in 24 frames, out 48 frames" in lines
    assert [line for line in lines if "LEVEL" in line and "BED 1" in line][2] == (
        f"* AUDIO LEVEL AT {made.start.plus(40)} IS -18.00 DB  (BED 1)"
    )
    reel = made.media[0].reel
    assert f"* AUDIO LEVEL AT {made.start} IS -6.00 DB  (REEL {reel} A1 A2)" in lines


@pytest.mark.parametrize(
    ("size", "fitting", "scale", "centre"),
    [
        (Size(320, 192), Fitting(), None, (0.0, 0.0)),
        (Size(640, 384), Fitting(), 50.0, (0.0, 0.0)),
        (Size(192, 192), Fitting(), 100.0, None),
        (Size(192, 192), Fitting(frame=Frame.CROP), 320 / 1.92, (0.0, 0.0)),
        (Size(192, 192), Fitting(frame=Frame.CROP, focus=Focus(y=Decimal(0))), 320 / 1.92, (0.0, 64 / 192)),
        (Size(320, 200), Fitting(trim=Trim((320, 200), Fraction(5, 3))), None, (0.0, 0.0)),
    ],
)
def test_fcp7_carries_scale_and_focus(size: Size, fitting: Fitting, scale: float | None, centre: tuple[float, float] | None) -> None:
    """As the film fits the clip: framed, or filled around its focus; nothing is said where it fits pixel for pixel."""
    plain = edit()
    first = replace(plain.events[0], media=replace(media("S1", 1), size=size), fitting=fitting)
    root = ET.fromstring(fcp7(replace(plain, events=(first, *plain.events[1:]), size=Size(320, 192))))
    item = next(one for one in root.iter("clipitem"))
    found = [one for one in item.iter("effect") if one.findtext("effectid") == "basic"]
    if scale is None or (scale == 100.0 and centre is None):
        assert found == []
        return
    told = {one.findtext("parameterid"): one for one in found[0].iter("parameter")}
    assert float(told["scale"].findtext("value") or 0) == pytest.approx(scale, abs=0.01)
    assert (float(told["center"].findtext("value/horiz") or 0), float(told["center"].findtext("value/vert") or 0)) == pytest.approx(
        centre, abs=0.01
    )


def test_files_are_named_by_path_or_by_url(tmp_path: Path) -> None:
    """From the edit's own file, or wherever they lie."""
    beside, anywhere = edit(), replace(edit(), root=tmp_path)
    for write in (fcp7, otio_text):
        assert tmp_path.as_uri() not in write(beside)
        assert f"{tmp_path.as_uri()}/media/" in write(anywhere)


@pytest.mark.parametrize("sign", ["\x00", "\x08", "\x1b", "\ufffe", "\uffff", "\ud800"])
def test_every_parser_reads_the_xml(sign: str) -> None:
    """Whatever stands in a name or a prompt: signs that XML can't hold are left out, all others stay."""
    plain = edit()
    first = replace(plain.events[0], prompt=f"a{sign}b & <c> 😀", shot=f"S{sign}1")
    text = fcp7(replace(plain, name=f"SQ{sign}", events=(first, *plain.events[1:])))
    root = ET.fromstring(text.encode())
    assert root.find("sequence/name").text == "SQ"  # type: ignore[union-attr]  # found, or the test fails
    assert "ab & <c> 😀" in [one.text for one in root.iter("description")]
