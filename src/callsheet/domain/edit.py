"""An edit: a cut as an editing program is told of it, with what can stand in each place. Frames are counted at the edit's own rate."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count

from callsheet.domain.fitting import Join, Transition
from callsheet.domain.money import Micros
from callsheet.domain.shot import Size
from callsheet.domain.timebase import Fps
from callsheet.domain.timecode import Timecode

_REEL = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A clip as an editing program finds it: by file (path from the edit's own file), or by reel and timecode."""

    #: `S0010.t2.a1`
    name: str
    reel: str
    file: str
    frames: int
    size: Size
    sound: bool
    sha256: str
    model: str
    seed: int | None
    cost: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A shot in an edit: `frames` from `record_in` (0-based). Where nothing stands, `media` is None and `missing` says why."""

    shot: str
    prompt: str
    record_in: int
    frames: int
    media: Media | None = None
    missing: str | None = None
    stale: bool = False
    #: False: the cut leaves the clip's sound out
    sound: bool = True
    #: the shot's other clips, the newest first
    alternates: tuple[Media, ...] = field(default=())
    #: how it comes on, on its own first frames, over those that follow in the clip before (of a fade: half before, half after the cut)
    transition: Transition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A sequence to hand to an editing program."""

    name: str
    size: Size
    start: Timecode
    events: tuple[Event, ...]

    @property
    def fps(self) -> Fps:
        """Frames per second of everything in it."""
        return self.start.fps

    @property
    def frames(self) -> int:
        """Its length."""
        return sum(event.frames for event in self.events)

    def over(self, number: int) -> int:
        """Frames at the start of an event over which the one before goes on: a dissolve's or wipe's, as far as its clip has them; 0 for a cut or fade."""
        event, before = self.events[number], self.events[number - 1] if number else None
        if event.transition is None or event.transition.join is Join.FADE or before is None or before.media is None or event.media is None:
            return 0
        return max(0, min(event.transition.frames, event.frames, before.media.frames - before.frames))

    @property
    def media(self) -> tuple[Media, ...]:
        """Every clip in it once: what is cut and what could be."""
        both = (one for event in self.events for one in ((event.media,) if event.media else ()) + event.alternates)
        return tuple({one.reel: one for one in both}.values())

    @property
    def clip_start(self) -> Timecode:
        """The timecode of each clip's first frame."""
        return clip_start(self.start)


def clip_start(start: Timecode) -> Timecode:
    """Where every clip's own timecode starts, counted as the sequence's `start` is. It is the same for all: their reels tell them apart."""
    return Timecode.parse(f"01:00:00{';' if start.drop else ':'}00", start.fps)


def reels(contents: Iterable[str]) -> dict[str, str]:
    """A reel name for each content hash (hex): eight letters and digits, a letter first, each only once.

    The same clip has the same name in every export, so that a project which was linked once stays linked.
    """
    named: dict[str, str] = {}
    for sha256 in contents:
        taken = {reel for known, reel in named.items() if known != sha256}
        named[sha256] = next(reel for reel in _candidates(sha256) if reel not in taken)
    return named


def _candidates(sha256: str) -> Iterator[str]:
    """Names out of the hash, then numbered ones."""
    letters = base64.b32encode(bytes.fromhex(sha256)).decode().rstrip("=")
    for start in range(len(letters) - _REEL + 1):
        if letters[start].isalpha():
            yield letters[start : start + _REEL]
    yield from (f"R{number:07d}" for number in count())
