"""What is found on a finished file that is not what its delivery says."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from callsheet.domain.delivery.file_format import Codec, Container
from callsheet.domain.delivery.leader import Leader
from callsheet.domain.finding import Severity
from callsheet.domain.timebase import sample_at
from callsheet.media.ffmpeg import codec
from callsheet.media.inspect.film_facts import FileForm, Probe, Sound
from callsheet.media.sound.reading import Reading
from callsheet.qc.delivery import TracksDue, check_delivery, check_file
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


_FORM = FileForm(
    tag="avc1", profile="High", pixels="yuv420p", timecode="00:59:58:00", chapters=("A", "B"), layout="stereo", sample_rate=48000,
    sound_language="deu", text_languages=("eng", "deu"), index_first=True,
)  # fmt: skip
_DUE = TracksDue(chapters=("A", "B"), sound_language="deu", text_languages=("eng", "deu"))
_TIMED = replace(_DELIVERY, timecode="01:00:00:00", around=Leader(slate_s=Decimal(2)), fps=Fraction(25))


def test_a_file_built_as_due_has_no_finding() -> None:
    """Its timecode begins as long before the programme's as the slate lasts; pictures of its clips' own have their key frames."""
    assert check_file(replace(_GOOD, exact=True, group=50), _FORM, _TIMED, _DUE) == []
    assert check_file(replace(_GOOD, exact=True, group=250), _FORM, _TIMED, replace(_DUE, own=True)) == []


@pytest.mark.parametrize(
    ("probe", "form", "delivery", "code"),
    [
        ({"exact": False}, {}, {}, "delivery-gop"),
        ({"group": 51}, {}, {}, "delivery-gop"),
        ({}, {"index_first": False}, {}, "delivery-index"),
        ({}, {"tag": "hev1"}, {"codec": Codec.H265}, "delivery-codec-tag"),
        ({}, {"profile": "DNXHR SQ"}, {"codec": Codec.DNXHR, "container": Container.MOV, "profile": "hq"}, "delivery-profile"),
        ({}, {"profile": "LT"}, {"codec": Codec.PRORES, "container": Container.MOV, "profile": None}, "delivery-profile"),
        ({}, {"pixels": "yuv420p10le"}, {}, "delivery-pixels"),
        ({}, {"timecode": None}, {}, "delivery-timecode"),
        ({}, {"timecode": "01:00:00:00"}, {}, "delivery-timecode"),
        ({}, {"chapters": ("A",)}, {}, "delivery-chapters"),
        ({}, {"sound_language": "und"}, {}, "delivery-language"),
        ({}, {"text_languages": ("eng",)}, {}, "delivery-language"),
        ({}, {"layout": "mono"}, {}, "delivery-channels"),
        ({}, {"sample_rate": 44100}, {}, "delivery-channels"),
    ],
)
def test_how_the_file_is_built(probe: dict[str, object], form: dict[str, object], delivery: dict[str, object], code: str) -> None:
    """Open or long groups, an index behind the pictures, and every tag and track that isn't as asked fail."""
    due = replace(_TIMED, **delivery)  # type: ignore[arg-type]  # replace() checks the names itself
    right = replace(_FORM, tag=codec.tag(due) or "", profile=codec.profile_name(due) or "High", pixels=codec.decoded_pixels(due))
    good = replace(_GOOD, exact=True, codec=codec.DECODED[due.codec], group=1 if due.codec.mastering else 50)
    found = check_file(replace(good, **probe), replace(right, **form), due, _DUE)  # type: ignore[arg-type]  # likewise
    assert [(one.code, one.severity) for one in found] == [(code, Severity.FAIL)]


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


def test_what_single_peaks_keep_too_soft_is_told_with_its_cause() -> None:
    """Clicks at the ceiling bar the loudness that was asked for: a note that names them, no failed film. Too loud stays a failure."""
    [found] = check_delivery(_GOOD, Reading(-20.4, -1.2), _DELIVERY, 100)
    assert (found.code, found.severity) == ("delivery-ceiling", Severity.NOTE)
    assert found.message.startswith("loudness is -20.4 LUFS instead of -14.0: its peaks reach the ceiling of -1.0 dBTP")
    assert [one.code for one in check_delivery(_GOOD, Reading(-12.0, -1.2), _DELIVERY, 100)] == ["delivery-loudness"]
