"""What is measured of pictures a few at a time, beside the same numbers taken of a whole clip at once."""

from __future__ import annotations

import numpy as np
import pytest

from callsheet.media.inspect.decode_check import HEIGHT, WIDTH, Watched
from callsheet.qc.picture_levels import picture_levels


@pytest.mark.parametrize("frames", [1, 2, 16, 17, 48, 50])
def test_each_picture_and_each_step_has_its_numbers(frames: int, seed: int) -> None:
    """Shares, means and differences are those of a plain mean, whatever block a picture falls into; the first picture has no step to it."""
    numbers = np.random.default_rng(seed)
    luma = numbers.integers(0, 256, (frames, HEIGHT, WIDTH), np.uint8)
    luma[::3] //= 20  # dark ones
    chroma = numbers.integers(0, 256, (frames, 2, HEIGHT // 2, WIDTH // 2), np.uint8)
    chroma[::2] = 128
    levels = picture_levels(Watched(luma, chroma, (), np.zeros((0, 1), np.float32)))
    wide = luma.astype(int)
    assert np.array_equal(levels.level, wide.mean(axis=(1, 2)))
    assert np.array_equal(levels.black, (luma < 24).mean(axis=(1, 2)))
    outside = ((luma < 5) | (luma > 246)).mean(axis=(1, 2)), ((chroma < 5) | (chroma > 250)).mean(axis=(1, 2, 3))
    assert np.array_equal(levels.outside, np.maximum(*outside))
    steps = np.abs(np.diff(wide, axis=0))
    assert np.array_equal(levels.moved, steps.mean(axis=(1, 2)))
    assert np.array_equal(levels.most, steps.max(axis=(1, 2)))
