"""An edit: a cut as an editing program is told of it, with what can stand in each place. Frames are counted at the edit's own rate."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from callsheet.domain.delivery.fitting import PLAIN, Fitting, Join, Transition
from callsheet.domain.money import Micros, text
from callsheet.domain.shots.shot import Size
from callsheet.domain.timebase import Fps
from callsheet.domain.timecode import Timecode

_REEL = 8


@dataclass(frozen=True, slots=True)
class Keyframe:
    """How loud something stands, in dB beside its file as it is, at a frame counted from its own first one."""

    frame: int
    db: float


#: one keyframe where it stays as it is, else those between which it moves evenly; none where nothing is heard
Levels = tuple[Keyframe, ...]


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
    #: what made it; None if it is the author's own
    model: str | None
    seed: int | None
    cost: Micros
    #: the file of its content credentials, where it carries any
    credentials: str | None = None

    @property
    def cost_text(self) -> str:
        """What it cost, in words."""
        return f"{text(self.cost)} USD" if self.model else "own clip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A shot in an edit: `frames` from `record_in` (0-based). Where nothing stands, `media` is None and `missing` says why, or it is a title `card`."""

    shot: str
    prompt: str
    record_in: int
    frames: int
    #: which part of a shot that is joined of several it is, from 0 on
    part: int = 0
    media: Media | None = None
    missing: str | None = None
    #: the colour (six hex digits) of the title card that it is
    card: str | None = None
    #: what is written over it
    title: str = ""
    stale: bool = False
    #: False: the cut leaves the clip's sound out
    sound: bool = True
    #: the shot's other clips, the newest first
    alternates: tuple[Media, ...] = field(default=())
    #: the frame of its clip with which it begins
    source_in: int = 0
    #: how its picture is made to fit
    fitting: Fitting = PLAIN
    #: how it comes on, on its own first frames, over those that follow in the clip before (of a fade: half before, half after the cut)
    transition: Transition | None = None
    #: how loud its sound stands in the film
    levels: Levels = ()

    @property
    def record_out(self) -> int:
        """The frame after its last."""
        return self.record_in + self.frames

    @property
    def label(self) -> str:
        """What stands there, in words: what its clip cost, or why there is none."""
        return self.media.cost_text if self.media else f"title card #{self.card}" if self.card else str(self.missing)

    @property
    def shown(self) -> bool:
        """Whether there is a picture: a clip's, or a title card's."""
        return self.media is not None or self.card is not None

    @property
    def has_sound(self) -> bool:
        """Whether its clip's sound is in the cut."""
        return self.media is not None and self.media.sound and self.sound


@dataclass(frozen=True, slots=True, kw_only=True)
class BedEvent:
    """A bed in an edit: `frames` from `record_in`, from its file's first on. Fades are in frames, within it, and don't overlap."""

    #: the file as the author named it, and the copy that the edit refers to
    name: str
    file: str
    sha256: str
    media_frames: int
    record_in: int
    frames: int
    levels: Levels
    fade_in: int = 0
    fade_out: int = 0
    #: what its table says in words that no format has
    label: str = ""

    @property
    def record_out(self) -> int:
        """The frame after its last."""
        return self.record_in + self.frames


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A sequence to hand to an editing program."""

    name: str
    size: Size
    start: Timecode
    events: tuple[Event, ...]
    beds: tuple[BedEvent, ...] = ()
    #: where its files lie, where they are to be named by file URL
    root: Path | None = None

    @property
    def fps(self) -> Fps:
        """Frames per second of everything in it."""
        return self.start.fps

    @property
    def frames(self) -> int:
        """Its length."""
        return sum(event.frames for event in self.events)

    def over(self, number: int) -> int:
        """Frames at the start of an event over which the one before goes on: a dissolve's or wipe's, as far as its clip has them; 0 for a cut or fade. A title
        card goes on for as long as it is needed.
        """
        if not 0 < number < len(self.events):
            return 0
        event, before = self.events[number], self.events[number - 1]
        if event.transition is None or event.transition.join is Join.FADE or not (before.shown and event.shown):
            return 0
        wanted = min(event.transition.frames, event.frames)
        return max(0, min(wanted, before.media.frames - before.source_in - before.frames)) if before.media else wanted

    def fade_in(self, number: int) -> int:
        """Frames over which an event comes on from black: the second half of a fade, or whatever way the first shot has."""
        event = self.events[number]
        change = event.transition
        if change is None or (number and change.join is not Join.FADE):
            return 0
        return min(change.frames - change.frames // 2 if number else change.frames, event.frames)

    def fade_out(self, number: int) -> int:
        """Frames over which an event goes to black: the first half of the next one's fade, as far as it has come on itself by then."""
        change = self.events[number + 1].transition if number + 1 < len(self.events) else None
        if change is None or change.join is not Join.FADE:
            return 0
        return min(change.frames // 2, self.events[number].frames - (self.over(number) or self.fade_in(number)))

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
    taken: set[str] = set()
    for sha256 in contents:
        if sha256 not in named:
            named[sha256] = next(reel for reel in _candidates(sha256) if reel not in taken)
            taken.add(named[sha256])
    return named


def _candidates(sha256: str) -> Iterator[str]:
    """Names out of the hash, then numbered ones."""
    letters = base64.b32encode(bytes.fromhex(sha256)).decode().rstrip("=")
    for start in range(len(letters) - _REEL + 1):
        if letters[start].isalpha():
            yield letters[start : start + _REEL]
    yield from (f"R{number:07d}" for number in count())
