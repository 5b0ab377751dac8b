"""What checks need to know of a clip's pictures: each measured once, for all checks. A few pictures at a time: for arrays of a whole clip the system clears new
pages, which takes as long as the arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from callsheet.media.inspect.decode_check import HEIGHT, WIDTH, Watched

#: luma of black in video range, with an encoder's tolerance
_BLACK = 24
#: video range with the overshoot that EBU R 103 allows
_LOW, _HIGH, _CHROMA_LOW, _CHROMA_HIGH = 5, 246, 5, 250
#: pictures at a time
_AT_A_TIME = 16


@dataclass(frozen=True, slots=True, eq=False)
class PictureLevels:
    """One number for each picture, and for each step from a picture to the next. Shares are from 0 to 1, differences are of 8-bit luma."""

    #: mean luma
    level: NDArray[np.float64]
    #: the share that is black, and the larger one of those of luma and chroma outside video range
    black: NDArray[np.float64]
    outside: NDArray[np.float64]
    #: by how much a step changes the picture: mean, and where it changes most
    moved: NDArray[np.float64]
    most: NDArray[np.uint8]


def picture_levels(watched: Watched) -> PictureLevels:
    """Measure every picture of a clip."""
    frames = len(watched.luma)
    luma, chroma = watched.luma.reshape(frames, WIDTH * HEIGHT), watched.chroma.reshape(frames, WIDTH * HEIGHT // 2)
    level, black, outside = np.zeros(frames), np.zeros(frames), np.zeros(frames)
    moved, most = np.zeros(max(frames - 1, 0)), np.zeros(max(frames - 1, 0), np.uint8)
    for some in _blocks(frames):
        level[some], black[some] = _mean(luma[some]), _share(luma[some] < _BLACK)
        beyond = _share((luma[some] < _LOW) | (luma[some] > _HIGH))
        outside[some] = np.maximum(beyond, _share((chroma[some] < _CHROMA_LOW) | (chroma[some] > _CHROMA_HIGH)))
    for some in _blocks(frames - 1):
        change = apart(luma[1:][some], luma[:-1][some])
        moved[some], most[some] = _mean(change), change.max(axis=1)
    return PictureLevels(level, black, outside, moved, most)


def apart(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """By how much each sample differs: in bytes, which takes a thirtieth of the time of wider numbers."""
    return np.maximum(one, other) - np.minimum(one, other)


def _blocks(pictures: int) -> Iterator[slice]:
    return (slice(first, first + _AT_A_TIME) for first in range(0, pictures, _AT_A_TIME))


def _mean(samples: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The exact mean of each row: whole numbers are added, in a third of the time of floats."""
    return samples.sum(axis=1, dtype=np.uint32) / samples.shape[1]


def _share(flags: NDArray[np.bool_]) -> NDArray[np.float64]:
    """How much of each row is True: bits are counted, in a fifth of the time of a mean."""
    return np.bitwise_count(np.packbits(flags, axis=1)).sum(axis=1, dtype=np.uint32) / flags.shape[1]
