"""Clips for the editor: every frame, timecode and reel in the file; packets copied where the clip runs at the edit's rate."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from callsheet.domain.cut import Voice
from callsheet.domain.delivery.file_format import Codec
from callsheet.domain.delivery.fitting import Fitting, FpsFit
from callsheet.domain.errors import MediaError
from callsheet.domain.shots.shot import Size
from callsheet.domain.timecode import Timecode
from callsheet.media.clip.editor_copy import editor_copy, frames_of, sound_copy
from callsheet.media.inspect.packets import read_packets
from callsheet.media.inspect.probe import decodes, probe
from tests.film_reader import beeps, flashes, read_film, samples
from tests.media.clips import SMALL, Clips
from tests.media_files import wav
from tests.runners import ffmpeg

START = Timecode.parse("01:00:00:00", Fraction(24))


def _packets(path: Path, kind: str) -> list[bytes]:
    with av.open(str(path)) as box:
        return [bytes(packet) for packet in box.demux(**{kind: 0}) if packet.pts is not None]


def _labels(path: Path) -> dict[str, Any]:
    """What the timecode track says."""
    with av.open(str(path)) as box:
        return next(dict(stream.metadata) for stream in box.streams if stream.type == "data")


def test_a_clip_at_the_edits_rate_is_copied(clips: Clips, tmp_path: Path) -> None:
    """Packet by packet the same picture and sound; timecode and reel stand in the file."""
    clip, copy = clips.film(1), tmp_path / "a.mov"
    probed = editor_copy(clip, copy, start=START, reel="ABCD1234")
    assert probed.frames == frames_of(probed, START) == 48
    assert (_packets(copy, "video"), _packets(copy, "audio")) == (_packets(clip, "video"), _packets(clip, "audio"))
    told = _labels(copy)
    assert (told["timecode"], told["reel_name"]) == ("01:00:00:00", "ABCD1234")


@pytest.mark.parametrize("quirk", ["vp9", "dropped frames", "hidden start", "fifty", "picture late"])
def test_another_clip_is_encoded_at_the_edits_rate(clips: Clips, tmp_path: Path, quirk: str) -> None:
    """As many frames as are said to be there, at even steps; its first picture is the first frame."""
    clip, copy = clips.quirk(quirk, 3, ending="webm" if quirk == "vp9" else "mp4"), tmp_path / "a.mov"
    probed = editor_copy(clip, copy, start=START, reel="ABCD1234")
    told = read_packets(str(copy), "mov")
    assert (told.frames, told.fps, told.vfr, told.offset, told.size) == (frames_of(probed, START), Fraction(24), False, 0, SMALL)
    assert decodes(copy, told)[0] == told.frames
    first = read_film(copy)[0]
    assert first == read_film(clip)[0]
    assert _labels(copy)["timecode"] == "01:00:00:00"


@pytest.mark.parametrize(
    ("codec", "stored", "name", "pixels"),
    [
        (Codec.PRORES, "yuv420p", "prores", "yuv422p10le"),
        (Codec.DNXHR, "yuv420p", "dnxhd", "yuv422p"),
        (Codec.DNXHR, "yuv422p10le", "dnxhd", "yuv422p10le"),
    ],
)
def test_copies_are_in_the_codec_that_is_asked_for(clips: Clips, tmp_path: Path, codec: Codec, stored: str, name: str, pixels: str) -> None:
    """Every frame, whole pictures each, uncompressed sound, timecode and reel; no fewer bits than the clip has."""
    clip, copy = clips.film(1) if stored == "yuv420p" else clips.quirk("ten bit"), tmp_path / "a.mov"
    editor_copy(clip, copy, start=START, reel="ABCD1234", codec=codec)
    told = probe(copy)
    assert (told.codec, told.pix_fmt, told.frames, told.sound and told.sound.codec) == (name, pixels, 48, "pcm_s16le")
    assert read_film(copy) == [(1, n) for n in range(48)]
    assert _labels(copy)["reel_name"] == "ABCD1234"


def test_a_retimed_copy_has_every_frame_once_and_its_sound_with_them(clips: Clips, tmp_path: Path) -> None:
    """24 frames a second at 25, as the film has it; what its shot begins with is no matter of the copy. Other ways keep the clip's length."""
    copy, start, fit = tmp_path / "a.mov", Timecode.parse("01:00:00:00", Fraction(25)), Fitting(fps=FpsFit.RETIME, first=7)
    probed = editor_copy(clips.film(1), copy, start=start, reel="ABCD1234", fit=fit)
    told = read_packets(str(copy), "mov")
    assert (told.frames, frames_of(probed, start, fit), told.fps) == (48, 48, Fraction(25))
    assert [frames_of(probed, start, Fitting(fps=way)) for way in FpsFit] == [50, 48, 50, 50]
    assert read_film(copy) == [(1, n) for n in range(48)]
    assert told.sound
    assert told.sound.samples == pytest.approx(48 * 1920, abs=2)
    assert beeps(copy) == pytest.approx(flashes(copy), abs=0.021)


def test_drop_frame_stands_in_the_file(clips: Clips, tmp_path: Path) -> None:
    """`;` before the frames."""
    start = Timecode.parse("01:00:00;00", Fraction(30000, 1001))
    editor_copy(clips.quirk("ntsc"), tmp_path / "a.mov", start=start, reel="ABCD1234")
    assert _labels(tmp_path / "a.mov")["timecode"] == "01:00:00;00"


def test_a_copy_that_is_there_is_kept_and_a_broken_clip_leaves_nothing(clips: Clips, tmp_path: Path) -> None:
    """An editor's project holds on to the file."""
    copy = tmp_path / "media" / "a.mov"
    editor_copy(clips.film(1), copy, start=START, reel="ABCD1234")
    before = copy.stat().st_mtime_ns
    editor_copy(clips.film(1), copy, start=START, reel="ABCD1234")
    assert copy.stat().st_mtime_ns == before
    (tmp_path / "bad.mp4").write_text("<html>")
    with pytest.raises(MediaError):
        editor_copy(tmp_path / "bad.mp4", tmp_path / "other" / "b.mov", start=START, reel="ABCD1234")
    assert not list(tmp_path.rglob("*b.mov*"))
    assert probe(copy).frames == 48


@pytest.mark.parametrize("fps", [24, 30])
def test_the_authors_sound_stands_in_the_place_of_the_clips(clips: Clips, tmp_path: Path, fps: int) -> None:
    """From the first picture on and as long as they are, whether packets are copied or not; the pictures don't change for it."""
    (tmp_path / "own.wav").write_bytes(wav(1.0, rate=44_100))
    own = Voice(name="own.wav", file=tmp_path / "own.wav", sha256="", mime="audio/wav")
    start, clip = Timecode.parse("01:00:00:00", Fraction(fps)), clips.film(1)
    plain, voiced = tmp_path / "plain.mov", tmp_path / "voiced.mov"
    editor_copy(clip, plain, start=start, reel="ABCD1234")
    editor_copy(clip, voiced, start=start, reel="ABCD1234", voice=own)
    assert _packets(voiced, "video") == _packets(plain, "video")
    heard, said = samples(voiced), samples(tmp_path / "own.wav")
    assert abs(len(heard) - 96_000) <= 1
    spectrum = np.fft.rfft(heard, 1 << 18) * np.conj(np.fft.rfft(said[:40_000], 1 << 18))
    assert np.argmax(np.fft.irfft(spectrum)) <= 1
    assert np.abs(heard[len(said) + 200 :]).max() < 1e-3
    assert _labels(voiced)["reel_name"] == "ABCD1234"


def test_a_bed_is_written_as_it_was_decoded(tmp_path: Path) -> None:
    """In 24 bits, to the sample, with silence behind it for its last frame; written once."""
    own = np.random.default_rng(3).uniform(-0.9, 0.9, (48_010, 2)).astype("<f4")
    own.tofile(tmp_path / "a.f32")
    copy = tmp_path / "media" / "a.wav"
    sound_copy(tmp_path / "a.f32", copy)
    before = copy.stat().st_mtime_ns
    with av.open(str(copy)) as box:
        assert box.streams.audio[0].codec_context.name == "pcm_s24le"
        heard = np.concatenate([frame.to_ndarray().reshape(-1, 2) for frame in box.decode(audio=0)]) / 2**31
    assert len(heard) == 48_010 + 48_000
    assert np.abs(heard[:48_010] - own).max() < 2**-22 and not heard[48_010:].any()
    sound_copy(tmp_path / "a.f32", copy)
    assert copy.stat().st_mtime_ns == before


def _colours(path: Path, frame: int = 12) -> Any:
    """A picture as colours of BT.709, whatever it is stored in."""
    with av.open(str(path)) as box:
        for n, picture in enumerate(box.decode(video=0)):
            if n == frame:
                return picture.to_ndarray(format="rgb24").astype(int)
    raise AssertionError(f"{path.name} has no frame {frame}")


def test_a_clip_of_an_odd_size_is_copied_as_the_next_even_one(clips: Clips, tmp_path: Path) -> None:
    """No encoder holds an odd number of lines or columns with half as much colour."""
    clip, copy = tmp_path / "odd.webm", tmp_path / "odd.mov"
    ffmpeg(
        [
            "-i",
            str(clips.film(1)),
            "-vf",
            "scale=321:191",
            "-c:v",
            "libvpx-vp9",
            "-deadline",
            "realtime",
            "-cpu-used",
            "8",
            "-an",
            str(clip),
        ]
    )
    editor_copy(clip, copy, start=START, reel="ABCD1234")
    told = read_packets(str(copy), "mov")
    assert (told.size, told.frames) == (Size(322, 192), 48)


@pytest.mark.parametrize("size", [Size(1280, 720), Size(320, 192)])
def test_colours_are_the_films_own(tmp_path: Path, size: Size) -> None:
    """A clip in RGB comes out as BT.709 and says so, large or small: bars stay within a few steps of what they were."""
    clip, copy = tmp_path / "rgb.mp4", tmp_path / "rgb.mov"
    bars = f"color=red:s={size}:r=24:d=1,drawbox=w=iw/2:color=0x20a0c0:t=fill,format=gbrp"
    ffmpeg(["-f", "lavfi", "-i", bars, "-c:v", "libx264rgb", "-crf", "4", "-pix_fmt", "rgb24", str(clip)])
    editor_copy(clip, copy, start=Timecode.parse("01:00:00:00", Fraction(25)), reel="ABCD1234")
    told = read_packets(str(copy), "mov")
    assert (told.matrix, told.primaries, told.transfer, told.full_range) == ("bt709", "bt709", "bt709", False)
    high, wide = size.height // 2, size.width
    for column, due in ((wide // 4, (0x20, 0xA0, 0xC0)), (3 * wide // 4, (0xFF, 0, 0))):
        assert np.abs(_colours(copy)[high, column] - due).max() <= 6


@pytest.mark.parametrize(
    ("stored", "codec", "profile", "pixels"),
    [
        (("-c:v", "libx264", "-pix_fmt", "yuv422p10le"), "prores", "HQ", "yuv422p10le"),
        (("-c:v", "prores_ks", "-profile:v", "4", "-pix_fmt", "yuva444p10le"), "prores", "4444", "yuva444p12le"),
        (("-c:v", "libx264", "-pix_fmt", "yuv420p"), "h264", None, "yuv420p"),
    ],
)
def test_depth_and_transparency_stay(tmp_path: Path, stored: tuple[str, ...], codec: str, profile: str | None, pixels: str) -> None:
    """Where a copy has to be encoded: ProRes for more than 8 bits, with its fourth channel where the clip has one."""
    clip, copy = tmp_path / "deep.mov", tmp_path / "copy.mov"
    picture = "testsrc2=s=320x192:r=24:d=1,format=rgba,colorchannelmixer=aa=0.5"
    ffmpeg(["-f", "lavfi", "-i", picture, *stored, str(clip)])
    editor_copy(clip, copy, start=Timecode.parse("01:00:00:00", Fraction(25)), reel="ABCD1234")
    with av.open(str(copy)) as box:
        context = box.streams.video[0].codec_context
        told = (context.name, context.profile if profile else None, context.pix_fmt)
        if profile == "4444":
            alpha = np.frombuffer(bytes(next(box.decode(video=0)).planes[3]), "<u2")
            assert abs(float(alpha.mean()) / 4095 - 0.5) < 0.05
    assert told == (codec, profile, pixels)
