"""How high a wave stands between its samples: it is looked at four times as finely as it is sampled, but only where it could stand higher than before."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

#: samples on either side of a place between two samples that tell what the wave is there
REACH = 12
_STEPS = np.array([0.25, 0.5, 0.75])
_AWAY = np.arange(-REACH + 1, REACH + 1)[:, None] - _STEPS
#: a windowed sinc for each step between two samples, (2 * REACH, steps)
SINC = (np.sinc(_AWAY) * np.cos(np.pi * _AWAY / (2 * REACH + 2)) ** 2).astype(np.float32)

#: between samples no wave stands higher than this factor times the highest sample that tells of it: the most that the sinc can add up to
_AT_MOST = float(np.abs(SINC).sum(axis=0).max()) * (1 + 1e-6)
#: samples that are looked at together, and those that tell of them
_GROUP = 16
_TOLD_BY = _GROUP + 2 * REACH - 1
#: the sinc at each step after each sample of a group, (_TOLD_BY, steps of a group)
_GROUPED = np.concatenate([np.pad(SINC, ((n, _GROUP - 1 - n), (0, 0))) for n in range(_GROUP)], axis=1)
#: groups that are multiplied at once: with more, numpy's library would wake other threads, which wait by spinning
_AT_ONCE = 96


class TruePeak:
    """The highest that a sound has stood so far: `level` is the factor of full scale, of any channel."""

    def __init__(self) -> None:
        self.level = 0.0
        self._held = np.zeros((REACH - 1, 2), np.float32)

    def listen(self, block: Samples) -> None:
        """The next samples, (samples, 2). What lies at their end is judged with the block after them."""
        sound = np.concatenate([self._held, block])
        groups = (len(sound) - 2 * REACH + 1) // _GROUP
        if groups > 0:
            for channel in sound.T:
                self._look(np.ascontiguousarray(channel), groups)
        self._held = sound[max(0, groups) * _GROUP :]

    def end(self) -> None:
        """Judge what lies at the end of the sound: silence comes after it."""
        self.listen(np.zeros((_TOLD_BY, 2), np.float32))

    def _look(self, wave: Samples, groups: int) -> None:
        heights = np.abs(wave)
        self.level = max(self.level, float(heights.max()))
        windows = np.lib.stride_tricks.sliding_window_view(wave, _TOLD_BY)[::_GROUP][:groups]
        starts = np.arange(-(-len(wave) // _GROUP)) * _GROUP
        highest = np.pad(np.maximum.reduceat(heights, starts), (0, 2))  # of each group's samples; those of three tell of one
        told = np.maximum(np.maximum(highest[:groups], highest[1 : groups + 1]), highest[2 : groups + 2])
        higher = np.flatnonzero(told * _AT_MOST > self.level)
        for n in range(0, len(higher), _AT_ONCE):
            self.level = max(self.level, float(np.abs(windows[higher[n : n + _AT_ONCE]] @ _GROUPED).max()))
