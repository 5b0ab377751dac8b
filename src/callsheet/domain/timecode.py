"""Timecode: a label for each frame. Drop-frame skips labels, never frames, so that at 29.97 and 59.94 the labels keep to the clock.

SMPTE ST 12-1: at 30000/1001 the labels 00 and 01 (at 60000/1001: 00 to 03) are skipped in every minute that 10 doesn't divide. `;` marks drop-frame.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from callsheet.domain.timebase import Fps, half_up

_TEXT = re.compile(r"(\d{2}):([0-5]\d):([0-5]\d)([:;])(\d{2})")
#: labels skipped in a minute
_DROPPED = {Fraction(30000, 1001): 2, Fraction(60000, 1001): 4}


@dataclass(frozen=True, slots=True)
class Timecode:
    """The label of a frame (counted from 00:00:00:00), at a frame rate, drop-frame or not."""

    frame: int
    fps: Fps
    drop: bool = False

    @classmethod
    def parse(cls, text: str, fps: Fps) -> Timecode:
        """From `01:00:00:00`, or `01:00:00;00` for drop-frame. ValueError if it isn't a label at this rate."""
        found = _TEXT.fullmatch(text.strip())
        if not found:
            raise ValueError(f"{text!r} is not a timecode such as 01:00:00:00")
        hours, minutes, seconds, frames = (int(found[n]) for n in (1, 2, 3, 5))
        base, drop = half_up(fps), found[4] == ";"
        if drop and fps not in _DROPPED:
            raise ValueError(f"{text!r}: only 29.97 and 59.94 have drop-frame timecode; write : before the frames")
        if frames >= base or hours > 23 or (drop and seconds == 0 and minutes % 10 and frames < _DROPPED[fps]):
            raise ValueError(f"{text!r} is not a timecode at {fps} frames per second")
        total = minutes + 60 * hours
        skipped = _DROPPED[fps] * (total - total // 10) if drop else 0
        return cls((total * 60 + seconds) * base + frames - skipped, fps, drop)

    def plus(self, frames: int) -> Timecode:
        """The label so many frames later; after a day it begins anew."""
        return Timecode(self.frame + frames, self.fps, self.drop)

    def __str__(self) -> str:
        base = half_up(self.fps)
        label = (self._with_skipped() if self.drop else self.frame) % (24 * 3600 * base)
        seconds, frames = divmod(label, base)
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{';' if self.drop else ':'}{frames:02d}"

    def _with_skipped(self) -> int:
        """The label's number, skipped ones counted."""
        skip = _DROPPED[self.fps]
        minute = half_up(self.fps) * 60 - skip
        tens, rest = divmod(self.frame, minute * 10 + skip)
        skipped = 9 * skip * tens
        if rest >= minute + skip:
            skipped += skip * ((rest - skip) // minute)
        return self.frame + skipped
