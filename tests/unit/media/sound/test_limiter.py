"""The limiter: no true peak above the ceiling, however the sound comes; what stays below is not touched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from callsheet.media.sound.limiter import limited
from callsheet.media.sound.loudness import reading
from tests.runners import ffmpeg

_RATE = 48_000
_CEILING_DB = -1.5
_CEILING = 10 ** (_CEILING_DB / 20)
Samples = NDArray[np.float32]


def _sound(left: object) -> Samples:
    wave = np.asarray(left, np.float32)
    return np.stack([wave, 0.9 * wave], axis=1).astype(np.float32)


def _tone(hertz: float, level: float, seconds: float = 2, phase: float = 0.0) -> NDArray[np.float64]:
    """One that comes softly: a wave that starts at once overshoots on every meter in its own way (ffmpeg's takes it for mirrored before its start)."""
    at = np.arange(int(_RATE * seconds)) / _RATE
    return level * np.minimum(1, 100 * at) * np.sin(2 * np.pi * hertz * at + phase)


def _passed(sound: Samples, sizes: Sequence[int] = (_RATE,)) -> Samples:
    def blocks() -> Iterator[Samples]:
        at, n = 0, 0
        while at < len(sound):
            yield sound[at : at + sizes[n % len(sizes)]]
            at, n = at + sizes[n % len(sizes)], n + 1

    return np.concatenate(list(limited(blocks(), _CEILING)))


def _true_peak_db(sound: Samples) -> float:
    meter = ["-f", "f32le", "-ar", str(_RATE), "-ac", "2", "-i", "pipe:0", "-af", "ebur128=peak=true", "-f", "null", "-"]
    read = reading(ffmpeg(["-nostats", *meter], stdin=sound.tobytes())).peak_db
    assert read is not None
    return read


def _loud(name: str, seed: int) -> Samples:
    rng = np.random.default_rng(seed)
    wave = {
        "noise": lambda: rng.normal(0, 0.6, 2 * _RATE) * np.minimum(1, 100 * np.arange(2 * _RATE) / _RATE),
        "a low tone": lambda: _tone(60, 1.4),
        "a tone": lambda: _tone(1000, 2.0),
        "peaks between the samples": lambda: _tone(12_000, 1.5, phase=np.pi / 4),
        "clicks": lambda: np.where(np.arange(2 * _RATE) % 9600 == 0, 3.0, 0.0),
        "bursts": lambda: rng.normal(0, 0.1, 2 * _RATE) + _tone(440, 1.3) * (np.arange(2 * _RATE) % 24_000 < 2400),
    }[name]()
    return _sound(wave)


_LOUD = ("noise", "a low tone", "a tone", "peaks between the samples", "clicks", "bursts")


@pytest.mark.parametrize("name", _LOUD)
def test_no_true_peak_passes_the_ceiling(name: str, seed: int) -> None:
    """Read by another meter than ours; a tenth is that one's own rounding."""
    assert _true_peak_db(_passed(_loud(name, seed))) <= _CEILING_DB + 0.1


def test_what_stays_below_is_bit_for_bit_the_same(seed: int) -> None:
    """Also where it comes near."""
    sound = _sound(_tone(997, 0.98 * _CEILING) + np.random.default_rng(seed).normal(0, 1e-4, 2 * _RATE))
    assert np.array_equal(_passed(sound), sound)


def test_blocks_make_no_difference(seed: int) -> None:
    """However the sound is cut into blocks, it comes out the same but for the last bit, and as long as it went in."""
    rng = np.random.default_rng(seed)
    sound = _loud("bursts", seed)
    whole = _passed(sound, (len(sound),))
    assert len(whole) == len(sound)
    for _ in range(4):
        assert np.allclose(_passed(sound, rng.integers(1, 30_000, 8).tolist()), whole, atol=1e-6)


def test_it_is_lowered_for_a_moment_only() -> None:
    """Long before a peak and long after it nothing is changed; both sides are lowered alike."""
    sound = _sound(_tone(100, 0.1))
    sound[_RATE] = (2.0, 0.0)
    came = _passed(sound)
    changed = np.flatnonzero((came != sound).any(axis=1))
    assert changed.min() > _RATE - 0.02 * _RATE
    assert changed.max() < _RATE + 0.35 * _RATE
    gain = came[_RATE + 600 : _RATE + 700] / sound[_RATE + 600 : _RATE + 700]
    assert np.allclose(gain[:, 0], gain[:, 1], rtol=1e-5)


def test_the_gain_comes_and_goes_without_a_step() -> None:
    """From sample to sample it moves by no more than 2 %: nothing clicks."""
    sound = np.full((2 * _RATE, 2), 0.5, np.float32)
    sound[_RATE : _RATE + 3] = 2.0
    gain = _passed(sound)[:, 0] / sound[:, 0]
    assert np.abs(np.diff(gain)).max() < 0.02


@pytest.mark.parametrize("length", [0, 1, 11, 12, 13, 900])
def test_the_shortest_sounds_pass(length: int) -> None:
    """Shorter than what it looks ahead, too."""
    sound = np.full((length, 2), 0.1, np.float32)
    assert np.array_equal(np.concatenate([np.zeros((0, 2), np.float32), *limited(iter([sound]), _CEILING)]), sound)
