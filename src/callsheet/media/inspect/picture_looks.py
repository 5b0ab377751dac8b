"""What decoding a few of a file's pictures tells: how a player turns them, whether they are of two fields each, and whether all have the form of the first.

The first picture is decoded, and later ones at which a decoder can start, where the header doesn't promise that they are like the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from struct import Struct
from typing import Any, cast

from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from callsheet.media.inspect import h264_settings

#: how a player turns a picture: ISO 14496-12's matrix
_MATRIX = Struct("=9i")
#: later pictures are looked at so far from the last one, seconds, and further by this share of what was passed: a long film takes few looks
_APART, _FURTHER = Fraction(1, 5), Fraction(1, 16)


@dataclass(frozen=True, slots=True)
class PictureForm:
    """A picture's form as its decoder tells it. Colours are ITU-T H.273's numbers."""

    width: int
    height: int
    pixels: str | None
    matrix: int
    primaries: int
    transfer: int
    range: int


class PictureLooks:
    """Looks at pictures of one stream, in the order in which they are stored."""

    def __init__(self, video: VideoStream) -> None:
        self._video = video
        self._promised = h264_settings.whole_frames(_header(video))
        self._first: tuple[int, int, str] | None = None
        self._begins = self._last = 0
        self._form: PictureForm | None = None
        #: the last picture that could have been looked at, if it wasn't
        self._passed: tuple[Packet[Any], int] | None = None
        self.rotation = 0
        self.mirrored = False
        #: a picture that was looked at is of two fields
        self.interlaced = False
        #: one has another size or pixel format than the first
        self.changes = False
        #: something beside the header says how pictures are encoded
        self.own_settings = False

    def take(self, packet: Packet[Any], at: int) -> None:
        """The next packet, shown at `at`. Raises what PyAV raises."""
        if self._first is None:
            self._take_first(packet, at)
        if packet.is_keyframe and not packet.is_discard:
            anew = packet.has_sidedata("new_extradata") or h264_settings.brought_by(bytes(packet), _header(self._video))
            self.own_settings |= anew
            if self._first is not None and at != self._begins and (not self._promised or self.own_settings):
                self._passed = (packet, at)
                if self._far(at):
                    self.end()

    def end(self) -> None:
        """The last picture that could be looked at is, since what a film ends with isn't always what lies before. Raises what PyAV raises."""
        if self._passed:
            self._take_later(*self._passed)

    def form(self) -> PictureForm:
        """The first picture's form, whatever the header claims; the header's where none was decoded."""
        context = self._video.codec_context
        return self._form or PictureForm(
            context.width,
            context.height,
            context.pix_fmt,
            context.colorspace,
            context.color_primaries,
            context.color_trc,
            context.color_range,
        )

    def _take_first(self, packet: Packet[Any], at: int) -> None:
        picture = self._decoded(packet)
        if picture:
            self._first, self._form = _like(picture), self.form()
            self._begins = self._last = at
            self.rotation, self.mirrored = picture.rotation % 360, _mirrored(picture)
            self.interlaced = bool(picture.interlaced_frame)

    def _take_later(self, packet: Packet[Any], at: int) -> None:
        self._passed, self._last = None, at
        picture = self._decoded(packet)
        if picture:
            self.interlaced |= bool(picture.interlaced_frame)
            self.changes |= _like(picture) != self._first

    def _far(self, at: int) -> bool:
        base = self._video.time_base or Fraction(1)
        return (at - self._last) * base >= max(_APART, (at - self._begins) * base * _FURTHER)

    def _decoded(self, packet: Packet[Any]) -> VideoFrame | None:
        """The packet's picture: no later packet is waited for. None if none comes out yet."""
        frames = cast("list[VideoFrame]", packet.decode())
        if not packet.is_discard:
            context = self._video.codec_context
            frames = frames or context.decode()  # pyright: ignore[reportUnknownMemberType]  # the package says nothing of its packets
            context.flush_buffers()
        return frames[0] if frames else None


def _header(video: VideoStream) -> bytes:
    """The stream's header, if it is that of H.264 in a film's box; else nothing."""
    header = video.codec_context.extradata or b""
    return header if video.codec_context.name == "h264" and header[:1] == b"\x01" else b""


def _like(picture: VideoFrame) -> tuple[int, int, str]:
    return picture.width, picture.height, picture.format.name


def _mirrored(picture: VideoFrame) -> bool:
    """Whether a player shows it as in a mirror, turned or not: its matrix of 3 x 3 fixed-point numbers has a negative determinant."""
    matrix = picture.side_data.get("DISPLAYMATRIX")
    if matrix is None:
        return False
    a, b, _, c, d, *_ = _MATRIX.unpack(bytes(matrix))
    return a * d < b * c
