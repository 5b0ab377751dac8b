"""What comes before and after the pictures of a delivery, if a broadcaster requires it: a slate, a countdown, black. All of it is silent."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from callsheet.domain.timebase import Fps, frames_in_cut

_NONE = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leader:
    """Lengths in seconds, in the order in which they stand: slate, countdown, head of black; behind the programme the tail of black."""

    slate_s: Decimal = _NONE
    countdown_s: Decimal = _NONE
    head_s: Decimal = _NONE
    tail_s: Decimal = _NONE
    #: what the slate says of the project, line by line: what it is and what it is called
    told: tuple[tuple[str, str], ...] = ()

    def front(self, fps: Fps) -> int:
        """Frames before the programme."""
        return sum(frames_in_cut(length, fps) for length in (self.slate_s, self.countdown_s, self.head_s))

    def names(self, fps: Fps) -> list[str]:
        """The name of each part before the programme. They are chapters, too, because players begin the first chapter at the start of the file."""
        lengths = {"slate": self.slate_s, "countdown": self.countdown_s, "head": self.head_s}
        return [name for name, length in lengths.items() if frames_in_cut(length, fps)]

    def back(self, fps: Fps) -> int:
        """Frames behind the programme."""
        return frames_in_cut(self.tail_s, fps)


#: nothing stands around the programme
NO_LEADER = Leader()
