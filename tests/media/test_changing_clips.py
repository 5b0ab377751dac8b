"""Clips whose pictures or sounds aren't all like the first: another size midway, fields in a part, a sound track for each channel."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from callsheet.domain.cut import Cut, CutShot, Finished
from callsheet.domain.delivery.fitting import Join, Transition
from callsheet.domain.shots.shot import Size
from callsheet.domain.timecode import Timecode
from callsheet.finishing.finish import finish
from callsheet.media.clip.editor_copy import editor_copy
from callsheet.media.clip.frame_still import Part, frame_still
from callsheet.media.clip.proxy import write_proxy
from callsheet.media.clip.thumbnail import strip
from callsheet.media.inspect import h264_settings
from callsheet.media.inspect.probe import inspect_clip, probe
from callsheet.qc.clip import Asked
from callsheet.qc.inspect_file import inspect_file
from callsheet.store.project_folder import Project
from tests.film_reader import beeps, flashes, pictures, read_cell, read_film, samples
from tests.media.boxes import changed
from tests.media.clips import SMALL, Clips, delivery, shot
from tests.runners import ffmpeg

_ASKED = Asked(size=SMALL, fps=Fraction(24), frames=48, sound=True)
_RATE = 48_000
_TAGGED = ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv")


def _alone(clip: Path, project: Project, size: Size = SMALL, frames: int = 48) -> Finished:
    return finish(Cut(sequence="SQ", shots=(shot("A", clip, frames),)), delivery(24, size), project)


def _codes(path: Path) -> list[str]:
    return [one.code for one in inspect_file(path, _ASKED).findings(_ASKED)]


def _joined(folder: Path, name: str, parts: Sequence[Sequence[str]], sound: Path, rate: int = 24) -> Path:
    """One H.264 stream of several encodings, each with its own settings in front, beside a sound."""
    made, raw = folder / name, folder / "all.h264"
    if not made.exists():
        data = b""
        for n, words in enumerate(parts):
            part = folder / f"part-{n}.h264"
            ffmpeg([*words, "-an", "-c:v", "libx264", "-bf", "0", "-crf", "12", "-pix_fmt", "yuv420p", str(part)])
            data += part.read_bytes()
        raw.write_bytes(data)
        ffmpeg(["-f", "h264", "-r", str(rate), "-i", str(raw), "-i", str(sound), "-map", "0:v", "-map", "1:a", "-c", "copy", str(made)])
    return made


@pytest.fixture
def changing(clips: Clips, tmp_path: Path) -> Path:
    """Twenty frames of a film, then the rest of it twice as large."""
    film = clips.film(1)
    first, rest = "trim=end_frame=20", "trim=start_frame=20,setpts=PTS-STARTPTS,scale=640:384:flags=neighbor"
    return _joined(tmp_path, "changing.mp4", [["-i", str(film), "-vf", first], ["-i", str(film), "-vf", rest]], film)


@pytest.mark.parametrize("size", [SMALL, Size(160, 96)], ids=["its size", "another"])
def test_a_clip_that_changes_its_size_midway_is_told_and_finished(changing: Path, project: Project, size: Size) -> None:
    """All its frames stand in the film, each once, in the first one's size; sound is with them."""
    assert probe(changing).changes and not probe(changing).exact
    assert "clip-changes" in _codes(changing) and "clip-size" not in _codes(changing)
    film = _alone(changing, project, size)
    assert read_film(film.file) == [(1, n) for n in range(48)]
    seen, heard = flashes(film.file), beeps(film.file)
    assert len(seen) == len(heard) == 2 and max(abs(a - b) for a, b in zip(seen, heard, strict=True)) < 0.5 / 24


def test_a_clip_that_changes_its_size_under_a_transition(changing: Path, clips: Clips, project: Project) -> None:
    """The frames that follow it under the next shot's dissolve are the clip's own."""
    second = CutShot(
        shot="B", frames=30, clip=(other := clips.film(2)), sha256=shot("B", other).sha256, transition=Transition(Join.DISSOLVE, 6)
    )
    film = finish(Cut(sequence="SQ", shots=(shot("A", changing, 30), second)), delivery(), project)
    cells = read_film(film.file)
    assert (film.frames, cells[:30], cells[36:]) == (60, [(1, n) for n in range(30)], [(2, n) for n in range(6, 30)])


def test_copies_and_stills_of_a_clip_that_changes_its_size(changing: Path, tmp_path: Path) -> None:
    """An editor's copy and a proxy have every frame in one size; a still is the frame that is asked for, before the change and behind it."""
    copy, small = tmp_path / "copy.mov", tmp_path / "proxy.mp4"
    editor_copy(changing, copy, start=Timecode.parse("01:00:00:00", Fraction(24)), reel="ABCD1234")
    write_proxy(changing, small)
    assert [read_film(file) for file in (copy, small)] == [[(1, n) for n in range(48)]] * 2
    for frame in (10, 30):
        still = tmp_path / f"{frame}.png"
        made = frame_still(changing, Part(Fraction(0), Fraction(2), "t", Fraction(frame, 24)))
        still.write_bytes(made.png)
        assert (made.size, read_film(still)) == (SMALL, [(1, frame)])
    sheet = tmp_path / "sheet.webp"
    sheet.write_bytes(strip(changing, (5, 30), 320))
    [both] = pictures(sheet)
    assert [read_cell(half) for half in (both[:, :320], both[:, 320:])] == [(1, 5), (1, 30)]


def test_a_clip_that_is_of_fields_in_a_part_is_told(clips: Clips, tmp_path: Path, project: Project) -> None:
    """Its first second is of whole frames, as a title is; what follows is deinterlaced, and the whole frames stay sharp."""
    moving = "color=black:s=320x192:r={r}:d=1,format=yuv420p[g];color=white:s=40x192:r={r}:d=1,format=yuv420p[w];[g][w]overlay=x='mod({by}*n,280)'"
    whole = ["-f", "lavfi", "-i", moving.format(r=25, by=12) + ",drawgrid=w=8:h=2:t=1:c=gray"]
    fields = ["-f", "lavfi", "-i", moving.format(r=50, by=6) + ",tinterlace=interleave_top,setfield=tff", "-flags", "+ilme+ildct"]
    path = _joined(tmp_path, "mixed.mp4", [whole, fields], clips.film(2), rate=25)
    assert probe(path).interlaced
    assert "clip-interlaced" in [one.code for one in inspect_file(path, _ASKED).findings(_ASKED)]
    film = finish(Cut(sequence="SQ", shots=(shot("A", path, 50),)), delivery(25), project)
    before, after = _lumas(path), _lumas(film.file)
    assert len(after) == 50
    assert _combed(before[30:45]) > 5 * _combed(after[30:45])
    assert np.abs(before[5:20] - after[5:20]).mean() < 3


def _lumas(path: Path) -> NDArray[np.int64]:
    return np.array([picture.astype(int) for picture in pictures(path)])


def _combed(lumas: NDArray[np.int64]) -> float:
    near, far = np.abs(lumas[:, 1:] - lumas[:, :-1]).sum(), np.abs(lumas[:, 2:] - lumas[:, :-2]).sum()
    return float(near / (far + 1))


@pytest.mark.parametrize(
    ("encoder", "whole"),
    [
        (("-profile:v", "high"), True),
        (("-profile:v", "baseline"), True),
        (("-flags", "+ilme+ildct"), False),
        (("-profile:v", "high10", "-pix_fmt", "yuv420p10le"), True),
        (("-profile:v", "high444", "-pix_fmt", "yuv444p"), True),
    ],
    ids=["high", "baseline", "fields", "ten bits", "4:4:4"],
)
def test_what_a_header_promises_of_all_pictures(clips: Clips, tmp_path: Path, encoder: tuple[str, ...], whole: bool) -> None:
    """Only whole frames; where it promises less, or can't be read so far, later pictures are looked at."""
    path = tmp_path / "clip.mp4"
    ffmpeg(["-i", str(clips.film(1)), "-c:v", "libx264", "-pix_fmt", "yuv420p", *encoder, "-an", str(path)])
    with av.open(str(path)) as box:
        assert h264_settings.whole_frames(box.streams.video[0].codec_context.extradata or b"") is whole
    assert not h264_settings.whole_frames(b"") and not h264_settings.whole_frames(b"\x01\x64\x00\x1f\xff\xe1\x00\x02\x67\x64")


def _two_channels(clips: Clips, path: Path, *layouts: str) -> Path:
    """A film with a low tone in its first sound track, and a high one in its second."""
    tones = [f"sine=f={pitch}:r={_RATE}:d=2,aformat=channel_layouts={layout}" for pitch, layout in zip((400, 3000), layouts, strict=True)]
    sounds = [word for tone in tones for word in ("-f", "lavfi", "-i", tone)]
    ffmpeg(["-i", str(clips.film(1)), *sounds, "-map", "0:v", "-map", "1:a", "-map", "2:a", "-c:v", "copy", "-c:a", "pcm_s16le", str(path)])
    return path


def _pitches(path: Path) -> list[int]:
    """The loudest pitch of each channel, Hz, to 10."""
    with av.open(str(path)) as box:
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=_RATE)
        sound = np.concatenate([part.to_ndarray() for frame in box.decode(audio=0) for part in resampler.resample(frame)], axis=1)
    middle = sound[:, _RATE // 2 : _RATE // 2 + _RATE]
    return [round(int(np.abs(np.fft.rfft(channel)).argmax()), -1) for channel in middle]


@pytest.mark.parametrize("size", [SMALL, Size(160, 96)], ids=["copied", "encoded"])
@pytest.mark.parametrize(
    ("layouts", "heard", "told"),
    [(("FL", "FR"), [400, 3000], False), (("FR", "FL"), [3000, 400], False), (("mono", "mono"), [400, 400], True)],
)
def test_a_track_for_each_channel(
    clips: Clips, project: Project, tmp_path: Path, size: Size, layouts: tuple[str, str], heard: list[int], told: bool
) -> None:
    """Left and right where the file says so, in the film, an editor's copy and a proxy; else the first is heard, and the other told."""
    path = _two_channels(clips, tmp_path / "two.mov", *layouts)
    assert ("clip-tracks" in _codes(path)) is told
    copy, small = tmp_path / "copy.mov", tmp_path / "proxy.mp4"
    editor_copy(path, copy, start=Timecode.parse("01:00:00:00", Fraction(24)), reel="ABCD1234")
    write_proxy(path, small)
    assert [_pitches(file) for file in (_alone(path, project, size).file, copy, small)] == [heard] * 3


def test_the_mono_tracks_of_mxf_are_left_and_right(clips: Clips, project: Project, tmp_path: Path) -> None:
    """The first two, which no file of its kind names; of four the others are told."""
    path = tmp_path / "four.mxf"
    tones = [
        word
        for pitch in (400, 3000, 1000, 2000)
        for word in ("-f", "lavfi", "-i", f"sine=f={pitch}:r={_RATE}:d=2,aformat=channel_layouts=mono")
    ]
    maps = [word for n in range(1, 5) for word in ("-map", f"{n}:a")]
    ffmpeg(["-i", str(clips.film(1)), *tones, "-map", "0:v", *maps, "-c:v", "mpeg2video", "-q:v", "2", "-c:a", "pcm_s16le", str(path)])
    heard = probe(path).sound
    assert heard and (heard.right, heard.unheard) == (heard.index + 1, 2)
    assert _pitches(_alone(path, project).file) == [400, 3000]


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.parametrize(
    ("wave", "code"), [("if(eq(n,48000),0/0,0.1*sin(n/9))", "clip-sound-broken"), ("max(-1,min(1,4*sin(n/9)))", "clip-clipping")]
)
def test_both_tracks_of_a_pair_are_checked(clips: Clips, tmp_path: Path, side: int, wave: str, code: str) -> None:
    """Whichever of left and right holds what is wrong."""
    waves = ["0.1*sin(n/9)"] * 2
    waves[side] = wave
    sounds = [
        word
        for one, layout in zip(waves, ("FL", "FR"), strict=True)
        for word in ("-f", "lavfi", "-i", f"aevalsrc='{one}':s={_RATE}:d=2:c={layout}")
    ]
    path = tmp_path / "pair.mov"
    ffmpeg(["-i", str(clips.film(1)), *sounds, "-map", "0:v", "-map", "1:a", "-map", "2:a", "-c:v", "copy", "-c:a", "pcm_f32le", str(path)])
    assert probe(path).sound and probe(path).sound.right is not None
    assert code in _codes(path)


def _changing_sound(clips: Clips, folder: Path, first: int, then: int, ending: str) -> Path:
    """A film whose sound has other channels in its second half: two transport streams, one after the other, put in another box."""
    parts, path = [folder / f"{n}.ts" for n in range(2)], folder / f"changing.{ending}"
    for n, (part, channels) in enumerate(zip(parts, (first, then), strict=True)):
        cut = ("-ss", str(n), "-t", "1", "-i", str(clips.film(1)), "-c:v", "libx264", "-preset", "ultrafast", "-bf", "0")
        ffmpeg([*cut, "-ac", str(channels), "-c:a", "ac3", "-output_ts_offset", str(n), "-muxdelay", "0", str(part)])
    whole = folder / "whole.ts"
    whole.write_bytes(b"".join(part.read_bytes() for part in parts))
    ffmpeg(["-i", str(whole), "-c", "copy", str(path)])
    return path


@pytest.mark.parametrize("size", [SMALL, Size(160, 96)])
@pytest.mark.parametrize(("first", "then", "ending"), [(2, 1, "mp4"), (1, 2, "mkv"), (2, 6, "mp4")])
def test_sound_that_changes_its_channels_midway_is_told_and_heard(
    clips: Clips, project: Project, tmp_path: Path, size: Size, first: int, then: int, ending: str
) -> None:
    """All of it, at its time and as loud as before, under a transition as well."""
    path = _changing_sound(clips, tmp_path, first, then, ending)
    assert "clip-sound-changes" in _codes(path)
    inspect_clip(path)
    over = replace(shot("B", clips.film(2), 24), transition=Transition(Join.DISSOLVE, 12))
    film = finish(Cut(sequence="SQ", shots=(shot("A", path, 36), over)), delivery(24, size), project)
    assert read_film(film.file)[:36] == [(1, n) for n in range(36)]
    assert beeps(film.file)[:2] == pytest.approx(flashes(film.file)[:2], abs=0.5 / 24)
    alone = _alone(path, project, size)
    heard = samples(alone.file)
    halves = [float(np.sqrt(np.square(heard[at : at + 40_000]).mean())) for at in (2_000, 52_000)]
    assert halves[1] / halves[0] == pytest.approx(1, abs=0.1)
    copy = tmp_path / "copy.mov"
    editor_copy(path, copy, start=Timecode.parse("01:00:00:00", Fraction(25)), reel="ABCD1234")
    assert beeps(copy) == pytest.approx(flashes(path), abs=0.5 / 24)


@pytest.mark.parametrize(
    "encoder", [("mpeg2video", "-q:v", "2", "-bf", "2"), ("libx264", "-preset", "ultrafast", "-bf", "2")], ids=["MPEG-2", "H.264"]
)
def test_a_transport_stream_that_begins_within_a_group(clips: Clips, project: Project, tmp_path: Path, encoder: tuple[str, ...]) -> None:
    """Its first picture is the first that can be decoded, and the sound stays with it; what is left out is told."""
    whole, path = tmp_path / "whole.ts", tmp_path / "cut.ts"
    ffmpeg(["-i", str(clips.film(1, frames=96)), "-c:v", *encoder, "-g", "12", "-c:a", "aac", "-muxdelay", "0", str(whole)])
    packets, size = whole.read_bytes(), 188
    path.write_bytes(packets[len(packets) // size // 8 * size :])
    found = probe(path)
    assert found.headless and "clip-begins" in _codes(path)
    film = _alone(path, project, frames=found.frames)
    cells = read_film(film.file)
    begins = cells[0][1]
    assert begins > 0 and cells == [(1, begins + n) for n in range(96 - begins)]
    assert beeps(film.file) == pytest.approx(flashes(film.file), abs=0.5 / 24)


def _two_descriptions(clips: Clips, folder: Path, *words: str) -> Path:
    """A film whose index describes the encoding of its first half and of its second, made by two encoders' settings, apart."""
    parts, path = [folder / f"{n}.mp4" for n in range(2)], folder / "two.mp4"
    for n, (part, own) in enumerate(zip(parts, (("-refs", "1"), ("-refs", "3", *words)), strict=True)):
        cut = ("-ss", str(n), "-t", "1", "-i", str(clips.film(1)), "-an", "-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", *_TAGGED)
        ffmpeg([*cut, *own, str(part)])
    (folder / "parts.txt").write_text("".join(f"file '{part}'\n" for part in parts))
    ffmpeg(["-f", "concat", "-safe", "0", "-i", str(folder / "parts.txt"), "-c", "copy", str(path)])
    with av.open(str(path)) as box:
        at = [packet.pos or 0 for packet in box.demux(video=0) if packet.size]
    second = parts[1].read_bytes()
    begin = second.index(b"avc1", second.index(b"stsd")) - 4
    described = second[begin : begin + int.from_bytes(second[begin : begin + 4])]
    index = {
        b"stsd": lambda body: body[:4] + struct.pack(">I", 2) + body[8:] + described,
        b"stsc": lambda _: struct.pack(">IIIIIIII", 0, 2, 1, 1, 1, 25, 1, 2),
        b"stco": lambda _: struct.pack(f">II{len(at)}I", 0, len(at), *at),
    }
    path.write_bytes(changed(path.read_bytes(), index))
    return path


@pytest.mark.parametrize("size", [SMALL, Size(160, 96)])
@pytest.mark.parametrize("words", [(), ("-vf", "scale=640:384")], ids=["settings", "size"])
def test_an_index_with_two_descriptions(clips: Clips, project: Project, tmp_path: Path, size: Size, words: tuple[str, ...]) -> None:
    """Every frame in its place, whether the second describes another size, which is told, or other settings, with which nothing is copied."""
    path = _two_descriptions(clips, tmp_path, *words)
    found = probe(path)
    assert (found.frames, found.exact, found.changes) == (48, False, bool(words))
    inspect_clip(path)
    film = _alone(path, project, size)
    assert read_film(film.file) == [(1, n) for n in range(48)]
