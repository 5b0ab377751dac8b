"""The true-peak meter: as high as another meter reads, however the sound comes, though it looks only where the wave may stand higher than before."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from callsheet.media.sound.loudness import reading
from callsheet.media.sound.true_peak import REACH, SINC, TruePeak
from tests.runners import ffmpeg

_RATE = 48_000
Samples = NDArray[np.float32]


def _sounds(seed: int) -> dict[str, Samples]:
    """Those whose peaks lie at the samples, between them, everywhere, in one place, at the very end, and nowhere."""
    rng, at = np.random.default_rng(seed), np.arange(_RATE) / _RATE
    comes = np.minimum(1, 100 * at)
    mono = {
        "noise": rng.normal(0, 0.2, _RATE) * comes,
        "a tone": 0.5 * comes * np.sin(2 * np.pi * 997 * at),
        "peaks between the samples": 0.5 * comes * np.sin(2 * np.pi * 12_000 * at + np.pi / 4),
        "quiet, then loud": rng.normal(0, 0.001, _RATE) + 0.8 * np.sin(2 * np.pi * 5000 * at) * (np.abs(at - 0.7) < 0.003),
        "loud, then quiet": rng.normal(0, 0.2, _RATE) * np.exp(-at * 8) * comes,
        "clipped": np.clip(3 * np.sin(2 * np.pi * 440 * at), -0.9, 0.9) * comes,
    }
    return {name: np.stack([0.7 * wave, wave], axis=1).astype(np.float32) for name, wave in mono.items()}


_NAMES = tuple(_sounds(0))


def _level(sound: Samples, *cuts: int) -> float:
    meter = TruePeak()
    for block in np.split(sound, cuts):
        meter.listen(block)
    meter.end()
    return meter.level


def _everywhere(sound: Samples) -> float:
    """Between all samples, without leaving any out."""
    around = np.concatenate([np.zeros((REACH - 1, 2), np.float32), sound, np.zeros((REACH, 2), np.float32)])
    windows = np.lib.stride_tricks.sliding_window_view(around, 2 * REACH, axis=0)
    return float(max(np.abs(sound).max(), np.abs(windows @ SINC).max()))


@pytest.mark.parametrize("name", _NAMES)
def test_another_meter_reads_the_same(name: str, seed: int) -> None:
    """To the tenth of a dB that ffmpeg's rounds to, and a tenth for its other filter."""
    sound = _sounds(seed)[name]
    meter = ["-f", "f32le", "-ar", str(_RATE), "-ac", "2", "-i", "pipe:0", "-af", "ebur128=peak=true", "-f", "null", "-"]
    told = reading(ffmpeg(["-nostats", *meter], stdin=sound.tobytes())).peak_db
    assert told == pytest.approx(20 * np.log10(_level(sound)), abs=0.2)


@pytest.mark.parametrize("name", _NAMES)
def test_no_place_that_could_be_the_highest_is_left_out(name: str, seed: int) -> None:
    """The same level as if every place were looked at, whatever the blocks are that the sound comes in."""
    sound, rng = _sounds(seed)[name], np.random.default_rng(seed)
    whole = _everywhere(sound)
    for _ in range(4):
        cuts = np.sort(rng.integers(0, len(sound), 9))
        assert _level(sound, *map(int, cuts)) == pytest.approx(whole, rel=1e-5)


def test_the_last_sample_counts_and_silence_has_no_level() -> None:
    """One full sample at the end of a sound is as high as it is; nothing, and no sound at all, is zero."""
    last = np.zeros((1000, 2), np.float32)
    last[-1, 1] = 0.9
    assert _level(last) == pytest.approx(0.9, abs=0.01)
    assert _level(np.zeros((5000, 2), np.float32)) == 0 == _level(np.zeros((0, 2), np.float32))
