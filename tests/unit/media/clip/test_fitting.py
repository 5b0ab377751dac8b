"""How large a clip stands in a delivery's picture."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.domain.shots.picture_geometry import inside
from callsheet.domain.shots.shot import Size

_HD = Size(1280, 720)


@pytest.mark.parametrize(
    ("clip", "inner"),
    [
        (Size(1280, 720), _HD),
        (Size(1920, 1080), _HD),
        (Size(1280, 704), Size(1280, 704)),
        (Size(1440, 1080), Size(960, 720)),
        (Size(720, 1280), Size(406, 720)),
        (Size(640, 640), Size(720, 720)),
        (Size(2560, 1080), Size(1280, 540)),
        (Size(1, 4000), Size(2, 720)),
    ],
)
def test_known_shapes(clip: Size, inner: Size) -> None:
    """Fitted inside, never cropped or stretched, sides even."""
    assert inside(Fraction(clip.width, clip.height), _HD) == inner


@given(st.integers(16, 4096), st.integers(16, 4096), st.integers(8, 2048), st.integers(8, 2048))
def test_any_shape_fits_and_touches_an_edge(width: int, height: int, half_width: int, half_height: int) -> None:
    """The picture is even, inside, as wide or as high as the delivery, and its shape is right to within rounding."""
    size = Size(2 * half_width, 2 * half_height)
    inner = inside(Fraction(width, height), size)
    assert inner.width % 2 == inner.height % 2 == 0
    assert 2 <= inner.width <= size.width and 2 <= inner.height <= size.height
    assert inner.width == size.width or inner.height == size.height
    assert abs(inner.width - inner.height * Fraction(width, height)) <= 1 + Fraction(width, height) or inner.width == 2 or inner.height == 2
