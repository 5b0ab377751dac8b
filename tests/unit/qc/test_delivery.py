"""What is found on a finished file that is not what its delivery says."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from callsheet.domain.finding import Severity
from callsheet.domain.timebase import sample_at
from callsheet.media.inspect.film_facts import Probe, Sound
from callsheet.media.sound.loudness import Reading
from callsheet.qc.delivery import check_delivery, check_file
from tests.media.clips import delivery

_FPS = Fraction(24000, 1001)
_DELIVERY = delivery(_FPS)
_SOUND = Sound(index=1, codec="aac", rate=48000, channels=2, samples=sample_at(100, _FPS))
_GOOD = Probe(
    container="mov", index=0, codec="h264", width=320, height=192, sar=Fraction(1), rotation=0, pix_fmt="yuv420p", matrix="bt709", full_range=False,
    frames=100, hidden=0, fps=_FPS, duration=100 / _FPS, vfr=False, offset=Fraction(0), sound=_SOUND, primaries="bt709", transfer="bt709",
)  # fmt: skip


def test_a_film_as_due_has_no_finding() -> None:
    """Half a LU off and a peak at the ceiling are within bounds."""
    assert check_delivery(_GOOD, Reading(-14.5, -1.0), _DELIVERY, 100) == []


def test_a_silent_film_has_no_levels_to_miss() -> None:
    """None is neither loud nor quiet."""
    assert check_delivery(_GOOD, Reading(None, None), _DELIVERY, 100) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"frames": 99}, "delivery-frames"),
        ({"width": 322}, "delivery-size"),
        ({"fps": Fraction(24)}, "delivery-fps"),
        ({"vfr": True}, "delivery-vfr"),
        ({"sound": None}, "delivery-sound"),
        ({"offset": Fraction(1, 24)}, "delivery-sync"),
        ({"codec": "mpeg4"}, "delivery-codec"),
        ({"matrix": None}, "delivery-tags"),
        ({"primaries": None}, "delivery-tags"),
        ({"transfer": "smpte2084"}, "delivery-tags"),
        ({"full_range": True}, "delivery-tags"),
        ({"sound": replace(_SOUND, samples=_SOUND.samples and _SOUND.samples - 1)}, "delivery-sound"),
    ],
)
def test_each_defect_of_form_fails(change: dict[str, object], code: str) -> None:
    """To the frame and to the sample."""
    found = check_delivery(replace(_GOOD, **change), Reading(-14.0, -2.0), _DELIVERY, 100)  # type: ignore[arg-type]  # replace() checks the names itself
    assert [(one.code, one.severity) for one in found] == [(code, Severity.FAIL)]


@pytest.mark.parametrize(
    ("exact", "index_first", "codes"),
    [
        (True, True, []),
        (False, True, ["delivery-gop"]),
        (True, False, ["delivery-index"]),
        (False, False, ["delivery-gop", "delivery-index"]),
    ],
)
def test_how_the_file_is_built(exact: bool, index_first: bool, codes: list[str]) -> None:
    """Open groups and an index behind the pictures fail."""
    found = check_file(replace(_GOOD, exact=exact), _DELIVERY, index_first=index_first)
    assert [one.code for one in found] == codes


@pytest.mark.parametrize(
    ("reading", "codes"),
    [
        (Reading(-14.6, -3.0), ["delivery-loudness"]),
        (Reading(-13.4, -3.0), ["delivery-loudness"]),
        (Reading(-14.0, -0.8), ["delivery-peak"]),
        (Reading(-10.0, 0.5), ["delivery-loudness", "delivery-peak"]),
    ],
)
def test_levels_out_of_bounds_fail(reading: Reading, codes: list[str]) -> None:
    """More than half a LU, or a peak above the ceiling."""
    assert [one.code for one in check_delivery(_GOOD, reading, _DELIVERY, 100)] == codes
