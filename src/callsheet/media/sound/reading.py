"""What a meter read of a sound, and the bounds that gains and readings are held to. See `loudness`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

#: what ebur128 says of silence, or of less than its 400 ms window, with a margin
SILENCE_LUFS = -69.0
#: a clip is moved by no more than this: beyond it there is nothing but noise to lift
CLIP_GAIN_DB = 24.0
#: how far a film may be off, LU
TOLERATED_LU = 0.5
#: peaks so near their ceiling were held down by it, dB: the limiter stays a little below it, and the encoder moves them
AT_CEILING_DB = 1.5


@dataclass(frozen=True, slots=True)
class Reading:
    """What a meter read. None if there is nothing to read: silence, or too short.

    `peak_db` is a film's true peak (dBTP), and a clip's highest sample (dBFS): a clip's own tells only whether it is silent.
    """

    lufs: float | None
    peak_db: float | None


class Bound(StrEnum):
    """What keeps a film from its delivery's loudness."""

    PEAKS = "peaks"  #: its peaks stand at the ceiling: what lies below them can't come up without passing it
    GAIN = "gain"  #: it would have to be moved further than anything is
    LENGTH = "length"  #: it is shorter than what a meter needs to read anything
