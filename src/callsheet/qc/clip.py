"""Whether a clip is as ordered. Pure: a probe and the order go in, findings come out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from callsheet.domain.finding import Finding, Severity
from callsheet.domain.shots.shot import Size
from callsheet.domain.timebase import Fps, fps_text
from callsheet.media.ffmpeg.command import usual
from callsheet.media.inspect.film_facts import Probe

#: the code of a clip with fewer frames than ordered
SHORT = "clip-short"
#: a clip with this many times the frames or pixels ordered is not decoded
_HUGE = 10
#: seconds for which one picture may stand without being told
_STANDS_LONG = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The order sent to the service: frames are at `fps`."""

    size: Size
    fps: Fps
    frames: int
    sound: bool


def check_clip(probe: Probe, asked: Asked) -> list[Finding]:
    """Everything that is not as ordered, in the order of CHECKS."""
    return [finding for check in CHECKS if (finding := check(probe, asked))]


def quirks(probe: Probe) -> list[str]:
    """How the author's own clip differs from what services send, in words."""
    asked = Asked(size=probe.size, fps=probe.fps, frames=probe.frames_at(probe.fps), sound=False)
    return [finding.message for check in _OF_ANY if (finding := check(probe, asked))]


def wrong_size(probe: Probe, asked: Asked) -> Finding | None:
    """The displayed picture doesn't have the ordered size."""
    if probe.size == asked.size:
        return None
    return _fail("clip-size", f"the picture is {probe.size} instead of {asked.size}")


def wrong_rate(probe: Probe, asked: Asked) -> Finding | None:
    """The frame rate is wrong. With uneven steps, the mean counts: as many frames as the ordered rate gives are right, wherever they are."""
    as_many = probe.vfr and abs(probe.frames - probe.frames_at(asked.fps)) <= 1
    if probe.fps == asked.fps or as_many:
        return None
    return _fail("clip-fps", f"the picture has {_spoken(probe.fps)} frames per second instead of {_spoken(asked.fps)}")


def uneven_rate(probe: Probe, _asked: Asked) -> Finding | None:
    """The frames don't come at even steps."""
    if not probe.vfr:
        return None
    stands = f"; one picture lasts {float(probe.longest):.1f} s" if probe.longest >= _STANDS_LONG else ""
    said = f"the frame rate is not constant: finishing repeats or drops frames{stands}"
    return Finding(code="clip-vfr", severity=Severity.WARN, message=said)


def interlaced(probe: Probe, _asked: Asked) -> Finding | None:
    """Each picture consists of two fields."""
    if not probe.interlaced:
        return None
    return Finding(code="clip-interlaced", severity=Severity.WARN, message="its pictures are interlaced; finishing deinterlaces them")


def changing(probe: Probe, _asked: Asked) -> Finding | None:
    """Its pictures don't keep their form."""
    if not probe.changes:
        return None
    said = f"its pictures change their size or format midway; finishing scales them to the first, {probe.size}"
    return Finding(code="clip-changes", severity=Severity.WARN, message=said)


def unheard(probe: Probe, _asked: Asked) -> Finding | None:
    """It has sound that isn't heard."""
    if not probe.sound or not probe.sound.unheard:
        return None
    more = f"{probe.sound.unheard} more" if probe.sound.unheard > 1 else "another"
    said = f"it has {more} sound track{'s' if probe.sound.unheard > 1 else ''}; only the one that players begin with is heard"
    return Finding(code="clip-tracks", severity=Severity.WARN, message=said)


def changing_sound(probe: Probe, _asked: Asked) -> Finding | None:
    """Its sound doesn't keep its form."""
    if not probe.sound or not probe.sound.changes:
        return None
    said = "its sound changes its channels or sample rate midway; finishing converts all of it to stereo"
    return Finding(code="clip-sound-changes", severity=Severity.WARN, message=said)


def headless(probe: Probe, _asked: Asked) -> Finding | None:
    """It was cut within a group of pictures."""
    if not probe.headless:
        return None
    lost = f"{probe.headless} pictures" if probe.headless > 1 else "picture"
    said = f"its first {lost} can't be decoded, because the file begins within a group; it starts with the one after"
    return Finding(code="clip-begins", severity=Severity.WARN, message=said)


def odd_format(probe: Probe, _asked: Asked) -> Finding | None:
    """It has a container or a codec that no service is known to send."""
    if usual(probe.container, probe.decoders):
        return None
    said = f"it is {probe.container} with {' and '.join(probe.decoders)}, which no service is known to send"
    return Finding(code="clip-format", severity=Severity.WARN, message=said)


def late_picture(probe: Probe, _asked: Asked) -> Finding | None:
    """A fragmented file whose first picture lasts too long."""
    if not probe.late:
        return None
    said = f"its sound begins {float(probe.late) * 1000:.0f} ms before its picture, which the file doesn't say; finishing corrects this"
    return Finding(code="clip-late", severity=Severity.NOTE, message=said)


def too_short(probe: Probe, asked: Asked) -> Finding | None:
    """Fewer frames than were ordered (and paid for), counted at the ordered rate."""
    frames = probe.frames_at(asked.fps)
    if frames >= asked.frames:
        return None
    return _fail(SHORT, f"the picture has {frames} frames instead of {asked.frames}")


def longer(probe: Probe, asked: Asked) -> Finding | None:
    """More frames than were ordered: the rest isn't used."""
    frames = probe.frames_at(asked.fps)
    if frames <= asked.frames:
        return None
    return Finding(code="clip-long", severity=Severity.NOTE, message=f"the picture has {frames} frames instead of {asked.frames}")


def huge(probe: Probe, asked: Asked) -> Finding | None:
    """Ten times the frames or the pixels ordered: not a film of this purchase, and too much to decode for a check."""
    pixels = probe.width * probe.height
    if probe.frames <= _HUGE * asked.frames and pixels <= _HUGE * asked.size.width * asked.size.height:
        return None
    return _fail(
        "clip-huge", f"it holds {probe.frames} pictures of {probe.size}, more than {_HUGE} times what was ordered: it was not decoded"
    )


def no_sound(probe: Probe, asked: Asked) -> Finding | None:
    """Sound was ordered, but there is none."""
    if probe.sound or not asked.sound:
        return None
    return _fail("clip-no-sound", "it has no sound, although sound was ordered")


Check = Callable[[Probe, Asked], Finding | None]
#: those that look at the file alone
_OF_ANY: tuple[Check, ...] = (uneven_rate, interlaced, changing, headless, changing_sound, unheard, odd_format, late_picture)
CHECKS: tuple[Check, ...] = (wrong_size, wrong_rate, *_OF_ANY, too_short, longer, huge, no_sound)


def _fail(code: str, message: str) -> Finding:
    return Finding(code=code, severity=Severity.FAIL, message=message)


def _spoken(fps: Fps) -> str:
    return fps_text(fps) if fps.denominator == 1 else f"{fps_text(fps)} ({float(fps):.3f})"
