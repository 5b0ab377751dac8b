"""A film from normalized clips: the pictures' packets are copied and counted in frames, the sound is laid end to end and encoded once.

No picture is decoded. Unchanged clips give the byte-equal film.
"""

from __future__ import annotations

import heapq
from collections.abc import Generator, Iterable, Sequence
from contextlib import ExitStack, closing, contextmanager
from fractions import Fraction
from itertools import accumulate
from operator import itemgetter
from pathlib import Path
from struct import Struct
from typing import TYPE_CHECKING, Any, cast

import av
from av.packet import PacketSideData, packet_sidedata_type_from_literal

from callsheet.domain.cut import Delivery
from callsheet.domain.delivery.file_format import Container
from callsheet.domain.errors import MediaError
from callsheet.domain.timebase import SAMPLE_RATE, Fps, sample_at
from callsheet.media.clip import passthrough
from callsheet.media.ffmpeg import codec
from callsheet.media.film.mix import Part
from callsheet.media.film.subtitle_tracks import Track, language_tag
from callsheet.media.film.transitions import Span
from callsheet.media.inspect.probe import sniff
from callsheet.store import atomic_files

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

    AnyPacket = av.Packet[Any]

#: codecs of sound whose last packet is as long as any other where nothing says what of it is left out
_ENDLESS = ("opus", "libopus")
_SKIPPED = Struct("<IIBB")

#: bytes of a timed text that says nothing, which stands between two others
_EMPTY_TEXT = 2
_HELP = "delete .callsheet/normalized and run `callsheet finish` again"


def length(parts: Iterable[Part]) -> int:
    """A film's length in frames."""
    return sum(part.clip.frames for part in parts)


def stitch(
    parts: Sequence[Part], sound: Path, delivery: Delivery, to: Path, chapters: Sequence[str] = (), subtitles: Sequence[Track] = ()
) -> None:
    """Write the film: one picture stream, one sound stream, index in front; a chapter of each part by its name in `chapters`, where it has one;
    a stream of each track of `subtitles`.

    MediaError if a clip doesn't fit the others.
    """
    fps = delivery.fps
    with _header(parts, to) as first, av.open(sound, format="mov") as heard, _film(to, delivery.container) as film:
        film.set_chapters(_chapters(parts, chapters, fps))
        seen = film.add_stream_from_template(first.streams.video[0], opaque=True)
        seen.time_base = 1 / fps
        if tag := codec.tag(delivery):
            seen.codec_context.codec_tag = tag  # else the muxer chooses by itself
        seen.codec_context.framerate = fps  # else no timecode is written where the codec's own header tells no rate
        if delivery.starts:
            seen.metadata["timecode"] = delivery.starts
        pictures = _pictures(parts, seen, 1 / fps)
        sounding = film.add_stream_from_template(heard.streams.audio[0])
        if delivery.language:
            sounding.metadata["language"] = language_tag(delivery.language, delivery.container)
        sounds = _sounds(heard, sounding, sample_at(length(parts), fps))
        with closing(pictures), ExitStack() as opened:
            written: list[Generator[AnyPacket]] = []
            for one in subtitles:
                texts = opened.enter_context(av.open(one.file, format=sniff(one.file)))
                stream = film.add_stream_from_template(texts.streams.subtitles[0])
                stream.metadata["language"] = one.language
                written.append(_texts(texts, one, stream))
            for _, packet in heapq.merge(*map(_timed, (pictures, sounds, *written)), key=itemgetter(0)):
                film.mux_one(packet)


@contextmanager
def _film(to: Path, container: Container) -> Generator[Any]:
    """The film's own clock counts samples: by the muxer's milliseconds the sound would end up to one early."""
    own = {"cues_to_front": "1"} if container is Container.WEBM else {"movflags": "+faststart", "movie_timescale": str(SAMPLE_RATE)}
    try:
        with av.open(str(to), "w", format=container.value, options={"fflags": "+bitexact", **own}) as film:
            yield film
    except OSError as error:
        if error.filename or not error.errno:
            raise
        raise OSError(error.errno, error.strerror, str(to)) from error  # the muxer doesn't say which file it can't write


@contextmanager
def _header(parts: Sequence[Part], to: Path) -> Generator[InputContainer]:
    """A file of ours whose picture's header is the film's: the first normalized one, or what is made of a clip whose pictures are copied."""
    first = parts[0].joined.spans[0].clip
    if not first.copied:
        with av.open(first.picture, format="mov") as opened:
            yield opened
        return
    made = atomic_files.part_path(to.with_suffix(".header"))
    try:
        passthrough.header(first.picture, made)
        with av.open(made, format="mov") as opened:
            yield opened
    finally:
        made.unlink(missing_ok=True)


def _pictures(parts: Sequence[Part], seen: VideoStream, frame: Fraction) -> Generator[AnyPacket]:
    """Every clip's packets in their order, times counted in frames of the film: no rounding at any rate."""
    spans = [span for part in parts for span in part.joined.spans]
    record_in, delay = 0, max(span.clip.pictures.delay for span in spans)
    for span in spans:
        if span.clip.pictures.settings != spans[0].clip.pictures.settings:
            raise MediaError(f"{span.clip.picture.name} was encoded differently from the film's first clip", help=_HELP)
        for packet in _counted(span, record_in, delay):
            packet.stream, packet.time_base = seen, frame
            yield packet
        record_in += span.frames


def _counted(span: Span, record_in: int, delay: int) -> Generator[AnyPacket]:
    count = 0
    for stored, data in span.clip.pictures.read(span.first, span.frames):
        packet = av.Packet(data)
        packet.pts, packet.dts, packet.duration = record_in + stored.frame - span.first, record_in + count - delay, 1
        packet.is_keyframe = stored.key
        if count == 0 and not stored.key:
            raise MediaError(f"{span.clip.picture.name} can't be decoded from frame {span.first}", help=_HELP)
        count += 1
        yield packet
    if count != span.frames:
        raise MediaError(f"{span.clip.picture.name} has {count} frames instead of {span.frames}", help=_HELP)


def _chapters(parts: Sequence[Part], names: Sequence[str], fps: Fps) -> list[Any]:
    """One for each part that has a name, from its first frame to its last."""
    ends = list(accumulate(part.clip.frames for part in parts))
    places = zip(names, [0, *ends], ends, strict=False)
    return [{"id": n, "start": a, "end": b, "time_base": 1 / fps, "metadata": {"title": name}} for n, (name, a, b) in enumerate(places)]


def _texts(texts: InputContainer, track: Track, stream: Any) -> Generator[AnyPacket]:
    words = iter(track.words)
    for packet in texts.demux(subtitles=0):
        if packet.pts is not None:
            written = _worded(packet, next(words)) if track.words and packet.size > _EMPTY_TEXT else packet
            written.stream = stream
            yield written


def _worded(packet: AnyPacket, words: bytes) -> AnyPacket:
    made = av.Packet(words)
    made.pts, made.dts, made.duration, made.time_base = packet.pts, packet.dts, packet.duration, packet.time_base
    made.is_keyframe = True
    return made


def _sounds(heard: InputContainer, stream: Any, samples: int) -> Generator[AnyPacket]:
    """The one that holds the film's last sample ends with it, whatever the encoder filled it up with."""
    whole = 0
    for packet in heard.demux(audio=0):
        if packet.pts is not None and packet.duration:
            whole = whole or packet.duration
            if packet.pts < samples:
                packet.duration = min(packet.duration, samples - packet.pts)
            if stream.codec_context.name in _ENDLESS and packet.duration < whole:
                _end(packet, whole - packet.duration)
            packet.stream = stream
            yield packet


def _end(packet: AnyPacket, samples: int) -> None:
    """Have a decoder leave out so many samples at the packet's end: bytes 4 to 7 of ffmpeg's `skip samples`."""
    kind = packet_sidedata_type_from_literal("skip_samples")
    left_out = cast("Any", PacketSideData)(kind, _SKIPPED.size)
    left_out.update(_SKIPPED.pack(0, samples, 0, 0))
    left_out.to_packet(packet)


def _timed(packets: Iterable[AnyPacket]) -> Generator[tuple[float, AnyPacket]]:
    """Each with the second at which it is decoded: equal times of different clocks are the same float, since a division rounds right."""
    tick: Fraction | None = None
    for packet in packets:
        tick = tick or packet.time_base
        yield (packet.dts or 0) * tick.numerator / tick.denominator, packet
