"""What is found on clips in their places: the code, the frames, and whether another clip may mend it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from callsheet.domain.cut import CutShot
from callsheet.domain.delivery.fitting import Join, Level, Transition
from callsheet.domain.finding import Finding, Severity
from callsheet.domain.take import TakeId
from callsheet.media.sound.reading import Reading
from callsheet.qc.cut import ClipInFilm, ShotInFilm, check_cut
from tests.media.clips import delivery

_TAKE = TakeId("spot", "S1", 2)
_SHOT = CutShot(shot="S1", frames=48, clip=Path("clip.mp4"), take=_TAKE, again=90_000)
_STOOD = ClipInFilm(padded_frames=0, padded_under=0, reading=Reading(-18.0, -3.0), gain_db=4.0)
_PLACE = ShotInFilm(_SHOT, 100, _STOOD)


def _found(place: ShotInFilm) -> list[Finding]:
    return check_cut([place], delivery())


def _stood(**changed: object) -> ShotInFilm:
    return replace(_PLACE, stood=replace(_STOOD, **changed))  # type: ignore[arg-type]  # replace() checks the names itself


def test_a_clip_that_gives_what_its_place_needs_has_no_finding() -> None:
    """Nor has a boost of 4 dB."""
    assert _found(_PLACE) == []


@pytest.mark.parametrize(
    ("place", "code", "severity", "frames", "again"),
    [
        (_stood(padded_frames=1), "padded-one", Severity.NOTE, (147, 46), None),
        (_stood(padded_frames=10), "padded", Severity.WARN, (138, 37), 90_000),
        (_stood(padded_frames=48), "padded", Severity.WARN, (100, 0), 90_000),
        (replace(_stood(padded_under=4), over=12), "padded-transition", Severity.WARN, (156, 55), None),
        (_stood(bars=0.0625), "bars", Severity.NOTE, (100, 0), None),
        (_stood(remarks=("it can't be retimed",)), "unfitted", Severity.WARN, (100, 0), None),
        (_stood(reading=Reading(None, None)), "silent", Severity.WARN, (100, 0), 90_000),
        (_stood(reading=Reading(None, -20.0)), "unmeasured", Severity.NOTE, (100, 0), None),
        (_stood(reading=Reading(-26.1, -20.0)), "quiet", Severity.NOTE, (100, 0), 90_000),
        (_stood(reading=Reading(-38.1, -20.0)), "too-quiet", Severity.WARN, (100, 0), 90_000),
        (
            replace(_PLACE, shot=replace(_SHOT, transition=Transition(Join.WIPE, 9)), comes_on=8),
            "transition-short",
            Severity.WARN,
            (100, 0),
            None,
        ),
    ],
)
def test_each_defect_is_found_at_its_frames(
    place: ShotInFilm, code: str, severity: Severity, frames: tuple[int, int], again: int | None
) -> None:
    """In the film and in the clip; what another clip costs only where it may mend it."""
    [found] = _found(place)
    assert (found.code, found.severity, (found.frame, found.clip_frame), found.again) == (code, severity, frames, again)
    assert (found.shot, found.take, found.message[:4]) == ("S1", "S1.t2", "S1: ")


@pytest.mark.parametrize(
    "place",
    [
        _stood(padded_under=1),
        _stood(reading=Reading(-26.0, -20.0)),
        replace(_PLACE, shot=replace(_SHOT, sound=False), stood=replace(_STOOD, reading=Reading(None, None))),
        replace(_PLACE, shot=replace(_SHOT, level=Level(matched=False)), stood=replace(_STOOD, reading=Reading(-40.0, -20.0))),
        replace(_PLACE, shot=replace(_SHOT, transition=Transition(Join.WIPE, 8)), comes_on=8),
    ],
    ids=["a frame under a transition", "12 dB", "silent as asked", "level kept", "whole transition"],
)
def test_what_is_as_it_should_be_is_not_told(place: ShotInFilm) -> None:
    """A frame of rounding, and what the author asked for."""
    assert _found(place) == []


def test_of_a_slate_only_its_row_can_be_wrong() -> None:
    """It has no clip and no frame of one; its transition is the author's."""
    bare = CutShot(shot="S1", frames=4, missing="not bought", transition=Transition(Join.DISSOLVE, 12))
    place = ShotInFilm(bare, 100, replace(_STOOD, reading=Reading(None, None)), comes_on=4)
    [found] = _found(place)
    assert (found.code, found.frame, found.clip_frame, found.take, found.again) == ("transition-short", 100, None, None, None)
    assert found.message == "S1: its dissolve takes 4 frames instead of 12, because one of its shots is shorter"
