"""What a plan says of pictures before they are bought: shares of what is cut off, bars, enlargement, and the price of the native size."""

from __future__ import annotations

from fractions import Fraction

import pytest

from callsheet.domain.delivery.fitting import Fitting, Frame, Trim
from callsheet.domain.shots.shot import Size
from callsheet.planning.notes.picture_notes import Picture

_SNAPPED = Trim((1280, 768), Fraction(16, 9))


@pytest.mark.parametrize(
    ("bought", "fit", "frame", "words"),
    [
        ("1280x720", Fitting(), "1280x720", []),
        ("1280x768", Fitting(trim=_SNAPPED), "1280x720", ["6.2 % of each 1280x768 picture is cropped to the shape that you asked for"]),
        ("1280x720", Fitting(), "1080x1920", ["68.3 % of the frame is black bars"]),
        ("1280x720", Fitting(frame=Frame.BLUR), "1080x1920", ["68.3 % of the frame is a blurred copy"]),
        ("1280x720", Fitting(frame=Frame.CROP), "1080x1920", ["68.4 % of the picture is cropped to fill the frame", "enlarged 2.67x"]),
        ("1280x720", Fitting(), "1920x1080", ["enlarged 1.50x"]),
        ("1920x1080", Fitting(), "1280x720", []),
    ],
)
def test_words_of_a_picture(bought: str, fit: Fitting, frame: str, words: list[str]) -> None:
    """Each share and the enlargement are told where they are seen, and nothing where the picture stands as it was bought."""
    assert Picture.of(Size.parse(bought), fit, Size.parse(frame)).words(fit) == words
