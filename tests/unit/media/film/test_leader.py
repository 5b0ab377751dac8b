"""What a slate says."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from callsheet.domain.cut import Delivery
from callsheet.domain.shots.shot import Size
from callsheet.media.film.leader import _slate

HOUR = 107_892
NTSC = Delivery(name="desk", size=Size(1920, 1080), fps=Fraction(30000, 1001))


@pytest.mark.parametrize(("timecode", "said"), [("01:00:00;00", "01:00:00;00"), ("01:00:00:00", "00:59:56:12"), (None, "00:59:56:12")])
def test_the_length_is_counted_as_the_timecode_is(timecode: str | None, said: str) -> None:
    """An hour by the clock is 107,892 frames at 29.97: with drop-frame labels the programme ends an hour after it began, and the slate says so."""
    [words] = _slate("SQ010", 1, HOUR, replace(NTSC, timecode=timecode))
    [row] = [line for line in words.text.splitlines() if line.startswith("DURATION")]
    assert row.split()[1:] == [said, "107892", "frames"]
