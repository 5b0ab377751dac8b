"""The content of a file, as values; see `probe`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any

from callsheet.domain.shots.shot import Size
from callsheet.domain.timebase import Fps, half_up


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """A file's sound stream: the one that players begin with. `samples` per channel, None if the file doesn't say."""

    index: int
    codec: str
    rate: int
    #: of this stream
    channels: int
    samples: int | None
    #: index of the stream that is the right channel, where the file says that this one is the left
    right: int | None = None
    #: further streams that could be heard, and aren't
    unheard: int = 0
    #: its channels or its rate are others later on
    changes: bool = False

    @property
    def streams(self) -> tuple[int, ...]:
        """The indices of all that is heard."""
        return (self.index,) if self.right is None else (self.index, self.right)


#: pixel formats with transparency begin so
_CLEAR = ("yuva", "rgba", "bgra", "argb", "abgr", "gbrap", "ya")


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A file's picture and sound according to its packets. Times in seconds, exact."""

    #: the demuxer that it must be opened with: `mov`, `matroska` or `mpegts`; `avi`, `ogg`, `mpeg`, `gif` or `mxf`
    container: str
    #: index of the picture's stream
    index: int
    codec: str
    width: int
    height: int
    #: a pixel's width to its height
    sar: Fraction
    #: degrees that a player turns the picture by: 0, 90, 180 or 270
    rotation: int
    #: and shows it as in a mirror
    mirrored: bool = False
    pix_fmt: str
    #: swscale's name of the colour matrix (`bt2020c` and `ictcp` are zscale's); None where untagged or RGB
    matrix: str | None
    full_range: bool
    #: pictures that are shown, and those that an edit list hides
    frames: int
    hidden: int
    fps: Fps
    duration: Fraction
    #: the pictures don't come at even steps
    vfr: bool
    #: the longest time from one picture to the next, seconds
    longest: Fraction = Fraction(0)
    #: time of the first picture after the file's start: the sound's zero moves by it
    offset: Fraction
    #: how much longer than the others the first picture of a fragmented file lasts, because it should have come later; part of the offset
    late: Fraction = Fraction(0)
    #: its pictures are of two fields each, or some of them
    interlaced: bool = False
    #: some pictures have another size or pixel format than the first
    changes: bool = False
    #: pictures before the first that can be decoded, of a stream that was cut within a group: they are left out
    headless: int = 0
    #: the file's start on its own clock
    start: Fraction = Fraction(0)
    sound: Sound | None
    #: zscale's names of the colour primaries and of the transfer; None where untagged
    primaries: str | None = None
    transfer: str | None = None
    #: every picture is exactly on its frame, its groups are closed, and the header describes the encoding of all
    exact: bool = False
    #: the most pictures from one that a decoder can start at to the next
    group: int = 0
    #: after how many pictures the stream may be cut, none of them leaning on a later one
    cuts: tuple[int, ...] = ()
    #: where each picture lies, of an exact one; see `picture_index`
    stored: bytes = field(default=b"", repr=False)
    #: the hash of what its pictures' encoder was set to
    settings: str = ""

    def text(self) -> str:
        """All of it as JSON, for `of`."""
        return json.dumps(asdict(self) | {"stored": self.stored.hex()}, default=str)

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Probe:
        """What `text` wrote, parsed."""
        parsed: dict[str, Any] = {**told, "cuts": tuple(told["cuts"]), "stored": bytes.fromhex(told["stored"])}
        for name in ("sar", "fps", "duration", "longest", "offset", "late", "start"):
            parsed[name] = Fraction(told[name])
        parsed["sound"] = Sound(**told["sound"]) if told["sound"] else None
        return cls(**parsed)

    @property
    def decoders(self) -> tuple[str, ...]:
        """What its picture and its sound are decoded with."""
        return (self.codec, self.sound.codec) if self.sound else (self.codec,)

    @property
    def size(self) -> Size:
        """The display size: rotated if the file says so."""
        return Size(self.height, self.width) if self.rotation in (90, 270) else Size(self.width, self.height)

    @property
    def aspect(self) -> Fraction:
        """Width to height as shown. Pixels within 1 % of square count as square: odd sizes come with such a ratio by rounding."""
        sar = Fraction(1) if abs(self.sar - 1) < Fraction(1, 100) else self.sar
        aspect = Fraction(self.width, self.height) * sar
        return 1 / aspect if self.rotation in (90, 270) else aspect

    @property
    def shown(self) -> Size:
        """Its size as it is shown, in square pixels."""
        return Size(half_up(self.aspect * self.size.height), self.size.height)

    @property
    def clear(self) -> bool:
        """Whether parts of its picture may be transparent. A GIF's palette always claims so."""
        return self.pix_fmt.startswith(_CLEAR) and self.codec != "gif"

    def frames_at(self, fps: Fps) -> int:
        """How many frames the picture fills at another rate."""
        return half_up(self.duration * fps)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileForm:
    """A file's own description. Languages as the container names them, `und` if there is none."""

    tag: str
    profile: str | None
    pixels: str
    timecode: str | None
    chapters: tuple[str, ...]
    layout: str | None
    sample_rate: int | None
    sound_language: str
    text_languages: tuple[str, ...]
    index_first: bool
