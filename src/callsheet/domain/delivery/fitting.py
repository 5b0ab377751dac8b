"""How a clip is made to fit its place in a film: picture, frame rate, level, and the way into it. Values that the author gives per shot."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from callsheet.domain.delivery.caption import Caption
from callsheet.domain.delivery.font import Font
from callsheet.domain.delivery.watermark import Watermark
from callsheet.domain.timebase import Fps

#: how far a retimed clip may run faster or slower than it was made: 24 at 25 frames a second is 4.17 %
RETIME_MOST = Fraction(42, 1000)


class Frame(StrEnum):
    """What is done with a picture whose shape isn't the delivery's."""

    PAD = "pad"  #: all of it, with black beside or above
    CROP = "crop"  #: filled, what hangs over is cut off around the focus
    BLUR = "blur"  #: all of it, on a blurred, filled copy of itself


class FpsFit(StrEnum):
    """What is done with a clip of another frame rate."""

    DROP = "drop"  #: each frame is the nearest in time: some are left out or stand twice
    RETIME = "retime"  #: every frame once, a little faster or slower, sound with it
    BLEND = "blend"  #: frames between two are mixed of both
    INTERPOLATE = "interpolate"  #: frames between two are made along their motion


class Join(StrEnum):
    """How a shot comes on."""

    CUT = "cut"
    DISSOLVE = "dissolve"  #: over the tail of the shot before
    FADE = "fade"  #: through black, half before and half after the cut
    WIPE = "wipe"  #: from left to right over the tail of the shot before


@dataclass(frozen=True, slots=True)
class Focus:
    """What a crop keeps in sight: a point of the picture, 0 to 1 from the left and from the top."""

    x: Decimal = Decimal("0.5")
    y: Decimal = Decimal("0.5")

    def __str__(self) -> str:
        return f"{self.x:f} {self.y:f}"


@dataclass(frozen=True, slots=True)
class Trim:
    """A size that was bought in place of another shape: what is beyond the asked one is cut off, since nobody asked for it."""

    #: pixels, width and height
    bought: tuple[int, int]
    #: width to height
    asked: Fraction

    @property
    def kept(self) -> tuple[int, int]:
        """Pixels of the bought picture that have the asked shape; even, since colour is kept for every other one."""
        width = min(Fraction(self.bought[0]), self.bought[1] * self.asked)
        return 2 * round(width / 2), 2 * round(width / self.asked / 2)

    @property
    def lost(self) -> Fraction:
        """The share of the bought picture that is cut off."""
        return 1 - Fraction(self.kept[0] * self.kept[1], self.bought[0] * self.bought[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitting:
    """How a clip's picture and rate are made to fit, and what is burnt into the picture."""

    frame: Frame = Frame.PAD
    focus: Focus = Focus()
    fps: FpsFit = FpsFit.DROP
    #: what a model's own sizes added to the shape that was asked for; `frame` decides about the rest
    trim: Trim | None = None
    #: the frame of the clip with which the shot begins, counted at the delivery's rate
    first: int = 0
    captions: tuple[Caption, ...] = ()
    watermark: Watermark | None = None
    #: what the captions are written in; None is the package's own
    font: Font | None = None

    @property
    def burns(self) -> bool:
        """Whether anything is burnt in."""
        return bool(self.captions or self.watermark)

    @property
    def decides(self) -> list[object]:
        """What of it decides a clip's pictures."""
        picture = asdict(replace(self, watermark=None, font=None, captions=()))
        picture["captions"] = [caption.decides for caption in self.captions]
        for name in ("trim", "first", "font"):
            if not picture[name]:
                del picture[name]  # clips that were made before it was known stay valid
        written = [self.font.sha256] if self.font and self.captions else []
        return [picture, self.watermark.decides if self.watermark else None, *written]


@dataclass(frozen=True, slots=True)
class Level:
    """A shot's loudness: matched to the others or kept as the clip has it, then moved by `by_db`."""

    matched: bool = True
    by_db: float = 0.0

    def __str__(self) -> str:
        if self.by_db:
            return f"{self.by_db:+g}"
        return "match" if self.matched else "keep"


@dataclass(frozen=True, slots=True)
class Transition:
    """The way into a shot, and how many frames it takes."""

    join: Join
    frames: int


#: what holds where nobody says otherwise
CENTRE, MATCHED, PLAIN = Focus(), Level(), Fitting()


def retimed(source: Fps, fps: Fps) -> bool:
    """Whether a clip of `source` frames a second may run at `fps`."""
    return abs(fps / source - 1) <= RETIME_MOST


def pace(source: Fps, fps: Fps, fitting: Fitting) -> Fraction:
    """How much faster than it was made a clip runs: 25/24 for 24 at 25 frames a second, 1 where it isn't retimed."""
    return fps / source if fitting.fps is FpsFit.RETIME and retimed(source, fps) else Fraction(1)


def frames_of(seconds: Fraction, source: Fps, fps: Fps, fitting: Fitting) -> int:
    """How many frames a clip of so many seconds fills at `fps`, from the one on with which its shot begins."""
    faster = pace(source, fps, fitting)
    over = seconds.numerator * faster.denominator * fps.numerator  # whole numbers: a plan asks this for every row and delivery
    under = seconds.denominator * faster.numerator * fps.denominator
    return max(0, (2 * over + under) // (2 * under) - fitting.first)


def frames_short(there: int, frames: int, under: int = 0) -> tuple[int, int]:
    """How many frames a clip with so many of them lacks: of the shot's own, and of those behind it over which the next shot comes on."""
    return max(0, frames - there), max(0, min(under, frames + under - there))
