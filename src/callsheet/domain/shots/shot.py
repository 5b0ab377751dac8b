"""A shot: one row of the shot list, what is wanted in the cut."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from callsheet.domain.delivery.fitting import CENTRE, MATCHED, Focus, FpsFit, Frame, Join, Level
from callsheet.domain.money import Micros
from callsheet.domain.shots.params import Params
from callsheet.domain.timebase import Fps

_SHAPE = re.compile(r"([1-9][0-9]{0,4})([:x])([1-9][0-9]{0,4})")
#: what stands between a shot's name and the shape that it is bought in, too
_IN_SHAPE = "@"


class Status(StrEnum):
    """What the author intends with a row; facts live in the ledger."""

    READY = "ready"  #: to be bought and cut
    HOLD = "hold"  #: kept in the cut if it is there, but not bought
    OMIT = "omit"  #: neither bought nor cut


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a row stands: file as the user named it, row as in a spreadsheet, line as in a text editor (None in Parquet)."""

    file: str
    row: int
    line: int | None


@dataclass(frozen=True, slots=True)
class Size:
    """A picture's width and height in pixels."""

    width: int
    height: int

    @classmethod
    def parse(cls, value: str) -> Size:
        """From "1280x720"; ValueError if it isn't a size."""
        width, mark, height = value.lower().replace("×", "x").partition("x")
        if not mark or not (width.strip().isdecimal() and height.strip().isdecimal()):
            raise ValueError(f"{value!r} is not a resolution such as 1280x720")
        return cls(int(width), int(height))

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"

    @property
    def pixels(self) -> int:
        """Area in pixels."""
        return self.width * self.height


@dataclass(frozen=True, slots=True)
class Shape:
    """A second shape that a row is bought in: `9:16`, whose shorter edge is the row's, or a size such as `1080x1920` (`sized`)."""

    width: int
    height: int
    sized: bool = False

    @classmethod
    def parse(cls, text: str) -> Shape:
        """From `9:16` or `1080x1920`; ValueError if it is neither."""
        found = _SHAPE.fullmatch(text.strip().lower().replace("×", "x"))
        if not found or not 0.1 <= int(found[1]) / (int(found[3]) or 1000) <= 10:
            raise ValueError(f"{text!r} is not a shape such as 9:16, 1:1 or 1080x1920")
        return cls(int(found[1]), int(found[3]), found[2] == "x")

    def __str__(self) -> str:
        return f"{self.width}{'x' if self.sized else ':'}{self.height}"

    @property
    def tag(self) -> str:
        """As it stands in the names of takes: `9x16`."""
        return f"{self.width}x{self.height}"

    def at(self, size: Size) -> Size:
        """The size to ask for, of a row that is bought at `size` otherwise."""
        if self.sized:
            return Size(self.width, self.height)
        short, least = min(size.width, size.height), min(self.width, self.height)
        return Size(*(2 * round(short * edge / least / 2) for edge in (self.width, self.height)))

    def like(self, size: Size) -> bool:
        """Whether a picture of this size has the shape: within one part of fifty, since models and codecs round."""
        return abs(size.width * self.height - size.height * self.width) * 50 <= size.height * self.width


def shapes(text: str) -> tuple[Shape, ...]:
    """The shapes that a cell or a setting names, `;` between them; `off` is none. ValueError in words."""
    if text.strip().lower() == "off":
        return ()
    found = tuple(Shape.parse(part) for part in text.split(";") if part.strip())
    if len({one.tag for one in found}) < len(found) or not found:
        raise ValueError(f"{text!r} names a shape twice, or no shape")
    return found


@dataclass(frozen=True, slots=True)
class InCut:
    """A shot's part in another cut of its sequence: how long it stands there and where in its clip it begins, seconds; None: as its row says."""

    cut: str
    duration_s: Decimal | None = None
    in_s: Decimal | None = None

    def __str__(self) -> str:
        length = f"={self.duration_s:f}" if self.duration_s is not None else ""
        return f"{self.cut}{length}{f'@{self.in_s:f}' if self.in_s is not None else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One row as the author wrote it. None means "not written": the project's or the model's default applies."""

    #: name of the list: the file's name without folder and ending
    list: str
    shot_id: str
    prompt: str
    origin: Origin
    #: group of shots that is cut together
    sequence: str
    #: `runware/ltx-2.3`
    model: str | None = None
    #: wanted length in the cut, seconds
    duration_s: Decimal | None = None
    #: the author's own clip, a path, or a title card (`card`): nothing is bought for the shot
    clip: str | None = None
    #: where in its clip the shot begins, seconds
    in_s: Decimal | None = None
    #: the shorter cuts of its sequence in which it stands, too
    cuts: tuple[InCut, ...] = ()
    size: Size | None = None
    #: further shapes that it is bought in, each with takes of its own; None: as the project says
    also: tuple[Shape, ...] | None = None
    #: in which of them this is the row; None: as its size says
    shape: Shape | None = None
    fps: Fps | None = None
    seed: int | None = None
    negative_prompt: str | None = None
    #: how many clips are wanted to choose from
    takes: int = 1
    #: path or URL of an image
    first_frame: str | None = None
    last_frame: str | None = None
    #: path or URL of a sound file that drives the picture
    audio: str | None = None
    #: whether the model shall make sound
    sound: bool = True
    #: further parameters of the model, by their dotted names
    params: Params = ()
    #: 1 is bought first, 9 last
    priority: int = 5
    status: Status = Status.READY
    #: all takes and retries of this shot together may not cost more
    max_cost: Micros | None = None
    #: what is done where the clip's shape or rate isn't the delivery's; None: as the delivery says
    fit: Frame | None = None
    focus: Focus = CENTRE
    fps_fit: FpsFit | None = None
    loudness: Level = MATCHED
    #: how the shot comes on, and how long that takes in seconds
    transition: Join = Join.CUT
    transition_s: Decimal | None = None
    #: what is said, for subtitles; and translations by language (BCP 47)
    dialogue: str | None = None
    #: what is written over its pictures, as `title.titles` reads it
    title: str | None = None
    subtitles: tuple[tuple[str, str], ...] = ()
    note: str | None = None
    #: columns for which the author wants neither the project's value nor the sequence's
    cleared: frozenset[str] = frozenset()
    #: the cells that the author filled, by canonical column name, each in the one text that means its value
    cells: tuple[tuple[str, str], ...] = ()

    @property
    def texts(self) -> dict[str, str]:
        """What is said, by language; "" is the dialogue, whose language the delivery says."""
        return {**({"": self.dialogue} if self.dialogue else {}), **dict(self.subtitles)}

    @property
    def row_id(self) -> str:
        """The shot's name in its row: that of `S0010@9x16` is `S0010`."""
        return row_of(self.shot_id)

    @property
    def in_shapes(self) -> Iterator[Shot]:
        """The row as it is bought in its further shapes, each a shot of its own: `S0010@9x16`."""
        for shape in self.also or () if self.clip is None else ():
            yield replace(self, shot_id=f"{self.shot_id}{_IN_SHAPE}{shape.tag}", also=None, shape=shape)


def row_of(shot_id: str) -> str:
    """The name that a shot's row has, of one in a further shape, too."""
    return shot_id.partition(_IN_SHAPE)[0]
