"""Whether a clip is what was asked for. Pure: a probe and the ask go in, findings come out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from callsheet.domain.finding import Finding, Severity
from callsheet.domain.shots.shot import Size
from callsheet.domain.timebase import Fps, fps_text
from callsheet.media.ffmpeg.command import FILM_GUARD, film_guard
from callsheet.media.inspect.film_facts import Probe

#: a clip of so many times the frames or pixels that were asked for is not decoded
_HUGE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the service was asked for: frames are at `fps`."""

    size: Size
    fps: Fps
    frames: int
    sound: bool


def check_clip(probe: Probe, asked: Asked) -> list[Finding]:
    """Everything that is not as asked, in the order of CHECKS."""
    return [finding for check in CHECKS if (finding := check(probe, asked))]


def quirks(probe: Probe) -> list[str]:
    """How a clip that nobody was asked for differs from what services send, in words."""
    asked = Asked(size=probe.size, fps=probe.fps, frames=probe.frames_at(probe.fps), sound=False)
    return [finding.message for check in _OF_ANY if (finding := check(probe, asked))]


def wrong_size(probe: Probe, asked: Asked) -> Finding | None:
    """The picture as shown is not of the size that was asked for."""
    if probe.size == asked.size:
        return None
    return _fail("clip-size", f"the picture is {probe.size}, asked for was {asked.size}")


def wrong_rate(probe: Probe, asked: Asked) -> Finding | None:
    """The frame rate is another one. Where steps are uneven it is their mean: as many frames as the rate that was asked for gives are right, wherever they stand."""
    as_many = probe.vfr and abs(probe.frames - probe.frames_at(asked.fps)) <= 1
    if probe.fps == asked.fps or as_many:
        return None
    return _fail("clip-fps", f"the picture has {_spoken(probe.fps)} frames per second, asked for were {_spoken(asked.fps)}")


def uneven_rate(probe: Probe, _asked: Asked) -> Finding | None:
    """The frames don't come at even steps."""
    if not probe.vfr:
        return None
    return Finding(code="clip-vfr", severity=Severity.WARN, message="the frame rate is not constant: finishing repeats or drops frames")


def interlaced(probe: Probe, _asked: Asked) -> Finding | None:
    """Each picture is of two fields."""
    if not probe.interlaced:
        return None
    return Finding(
        code="clip-interlaced", severity=Severity.WARN, message="its pictures are interlaced: finishing makes whole ones of them"
    )


def odd_format(probe: Probe, _asked: Asked) -> Finding | None:
    """It came in a container or a codec that no service is known to send."""
    if film_guard(probe.container, probe.decoders) is FILM_GUARD:
        return None
    said = f"it came as {probe.container} with {' and '.join(probe.decoders)}, which no service is known to send"
    return Finding(code="clip-format", severity=Severity.WARN, message=said)


def late_picture(probe: Probe, _asked: Asked) -> Finding | None:
    """A fragmented file whose first picture stands too long."""
    if not probe.late:
        return None
    said = f"its sound begins {float(probe.late) * 1000:.0f} ms before its picture, which the file doesn't say: finishing sets them right"
    return Finding(code="clip-late", severity=Severity.NOTE, message=said)


def too_short(probe: Probe, asked: Asked) -> Finding | None:
    """Fewer frames than were asked for (and paid), counted at the rate that was asked for."""
    frames = probe.frames_at(asked.fps)
    if frames >= asked.frames:
        return None
    return _fail("clip-short", f"the picture has {frames} frames, asked for were {asked.frames}")


def longer(probe: Probe, asked: Asked) -> Finding | None:
    """More frames than were asked for: the rest isn't used."""
    frames = probe.frames_at(asked.fps)
    if frames <= asked.frames:
        return None
    return Finding(code="clip-long", severity=Severity.NOTE, message=f"the picture has {frames} frames, asked for were {asked.frames}")


def huge(probe: Probe, asked: Asked) -> Finding | None:
    """Ten times the pictures or the pixels that were asked for: no film of this purchase, and too much to be decoded for a look."""
    pixels = probe.width * probe.height
    if probe.frames <= _HUGE * asked.frames and pixels <= _HUGE * asked.size.width * asked.size.height:
        return None
    return _fail(
        "clip-huge", f"it holds {probe.frames} pictures of {probe.size}, more than {_HUGE} times what was asked for: it was not decoded"
    )


def no_sound(probe: Probe, asked: Asked) -> Finding | None:
    """Sound was asked for and there is none."""
    if probe.sound or not asked.sound:
        return None
    return _fail("clip-no-sound", "it has no sound, though sound was requested")


Check = Callable[[Probe, Asked], Finding | None]
CHECKS: tuple[Check, ...] = (wrong_size, wrong_rate, uneven_rate, interlaced, odd_format, late_picture, too_short, longer, huge, no_sound)
#: those that look at the file alone
_OF_ANY: tuple[Check, ...] = (uneven_rate, interlaced, odd_format, late_picture)


def _fail(code: str, message: str) -> Finding:
    return Finding(code=code, severity=Severity.FAIL, message=message)


def _spoken(fps: Fps) -> str:
    return fps_text(fps) if fps.denominator == 1 else f"{fps_text(fps)} ({float(fps):.3f})"
