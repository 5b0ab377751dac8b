"""Beds under a film's sound: decoded once, set beside the clips by measured loudness, faded, and lowered while somebody speaks.

Who speaks is read from the loudness of each 100 ms that clips and other beds were measured with, so the same sounds always give the same film.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from callsheet.domain.bed import Bed
from callsheet.domain.cut import Delivery
from callsheet.domain.errors import MediaError
from callsheet.domain.fitting import Level
from callsheet.domain.timebase import SAMPLE_RATE, Fps, sample_at
from callsheet.media import encode, ffmpeg, graph, loudness, place
from callsheet.media.encode import FRAME_BYTES
from callsheet.media.loudness import Reading
from callsheet.media.measure import DEMUXERS
from callsheet.media.mixing import Part, Samples, factor, rising

#: one measured block begins every so many samples, and lasts four of these steps
_STEP = SAMPLE_RATE // 10
_BLOCK_STEPS = 4
#: a block so far below the delivery's loudness is a pause, LU
_SPEECH_LU = 20.0
#: seconds in which a bed goes down before somebody speaks, and comes back afterwards
_DOWN_S, _UP_S = 0.2, 0.8

Envelope = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Laid:
    """A bed as it is heard: its decoded sound, its first and last sample in the film, its gain, fades in samples, and its lowering per step of 100 ms."""

    sound: Path
    first: int
    end: int
    gain_db: float
    fade_in: int
    fade_out: int
    lowered_db: Envelope


@dataclass(frozen=True, slots=True)
class _Decoded:
    sound: Path
    samples: int
    reading: Reading
    moments: tuple[float, ...]


def lay(beds: Sequence[Bed], parts: Sequence[Part], front: int, delivery: Delivery, folder: Path) -> list[Laid]:
    """The beds of a programme whose first frame is the film's `front`; `parts` are its shots, decoded sound is kept in `folder`.

    MediaError where a file can't be decoded, or is another one than it was when the cut was made.
    """
    decoded = [_decoded(bed, folder) for bed in beds]
    gains = [loudness.gain_db(one.reading, Level(by_db=bed.gain_db), delivery) for bed, one in zip(beds, decoded, strict=True)]
    spoken = _Speech(delivery.loudness_lufs - _SPEECH_LU)
    record_in = front
    for part in parts:
        spoken.heard(sample_at(record_in, delivery.fps), part.clip.moments, part.gain_db)
        record_in += part.clip.frames
    for bed, one, gain in zip(beds, decoded, gains, strict=True):
        if not bed.duck_db:
            spoken.heard(sample_at(front + bed.first, delivery.fps), one.moments, gain, until=sample_at(front + bed.end, delivery.fps))
    steps = sample_at(record_in, delivery.fps) // _STEP + 1
    return [_laid(bed, one, gain, front, delivery.fps, spoken, steps) for bed, one, gain in zip(beds, decoded, gains, strict=True)]


def _laid(bed: Bed, decoded: _Decoded, gain: float, front: int, fps: Fps, spoken: _Speech, steps: int) -> Laid:
    first = sample_at(front + bed.first, fps)
    return Laid(
        sound=decoded.sound,
        first=first,
        end=min(sample_at(front + bed.end, fps), first + decoded.samples),
        gain_db=gain,
        fade_in=sample_at(bed.fade_in, fps),
        fade_out=sample_at(bed.fade_out, fps),
        lowered_db=spoken.lowered(bed.duck_db, steps),
    )


class _Speech:
    """In which steps of 100 ms of a film something is heard that beds make room for."""

    def __init__(self, least_lufs: float) -> None:
        self._least = least_lufs
        self._steps: set[int] = set()

    def heard(self, first: int, moments: Sequence[float], gain_db: float, *, until: int | None = None) -> None:
        """A sound from sample `first` on, by its measured blocks."""
        for n, moment in enumerate(moments):
            at = first + n * _STEP
            if moment + gain_db > self._least and (until is None or at < until):
                self._steps.update(range(at // _STEP, at // _STEP + _BLOCK_STEPS))

    def lowered(self, by_db: float, steps: int) -> Envelope:
        """How far a bed stands lower at each step: down before somebody speaks, and slowly up afterwards."""
        lowered = np.array([-by_db if step in self._steps else 0.0 for step in range(steps)])
        down, up = by_db * 0.1 / _DOWN_S, by_db * 0.1 / _UP_S
        for n in range(steps - 2, -1, -1):
            lowered[n] = min(lowered[n], lowered[n + 1] + down)
        for n in range(1, steps):
            lowered[n] = min(lowered[n], lowered[n - 1] + up)
        return lowered


def with_beds(film: Iterable[bytes], beds: Sequence[Laid], gain_db: float) -> Generator[bytes]:
    """A film's sound (f32 stereo 48 kHz, in blocks) with its beds in it, all of them moved by `gain_db` as the film is."""
    at = 0
    for block in film:
        sound = np.frombuffer(block, np.dtype("<f4")).reshape(-1, 2)
        for bed in beds:
            sound = _added(sound, at, bed, gain_db)
        at += len(sound)
        yield sound.tobytes()


def _added(sound: Samples, at: int, bed: Laid, gain_db: float) -> Samples:
    first, end = max(at, bed.first), min(at + len(sound), bed.end)
    if first >= end:
        return sound
    own = np.fromfile(bed.sound, np.dtype("<f4"), 2 * (end - first), offset=(first - bed.first) * FRAME_BYTES).reshape(-1, 2)
    when = np.arange(first, end)
    steps = (np.arange(len(bed.lowered_db)) + 0.5) * _STEP
    lowered = (10 ** (np.interp(when, steps, bed.lowered_db) / 20)).astype(np.float32)
    envelope = lowered * rising(when - bed.first, bed.fade_in) * rising(bed.end - 1 - when, bed.fade_out)
    added = sound.copy()
    added[first - at : end - at] += own * (factor(bed.gain_db + gain_db) * envelope)[:, None]
    return added


def _decoded(bed: Bed, folder: Path) -> _Decoded:
    key = encode.key_of("bed", bed.sha256, _arguments(Path("bed"), bed.mime, Path("sound")))
    at = folder / key[:2]
    with encode.making(key):
        return _kept(at, key) or _decode(bed, at, key)


def _kept(at: Path, key: str) -> _Decoded | None:
    try:
        told = json.loads((at / f"{key}.json").read_text())
        digest = place.digest(at / f"{key}.f32")
    except FileNotFoundError:
        return None
    return _from(at, key, told) if digest == told["sha256"] else None


def _decode(bed: Bed, at: Path, key: str) -> _Decoded:
    sound, note = place.beside(at / f"{key}.f32"), place.beside(at / f"{key}.json")
    try:
        ran = ffmpeg.run(["-nostats", *_arguments(bed.file, bed.mime, sound)], limits=ffmpeg.SUSPECT, what=f"reading {bed.name}")
        if place.digest(bed.file) != bed.sha256:
            raise MediaError(f"{bed.name} was changed while it was read", help="run again")
        read = loudness.reading(ran.stderr)
        moments = loudness.moments(ran.stderr) if read.lufs is not None else ()
        told: dict[str, Any] = {"sha256": place.digest(sound), "samples": sound.stat().st_size // FRAME_BYTES}
        told |= {"lufs": read.lufs, "dbtp": read.dbtp, "moments": moments}
        note.write_text(json.dumps(told))
        place.replace(sound, at / f"{key}.f32")
        place.replace(note, at / f"{key}.json")
    finally:
        for part in (sound, note):
            part.unlink(missing_ok=True)
    return _from(at, key, told)


def _from(at: Path, key: str, told: dict[str, Any]) -> _Decoded:
    return _Decoded(at / f"{key}.f32", told["samples"], Reading(told["lufs"], told["dbtp"]), tuple(told["moments"]))


def _arguments(file: Path, mime: str, to: Path) -> tuple[str, ...]:
    """It may come from anywhere: the demuxer is forced, and nothing but the file is read."""
    guard = dict(zip(*[(argument.lstrip("-") for argument in ffmpeg.GUARD)] * 2, strict=True))
    heard = graph.source(file, {"f": DEMUXERS[mime], **guard, "threads": 1}).sound().filter("asetpts", "PTS-STARTPTS")
    shaped = heard.filter("aresample", SAMPLE_RATE).filter("aformat", sample_fmts="flt", channel_layouts="stereo")
    written = {"f": "f32le", "c:a": "pcm_f32le", "map_metadata": -1, "fflags": "+bitexact"}
    return graph.arguments(loudness.metered(shaped, moments=True).to(to, written))
