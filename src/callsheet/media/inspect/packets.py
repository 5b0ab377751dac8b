"""A file's packets, read with PyAV: the whole of it in order, nothing decoded but the first picture.

In this process for our own files; for those that came from outside, in a limited child (see `probe_worker`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, cast

import av
from av.audio.stream import AudioStream
from av.codec.context import CodecContext
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from callsheet.domain.errors import MediaError
from callsheet.domain.timebase import Fps, half_up
from callsheet.media.ffmpeg.command import CLEAR_DECODERS, FILM_CODECS, MAX_PIXELS, OLD_CODECS, SOUND_CODECS, WIDE_GUARD
from callsheet.media.inspect import tags
from callsheet.media.inspect.film_facts import Probe, Sound
from callsheet.media.inspect.picture_index import Pictures, Stored, packed
from callsheet.media.inspect.picture_looks import PictureLooks
from callsheet.media.inspect.sound_looks import SoundLooks

_FULL_RANGE = 2
#: steps between pictures may differ by this much and still be a constant rate: Matroska counts in milliseconds
_JITTER = Fraction(15, 10_000)
#: longest time between two pictures; a file that claims more would be padded without end. A recorded screen on which nothing moves stands long
_LONGEST_GAP = Fraction(60)
#: steps between pictures that tell an odd first one; and the longest that sound may begin before the picture in it, seconds
_FEWEST, _LATEST = 4, Fraction(1, 10)
#: how a file from outside is opened: nothing but the file itself is read
OPTIONS = {"protocol_whitelist": "file", "format_whitelist": WIDE_GUARD["format_whitelist"]}
#: what a file is opened with whose header tells of its pictures: else a first look decodes some, which takes ten times as long as all else
UNSEEN = {"codec_whitelist": "none"}
#: from outside, where a header may tell half of the sound's rate; not of what has no header, or one that doesn't tell the picture's form
SEEN, _HEADED = {"codec_whitelist": ",".join((*SOUND_CODECS, *OLD_CODECS))}, ("mov", "matroska")
#: what the first picture is decoded with: nobody sees it
_ROUGH = {"skip_loop_filter": "all", "flags2": "+fast"}
_CODECS = frozenset((*FILM_CODECS, *OLD_CODECS))
#: formats whose headers tell no length: it is guessed from where the last packets begin
_GUESSING = ("mpegts", "mpeg")
#: formats that are recorded from a stream, which may begin within a group of pictures
_CUT_ANYWHERE = _GUESSING
#: the format whose reader gives no times before zero
_BEFORE_ZERO = "matroska"
#: the format whose channels lie in streams of their own, without a name
_PAIRED = "mxf"
#: how two channels of one sound are called
_LEFT, _RIGHT = "FL", "FR"
#: beside the whole ones, up to which there are some
_NTSC_RATES, _FASTEST = tuple(Fraction(n * 1000, 1001) for n in (24, 30, 48, 60, 120)), 120


@dataclass(slots=True)
class _HeardLength:
    """From where to where the sound's packets reach so far, and whether its form changes."""

    looks: SoundLooks
    starts: int | None = None
    end: int | None = None

    def take(self, packet: Packet[Any]) -> None:
        if packet.size:
            self.end = max(self.end or 0, (packet.pts or 0) + (packet.duration or 0))
            self.looks.take(packet)
        self.starts = packet.pts if self.starts is None else self.starts

    @property
    def lasts(self) -> int | None:
        return None if self.end is None else self.end - max(0, self.starts or 0)


class UnfitError(Exception):
    """The file can be read, but isn't a usable clip; with a message."""


class UnreadError(Exception):
    """The file is a film, but not of a kind that is read; with a message."""


@dataclass(slots=True)
class _Pictures:
    """What the picture's packets told so far."""

    looks: PictureLooks
    shown: list[int] = field(default_factory=list[int])
    last_duration: int = 0
    keys: list[int] = field(default_factory=list[int])
    #: the first byte and the size of each that is shown
    lies: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    hidden: int = 0
    #: pictures whose time the container doesn't tell, only when they are decoded
    untimed: int = 0
    #: pictures that have no time at all
    timeless: int = 0
    #: those before the first that can be decoded, and that one's time
    headless: int = 0
    begins: int | None = None

    def take(self, packet: Packet[Any], at: int) -> None:
        """The next that can be decoded, at its time."""
        self.looks.take(packet, at)
        if packet.is_discard:
            self.hidden += 1
            return
        if not self.shown or at >= max(self.shown[-16:]):
            self.last_duration = packet.duration or 0
        self.shown.append(at)
        self.lies.append((packet.pos or 0, packet.size))
        if packet.is_keyframe:
            self.keys.append(at)

    def leans_back(self, packet: Packet[Any], at: int) -> bool:
        """Whether a picture needs one that was cut away before the file's first key frame: it can't be decoded."""
        if self.begins is None and packet.is_keyframe:
            self.begins = at
        lacking = self.begins is None or (self.headless > 0 and at < self.begins)
        self.headless += lacking
        return lacking


def read_packets(path: str, demuxer: str) -> Probe:
    """All packets of a file, in this process: for our own files, and for the child. Raises what PyAV raises, or says that it is no clip."""
    with av.open(path, format=demuxer, options=OPTIONS | (SEEN if demuxer in _HEADED else {})) as container:
        video = _picture(container)
        sound = _heard(container)
        pictures, length = _demux(container, video, sound)
        heard = None if length.lasts is None else _sound(sound, length.lasts, container, changes=length.looks.changes)
        return _told(container, demuxer, video, pictures, heard)


def written(path: Path, fps: Fps) -> Pictures:
    """The pictures of one of our own files. MediaError if one doesn't stand at an even frame."""
    with av.open(str(path), format="mov", options=UNSEEN) as container:
        video = container.streams.video[0]
        tick = (video.time_base or Fraction(1)) * fps
        packets = [
            (*divmod(packet.pts * tick.numerator, tick.denominator), packet) for packet in container.demux(video) if packet.pts is not None
        ]
        if any(off for _, off, _ in packets):
            raise MediaError(f"the pictures of {path.name} aren't evenly spaced", help="report this with the clip")
        stored = (Stored(packet.pos or 0, packet.size, frame, packet.is_keyframe) for frame, _, packet in packets)
        return Pictures(path, packed(stored), settings(video))


def settings(video: VideoStream) -> str:
    """The hash of what a picture's encoder was set to."""
    return hashlib.sha256(video.codec_context.extradata or b"").hexdigest()


def _picture(container: InputContainer) -> VideoStream:
    """The one that players begin with: marked so, else the first, never a cover."""
    films = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
    if not films:
        raise UnfitError("it has no picture")
    stream = next((one for one in films if one.disposition & Disposition.default), films[0])
    context = cast("VideoCodecContext | None", stream.codec_context)
    if context is None:
        raise UnfitError("it doesn't say how its picture is encoded")
    if context.name not in _CODECS:
        raise UnreadError(f"its picture is stored as {context.name}, which isn't read here: convert it to H.264 or ProRes")
    return stream


def _heard(container: InputContainer) -> AudioStream | None:
    """The sound that players begin with: marked so, else the first; one that can be read before one that can't. The left one of a pair."""
    heard = sorted(container.streams.audio, key=lambda one: (not _readable(one), not one.disposition & Disposition.default))
    pair = _pair(container)
    return pair[0] if pair and heard[0] in pair else heard[0] if heard else None


def _pair(container: InputContainer) -> tuple[AudioStream, AudioStream] | None:
    """The first streams of one channel each that the file calls left and right, as cameras store stereo, or the first two of MXF, which are these
    by custom; None if there is no such pair.
    """
    single = [one for one in container.streams.audio if _readable(one) and one.channels == 1]
    if container.format.name == _PAIRED and len(single) > 1:
        left, right = single[:2]
    else:
        left = next((one for one in single if one.layout.channels[0].name == _LEFT), None)
        right = next((one for one in single if one.layout.channels[0].name == _RIGHT), None)
    like = left and right and (left.codec_context.name, left.rate) == (right.codec_context.name, right.rate)
    return (left, right) if left and right and like else None


def _readable(stream: Stream) -> bool:
    context = cast("CodecContext | None", stream.codec_context)
    return context is not None and context.name in _CODECS


def _demux(container: InputContainer, video: VideoStream, sound: AudioStream | None) -> tuple[_Pictures, _HeardLength]:
    """What the pictures' packets told, and the sound's."""
    pictures, heard = _Pictures(PictureLooks(video)), _HeardLength(SoundLooks(sound))
    video.thread_count = 1
    video.codec_context.options = _ROUGH
    if video.width * video.height > MAX_PIXELS:
        video.codec_context.width = video.codec_context.height = 0  # no decoder opens with such a claim: its pictures shall tell
    for packet in container.demux(*(stream for stream in (video, sound) if stream is not None)):
        if packet.stream_index != video.index:
            heard.take(packet)
            continue
        at = packet.dts if packet.pts is None or pictures.untimed else packet.pts
        if at is None:
            pictures.timeless += bool(packet.size)
            continue
        if packet.pts is None:
            pictures.untimed += 1
        if container.format.name in _CUT_ANYWHERE and pictures.leans_back(packet, at):
            continue
        pictures.take(packet, at)
    if pictures.timeless and container.format.name == _BEFORE_ZERO:
        raise UnreadError(
            f"its first {pictures.timeless} pictures lie before its time zero, where Matroska tells no times: convert it to MP4 or MOV"
        )
    pictures.looks.end()
    heard.looks.end()
    return pictures, heard


def _sound(stream: Any, lasts: int, container: InputContainer, *, changes: bool) -> Sound | None:
    if stream is None:
        return None
    if not _readable(stream):
        stored = stream.codec_context.name if stream.codec_context else "something unknown"
        raise UnreadError(f"its sound is stored as {stored}, which isn't read here: convert it to AAC or PCM")
    told = stream.duration if stream.container.format.name not in _GUESSING else 0
    length = told or lasts
    samples = half_up(length * stream.time_base * stream.rate) if length else None
    pair = _pair(container)
    right = pair[1].index if pair and pair[0] is stream else None
    others = sum(map(_readable, container.streams.audio)) - (1 if right is None else 2)
    return Sound(
        index=stream.index,
        codec=stream.codec_context.name,
        rate=stream.rate,
        channels=stream.channels,
        samples=samples,
        right=right,
        unheard=others,
        changes=changes,
    )


def _told(container: InputContainer, demuxer: str, video: VideoStream, pictures: _Pictures, sound: Sound | None) -> Probe:
    base = video.time_base or Fraction(1, 1000)
    at, start = sorted(pictures.shown), Fraction(container.start_time or 0, 1_000_000)
    if not at:
        raise UnfitError("it has no picture")
    steps = [later - sooner for sooner, later in pairwise(at)]
    late = _late(steps, base) if demuxer == "mov" else Fraction(0)
    longest = max(steps, default=0) * base
    if longest > _LONGEST_GAP:
        raise UnfitError(f"its picture freezes for {float(longest):.1f} s")
    inner = steps[1:-1] or steps  # a fragmented file without an edit list starts or ends with an odd one
    fps = _rate(inner, base) if steps else video.average_rate or Fraction(25)
    context, looks, form = video.codec_context, pictures.looks, pictures.looks.form()
    if form.width * form.height > MAX_PIXELS:
        raise UnfitError(f"its picture claims {form.width}x{form.height}, which is too large")
    clear = video.metadata.get("alpha_mode") == "1" and context.name in CLEAR_DECODERS  # Matroska keeps what hides apart from the picture
    order = {pts: n for n, pts in enumerate(at)}
    highest = accumulate((order[pts] for pts in pictures.shown), max)
    exact = not any(step * base * fps != 1 for step in set(steps)) and _closed(pictures) and not looks.own_settings
    return Probe(
        container=demuxer,
        index=video.index,
        codec=CLEAR_DECODERS[context.name] if clear else context.name,
        width=form.width,
        height=form.height,
        sar=video.sample_aspect_ratio or context.sample_aspect_ratio or Fraction(1),
        rotation=looks.rotation,
        mirrored=looks.mirrored,
        pix_fmt="yuva420p" if clear else form.pixels or "unknown",
        matrix=tags.MATRICES.get(form.matrix),
        primaries=tags.PRIMARIES.get(form.primaries),
        transfer=tags.TRANSFERS.get(form.transfer),
        full_range=form.range == _FULL_RANGE or (form.pixels or "").startswith("yuvj"),
        frames=len(at),
        hidden=pictures.hidden,
        fps=fps,
        duration=(at[-1] - at[0]) * base - late + (pictures.last_duration * base or 1 / fps),
        longest=longest,
        vfr=bool(inner) and (max(inner) - min(inner)) * base > _JITTER,
        offset=max(Fraction(0), at[0] * base - start) + late,
        late=late,
        interlaced=looks.interlaced,
        changes=looks.changes,
        headless=pictures.headless,
        start=start,
        sound=sound,
        exact=exact,
        group=max((later - sooner for sooner, later in pairwise([*sorted(order[pts] for pts in pictures.keys), len(at)])), default=len(at)),
        cuts=tuple(n + 1 for n, high in enumerate(highest) if high == n),
        stored=packed(_stored(pictures, base * fps)) if exact else b"",
        settings=settings(video),
    )


def _late(steps: list[int], base: Fraction) -> Fraction:
    """How much too long the first picture of a file stands, seconds, where all others stand at even steps.

    A fragmented file without an edit list can't say that its first picture comes after its first sound: it begins at once, and lasts until the second.
    """
    if len(steps) < _FEWEST or (max(steps[1:-1]) - min(steps[1:-1])) * base > _JITTER:
        return Fraction(0)
    late = steps[0] * base - Fraction(sum(steps[1:-1]), len(steps) - 2) * base
    return late if _JITTER < late <= _LATEST else Fraction(0)


def _closed(pictures: _Pictures) -> bool:
    """Whether nothing after a key frame in the file is shown before it."""
    keys, last = set(pictures.keys), None
    for pts in pictures.shown:
        last = pts if pts in keys else last
        if last is None or pts < last:
            return False
    return True


def _stored(pictures: _Pictures, frames_per_tick: Fraction) -> Iterator[Stored]:
    """Each that is shown, counted in frames from the first on. Its time is exact."""
    first, keys, (up, down) = min(pictures.shown), set(pictures.keys), frames_per_tick.as_integer_ratio()
    for pts, (at, size) in zip(pictures.shown, pictures.lies, strict=True):
        yield Stored(at, size, (pts - first) * up // down, pts in keys)


def _rate(steps: list[int], base: Fraction) -> Fps:
    """The rate that the mean step means: a common one where it is within 0.04 % (24 and 23.976 are 0.1 % apart)."""
    rate = len(steps) / (sum(steps) * base) if any(steps) else Fraction(25)
    whole = Fraction(min(max(1, half_up(rate)), _FASTEST))
    nearest = min((whole, *_NTSC_RATES), key=lambda common: abs(common - rate))
    return nearest if abs(nearest - rate) < rate * Fraction(4, 10_000) else rate.limit_denominator(1001)
