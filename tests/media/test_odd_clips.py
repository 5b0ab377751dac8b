"""Clips as they come: old containers, two fields in a picture, sound that begins before the picture, samples that are no numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from callsheet.domain.cut import Cut, CutShot, Finished
from callsheet.domain.finding import Severity
from callsheet.domain.shot import Size
from callsheet.finishing.finish import finish
from callsheet.media.inspect.probe import probe
from callsheet.qc.clip import Asked
from callsheet.qc.inspect_file import inspect_file
from callsheet.store.project_folder import Project
from tests.film_reader import beeps, flashes, read_film
from tests.media.clips import QUIRKS, SMALL, Clips, delivery, shot
from tests.runners import ffmpeg

_MPEG2 = ("-c:v", "mpeg2video", "-bf", "2", "-q:v", "2", "-c:a", "mp2")
#: by their endings: what each is encoded with
OLD: dict[str, Sequence[str]] = {
    "avi": ("-c:v", "mpeg4", "-bf", "2", "-q:v", "2", "-c:a", "mp3"),
    "mjpeg.avi": ("-c:v", "mjpeg", "-q:v", "2", "-pix_fmt", "yuvj420p", "-c:a", "pcm_s16le"),
    "ts": _MPEG2,
    "mpg": _MPEG2,
    "mpeg2.mkv": (*_MPEG2[:-1], "ac3"),
    "ogv": ("-c:v", "libtheora", "-q:v", "9", "-c:a", "libvorbis"),
    "gif": ("-vf", "fps=25", "-an"),
    "ffv1.mkv": ("-c:v", "ffv1", "-c:a", "flac"),
}
_ASKED = Asked(size=SMALL, fps=Fraction(24), frames=48, sound=True)


def _old(clips: Clips, ending: str, number: int = 1) -> Path:
    path = clips.folder / f"old-{number}.{ending}"
    if not path.exists():
        ffmpeg(["-i", str(clips.film(number)), *OLD[ending], str(path)])
    return path


def _alone(clip: Path, project: Project, size: Size = SMALL, fps: int = 24, frames: int = 48) -> Finished:
    return finish(Cut(sequence="SQ", shots=(shot("A", clip, frames),)), delivery(fps, size), project)


@pytest.mark.parametrize("ending", OLD)
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


def test_the_sound_that_a_player_begins_with_is_heard(clips: Clips, project: Project) -> None:
    """The stream that is marked so, not the first."""
    path = clips.folder / "two-sounds.mp4"
    ffmpeg(["-f", "lavfi", "-i", "anullsrc=r=48000:d=2", "-i", str(clips.film(1)), "-map", "1:v", "-map", "0:a", "-map", "1:a", "-c:v", "copy",
            "-c:a", "aac", "-disposition:a:0", "0", "-disposition:a:1", "default", str(path)])  # fmt: skip
    assert len(beeps(_alone(path, project).file)) == 2


@pytest.mark.parametrize("size", [SMALL, Size(160, 96)], ids=["copied", "encoded"])
def test_samples_that_are_no_numbers_are_silent(clips: Clips, project: Project, size: Size) -> None:
    """A finding at receipt, whether sound was asked for or not; the film is as loud as any other, and nothing of it is no number."""
    path = clips.folder / "no-numbers.mov"
    tone = "aevalsrc='if(between(n,38400,38450),0/0,if(eq(n,60000),1/0,0.2*sin(n/9)))':s=48000:d=2"
    if not path.exists():
        ffmpeg(
            [
                "-i",
                str(clips.film(1)),
                "-f",
                "lavfi",
                "-i",
                tone,
                "-map",
                "0:v",
                "-map",
                "1:a",
                "-c:v",
                "copy",
                "-c:a",
                "pcm_f32le",
                str(path),
            ]
        )
    assert [(one.code, one.frame) for one in inspect_file(path).findings(None)] == [("clip-sound-broken", 19)]
    film = _alone(path, project, size)
    assert film.findings == () and abs((film.loudness_lufs or 0) + 14) < 0.5


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_ninety_mixed_clips_in_one_film(clips: Clips, project: Project) -> None:
    """Every quirk and every old form whose beeps can be told, four at a time: frames exact, picture and sound within a frame at every beep, each as loud as the others."""
    kinds = [
        *(("quirk", name) for name in QUIRKS if name not in ("digital silence", "no sound", "turned", "short sound", "clipped")),
        *(("old", name) for name in OLD if name != "gif"),
    ]
    shots: list[CutShot] = []
    for n in range(90):
        kind, name = kinds[n % len(kinds)]
        number = 1 + n // len(kinds)
        path = (
            _old(clips, name, number)
            if kind == "old"
            else clips.quirk(name, number, ending={"transport stream": "ts", "vp9": "webm"}.get(name, "mp4"))
        )
        shots.append(replace(shot(f"S{n:03d}", path, 40 if n % 2 else 44)))
    film = finish(Cut(sequence="SQ", shots=tuple(shots)), delivery(), project)
    assert film.frames == sum(one.frames for one in shots) == len(read_film(film.file))
    assert [one.code for one in film.findings if one.severity is Severity.FAIL] == []
    seen, heard = flashes(film.file), np.array(beeps(film.file))
    assert len(seen) > 150
    away = [float(np.abs(heard - at).min()) for at in seen]
    assert max(away) < 1 / 24
    measured = [(one.loudness_lufs or 0) + one.gain_db for one in film.shots if one.loudness_lufs is not None]
    assert max(measured) - min(measured) < 0.3
