"""What a file holds, read without trusting it.

A bought file is first sniffed, then opened with a forced demuxer in a limited child process (see `reader`), which reads all packets with
PyAV and answers in JSON. After that ffmpeg decodes every frame of it, limited too. Only then is it a clip.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import struct
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, cast

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition, Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from callsheet.domain.errors import MediaError
from callsheet.domain.shot import Size
from callsheet.domain.timebase import Fps, half_up
from callsheet.media import ffmpeg, reader, tags

_MOV_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide"}
_EBML = b"\x1a\x45\xdf\xa3"
#: each packet of a transport stream begins with this byte, and has so many
_TS_SYNC, _TS_STEP = b"\x47", 188
_FULL_RANGE = 2
#: steps between pictures may differ by this much and still be a constant rate: Matroska counts in milliseconds
_JITTER = Fraction(15, 10_000)
#: no clip stands still for longer than this between two pictures; a file that claims so would be padded without end
_LONGEST_GAP = Fraction(2)
#: decoded sound may differ from what the header says by a few codec frames, seconds
_SOUND_SLACK = Fraction(1, 10)
#: the limited children: this module, run as `python -m`
readers = reader.Readers("callsheet.media.probe")
AGAIN = "the file is damaged or cut short; fetch it again"
_COUNTED = ("-fps_mode", "passthrough", "-c:a", "pcm_s16le", "-f", "framecrc", "-")
#: a framecrc line: stream, dts, pts, duration ...
_LINE = re.compile(rb"^(\d+),\s*-?\d+,\s*-?\d+,\s*(\d+),", re.MULTILINE)
_COMMON_RATES = tuple(Fraction(n) for n in range(1, 121)) + tuple(Fraction(n * 1000, 1001) for n in (24, 30, 48, 60, 120))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """A file's first sound stream. `samples` per channel, None where the file doesn't say."""

    index: int
    codec: str
    rate: int
    channels: int
    samples: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A file's picture and sound as its packets tell them. Times in seconds, exact."""

    #: the demuxer that it must be opened with: `mov`, `matroska` or `mpegts`
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
    pix_fmt: str
    #: swscale's name of the colour matrix (`bt2020c` and `ictcp` are zscale's); None where untagged or RGB
    matrix: str | None
    full_range: bool
    #: pictures that are shown, and those that an edit list hides
    frames: int
    hidden: int
    fps: Fps
    duration: Fraction
    #: the pictures don't stand at even steps
    vfr: bool
    #: time of the first picture after the file's start: the sound's zero moves by it
    offset: Fraction
    #: the file's start on its own clock
    start: Fraction = Fraction(0)
    sound: Sound | None
    #: zscale's names of the colour primaries and of the transfer; None where untagged
    primaries: str | None = None
    transfer: str | None = None
    #: every picture stands exactly at its frame, and its groups are closed
    exact: bool = False
    #: after how many pictures the stream may be cut, none of them leaning on a later one
    cuts: tuple[int, ...] = ()

    @property
    def size(self) -> Size:
        """Coded size as it is shown: turned where the file says so."""
        return Size(self.height, self.width) if self.rotation in (90, 270) else Size(self.width, self.height)

    @property
    def aspect(self) -> Fraction:
        """Width to height as shown. Pixels within 1 % of square count as square: odd sizes come with such a ratio by rounding."""
        sar = Fraction(1) if abs(self.sar - 1) < Fraction(1, 100) else self.sar
        aspect = Fraction(self.width, self.height) * sar
        return 1 / aspect if self.rotation in (90, 270) else aspect

    def frames_at(self, fps: Fps) -> int:
        """How many frames the picture fills at another rate."""
        return half_up(self.duration * fps)


def sniff(path: Path) -> str:
    """The demuxer for a file, by its first bytes. MediaError where it is no film."""
    with path.open("rb") as file:
        head = file.read(_TS_STEP * 2 + 1)
    if head[4:8] in _MOV_BOXES:
        return "mov"
    if head.startswith(_EBML):
        return "matroska"
    if head[::_TS_STEP] == _TS_SYNC * 3:
        return "mpegts"
    says = f"it starts with {_printable(head)!r}" if head else "it is empty"
    raise MediaError(f"not a film: {says}", help="the service sent something else than a clip; it is kept apart for you to look at")


@dataclass(frozen=True, slots=True)
class _File:
    """A file as the disk knows it: another name doesn't make it another, other bytes do."""

    device: int
    inode: int
    size: int
    written_ns: int
    path: Path = field(compare=False)


def probe(path: Path) -> Probe:
    """What a file holds, read in a limited child; once in this process, as long as the file stays as it is.

    MediaError where it is no film or can't be read.
    """
    stands = path.stat()
    return _probed(_File(stands.st_dev, stands.st_ino, stands.st_size, stands.st_mtime_ns, path))


@lru_cache(maxsize=1024)
def _probed(file: _File) -> Probe:
    path = file.path
    demuxer = sniff(path)
    said = json.loads(readers.ask(str(path.absolute()), demuxer, what=f"reading {path.name}"))
    if "error" in said:
        raise MediaError(f"not a whole film: {said['error']}", help=AGAIN)
    return _from_json(said)


def decodes(path: Path, probed: Probe, limits: ffmpeg.Limits = ffmpeg.SUSPECT) -> tuple[int, int]:
    """Decode everything in a limited child: (frames, samples per channel). MediaError where something is missing or damaged."""
    wanted = [probed.index, *([probed.sound.index] if probed.sound else [])]
    streams = [argument for index in wanted for argument in ("-map", f"0:{index}")]
    try:
        ran = ffmpeg.run(
            ["-v", "error", *ffmpeg.FILM_GUARD, "-xerror", "-threads", "1", "-f", probed.container, "-i", str(path), *streams, *_COUNTED],
            limits=limits,
            what=f"decoding {path.name}",
        )
    except MediaError as error:
        raise MediaError(f"not a whole film: {error}", help=AGAIN) from None
    lengths = _LINE.findall(ran.stdout)
    frames = sum(stream == b"0" for stream, _ in lengths)
    samples = sum(int(length) for stream, length in lengths if stream == b"1")
    compare(probed, frames, samples)
    return frames, samples


def inspect_clip(path: Path) -> Probe:
    """Whether a file that came from outside is a whole film: sniffed, probed, decoded to the last frame. MediaError says what is wrong."""
    probed = probe(path)
    decodes(path, probed)
    return probed


def compare(probed: Probe, frames: int, samples: int) -> None:
    """MediaError where less decoded than the packets promised."""
    if frames != probed.frames:
        raise MediaError(f"not a whole film: {frames} of {probed.frames} frames decode", help=AGAIN)
    sound = probed.sound
    if sound and sound.samples is not None and abs(samples - sound.samples) > _SOUND_SLACK * sound.rate:
        raise MediaError(f"not a whole film: {samples} of {sound.samples} sound samples decode", help=AGAIN)


def _printable(head: bytes) -> str:
    text = head[:24].decode("latin-1")
    return "".join(c if c.isprintable() else "." for c in text)


# what follows runs in the child


class _UnfitError(Exception):
    """The file can be read, but is no clip: said in words."""


@dataclass(slots=True)
class _Pictures:
    """What the picture's packets told so far."""

    shown: list[int]
    last_duration: int = 0
    keys: list[int] = field(default_factory=list[int])
    hidden: int = 0
    rotation: int | None = None


def read_packets(path: str, demuxer: str) -> Probe:
    """All packets of a file, in this process: for our own files, and for the child. Raises what PyAV raises, or says that it is no clip."""
    with av.open(path, format=demuxer, options={"protocol_whitelist": "file", "format_whitelist": ffmpeg.FILM_FORMATS}) as container:
        video = _picture(container)
        sound = container.streams.audio[0] if container.streams.audio else None
        pictures, sound_lasts = _demux(container, video, sound)
        return _told(container, demuxer, video, pictures, _sound(sound, sound_lasts))


def index_first(path: Path) -> bool:
    """Whether a MOV or MP4 file of ours has its index before its samples."""
    with path.open("rb") as file:
        while len(head := file.read(16)) == 16:  # a box's size, its name, and the size again where 32 bits don't hold it
            size, kind, large = struct.unpack(">I4sQ", head)
            if kind in (b"moov", b"mdat"):
                return kind == b"moov"
            file.seek((large if size == 1 else size) - 16, os.SEEK_CUR)
    return False


def written(path: Path) -> tuple[int, str]:
    """How many frames one of our own pictures has, and the hash of what its encoder was set to: pictures of the same can stand in one stream."""
    with av.open(str(path), format="mov") as container:
        header = container.streams.video[0].codec_context.extradata or b""
        return sum(packet.pts is not None for packet in container.demux(video=0)), hashlib.sha256(header).hexdigest()


def key_frames(path: Path) -> list[int]:
    """At which frames (0-based, as shown) one of our own pictures can be entered: all its groups are closed."""
    with av.open(str(path), format="mov") as container:
        shown = sorted((packet.pts, packet.is_keyframe) for packet in container.demux(video=0) if packet.pts is not None)
    return [frame for frame, (_, key) in enumerate(shown) if key]


def _picture(container: InputContainer) -> VideoStream:
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:
            if stream.width * stream.height > ffmpeg.MAX_PIXELS:
                raise _UnfitError(f"its picture claims {stream.width}x{stream.height}, more than anything here has to open")
            if stream.codec_context.name not in ffmpeg.FILM_CODECS:
                raise _UnfitError(f"its picture is {stream.codec_context.name}, which no film is made of")
            return stream
    raise _UnfitError("there is no picture in it")


def _demux(container: InputContainer, video: VideoStream, sound: Stream | None) -> tuple[_Pictures, int]:
    pictures, sound_end, sound_starts = _Pictures([]), 0, None
    video.thread_count = 1
    for packet in container.demux(*(stream for stream in (video, sound) if stream is not None)):
        if packet.stream_index != video.index:
            sound_end = max(sound_end, (packet.pts or 0) + (packet.duration or 0))
            sound_starts = packet.pts if sound_starts is None else sound_starts
            continue
        if pictures.rotation is None:
            turned = [frame.rotation for frame in cast("list[VideoFrame]", packet.decode())]
            pictures.rotation = turned[0] % 360 if turned else None
        if packet.pts is None:
            continue
        if packet.is_discard:
            pictures.hidden += 1
            continue
        if not pictures.shown or packet.pts >= max(pictures.shown[-16:]):
            pictures.last_duration = packet.duration or 0
        pictures.shown.append(packet.pts)
        if packet.is_keyframe:
            pictures.keys.append(packet.pts)
    return pictures, sound_end - max(0, sound_starts or 0)


def _sound(stream: Any, lasts: int) -> Sound | None:
    if stream is None:
        return None
    if stream.codec_context is None or stream.codec_context.name not in ffmpeg.FILM_CODECS:
        raise _UnfitError("its sound is in a format that no film has")
    told = stream.duration if stream.container.format.name != "mpegts" else 0  # that one guesses, from where the last packets begin
    length = told or lasts
    samples = half_up(length * stream.time_base * stream.rate) if length else None
    return Sound(index=stream.index, codec=stream.codec_context.name, rate=stream.rate, channels=stream.channels, samples=samples)


def _told(container: InputContainer, demuxer: str, video: VideoStream, pictures: _Pictures, sound: Sound | None) -> Probe:
    base = video.time_base or Fraction(1, 1000)
    at, start = sorted(pictures.shown), Fraction(container.start_time or 0, 1_000_000)
    if not at:
        raise _UnfitError("there is no picture in it")
    steps = [later - sooner for sooner, later in pairwise(at)]
    longest = max(steps, default=0) * base
    if longest > _LONGEST_GAP:
        raise _UnfitError(f"its pictures stand still for {float(longest):.1f} s")
    fps = _rate(steps, base) if steps else video.average_rate or Fraction(25)
    context = video.codec_context
    return Probe(
        container=demuxer,
        index=video.index,
        codec=context.name,
        width=context.width,
        height=context.height,
        sar=video.sample_aspect_ratio or Fraction(1),
        rotation=pictures.rotation or 0,
        pix_fmt=context.pix_fmt or "unknown",
        matrix=tags.MATRICES.get(context.colorspace),
        primaries=tags.PRIMARIES.get(context.color_primaries),
        transfer=tags.TRANSFERS.get(context.color_trc),
        full_range=context.color_range == _FULL_RANGE or (context.pix_fmt or "").startswith("yuvj"),
        frames=len(at),
        hidden=pictures.hidden,
        fps=fps,
        duration=(at[-1] - at[0]) * base + (pictures.last_duration * base or 1 / fps),
        vfr=_uneven(steps, base),
        offset=max(Fraction(0), at[0] * base - start),
        start=start,
        sound=sound,
        exact=not any(step * base * fps != 1 for step in set(steps)) and _closed(pictures),
        cuts=_cuts(pictures.shown),
    )


def _closed(pictures: _Pictures) -> bool:
    """Whether nothing after a key frame in the file is shown before it."""
    keys, last = set(pictures.keys), None
    for pts in pictures.shown:
        last = pts if pts in keys else last
        if last is None or pts < last:
            return False
    return True


def _cuts(shown: list[int]) -> tuple[int, ...]:
    """Lengths at which the pictures that are stored first are also those that are shown first."""
    order = {pts: n for n, pts in enumerate(sorted(shown))}
    highest = accumulate((order[pts] for pts in shown), max)
    return tuple(n + 1 for n, high in enumerate(highest) if high == n)


def _inner(steps: list[int]) -> list[int]:
    """Without the first and the last: a fragmented file without an edit list starts or ends with an odd one."""
    return steps[1:-1] or steps


def _rate(steps: list[int], base: Fraction) -> Fps:
    """The rate that the mean step means: a common one where it is within 0.04 % (24 and 23.976 are 0.1 % apart)."""
    inner = _inner(steps)
    rate = len(inner) / (sum(inner) * base) if any(inner) else Fraction(25)
    nearest = min(_COMMON_RATES, key=lambda common: abs(common - rate))
    return nearest if abs(nearest - rate) < rate * Fraction(4, 10_000) else rate.limit_denominator(1001)


def _uneven(steps: list[int], base: Fraction) -> bool:
    inner = _inner(steps)
    return bool(inner) and (max(inner) - min(inner)) * base > _JITTER


def _to_json(probed: Probe) -> str:
    return json.dumps(asdict(probed), default=str)


def _from_json(said: dict[str, Any]) -> Probe:
    for name in ("sar", "fps", "duration", "offset", "start"):
        said[name] = Fraction(said[name])
    said["cuts"] = tuple(said["cuts"])
    said["sound"] = Sound(**said["sound"]) if said["sound"] else None
    return Probe(**said)


def _read(path: str, demuxer: str) -> str:
    try:
        return _to_json(read_packets(path, demuxer))
    except _UnfitError as reason:
        return json.dumps({"error": str(reason)})
    except FFmpegError as error:
        return json.dumps({"error": error.strerror or str(error)})


if __name__ == "__main__":
    reader.answer(_read)
