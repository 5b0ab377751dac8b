"""What is found on a clip that is not as asked."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from callsheet.domain.finding import Severity
from callsheet.domain.shots.shot import Size
from callsheet.media.inspect.film_facts import Probe, Sound
from callsheet.qc.clip import Asked, check_clip

_ASKED = Asked(size=Size(1280, 704), fps=Fraction(24), frames=48, sound=True)
_GOOD = Probe(
    container="mov", index=0, codec="h264", width=1280, height=704, sar=Fraction(1), rotation=0, pix_fmt="yuv420p", matrix=None, full_range=False,
    frames=48, hidden=0, fps=Fraction(24), duration=Fraction(2), vfr=False, offset=Fraction(0),
    sound=Sound(index=1, codec="aac", rate=48000, channels=2, samples=96000),
)  # fmt: skip


def test_a_clip_as_asked_has_no_finding() -> None:
    """Nothing wrong, nothing said."""
    assert check_clip(_GOOD, _ASKED) == []


@pytest.mark.parametrize(
    ("change", "code", "severity"),
    [
        ({"width": 640}, "clip-size", Severity.FAIL),
        ({"rotation": 90}, "clip-size", Severity.FAIL),
        ({"fps": Fraction(25)}, "clip-fps", Severity.FAIL),
        ({"vfr": True}, "clip-vfr", Severity.WARN),
        ({"frames": 47, "duration": Fraction(47, 24)}, "clip-short", Severity.FAIL),
        ({"frames": 49, "duration": Fraction(49, 24)}, "clip-long", Severity.NOTE),
        ({"sound": None}, "clip-no-sound", Severity.FAIL),
    ],
)
def test_each_defect_gives_its_own_finding(change: dict[str, object], code: str, severity: Severity) -> None:
    """One defect, one finding, as severe as it is."""
    found = check_clip(replace(_GOOD, **change), _ASKED)  # type: ignore[arg-type]  # replace() checks the names itself
    assert [(one.code, one.severity) for one in found] == [(code, severity)]


def test_what_is_far_too_large_is_told() -> None:
    """More than ten times the pictures, or the pixels."""
    many = check_clip(replace(_GOOD, frames=100_000, duration=Fraction(100_000, 24)), _ASKED)
    assert [one.code for one in many] == ["clip-long", "clip-huge"]
    assert "clip-huge" in [one.code for one in check_clip(replace(_GOOD, width=_GOOD.width * 11), _ASKED)]


def test_sound_that_was_not_asked_for_is_no_defect() -> None:
    """Neither its absence."""
    asked = replace(_ASKED, sound=False)
    assert check_clip(_GOOD, asked) == check_clip(replace(_GOOD, sound=None), asked) == []


def test_another_rate_of_the_right_length_is_only_another_rate() -> None:
    """Two seconds at 25 instead of 24 aren't told as too long as well."""
    found = check_clip(replace(_GOOD, fps=Fraction(30000, 1001), frames=60, duration=Fraction(2)), _ASKED)
    assert [one.message for one in found] == ["the picture has 30000/1001 (29.970) frames per second instead of 24"]


def test_all_defects_are_told_together() -> None:
    """In the list's order."""
    bad = replace(_GOOD, width=640, fps=Fraction(25), vfr=True, duration=Fraction(1), sound=None)
    assert [one.code for one in check_clip(bad, _ASKED)] == ["clip-size", "clip-fps", "clip-vfr", "clip-short", "clip-no-sound"]
