"""A limiter of true peaks: what would pass the ceiling, between the samples too, is lowered for a moment; all else comes out bit for bit.

The sound is looked at four times as finely as it is sampled, but only where it comes near the ceiling: nearly none of it does.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from callsheet.domain.timebase import SAMPLE_RATE
from callsheet.media.sound.true_peak import REACH, SINC, Samples

#: the wave passes a sample by no more than this factor before the next one, but for tones near half the sampling rate
_BETWEEN = 0.6
#: how fast the gain goes down before a peak and comes back after it: the time to 1/e, samples
_ATTACK, _RELEASE = SAMPLE_RATE / 800, SAMPLE_RATE / 40
#: a lowering of less than this is none
_NONE = np.log(1e-5)
#: samples that are held back, since a peak among the next ones lowers them: until a whole lowering has faded into nothing
_AHEAD = int(-_NONE * _ATTACK) + 1
#: no sound is so far beyond full scale
SENSELESS = 1e6


def sane(sound: Samples) -> NDArray[np.bool_]:
    """Which samples are sound: numbers, and not so far beyond full scale that sums of them are none."""
    return np.abs(sound) < SENSELESS


def limited(blocks: Iterable[Samples], limit: float) -> Generator[Samples]:
    """The same sound, (samples, 2) in blocks of any length, with no true peak above `limit` (1.0 is full scale)."""
    state = _State(limit)
    for block in blocks:
        yield from state.passed(block)
    yield from state.rest()


@dataclass(slots=True)
class _State:
    """What was given out last, what is held back, and the logarithm of how far the sound is still lowered from before."""

    limit: float
    gone: Samples = field(default_factory=lambda: np.zeros((0, 2), np.float32))
    held: Samples = field(default_factory=lambda: np.zeros((0, 2), np.float32))
    falling: float = -np.inf

    def passed(self, block: Samples) -> Generator[Samples]:
        self.held = np.concatenate([self.held, block]) if len(self.held) else block
        if len(self.held) > _AHEAD:
            yield self._given(len(self.held) - _AHEAD)

    def rest(self) -> Generator[Samples]:
        if len(self.held):
            yield self._given(len(self.held))

    def _given(self, count: int) -> Samples:
        sound = self.held[:count]
        wanted = _lowering(self.gone, self.held, self.limit)
        if wanted is not None or self.falling > _NONE:
            sound = sound * self._gain(wanted if wanted is not None else np.full(len(self.held), -np.inf), count)[:, None]
        self.gone, self.held = np.concatenate([self.gone[-REACH:], self.held[:count]])[-REACH:], self.held[count:]
        return sound

    def _gain(self, wanted: NDArray[np.float64], count: int) -> Samples:
        """The gain of the first `count` samples: as low as each asks for, coming down before it and going up after it."""
        at = np.arange(len(wanted))
        after = np.maximum.accumulate(np.concatenate([[self.falling], wanted + at / _RELEASE]))[1:] - at / _RELEASE
        before = np.maximum.accumulate((wanted - at / _ATTACK)[::-1])[::-1] + at / _ATTACK
        self.falling = float(after[count - 1] - 1 / _RELEASE)
        lower = np.maximum(after, before)[:count]
        return (1 - np.exp(np.where(lower > _NONE, lower, -np.inf))).astype(np.float32)


def _lowering(gone: Samples, held: Samples, limit: float) -> NDArray[np.float64] | None:
    """The logarithm of how far each held sample has to be lowered (of 1), -inf where not at all; None if no one has to be."""
    around = np.concatenate([np.zeros((REACH - len(gone), 2), np.float32), gone, held, np.zeros((REACH, 2), np.float32)])
    left, right = np.abs(around[REACH - 1 : -REACH]).T
    heights = np.maximum(left, right)  # of any channel: of the last sample before those that are looked at, and of those
    near = heights > _BETWEEN * limit
    gaps = np.flatnonzero(near | np.append(near[1:], False))  # the wave may stand higher after these than at any sample
    if not len(gaps):
        return None
    high = np.zeros(len(heights), np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(around, 2 * REACH, axis=0)[gaps]
    high[gaps] = np.abs(windows @ SINC).max(axis=(1, 2))
    peaks = np.maximum(heights, high)[1:]
    peaks = np.maximum(peaks, high[:-1])
    over = np.flatnonzero(peaks > limit)
    if not len(over):
        return None
    wanted = np.full(len(held), -np.inf)
    wanted[over] = np.log(1 - limit / peaks[over])
    return wanted
