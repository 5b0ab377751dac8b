"""The review's notes as markers of the cut: an EDL that Resolve reads as timeline markers, and Avid as locators. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from callsheet.domain.cut import Cut, CutShot
from callsheet.domain.delivery.fitting import FpsFit
from callsheet.domain.mark import Role
from callsheet.domain.timebase import Fps, half_up
from callsheet.domain.timecode import Timecode
from callsheet.timelines.edl import one_line

#: marker colours by author's role, in Resolve's and Avid's names
_COLOURS = {
    Role.PRODUCER: ("ResolveColorBlue", "BLUE"),
    Role.CLIENT_A: ("ResolveColorGreen", "GREEN"),
    Role.CLIENT_B: ("ResolveColorYellow", "YELLOW"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A note on a frame of a clip, counted at the clip's own rate."""

    take: str
    sha256: str
    frame: int
    fps: Fps
    text: str
    who: str
    role: Role


def placed(cut: Cut, fps: Fps, remarks: Sequence[Remark]) -> list[tuple[int, Remark]]:
    """The position of each remark in a cut, in frames from its first, in order. A remark that isn't in the cut is left out; one whose frame
    is used twice occurs twice.
    """
    found: list[tuple[int, Remark]] = []
    record_in = 0
    for shot in cut.shots:
        found += [
            (record_in + at, one) for one in remarks if one.sha256 == shot.sha256 and 0 <= (at := _within(shot, one, fps)) < shot.frames
        ]
        record_in += shot.frames
    return sorted(found, key=lambda one: one[0])


def _within(shot: CutShot, remark: Remark, fps: Fps) -> int:
    """The frame of a place in the cut that shows a clip's frame; outside it where the cut leaves that frame out."""
    retimed = shot.fitting.fps is FpsFit.RETIME
    return (remark.frame if retimed else half_up(Fraction(remark.frame) / remark.fps * fps)) - shot.fitting.first


def markers(name: str, start: Timecode, found: Sequence[tuple[int, Remark]]) -> str:
    """The EDL of a sequence's markers, one frame each."""
    lines = [f"TITLE: {one_line(name)}", f"FCM: {'DROP FRAME' if start.drop else 'NON-DROP FRAME'}"]
    for number, (frame, remark) in enumerate(found, start=1):
        lines += ["", *_marker(number, start.plus(frame), remark)]
    return "\n".join(lines) + "\n"


def _marker(number: int, at: Timecode, remark: Remark) -> Iterator[str]:
    times = f"{at} {at.plus(1)} {at} {at.plus(1)}"
    resolve, avid = _COLOURS[remark.role]
    text = one_line(remark.text).replace("|", "/")
    name = one_line(f"{remark.who} {remark.take}").replace("|", "/")
    yield f"{number:03d}  001      V     C        {times}"
    yield f"{text} |C:{resolve} |M:{name} |D:1"
    yield f"* LOC: {at} {avid:<7} {name}: {text}"
