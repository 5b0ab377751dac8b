"""Ducking: how far one sound goes down while another is heard, from the loudness of each 100 ms that the other was measured with.

So the same sounds always give the same film. A sound goes down before the other begins, comes back slowly, and stays down over pauses that are too
short to come back in: it doesn't pump between words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from callsheet.domain.timebase import SAMPLE_RATE

#: one measured block begins every so many samples, and lasts four of these steps
STEP = SAMPLE_RATE // 10
_BLOCK_STEPS = 4
#: steps in which a sound goes down, and in which it comes back
_DOWN, _UP = 2, 8

#: a change of slope below this is rounding
_EVEN_DB = 1e-9

#: dB of each step of 100 ms of a film, 0 or below
Envelope = NDArray[np.float64]


class Speech:
    """In which steps of a film something is heard that others make room for."""

    def __init__(self) -> None:
        self._steps: set[int] = set()

    def add_sound(self, first: int, moments: Sequence[float], over_lufs: float, *, until: int | None = None) -> None:
        """A sound from sample `first` on, up to `until`, by its measured blocks (LUFS): those that are louder than `over_lufs` count."""
        for n, moment in enumerate(moments):
            at = first + n * STEP
            if moment > over_lufs and (until is None or at < until):
                self._steps.update(range(at // STEP, at // STEP + _BLOCK_STEPS))

    def lowered(self, by_db: float, steps: int) -> Envelope:
        """How far another sound stands lower at each of a film's steps."""
        lowered = np.where(self._busy(steps), -by_db, 0.0)
        for n in range(steps - 2, -1, -1):
            lowered[n] = min(lowered[n], lowered[n + 1] + by_db / _DOWN)
        for n in range(1, steps):
            lowered[n] = min(lowered[n], lowered[n - 1] + by_db / _UP)
        return lowered

    def _busy(self, steps: int) -> NDArray[np.bool_]:
        """The steps in which something is heard, those of short pauses between them, and one before each: an envelope stands in the middle of its steps."""
        busy = np.zeros(steps, np.bool_)
        before: int | None = None
        for step in sorted(one for one in self._steps if 0 <= one < steps):
            bridged = before is not None and step - before <= _UP + _DOWN
            busy[before if bridged else step : step + 1] = True
            before = step
        busy[:-1] |= busy[1:]
        return busy


def lowest(envelopes: Iterable[Envelope], steps: int) -> Envelope:
    """The lowest of all at each step; nothing is lowered where there are none."""
    return np.minimum.reduce([np.zeros(steps), *envelopes])


def turns(envelope: Envelope) -> list[int]:
    """The samples of the film at which an envelope begins or ceases to move: between them it is a straight line."""
    bends = np.flatnonzero(np.abs(np.diff(envelope, 2)) > _EVEN_DB) + 1
    return [int(step) * STEP + STEP // 2 for step in bends]


def decibels(envelope: Envelope, samples: NDArray[np.int64]) -> NDArray[np.float64]:
    """An envelope at these samples of the film."""
    return np.interp(samples, (np.arange(len(envelope)) + 0.5) * STEP, envelope)
