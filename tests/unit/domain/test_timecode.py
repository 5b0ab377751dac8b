"""Timecode labels: there and back, and drop-frame keeps to the clock."""

from __future__ import annotations

from fractions import Fraction

import pytest
from opentimelineio import opentime

from callsheet.domain.timecode import Timecode

NTSC30, NTSC60 = Fraction(30000, 1001), Fraction(60000, 1001)


@pytest.mark.parametrize("fps", [Fraction(24), Fraction(25), Fraction(24000, 1001), NTSC30, Fraction(50), NTSC60])
@pytest.mark.parametrize("drop", [False, True])
def test_every_label_is_read_back(fps: Fraction, drop: bool) -> None:
    """Labels follow each other without a double, and mean the frame that they came from."""
    if drop and fps not in (NTSC30, NTSC60):
        return
    frames = [*range(4000), *range(17970, 18010), *range(107_880, 107_900)]
    labels = [str(Timecode(frame, fps, drop)) for frame in frames]
    assert len(set(labels)) == len(labels)
    assert [Timecode.parse(label, fps).frame for label in labels] == frames


@pytest.mark.parametrize("frame", [0, 1799, 1800, 17_981, 17_982, 107_892, 1_234_567])
@pytest.mark.parametrize("fps", [NTSC30, NTSC60])
def test_drop_frame_is_as_another_library_counts_it(frame: int, fps: Fraction) -> None:
    """OpenTimelineIO gives the same label."""
    theirs = opentime.to_timecode(opentime.RationalTime(frame, float(fps)), float(fps), drop_frame=True)
    assert str(Timecode(frame, fps, drop=True)) == theirs


def test_an_hour_of_drop_frame_is_an_hour() -> None:
    """108 labels are skipped in an hour at 29.97; without drop-frame it is 3.6 s behind."""
    assert str(Timecode(107_892, NTSC30, drop=True)) == "01:00:00;00"
    assert str(Timecode(107_892, NTSC30)) == "00:59:56:12"


def test_labels_go_on_over_midnight() -> None:
    """A day has 24 hours."""
    assert str(Timecode.parse("23:59:59:23", Fraction(24)).plus(1)) == "00:00:00:00"


@pytest.mark.parametrize(
    ("text", "fps"),
    [
        ("1:00:00:00", Fraction(24)),
        ("01:00:00:24", Fraction(24)),
        ("24:00:00:00", Fraction(24)),
        ("01:60:00:00", Fraction(24)),
        ("01:00:00;00", Fraction(25)),
        ("00:01:00;01", NTSC30),
        ("00:01:00;03", NTSC60),
    ],
)
def test_what_is_no_label_is_refused(text: str, fps: Fraction) -> None:
    """Also labels that drop-frame skips, and drop-frame where there is none."""
    with pytest.raises(ValueError, match=text[:2]):
        Timecode.parse(text, fps)
