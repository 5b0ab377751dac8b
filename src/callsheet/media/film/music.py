"""Beds under a film's sound: decoded once, matched to the clips by measured loudness, faded, lowered during speech, or lowering the rest."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from callsheet.domain.cut import Delivery
from callsheet.domain.delivery.bed import Bed
from callsheet.domain.delivery.fitting import Level
from callsheet.domain.errors import MediaError
from callsheet.domain.timebase import SAMPLE_RATE, sample_at
from callsheet.media.clip import normalized
from callsheet.media.clip.content_key import key_of
from callsheet.media.clip.normalized import FRAME_BYTES
from callsheet.media.ffmpeg import filter_graph, runner
from callsheet.media.ffmpeg.command import NO_PROGRESS, Command
from callsheet.media.film.mix import Part, factor, rising
from callsheet.media.inspect import measure_inputs
from callsheet.media.sound import loudness
from callsheet.media.sound.ducking import STEP, Envelope, Speech, decibels, lowest
from callsheet.media.sound.limiter import Samples
from callsheet.media.sound.reading import Reading
from callsheet.store import atomic_files

#: sound this far below the delivery's loudness, or below a voice-over's own, is a pause, LU
_SPEECH_LU = 20.0


@dataclass(frozen=True, slots=True)
class PlacedBed:
    """A bed in a film: its decoded sound, its first and last sample in the film, its gain, fades in samples, and its lowering per step of
    100 ms.
    """

    sound: Path
    first: int
    end: int
    gain_db: float
    fade_in: int
    fade_out: int
    lowered_db: Envelope
    #: how far the clips are lowered for it; None: they aren't
    clips_db: Envelope | None = None


@dataclass(frozen=True, slots=True)
class _Decoded:
    sound: Path
    samples: int
    reading: Reading
    moments: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class _Put:
    """A decoded bed at its place: first and last sample in the film, and its gain."""

    bed: Bed
    decoded: _Decoded
    first: int
    end: int
    gain_db: float


def lay(beds: Sequence[Bed], parts: Sequence[Part], front: int, delivery: Delivery, folder: Path) -> list[PlacedBed]:
    """The beds of a programme whose first frame is the film's `front`; `parts` are its shots, decoded sound is kept in `folder`.

    MediaError if a file can't be decoded, or is another one than it was when the cut was made.
    """
    puts = [_put(bed, front, delivery, folder) for bed in beds]
    frames = front + sum(part.clip.frames for part in parts)
    steps = sample_at(frames, delivery.fps) // STEP + 1
    spoken = _spoken(parts, puts, front, delivery)
    voices = [_clips_lowered_by(put, steps) for put in puts]
    music = lowest((one for one in voices if one is not None), steps)
    placed: list[PlacedBed] = []
    for put, voice in zip(puts, voices, strict=True):
        ducked = spoken.lowered(put.bed.duck_db, steps)
        placed.append(
            PlacedBed(
                sound=put.decoded.sound,
                first=put.first,
                end=put.end,
                gain_db=put.gain_db,
                fade_in=sample_at(put.bed.fade_in, delivery.fps),
                fade_out=sample_at(put.bed.fade_out, delivery.fps),
                lowered_db=ducked if put.bed.duck_others_db else np.minimum(ducked, music),  # one voice-over doesn't lower another
                clips_db=voice,
            )
        )
    return placed


def _put(bed: Bed, front: int, delivery: Delivery, folder: Path) -> _Put:
    decoded = _decoded(bed, folder)
    first, end = sample_at(front + bed.first, delivery.fps), sample_at(front + bed.end, delivery.fps)
    gain = loudness.gain_db(decoded.reading, Level(by_db=bed.gain_db), delivery)
    return _Put(bed, decoded, first, min(end, first + decoded.samples), gain)


def _spoken(parts: Sequence[Part], puts: Sequence[_Put], front: int, delivery: Delivery) -> Speech:
    """Where clips, and beds that don't duck, are audible."""
    speech, least, record_in = Speech(), delivery.loudness_lufs - _SPEECH_LU, front
    for part in parts:
        speech.add_sound(sample_at(record_in, delivery.fps), part.clip.moments, least - part.gain_db)
        record_in += part.clip.frames
    for put in puts:
        if not put.bed.duck_db:
            speech.add_sound(put.first, put.decoded.moments, least - put.gain_db, until=put.end)
    return speech


def _clips_lowered_by(put: _Put, steps: int) -> Envelope | None:
    """How far a voice-over lowers clips and music, by its own loudness, so that it may be quiet. None for another bed."""
    lufs = put.decoded.reading.lufs
    if not put.bed.duck_others_db or lufs is None:
        return None
    speech = Speech()
    speech.add_sound(put.first, put.decoded.moments, lufs - _SPEECH_LU, until=put.end)
    return speech.lowered(put.bed.duck_others_db, steps)


def clips_lowered(beds: Sequence[PlacedBed]) -> Envelope | None:
    """How far the clips are lowered for the voice-overs among the beds; None if there are none."""
    found = [bed.clips_db for bed in beds if bed.clips_db is not None]
    return lowest(found, len(found[0])) if found else None


def with_beds(film: Iterable[Samples], beds: Sequence[PlacedBed], gain_db: float) -> Generator[Samples]:
    """A film's sound (stereo, 48 kHz, in blocks) with its beds in it, all of them moved by `gain_db` as the film is."""
    at, clips = 0, clips_lowered(beds)
    for sound in film:
        if clips is not None:
            np.multiply(sound, _factors(clips, np.arange(at, at + len(sound)))[:, None], out=sound)
        for bed in beds:
            _add(sound, at, bed, gain_db)
        at += len(sound)
        yield sound


def _factors(envelope: Envelope, when: NDArray[np.int64]) -> Samples:
    return (10 ** (decibels(envelope, when) / 20)).astype(np.float32)


def _add(sound: Samples, at: int, bed: PlacedBed, gain_db: float) -> None:
    """A bed's part of the block of the film that begins at sample `at`."""
    first, end = max(at, bed.first), min(at + len(sound), bed.end)
    if first >= end:
        return
    own = np.fromfile(bed.sound, np.dtype("<f4"), 2 * (end - first), offset=(first - bed.first) * FRAME_BYTES).reshape(-1, 2)
    when = np.arange(first, end)
    envelope = _factors(bed.lowered_db, when) * rising(when - bed.first, bed.fade_in) * rising(bed.end - 1 - when, bed.fade_out)
    sound[first - at : end - at] += own * (factor(bed.gain_db + gain_db) * envelope)[:, None]


def _decoded(bed: Bed, folder: Path) -> _Decoded:
    key = key_of("bed", bed.sha256, _command(Path("bed"), bed.mime, Path("sound")).words)
    at = folder / key[:2]
    with normalized.making(key):
        told = _kept(at, key) or _decode(bed, at, key)
    return _Decoded(at / f"{key}.f32", told["samples"], Reading(told["lufs"], told["peak_db"]), tuple(told["moments"]))


def _kept(at: Path, key: str) -> dict[str, Any] | None:
    told, sound = atomic_files.read_note(at / f"{key}.json"), at / f"{key}.f32"
    return told if told and sound.exists() and atomic_files.digest(sound) == told["sha256"] else None


def _decode(bed: Bed, at: Path, key: str) -> dict[str, Any]:
    sound, note = atomic_files.part_path(at / f"{key}.f32"), atomic_files.part_path(at / f"{key}.json")
    try:
        ran = runner.run(_command(bed.file, bed.mime, sound).flagged(NO_PROGRESS), limits=runner.SUSPECT, what=f"reading {bed.name}")
        if atomic_files.digest(bed.file) != bed.sha256:
            raise MediaError(f"{bed.name} was changed during the run", help="run again")
        told: dict[str, Any] = {"sha256": atomic_files.digest(sound), "samples": sound.stat().st_size // FRAME_BYTES}
        measured = loudness.measured(ran)
        told |= {"lufs": measured.reading.lufs, "peak_db": measured.reading.peak_db, "moments": measured.moments}
        note.write_text(json.dumps(told))
        atomic_files.replace(sound, at / f"{key}.f32")
        atomic_files.replace(note, at / f"{key}.json")
    finally:
        for part in (sound, note):
            part.unlink(missing_ok=True)
    return told


def _command(file: Path, mime: str, to: Path) -> Command:
    """It may come from anywhere."""
    heard = filter_graph.source(file, measure_inputs.guard(mime)).sound().filter("asetpts", "PTS-STARTPTS")
    shaped = heard.filter("aresample", SAMPLE_RATE).filter("aformat", sample_fmts="flt", channel_layouts="stereo")
    return filter_graph.command(loudness.metered(shaped).to(to, normalized.RAW_SOUND))
