"""What ByteCompute grants of what was asked: frame rate first, then length, then size; and what that costs."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from callsheet.standin.bytecompute.negotiation import Spec, adjustments, granted


def spec(text: str) -> Spec:
    """`1280x720@25 5`."""
    size, _, rest = text.partition("@")
    fps, _, seconds = rest.partition(" ")
    width, _, height = size.partition("x")
    return Spec(int(width), int(height), int(fps), Fraction(seconds))


@pytest.mark.parametrize(
    ("asked", "got"),
    [
        ("1920x1080@50 10", "1920x1080@50 10"),
        ("1080x1920@25 4", "1080x1920@25 4"),
        ("512x512@25 4.5", "512x512@25 4.5"),
        ("1280x720@25 20", "1280x720@25 10"),
        ("1280x720@25 1", "1280x720@25 4"),
        ("3840x2160@25 5", "1920x1080@25 5"),
        ("2160x3840@25 5", "1080x1920@25 5"),
        ("1600x1200@25 5", "1440x1080@25 5"),
        ("320x192@25 5", "852x512@25 5"),
        ("4000x100@25 5", "1920x512@25 5"),
        ("1281x721@25 5", "1280x720@25 5"),
    ],
)
def test_within_the_limits_nothing_changes_and_beyond_the_nearest_is_given(asked: str, got: str) -> None:
    """Each value apart; the shape is kept as far as the limits let it."""
    assert granted(spec(asked)) == spec(got)


@pytest.mark.parametrize(
    ("asked", "got"),
    [
        ("1920x1080@50 10", "1920x1080@25 10"),  # half the frames are enough
        ("1920x1080@25 10", "1920x1080@25 6"),
        ("1280x720@25 5", "1108x622@25 4"),  # four seconds aren't enough: smaller by the root of what is left
        ("512x512@25 4", "512x512@25 4"),  # nothing left to give
    ],
)
def test_a_tight_gpu_takes_frames_then_seconds_then_pixels(asked: str, got: str) -> None:
    """With three fifths of the load."""
    assert granted(spec(asked), share=Fraction(3, 5)) == spec(got)


def test_what_is_granted_is_always_within_the_limits(seed: int) -> None:
    """Whatever is asked: edges even and in range, 4 to 10 s, and granted again it stays as it is."""
    draw = random.Random(seed)
    for _ in range(2000):
        asked = Spec(draw.randint(1, 9999), draw.randint(1, 9999), draw.choice([25, 50]), Fraction(draw.randint(0, 99_999), 1000))
        got = granted(asked, share=Fraction(draw.choice([3, 5]), 5))
        short, long = sorted((got.width, got.height))
        assert 512 <= short <= 1080, (asked, got)
        assert long <= 1920, (asked, got)
        assert got.width % 2 == got.height % 2 == 0
        assert 4 <= got.seconds <= 10
        assert granted(got) == got


def test_only_what_changed_is_told() -> None:
    """In the request's words, the order of the negotiation; nothing where nothing was."""
    asked = spec("1920x1080@50 20")
    told = adjustments(asked, spec("1920x1080@25 10"))
    assert told is not None
    assert [(one["parameter"], one["requested"], one["applied"]) for one in told] == [("fps", 50, 25), ("duration", 20, 10)]
    assert adjustments(asked, asked) is None


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("1280x720@25 5", 100_000),
        ("1280x722@25 5", 200_000),
        ("960x960@50 10", 200_000),
        ("1920x1080@25 10", 400_000),
        ("512x512@25 4.333", 86_660),
    ],
)
def test_seconds_cost_by_the_tier_of_the_size(text: str, micros: int) -> None:
    """The boundary is 921,600 pixels, and the frame rate costs nothing."""
    assert spec(text).price == micros
