"""A film's sound from its shots' sounds: matched, cross-faded under transitions, joined end to end. At most a second of it is in memory."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from callsheet.domain.errors import MediaError
from callsheet.domain.timebase import SAMPLE_RATE, Fps, sample_at
from callsheet.media.clip.normalized import FRAME_BYTES, Normalized
from callsheet.media.film.transitions import Joined
from callsheet.media.sound.limiter import Samples

_BLOCK = SAMPLE_RATE
#: how long a fade at a hard cut is, and how much around it tells what steps are usual there, samples: 4 ms and 2 ms
_FADE, _AROUND = SAMPLE_RATE * 4 // 1000, SAMPLE_RATE * 2 // 1000
#: a step is a click that is so many times as large as any around it; it is softened from here on, lest noise that breaks off is heard to, and from which size on
_UNUSUAL, _BREAKS, _HEARD = 2.0, 1.2, 0.01
_HELP = "delete .callsheet/normalized and run `callsheet finish` again"


@dataclass(frozen=True, slots=True)
class Part:
    """A shot in a film, and the gain (dB) that matches it to the others."""

    joined: Joined
    gain_db: float = 0.0

    @property
    def clip(self) -> Normalized:
        """Its conformed clip or slate."""
        return self.joined.clip


@dataclass(frozen=True, slots=True)
class _Place:
    """A part's samples in the film, and how many of them its transitions take."""

    samples: int
    comes: int
    goes: int


def film_sound(parts: Sequence[Part], fps: Fps, gain_db: float) -> Generator[Samples]:
    """A film's sound (stereo, 48 kHz) in blocks, all of it moved by `gain_db`; each shot starts at its first frame's sample."""
    before = 0.0
    for part, place in zip(parts, _softened(parts, _places(parts, fps)), strict=True):
        for block in _shot_sound(part, before, place):
            yield block * factor(gain_db)
        before = part.gain_db


def _places(parts: Sequence[Part], fps: Fps) -> Generator[_Place]:
    record_in = 0
    for part in parts:
        effect, record_out = part.joined.effect, record_in + part.clip.frames
        start, end = sample_at(record_in, fps), sample_at(record_out, fps)
        yield _Place(end - start, sample_at(record_in + effect.comes, fps) - start, end - sample_at(record_out - effect.goes, fps))
        record_in = record_out


def _softened(parts: Sequence[Part], places: Iterable[_Place]) -> list[_Place]:
    """The places with a short fade wherever a shot's sound breaks off or begins with a jump: on both sides of a hard cut, and at the end of the shot
    before a fade that is too short to have frames there. Where the sound is continuous, there is none.
    """
    made = list(places)
    for n in range(1, len(made)):
        before, after = made[n - 1], made[n]
        if before.goes or parts[n].joined.under or not min(before.samples, after.samples):
            continue
        ends = _edge(parts[n - 1], max(0, before.samples - _AROUND), min(_AROUND, before.samples))
        begins = _edge(parts[n], 0, min(_AROUND, after.samples))
        if after.comes:
            begins *= rising(np.arange(len(begins)), after.comes)[:, None]
        if jump(np.concatenate([ends, begins]), len(ends), _BREAKS) > _HEARD:
            made[n - 1] = replace(before, goes=min(_FADE, before.samples))
            made[n] = replace(after, comes=after.comes or min(_FADE, after.samples))
    return made


def _edge(part: Part, first: int, samples: int) -> Samples:
    sound = np.fromfile(part.clip.sound, np.dtype("<f4"), 2 * samples, offset=first * FRAME_BYTES).reshape(-1, 2)
    return np.nan_to_num(sound) * factor(part.gain_db)


def jump(sound: Samples, at: int, unusual: float = _UNUSUAL) -> float:
    """How far the wave steps just before sample `at` of a sound (1.0 is full scale), where that is `unusual` times as far as around there; else 0."""
    steps = np.abs(np.diff(sound, axis=0)).max(axis=1)
    if not 0 < at < len(sound):
        return 0.0
    around = np.delete(steps, at - 1).max(initial=0)
    return float(steps[at - 1]) if steps[at - 1] > unusual * around else 0.0


class JoinMeter:
    """Measures a film's sound as it passes: how far it jumps at each shot's first sample."""

    def __init__(self, parts: Sequence[Part], fps: Fps) -> None:
        self._at = [0, *accumulate(place.samples for place in _places(parts, fps))][:-1]
        self.jumps = [0.0] * len(self._at)

    def listened(self, blocks: Iterable[Samples]) -> Generator[Samples]:
        """The same sound, passed through."""
        first, tail, n = 0, np.zeros((0, 2), np.float32), 1
        for block in blocks:
            heard = np.concatenate([tail, block])
            first -= len(tail)
            while n < len(self._at) and self._at[n] + _AROUND <= first + len(heard):
                at = self._at[n] - first
                begin = max(0, at - _AROUND)
                self.jumps[n] = jump(heard[begin : at + _AROUND], at - begin)
                n += 1
            first += len(heard)
            tail = heard[-2 * _AROUND :]
            yield block


def _shot_sound(part: Part, before_db: float, place: _Place) -> Generator[Samples]:
    """A shot's own sound as it comes and goes, and under its start the tail of the shot before at that one's gain."""
    under = part.joined.under
    tails = _blocks(under.sound, place.comes) if under else iter(())
    first = 0
    for block in _blocks(part.clip.sound, place.samples):
        sound = _scaled(block, part.gain_db, _envelope(first, len(block), place))
        tail = next(tails, None)
        if tail is not None:
            at = np.arange(first, first + len(tail))
            sound[: len(tail)] += _scaled(tail, before_db, rising(place.comes - 1 - at, place.comes))
        first += len(block)
        yield sound


def _envelope(first: int, count: int, place: _Place) -> Samples | None:
    """How a block of a shot's sound comes and goes; None where it does neither, as nearly all of it. `first` is the block's place in the shot."""
    coming, going = min(count, max(0, place.comes - first)), min(count, max(0, first + count - place.samples + place.goes))
    if not coming and not going:
        return None
    envelope, stays = np.ones(count, np.float32), count - going
    envelope[:coming] = rising(np.arange(first, first + coming), place.comes)
    envelope[stays:] *= rising(place.samples - 1 - np.arange(first + stays, first + count), place.goes)
    return envelope


def rising(at: NDArray[np.int64], length: int) -> Samples:
    """A fade-in over `length` samples with equal power, so that two crossing sounds keep their loudness."""
    if not length:
        return np.ones(len(at), np.float32)
    share = np.clip((at + 0.5) / length, 0.0, 1.0)
    return np.sin(share * np.pi / 2).astype(np.float32)


def _scaled(sound: Samples, gain_db: float, envelope: Samples | None) -> Samples:
    return sound * factor(gain_db) if envelope is None else sound * (factor(gain_db) * envelope)[:, None]


def factor(gain_db: float) -> np.float32:
    """The factor for a gain in dB."""
    return np.float32(10 ** (gain_db / 20))


def _blocks(sound: Path, samples: int) -> Generator[Samples]:
    left = samples
    with sound.open("rb") as file:
        while left > 0:
            block = file.read(min(left, _BLOCK) * FRAME_BYTES)
            if not block:
                raise MediaError(f"{sound.name} is shorter than its clip", help=_HELP)
            left -= len(block) // FRAME_BYTES
            heard = np.frombuffer(block, np.dtype("<f4")).reshape(-1, 2)
            # one invalid sample from a decoder would spoil the whole film
            yield heard if np.isfinite(heard).all() else np.nan_to_num(heard, nan=0.0, posinf=0.0, neginf=0.0)
