"""What is audibly wrong with a clip's sound. Pure: measurements go in, findings come out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from callsheet.domain.finding import Finding, Severity
from callsheet.domain.timebase import SAMPLE_RATE, Fps
from callsheet.media.inspect.decode_check import Watched
from callsheet.media.sound.limiter import sane
from callsheet.qc.picture import spans

#: silence is below this, dBFS (the ambience of a quiet room is at -58), for this long
_SILENT_DB, _SILENT_S = -60.0, 0.5
_WINDOW = SAMPLE_RATE // 100
#: lossy codecs round flat tops, so clipping shows as peaks at full scale: this high, in this many windows of 10 ms
_FULL, _FULL_WINDOWS = 0.989, 5
#: or as waves that are nearly square and loud: a sine's mean power is 0.71 of its peak
_FLAT, _LOUD = 0.85, 0.7


def check_sound(watched: Watched, fps: Fps) -> list[Finding]:
    """Everything that is audibly wrong, in the order of CHECKS. Missing sound is another check."""
    if not len(watched.sound):
        return []
    told, numbers = broken(watched, fps), watched
    if told:
        numbers = replace(watched, sound=np.where(sane(watched.sound), watched.sound, np.float32(0)))  # as films have it
    return [finding for finding in (*(check(numbers, fps) for check in CHECKS), told) if finding]


def silence(watched: Watched, fps: Fps) -> Finding | None:
    """The sound is silent for a while. Complete silence fails, because sound was ordered."""
    level = _peaks(_windows(watched.sound))
    found = [span for span in spans((level < 10 ** (_SILENT_DB / 20)).tolist()) if (span[1] - span[0]) * _WINDOW >= _SILENT_S * SAMPLE_RATE]
    if not found:
        return None
    first, end = max(found, key=lambda span: span[1] - span[0])
    if end - first >= len(level) - 1:
        return Finding(code="clip-silent", severity=Severity.FAIL, message="it is silent, although sound was ordered", frame=0)
    at, length = first * _WINDOW / SAMPLE_RATE, (end - first) * _WINDOW / SAMPLE_RATE
    return Finding(
        code="clip-silence", severity=Severity.WARN, message=f"silent for {length:.2f} s from {at:.2f} s on", frame=int(at * fps)
    )


def clipping(watched: Watched, fps: Fps) -> Finding | None:
    """Peaks at full scale, or flat ones: the sound is clipped."""
    windows = _windows(watched.sound)
    peaks = _peaks(windows)
    loud = np.flatnonzero(peaks > _LOUD)
    powers = np.sqrt(np.square(windows[loud]).mean(axis=1))  # of each 10 ms, as an amplitude
    full = loud[(peaks[loud] >= _FULL) | (powers > _FLAT * peaks[loud])]
    if len(full) < _FULL_WINDOWS:
        return None
    at = full[0] * _WINDOW / SAMPLE_RATE
    said = f"the sound is clipped in {len(full)} places of 10 ms, first at {at:.2f} s"
    return Finding(code="clip-clipping", severity=Severity.WARN, message=said, frame=int(at * fps))


def broken(watched: Watched, fps: Fps) -> Finding | None:
    """Samples that are not numbers, or far out of range: films have silence there."""
    right = sane(watched.sound)
    if right.all():
        return None
    at = int(right.all(axis=1).argmin()) / SAMPLE_RATE
    said = f"its sound has invalid samples, first at {at:.2f} s; finishing silences them"
    return Finding(code="clip-sound-broken", severity=Severity.FAIL, message=said, frame=int(at * fps))


Check = Callable[[Watched, Fps], Finding | None]
CHECKS: tuple[Check, ...] = (silence, clipping)


def _peaks(windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far each window reaches from zero."""
    return np.maximum(windows.max(axis=1), -windows.min(axis=1))


def _windows(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """The samples of each 10 ms, of all channels; the last, shorter window is left out unless it is the only one."""
    whole = max(1, len(sound) // _WINDOW)
    return sound[: whole * _WINDOW].reshape(whole, -1)
