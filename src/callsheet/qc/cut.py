"""Whether clips are long and loud enough for their places in a cut. Pure: facts from conforming go in, findings come out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from callsheet.domain.cut import CutShot, Delivery
from callsheet.domain.finding import Finding, Severity
from callsheet.media.sound.reading import CLIP_GAIN_DB, SILENCE_LUFS, Reading

#: the step from which a jump is audible as a click
_CLICK = 0.05
#: a share of the frame that isn't visible as a bar
_BARS = 0.003
#: a clip that is raised by more than this brings its noise along
_NOISY_DB = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipInFilm:
    """A clip in its place in a film, as the film's record describes it."""

    #: frames at its end that repeat the last one, and those that do so under the next shot's transition
    padded_frames: int
    padded_under: int
    reading: Reading
    gain_db: float
    remarks: tuple[str, ...] = ()
    #: the step of the sound at its first sample, if it is larger than around it; 1.0 is full scale
    jump: float = 0.0
    #: the share of the frame that is black bars
    bars: float = 0.0


@dataclass(frozen=True, slots=True)
class ShotInFilm:
    """A shot in the cut: its first frame, its clip there, and the frames of its transition and the next shot's."""

    shot: CutShot
    record_in: int
    stood: ClipInFilm
    comes_on: int = 0
    #: the frames after its own that the next shot's transition covers
    over: int = 0


def check_cut(places: Sequence[ShotInFilm], delivery: Delivery) -> list[Finding]:
    """Everything that is wrong, in the order of the shots, each with shot, take and frame. For a slate, only its row's values can be wrong."""
    found = ((place, check(place, delivery)) for place in places for check in (CHECKS if place.shot.clip else OF_ROWS))
    return [_placed(one, place) for place, one in found if one]


def _placed(found: Finding, place: ShotInFilm) -> Finding:
    """The finding at its shot; without a frame of its own, it counts from the shot's first frame."""
    shot = place.shot
    at = shot.fitting.first if shot.clip else None
    return replace(
        found,
        shot=shot.shot,
        take=str(shot.take) if shot.take else None,
        frame=place.record_in if found.frame is None else found.frame,
        clip_frame=at if found.clip_frame is None else found.clip_frame,
        again=shot.again if found.code in _MENDED else None,
    )


def padded(place: ShotInFilm, _delivery: Delivery) -> Finding | None:
    """The clip is shorter than its place: one repeated frame is rounding; more are visible."""
    count, name = place.stood.padded_frames, place.shot.shot
    if not count:
        return None
    first = place.shot.frames - count
    if count == 1:
        return _standing("padded-one", Severity.NOTE, f"{name}: the clip is 1 frame short; its last frame is repeated", place, first)
    return _standing("padded", Severity.WARN, f"{name}: the clip is {count} frames short; its last frame is repeated", place, first)


def padded_under(place: ShotInFilm, _delivery: Delivery) -> Finding | None:
    """The clip ends before the transition over it does."""
    count = place.stood.padded_under
    if count < 2:  # one frame is rounding, as at the end of a clip
        return None
    said = f"{place.shot.shot}: the clip ends {count} frames before the transition over it does; its last frame is repeated"
    return _standing("padded-transition", Severity.WARN, said, place, place.shot.frames + place.over - count)


def unfitted(place: ShotInFilm, _delivery: Delivery) -> Finding | None:
    """The clip could not be fitted as requested."""
    if not place.stood.remarks:
        return None
    return Finding(code="unfitted", severity=Severity.WARN, message=f"{place.shot.shot}: {'; '.join(place.stood.remarks)}")


def barred(place: ShotInFilm, delivery: Delivery) -> Finding | None:
    """The picture doesn't fill the frame."""
    if place.stood.bars < _BARS:
        return None
    said = f"{place.shot.shot}: {place.stood.bars * 100:.1f} % of the {delivery.size} frame is black bars; fit = crop or blur fills it"
    return Finding(code="bars", severity=Severity.NOTE, message=said)


def silent(place: ShotInFilm, _delivery: Delivery) -> Finding | None:
    """Sound is wanted, but there is none to measure."""
    reading, name = place.stood.reading, place.shot.shot
    if not place.shot.sound or reading.lufs is not None:
        return None
    if reading.peak_db is None or reading.peak_db < SILENCE_LUFS:
        return Finding(code="silent", severity=Severity.WARN, message=f"{name}: the clip is silent")
    said = f"{name}: too short or too quiet to measure its loudness, so its level is unchanged"
    return Finding(code="unmeasured", severity=Severity.NOTE, message=said)


def too_quiet(place: ShotInFilm, delivery: Delivery) -> Finding | None:
    """The clip has to be raised so far that its noise is audible, or further than it may be."""
    lufs = place.stood.reading.lufs
    if lufs is None or not place.shot.level.matched or delivery.loudness_lufs - lufs <= _NOISY_DB:
        return None
    needed, name = delivery.loudness_lufs - lufs, place.shot.shot
    if needed > CLIP_GAIN_DB:
        said = f"{name}: the clip is {needed:.1f} dB too quiet but raised by only {CLIP_GAIN_DB:g}, so it stays quieter than the others"
        return Finding(code="too-quiet", severity=Severity.WARN, message=said)
    said = f"{name}: the clip is quiet and raised by {needed:.1f} dB, which also raises its noise"
    return Finding(code="quiet", severity=Severity.NOTE, message=said)


def shortened(place: ShotInFilm, _delivery: Delivery) -> Finding | None:
    """The transition was to be longer than one of its shots."""
    asked = place.shot.transition
    if asked is None or place.comes_on >= asked.frames:
        return None
    said = (
        f"{place.shot.shot}: its {asked.join} takes {place.comes_on} frames instead of {asked.frames}, because one of its shots is shorter"
    )
    return Finding(code="transition-short", severity=Severity.WARN, message=said)


def clicks(place: ShotInFilm, _delivery: Delivery) -> Finding | None:
    """The sound jumps where the shot begins."""
    if place.stood.jump < _CLICK:
        return None
    said = f"{place.shot.shot}: a click at its start: the sound jumps by {place.stood.jump:.2f} of full scale"
    return Finding(code="click", severity=Severity.WARN, message=said)


Check = Callable[[ShotInFilm, Delivery], Finding | None]
OF_ROWS: tuple[Check, ...] = (shortened, clicks)
CHECKS: tuple[Check, ...] = (padded, padded_under, unfitted, barred, silent, too_quiet, *OF_ROWS)
#: findings that another clip of the same row may not have
_MENDED = frozenset({"padded", "silent", "too-quiet", "quiet"})


def _standing(code: str, severity: Severity, message: str, place: ShotInFilm, first: int) -> Finding:
    """A finding at the first frame of the shot in which the clip's last frame is repeated."""
    return Finding(
        code=code,
        severity=severity,
        message=message,
        frame=place.record_in + first,
        clip_frame=place.shot.fitting.first + max(0, first - 1),
    )
