"""Reads the stand-in's test films back from decoded pictures and sound: which clip and frame each picture shows, where it flashes and beeps.

Written apart from the stand-in, from the layout that its pictures promise: a row of 32 cells along the top twelfth, white black, clip (8 bits),
frame (12), CRC-8 of both (8), black white. It works on a stitched delivery as on a single clip, scaled and letterboxed or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
Size = tuple[int, int]
#: clip number and frame number
Cell = tuple[int, int]

_CELLS = 32
_RATE = 48_000
_WHITE = 225


def read_film(path: Path, *sources: Size) -> list[Cell | None]:
    """Clip and frame number of every picture in order; None where none can be read (a slate, a damaged picture).

    `sources` are the sizes (width, height) that clips had before they were fitted into this file's pictures, centred; the first that reads counts.
    Without any the whole picture is the clip's.
    """
    return [_first_read(picture, sources) for picture in pictures(path)]


def read_cell(picture: Gray) -> Cell | None:
    """Clip and frame number of one picture that is a clip's whole frame; None where none can be read."""
    return _first_read(picture, ())


def flashes(path: Path, *sources: Size) -> list[float]:
    """Seconds at which the picture turns white, from the pictures' own time stamps."""
    found: list[float] = []
    was_white = False
    for seconds, picture in _timed(path):
        white = any(_white_below_cells(area) for area in _areas(picture, sources))
        if white and not was_white:
            found.append(seconds)
        was_white = white
    return found


def beeps(path: Path) -> list[float]:
    """Seconds at which a 1 kHz tone starts, to about 2 ms; empty where there is no sound."""
    sound = samples(path)
    if sound.size == 0:
        return []
    hop, window = 48, 480  # 1 ms steps, 10 ms windows
    steps = np.arange(0, max(0, sound.size - window) + 1, hop)
    frames = sound[steps[:, None] + np.arange(window)[None, :]] if sound.size >= window else np.zeros((0, window))
    tone = np.exp(-2j * np.pi * 1000 * np.arange(window) / _RATE)
    level = np.abs(frames @ tone) * 2 / window
    loud = level > 0.5 * np.percentile(level, 99.5) if level.size else np.zeros(0, dtype=bool)
    loud &= level > 0.02
    return [float(start) for start in _starts(loud, steps, window)]


def pictures(path: Path) -> Iterator[Gray]:
    """Every decoded picture's luma."""
    for _, picture in _timed(path):
        yield picture


def samples(path: Path) -> NDArray[np.float64]:
    """All sound, mixed to one channel at 48 kHz; empty where there is no sound."""
    with av.open(str(path)) as box:
        if not box.streams.audio:
            return np.zeros(0)
        resampler = av.AudioResampler(format="flt", layout="mono", rate=_RATE)
        parts = [part.to_ndarray()[0] for frame in box.decode(audio=0) for part in resampler.resample(frame)]
        parts += [part.to_ndarray()[0] for part in resampler.resample(None)]
    return np.concatenate(parts).astype(np.float64) if parts else np.zeros(0)


def _timed(path: Path) -> Iterator[tuple[float, Gray]]:
    with av.open(str(path)) as box:
        stream = box.streams.video[0]
        stream.thread_type = "AUTO"
        for frame in box.decode(stream):
            assert frame.time is not None
            yield frame.time, frame.to_ndarray(format="gray")


def _first_read(picture: Gray, sources: Sequence[Size]) -> Cell | None:
    reads = (_read(area) for area in _areas(picture, sources))
    return next((cell for cell in reads if cell is not None), None)


def _areas(picture: Gray, sources: Sequence[Size]) -> Iterator[Gray]:
    """The part of the picture that a clip of each source size fills; the whole where no size is given."""
    high, wide = picture.shape
    for width, height in sources or ((wide, high),):
        scale = min(wide / width, high / height)
        w, h = round(width * scale), round(height * scale)
        x, y = (wide - w) // 2, (high - h) // 2
        yield picture[y : y + h, x : x + w]


def _read(area: Gray) -> Cell | None:
    """The cells along the top of `area`, if they are there: guards first, then the CRC."""
    levels = _levels(area)
    white, black = min(levels[0], levels[31]), max(levels[1], levels[30])
    if white - black < 80:
        return None
    bits = [int(level > (white + black) / 2) for level in levels]
    clip, frame, check = (_number(bits[a:b]) for a, b in ((2, 10), (10, 22), (22, 30)))
    return (clip, frame) if check == _crc8(bits[2:22]) else None


def _levels(area: Gray) -> list[float]:
    """Mean luma of the middle of each cell, away from what scaling and coding blur."""
    high, wide = area.shape
    top, bottom = round(high / 12 * 0.3), max(round(high / 12 * 0.3) + 1, round(high / 12 * 0.7))
    row = area[top:bottom].mean(axis=0)
    cell = wide / _CELLS
    edges = [(int((n + 0.3) * cell), max(int((n + 0.3) * cell) + 1, int((n + 0.7) * cell))) for n in range(_CELLS)]
    return [float(row[left:right].mean()) for left, right in edges]


def _white_below_cells(area: Gray) -> bool:
    high, wide = area.shape
    middle: Any = area[high // 4 : high // 2, wide // 8 : -wide // 8]
    return float(middle.mean()) > _WHITE


def _number(bits: Sequence[int]) -> int:
    return int("".join(map(str, bits)), 2)


def _crc8(bits: Sequence[int]) -> int:
    crc = 0xFF
    for bit in bits:
        crc = (crc << 1) ^ (0x107 if (crc >> 7) ^ bit else 0)
        crc &= 0xFF
    return crc


def _starts(loud: NDArray[np.bool_], steps: NDArray[np.int64], window: int) -> Iterator[float]:
    """The start of each run that is at least 40 ms long; a window half filled by the tone is at half its level, so its middle is the edge."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], loud.astype(np.int8), [0]))))
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        if last - first >= 40:
            yield (int(steps[first]) + window / 2) / _RATE
