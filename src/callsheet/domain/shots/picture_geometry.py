"""Shapes inside and around others, in even pixels. Pure."""

from __future__ import annotations

from fractions import Fraction
from math import floor

from callsheet.domain.delivery.fitting import Focus
from callsheet.domain.shots.shot import Size
from callsheet.domain.timebase import half_up


def inside(aspect: Fraction, size: Size) -> Size:
    """The largest even size of this aspect (width to height, as shown) inside `size`."""
    width = min(Fraction(size.width), size.height * aspect)
    return Size(even(width), even(width / aspect))


def around(aspect: Fraction, size: Size) -> Size:
    """The smallest even size of this aspect that covers `size`."""
    width = max(Fraction(size.width), size.height * aspect)
    return Size(max(size.width, even(width)), max(size.height, even(width / aspect)))


def crop_at(whole: Size, size: Size, focus: Focus) -> tuple[int, int]:
    """Left and top of the part of `size` in `whole` that has the focus as near its middle as the edges let it."""
    return _edge(whole.width, size.width, Fraction(focus.x)), _edge(whole.height, size.height, Fraction(focus.y))


def _edge(whole: int, part: int, focus: Fraction) -> int:
    """Even, since colour is kept for every other pixel."""
    middle = 2 * half_up((focus * whole - Fraction(part, 2)) / 2)
    return max(0, min(whole - part, middle))


def even(length: Fraction) -> int:
    """The nearest even number of pixels, at least two."""
    return max(2, 2 * floor(length / 2 + Fraction(1, 2)))
