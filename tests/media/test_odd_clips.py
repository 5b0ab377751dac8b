"""Clips as they come: old containers, two fields in a picture, sound that begins before the picture, samples that are no numbers."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from callsheet.domain.cut import Cut, Finished
from callsheet.domain.delivery.file_format import Codec
from callsheet.domain.errors import MediaError
from callsheet.domain.finding import Severity
from callsheet.domain.shots.shot import Size
from callsheet.domain.timebase import sample_at
from callsheet.domain.timecode import Timecode
from callsheet.finishing.finish import finish
from callsheet.media.clip.editor_copy import editor_copy
from callsheet.media.inspect.probe import inspect_clip, probe
from callsheet.qc.clip import Asked
from callsheet.qc.inspect_file import inspect_file
from callsheet.store.project_folder import Project
from tests.film_reader import beeps, flashes, pictures, read_film, samples
from tests.media.clips import QUIRKS, SMALL, Clips, delivery, shot
from tests.runners import ffmpeg

_MPEG2 = ("-c:v", "mpeg2video", "-bf", "2", "-q:v", "2", "-c:a", "mp2")
#: by their endings: what each is encoded with
OLD: dict[str, Sequence[str]] = {
    "avi": ("-c:v", "mpeg4", "-bf", "2", "-q:v", "2", "-c:a", "mp3"),
    "mjpeg.avi": ("-c:v", "mjpeg", "-q:v", "2", "-pix_fmt", "yuvj420p", "-c:a", "pcm_s16le"),
    "ts": _MPEG2,
    "m2ts": _MPEG2,
    "mpg": (*_MPEG2[:-1], "ac3"),
    "mxf": (*_MPEG2[:-1], "pcm_s16le"),
    "mpeg2.mkv": _MPEG2,
    "qtrle.mov": ("-c:v", "qtrle", "-c:a", "adpcm_ima_qt"),
    "cfhd.mov": ("-c:v", "cfhd", "-pix_fmt", "yuv422p10le", "-c:a", "pcm_alaw"),
    "v210.mov": ("-c:v", "v210", "-c:a", "pcm_mulaw"),
    "utvideo.avi": ("-c:v", "utvideo", "-c:a", "pcm_s16le"),
    "dts.mkv": ("-c:v", "huffyuv", "-c:a", "dca", "-strict", "-2"),
    "ogv": ("-c:v", "libtheora", "-q:v", "9", "-c:a", "libvorbis"),
    "gif": ("-vf", "fps=25", "-an"),
    "xvid.avi": ("-c:v", "mpeg4", "-vtag", "XVID", "-flags", "+qpel+mv4", "-q:v", "2", "-c:a", "ac3"),
    "rgb.avi": ("-c:v", "rawvideo", "-pix_fmt", "bgr24", "-c:a", "pcm_s16le"),
    "uyvy.mov": ("-c:v", "rawvideo", "-pix_fmt", "uyvy422", "-c:a", "pcm_s16le"),
    "gray.mkv": ("-c:v", "ffv1", "-pix_fmt", "gray", "-c:a", "flac"),
    "ffv1.mkv": ("-c:v", "ffv1", "-c:a", "flac"),
}
#: further ones of the same kind, for the nightly job
_MORE, _NIGHTLY = (
    {"qtrle.mov", "cfhd.mov", "v210.mov", "utvideo.avi", "dts.mkv", "xvid.avi", "rgb.avi", "uyvy.mov", "gray.mkv"},
    (pytest.mark.slow, pytest.mark.nightly),
)
_ASKED = Asked(size=SMALL, fps=Fraction(24), frames=48, sound=True)


def _old(clips: Clips, ending: str, number: int = 1) -> Path:
    path = clips.folder / f"old-{number}.{ending}"
    if not path.exists():
        ffmpeg(["-i", str(clips.film(number)), *OLD[ending], str(path)])
    return path


def _alone(clip: Path, project: Project, size: Size = SMALL, fps: int = 24, frames: int = 48) -> Finished:
    return finish(Cut(sequence="SQ", shots=(shot("A", clip, frames),)), delivery(fps, size), project)


@pytest.mark.parametrize("ending", [pytest.param(one, marks=_NIGHTLY) if one in _MORE else one for one in OLD])
def test_old_files_are_read_told_and_stand_in_the_film(clips: Clips, project: Project, ending: str) -> None:
    """Every frame in its place, sound with it to half a frame; the finding says what it came as."""
    path = _old(clips, ending)
    assert "clip-format" in [one.code for one in inspect_file(path, _ASKED).findings(_ASKED)]
    film = _alone(path, project)
    assert read_film(film.file) == [(1, n) for n in range(48)]
    if ending != "gif":
        seen, heard = flashes(film.file), beeps(film.file)
        assert len(seen) == len(heard) == 2 and max(abs(a - b) for a, b in zip(seen, heard, strict=True)) < 0.5 / 24


def _interlaced(clips: Clips) -> Path:
    path = clips.folder / "interlaced.mp4"
    moving = (
        "color=black:s=320x192:r=50:d=2,format=yuv420p[g];color=white:s=40x192:r=50:d=2,format=yuv420p[w];[g][w]overlay=x='mod(6*n,280)'"
    )
    if not path.exists():
        ffmpeg(["-f", "lavfi", "-i", f"{moving},tinterlace=interleave_top,setfield=tff", "-c:v", "libx264", "-crf", "8", "-flags", "+ilme+ildct",
                "-pix_fmt", "yuv420p", str(path)])  # fmt: skip
    return path


def _combed(path: Path) -> float:
    """How much neighbouring lines differ, beside lines of the same field: 1 or more where the picture is combed."""
    with av.open(str(path)) as box:
        lumas = [frame.to_ndarray(format="gray").astype(int) for frame in box.decode(video=0)][5:-5]
    near = sum(float(np.abs(luma[1:] - luma[:-1]).sum()) for luma in lumas)
    far = sum(float(np.abs(luma[2:] - luma[:-2]).sum()) for luma in lumas)
    return near / (far + 1)


def test_two_fields_become_one_picture(clips: Clips, project: Project) -> None:
    """An upright white bar that moves from field to field has combed edges as it comes, and clean ones in the film, which has as many frames."""
    path = _interlaced(clips)
    film = _alone(path, project, fps=25, frames=50)
    assert film.frames == 50 and probe(path).interlaced
    assert _combed(path) > 5 * _combed(film.file)


def test_the_first_picture_of_a_fragmented_file_keeps_its_time(clips: Clips, project: Project) -> None:
    """It stands too long, since the file can't say that it comes after the first sound: no frame stands twice, none is lost, and the sound is in time."""
    path = clips.quirk("fragmented")
    assert probe(path).late > 0
    film = _alone(path, project)
    assert read_film(film.file) == [(1, n) for n in range(48)]
    seen, heard = flashes(film.file), beeps(film.file)
    assert len(seen) == len(heard) == 2 and max(abs(a - b) for a, b in zip(seen, heard, strict=True)) < 0.005


def test_a_recorded_screen_on_which_nothing_moves_stands(clips: Clips, project: Project) -> None:
    """Its picture lasts five seconds more than others, which the file tells by nothing but the next one's time; the finding says so."""
    path = clips.folder / "screen.mkv"
    ffmpeg(["-i", str(clips.film(1)), "-vf", "setpts=PTS+gte(N\\,24)*5/TB", "-fps_mode", "vfr", "-c:v", "libx264", "-an", str(path)])
    film = _alone(path, project, frames=168)
    assert read_film(film.file) == [(1, n) for n in (*range(24), *[23] * 120, *range(24, 48))]
    told = [one.message for one in inspect_file(path, _ASKED).findings(_ASKED) if one.code == "clip-vfr"]
    assert told == ["the frame rate is not constant: finishing repeats or drops frames; one picture lasts 5.0 s"]


def _two_sounds(clips: Clips, number: int = 1) -> Path:
    path = clips.folder / f"two-sounds-{number}.mp4"
    if not path.exists():
        ffmpeg(["-f", "lavfi", "-i", "anullsrc=r=48000:d=2", "-i", str(clips.film(number)), "-map", "1:v", "-map", "0:a", "-map", "1:a",
                "-c:v", "copy", "-c:a", "aac", "-disposition:a:0", "0", "-disposition:a:1", "default", str(path)])  # fmt: skip
    return path


def test_the_sound_that_a_player_begins_with_is_heard(clips: Clips, project: Project) -> None:
    """The stream that is marked so, not the first."""
    assert len(beeps(_alone(_two_sounds(clips), project).file)) == 2


def _no_numbers(clips: Clips, number: int = 1) -> Path:
    path = clips.folder / f"no-numbers-{number}.mov"
    tone = "aevalsrc='if(between(n,38400,38450),0/0,if(eq(n,60000),1/0,0.2*sin(n/9)))':s=48000:d=2"
    if not path.exists():
        ffmpeg(["-i", str(clips.film(number)), "-f", "lavfi", "-i", tone, "-map", "0:v", "-map", "1:a", "-c:v", "copy",
                "-c:a", "pcm_f32le", str(path)])  # fmt: skip
    return path


def test_black_stands_behind_what_can_be_seen_through(clips: Clips, project: Project, tmp_path: Path) -> None:
    """Half transparent white is grey, in the film and in an editor's copy whose codec keeps no transparency; the film says so."""
    path, copy = clips.folder / "clear.mov", tmp_path / "copy.mov"
    ffmpeg(["-f", "lavfi", "-i", "color=white@0.5:s=320x192:r=24:d=0.5,format=rgba", "-c:v", "prores_ks", "-profile:v", "4",
            "-pix_fmt", "yuva444p10le", str(path)])  # fmt: skip
    film = _alone(path, project, frames=12)
    editor_copy(path, copy, start=Timecode.parse("01:00:00:00", Fraction(24)), reel="ABCD1234", codec=Codec.DNXHR)
    assert [float(next(pictures(file)).mean()) for file in (film.file, copy)] == pytest.approx([128, 128], abs=4)
    assert [one.message for one in film.findings if one.code == "unfitted"] == ["A: the picture has transparency; it is put on black"]


@pytest.mark.parametrize("encoder", ["libvpx", "libvpx-vp9"])
def test_black_stands_behind_a_clear_webm_too(project: Project, tmp_path: Path, encoder: str) -> None:
    """Its transparency is stored apart from the picture, whose own decoder knows nothing of it and would show what is hidden."""
    path = tmp_path / "clear.webm"
    ffmpeg(["-f", "lavfi", "-i", "color=white@0.5:s=320x192:r=24:d=0.5,format=yuva420p", "-c:v", encoder, "-auto-alt-ref", "0",
            "-deadline", "realtime", "-cpu-used", "8", str(path)])  # fmt: skip
    film = _alone(path, project, frames=12)
    assert float(next(pictures(film.file)).mean()) == pytest.approx(128, abs=6)
    assert [one.message for one in film.findings if one.code == "unfitted"] == ["A: the picture has transparency; it is put on black"]
    asked = Asked(size=SMALL, fps=Fraction(24), frames=12, sound=False)
    assert "clip-format" not in [one.code for one in inspect_file(path, asked).findings(asked)]


@pytest.mark.parametrize(
    ("encoder", "said"),
    [
        (("-c:v", "png"), "picture is stored as png, which isn't read here: convert it"),
        (("-c:a", "truehd", "-strict", "-2"), "sound is stored as truehd"),
    ],
    ids=["picture", "sound"],
)
def test_what_is_not_read_is_named_and_not_called_damaged(clips: Clips, tmp_path: Path, encoder: Sequence[str], said: str) -> None:
    """A whole film of another kind: what to convert, and to what."""
    path = tmp_path / "other.mkv"
    ffmpeg(["-i", str(clips.film(1)), "-c", "copy", *encoder, str(path)])
    with pytest.raises(MediaError, match=said):
        probe(path)


@pytest.mark.parametrize("live", [(), ("-live", "1")], ids=["whole", "live"])
def test_matroska_that_was_cut_off_is_no_whole_film(clips: Clips, tmp_path: Path, live: tuple[str, ...]) -> None:
    """All packets that are left decode, and its header still has the whole length; one that a browser recorded has no length, and is whole."""
    path = tmp_path / "clip.mkv"
    ffmpeg(["-i", str(clips.film(1)), "-c", "copy", *live, str(path)])
    assert inspect_file(path).probe.frames == 48
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    for look in (inspect_file, inspect_clip):
        with pytest.raises(MediaError, match="not a complete film: the file was cut off"):
            look(path)


def test_pictures_before_the_time_zero_of_matroska_are_told(clips: Clips, tmp_path: Path) -> None:
    """No times can be read of them, so nothing could stand in its place: what to do, before anything is bought for the film."""
    path = tmp_path / "early.mkv"
    early = ["-itsoffset", "-0.25", "-i", str(clips.film(1))]
    ffmpeg([*early, "-copyts", "-avoid_negative_ts", "disabled", "-c", "copy", str(path)])
    with pytest.raises(MediaError, match="its first 6 pictures lie before its time zero"):
        probe(path)


def test_a_sound_track_without_a_sound_in_it_is_none(clips: Clips, project: Project, tmp_path: Path) -> None:
    """Its header claims as much sound as picture, as a phone writes that may not listen: a film without sound, told as that, not as damaged."""
    path = tmp_path / "mute.mp4"
    ffmpeg(
        [
            "-i",
            str(clips.film(1)),
            "-c:v",
            "copy",
            "-c:a",
            "aac",
            "-af",
            "atrim=end_sample=0",
            "-movflags",
            "+frag_keyframe+empty_moov",
            str(path),
        ]
    )
    assert "clip-no-sound" in [one.code for one in inspect_file(path, _ASKED).findings(_ASKED)]
    assert read_film(_alone(path, project).file) == [(1, n) for n in range(48)]


def test_a_sound_that_can_be_read_is_heard_where_another_comes_first(clips: Clips, project: Project, tmp_path: Path) -> None:
    """As in a phone's film: its spatial sound is for that phone's maker only, the other for everybody."""
    path = tmp_path / "two.mkv"
    ffmpeg(["-i", str(clips.film(1)), "-map", "0:v", "-map", "0:a", "-map", "0:a", "-c", "copy", "-c:a:0", "truehd", "-strict", "-2",
            "-disposition:a:0", "default", str(path)])  # fmt: skip
    assert len(beeps(_alone(path, project).file)) == 2


@pytest.mark.parametrize("size", [SMALL, Size(160, 96)], ids=["copied", "encoded"])
def test_samples_that_are_no_numbers_are_silent(clips: Clips, project: Project, size: Size) -> None:
    """A finding at receipt, whether sound was asked for or not; the film is as loud as any other, and nothing of it is no number."""
    path = _no_numbers(clips)
    assert [(one.code, one.frame) for one in inspect_file(path).findings(None)] == [("clip-sound-broken", 19)]
    film = _alone(path, project, size)
    assert film.findings == () and abs((film.loudness_lufs or 0) + 14) < 0.5


#: every kind of clip that finishing has to take, and the finding that tells of it at receipt; "" where it is none but needs care
KINDS = {
    **dict.fromkeys(OLD, "clip-format"),
    **dict.fromkeys(QUIRKS, ""),
    "turned": "clip-size",
    "digital silence": "clip-silent",
    "no sound": "clip-no-sound",
    "clipped": "clip-clipping",
    "fragmented": "clip-late",
    "dropped frames": "clip-vfr",
    "ntsc": "clip-fps",
    "fifty": "clip-fps",
    "hidden start": "clip-short",
    "interlaced": "clip-interlaced",
    "no numbers": "clip-sound-broken",
    "two sounds": "clip-tracks",
}
#: of these the film shows every frame once, in order
_WHOLE = KINDS.keys() - {"turned", "dropped frames", "hidden start", "interlaced", "not square"}
#: nothing to be heard, no flashes of the stand-in's, beeps that end before the flashes do, or such as can't be told from the rest
_UNHEARD = {"digital silence", "no sound", "gif", "interlaced", "short sound", "no numbers", "turned", "clipped"}


def _of_kind(clips: Clips, kind: str, number: int) -> Path:
    match kind:
        case "interlaced":
            return _interlaced(clips)
        case "no numbers":
            return _no_numbers(clips, number)
        case "two sounds":
            return _two_sounds(clips, number)
        case _ if kind in OLD:
            return _old(clips, kind, number)
        case _:
            return clips.quirk(kind, number, ending={"transport stream": "ts", "vp9": "webm"}.get(kind, "mp4"))


def _step(sound: NDArray[np.float64], at: int) -> float:
    """How much further the wave steps at a sample (or two beside it, where the codec has moved it) than it does around there; a beep that begins there steps on."""
    steps = np.abs(np.diff(sound))
    around = np.concatenate([steps[at - 200 : at - 3], steps[at + 2 : at + 200]])
    return float(steps[at - 3 : at + 2].max() - around.max())


@pytest.mark.nightly
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_ninety_mixed_clips_in_one_film(clips: Clips, project: Project) -> None:
    """Every quirk and every old form, three at a time: each is told at receipt, no frame is lost or stands twice, picture and sound are within a frame at every
    beep, no join clicks, and each is as loud as the others."""
    kinds = [kind for _ in range(90) for kind in KINDS][:90]
    shots = [shot(f"S{n:03d}", _of_kind(clips, kind, 1 + n // len(KINDS)), 40 if n % 2 else 44) for n, kind in enumerate(kinds)]
    told = {kind: inspect_file(one.clip, _ASKED).findings(_ASKED) for kind, one in zip(KINDS, shots, strict=False) if one.clip}
    assert [kind for kind, code in KINDS.items() if code and code not in [one.code for one in told[kind]]] == []

    film = finish(Cut(sequence="SQ", shots=tuple(shots)), delivery(), project)
    assert (film.complete, film.missing, [one.code for one in film.findings if one.severity is Severity.FAIL]) == (True, (), [])
    cells = read_film(film.file)
    assert film.frames == sum(one.frames for one in shots) == len(cells)
    starts = [one.record_in for one in film.shots]
    for n, (kind, first) in enumerate(zip(kinds, starts, strict=True)):
        if kind in _WHOLE:
            assert cells[first : first + shots[n].frames] == [(1 + n // len(KINDS), frame) for frame in range(shots[n].frames)], kind

    seen, heard = flashes(film.file), np.array(beeps(film.file))
    ranges = [
        (first / 24, (first + one.frames) / 24) for kind, first, one in zip(kinds, starts, shots, strict=True) if kind not in _UNHEARD
    ]
    due = [at for at in seen if any(begin <= at < end for begin, end in ranges)]
    assert len(due) > 100
    assert max(float(np.abs(heard - at).min()) for at in due) < 1 / 24

    sound = samples(film.file)
    joins = [sample_at(first, film.delivery.fps) for first in starts[1:]]
    assert max(_step(sound, at) for at in joins) < 0.05
    assert "click" not in [one.code for one in film.findings]
    measured = [(one.loudness_lufs or 0) + one.gain_db for one in film.shots if one.loudness_lufs is not None]
    assert len(measured) > 75 and max(measured) - min(measured) < 0.3
