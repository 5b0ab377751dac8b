"""A cut's sound for editing programs: the level of each shot, and its beds as events with files. It matches the film's mix, except for the
film's own offset and the limiter.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path

import numpy as np

from callsheet.domain.cut import Cut, Delivery
from callsheet.domain.delivery.bed import Bed
from callsheet.domain.edit import BedEvent, Keyframe, Levels
from callsheet.domain.timebase import SAMPLE_RATE, Fps, half_up, sample_at
from callsheet.finishing.make_film import programme
from callsheet.media.clip.editor_copy import sound_copy
from callsheet.media.clip.normalized import FRAME_BYTES
from callsheet.media.film import music
from callsheet.media.film.music import PlacedBed
from callsheet.media.sound.ducking import Envelope, decibels, turns
from callsheet.store.file_names import safe
from callsheet.store.project_folder import Project


@dataclass(frozen=True, slots=True)
class Soundtrack:
    """The levels of each shot of a cut in order, and its beds."""

    shots: tuple[Levels, ...]
    beds: tuple[BedEvent, ...]


def soundtrack(cut: Cut, form: Delivery, project: Project, folder: Path, media: str) -> Soundtrack:
    """A cut's sound; the beds are written to `folder`/`media` as WAV. MediaError if a clip or a bed can't be read."""
    parts = programme(cut, form, project)
    laid = music.lay(cut.beds, parts, 0, form, project.normalized)
    lowered, shots, record_in = music.clips_lowered(laid), list[Levels](), 0
    for part in parts:
        shots.append(_levels(lowered, part.gain_db, record_in, part.clip.frames, form.fps))
        record_in += part.clip.frames
    return Soundtrack(tuple(shots), tuple(_bed(bed, one, form.fps, folder, media) for bed, one in zip(cut.beds, laid, strict=True)))


def _bed(bed: Bed, laid: PlacedBed, fps: Fps, folder: Path, media: str) -> BedEvent:
    file = f"{media}/{safe(bed.file.stem)}_{bed.sha256[:8]}.wav"
    sound_copy(laid.sound, folder / file)
    there = ceil(Fraction(laid.sound.stat().st_size // FRAME_BYTES, SAMPLE_RATE) * fps)
    frames = min(bed.end - bed.first, there)
    fade_in = min(bed.fade_in, frames)
    return BedEvent(
        name=bed.name,
        file=file,
        sha256=bed.sha256,
        media_frames=there,
        record_in=bed.first,
        frames=frames,
        levels=_levels(laid.lowered_db, laid.gain_db, bed.first, frames, fps),
        fade_in=fade_in,
        fade_out=min(bed.fade_out, frames - fade_in),
        label=_told(bed),
    )


def _told(bed: Bed) -> str:
    said = [f"{bed.name}, {f'{bed.gain_db:+g} dB relative to' if bed.gain_db else 'as loud as'} the clips"]
    if bed.duck_db:
        said.append(f"{bed.duck_db:g} dB lower during speech")
    if bed.duck_others_db:
        said.append(f"clips and music {bed.duck_others_db:g} dB lower during speech in it")
    return ", ".join(said)


def _levels(envelope: Envelope | None, gain_db: float, record_in: int, frames: int, fps: Fps) -> Levels:
    """Keyframes of something at `record_in` in the film: at its ends, and at the frames nearest to where the envelope turns."""
    if envelope is None:
        return (Keyframe(0, round(gain_db, 2)),)
    at = {frame: sample_at(record_in + frame, fps) for frame in (0, frames - 1)}
    for sample in turns(envelope):
        frame = half_up(Fraction(sample, SAMPLE_RATE) * fps) - record_in
        if 0 < frame < frames - 1:
            at[frame] = sample
    lowered = decibels(envelope, np.array(list(at.values())))
    found = sorted((frame, round(gain_db + float(db), 2)) for frame, db in zip(at, lowered, strict=True))
    moves = len({db for _, db in found}) > 1
    return tuple(Keyframe(frame, db) for frame, db in (found if moves else found[:1]))
