"""The kinds of wire that worlds are made for: three that stand for all there can be, and every service that is really bought from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from callsheet.media.inspect.film_facts import Probe, Sound
from callsheet.services.protocol.wire import Recovery
from tests.crash.speakers.base import Speaker
from tests.crash.speakers.bytecompute import ByteCompute
from tests.crash.speakers.deapi import DeApi
from tests.crash.speakers.lightricks import Lightricks
from tests.crash.speakers.reel import Reel
from tests.crash.speakers.runware import Runware

#: what may come of a purchase, of a look, of a download and of a question for a price, with weights
FATES: Mapping[str, Mapping[str, int]] = {
    "submit": {
        "ok": 70,
        "lost-before": 4,
        "lost-after": 6,
        "late": 4,
        "503-before": 3,
        "503-after": 3,
        "429": 4,
        "402": 2,
        "400": 1,
        "refused-connection": 3,
        "dripped": 2,
    },
    "poll": {"ok": 88, "502": 4, "429": 2, "empty": 4, "unknown": 2, "stale": 2, "dripped": 1},
    "fetch": {"ok": 80, "truncated": 7, "503": 5, "expired": 4, "wrong": 4, "dripped": 2},
    "price": {"ok": 88, "502": 4, "429": 5, "lost": 3},
}
#: what strikes at a boundary, with weights
BLOWS: Mapping[str, int] = {"kill": 4, "exception": 2, "power": 3, "clock+": 1, "clock-": 1, "double": 3}

_CLIP = Probe(
    container="mov",
    index=0,
    codec="h264",
    width=320,
    height=192,
    sar=Fraction(1),
    rotation=0,
    pix_fmt="yuv420p",
    matrix="bt709",
    full_range=False,
    frames=72,
    hidden=0,
    fps=Fraction(24),
    duration=Fraction(3),
    vfr=False,
    offset=Fraction(0),
    sound=Sound(index=1, codec="aac", rate=48000, channels=2, samples=144_000),
)


def clip(width: int, height: int, fps: int, frames: int) -> Probe:
    """A film as a look at it finds it."""
    seconds = Fraction(frames, fps)
    sound = Sound(index=1, codec="aac", rate=48000, channels=2, samples=int(48000 * seconds))
    return replace(_CLIP, width=width, height=height, fps=Fraction(fps), frames=frames, duration=seconds, sound=sound)


@dataclass(frozen=True)
class Kind:
    """One kind of wire: what is bought of whom, in which words, and what comes. `price` is what a take costs about, micro-USD."""

    service: str
    model: str
    recovery: Recovery
    speaker: type[Speaker]
    #: a shot's length, size and frame rate as the list has them
    row: str = "3,320x192,24"
    price: int = 90_000
    clip: Probe = _CLIP
    #: the service says what a job cost
    tells_cost: bool = True
    settings: str = ""
    #: size of its drafts
    draft: str = "192x128"

    def clip_of(self, *, draft: bool) -> Probe:
        """What comes of a job."""
        if not draft:
            return self.clip
        width, height = map(int, self.draft.split("x"))
        return clip(width, height, int(self.clip.fps), self.clip.frames)


_DEAPI = Kind("deapi", "deapi/ltx-2.3", "blind", DeApi, "2,896x512,24", 41_200, clip(896, 512, 24, 49), draft="512x512")
KNOWN: Mapping[str, Kind] = {
    "keyed": Kind("runware", "runware/ltx-2", "keyed", Runware),
    "tokened": Kind("tokened", "tokened/reel", "tokened", Reel),
    "blind": Kind("blind", "blind/reel", "blind", Reel),
    "bytecompute": Kind(
        "bytecompute",
        "bytecompute/ltx-2.3",
        "blind",
        ByteCompute,
        "6,512x512,50",
        120_000,
        clip(512, 512, 50, 300),
        tells_cost=False,
        draft="576x512",
    ),
    "deapi": replace(_DEAPI, recovery="tokened", settings='[project]\ncallback_url = "https://calls.test"\n'),
    "deapi-blind": _DEAPI,
    "lightricks": Kind(
        "lightricks",
        "lightricks/ltx-2.3",
        "blind",
        Lightricks,
        "6,1920x1080,24",
        480_000,
        clip(1920, 1080, 24, 144),
        tells_cost=False,
        draft="1080x1920",
    ),
}
#: Runware's wire, and the test wires of tests/keyless_wires.py: every cell and every planted wrong is tried on these
KINDS = ("keyed", "tokened", "blind")
#: the other services that are bought from
WIRES = tuple(name for name in KNOWN if name not in KINDS)
EVERY = tuple(KNOWN)
