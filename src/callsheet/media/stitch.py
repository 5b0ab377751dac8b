"""A film from normalized clips: the pictures' packets are copied and counted in frames, the sound is laid end to end and encoded once.

Nothing is decoded but sound, and no more than a second of it stands in memory. Unchanged clips give the byte-equal film.
"""

from __future__ import annotations

import heapq
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np

from callsheet.domain.errors import MediaError
from callsheet.domain.timebase import SAMPLE_RATE, Fps, sample_at
from callsheet.media.encode import FRAME_BYTES, Normalized

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.stream import VideoStream

    AnyPacket = av.Packet[Any]

#: what joins the packets; part of a film's content key, since another version may write other bytes
MUXER = f"pyav {av.__version__}"

_BLOCK = SAMPLE_RATE
_HELP = "delete .callsheet/normalized and run `callsheet finish` again"


@dataclass(frozen=True, slots=True)
class Part:
    """One normalized clip or slate in a film, and the gain (dB) that matches it to the others."""

    clip: Normalized
    gain_db: float = 0.0


def length(parts: Iterable[Part]) -> int:
    """A film's length in frames."""
    return sum(part.clip.frames for part in parts)


def film_sound(parts: Sequence[Part], fps: Fps, gain_db: float) -> Generator[bytes]:
    """A film's sound (f32 stereo 48 kHz) in blocks, clips matched and all of it moved by `gain_db`; each clip starts at its first frame's sample."""
    record_in = 0
    for part in parts:
        record_out = record_in + part.clip.frames
        factor = np.float32(10 ** ((part.gain_db + gain_db) / 20))
        for block in _blocks(part.clip.sound, sample_at(record_out, fps) - sample_at(record_in, fps)):
            yield (np.frombuffer(block, np.dtype("<f4")) * factor).tobytes()
        record_in = record_out


def stitch(parts: Sequence[Part], sound: Path, fps: Fps, to: Path) -> None:
    """Write the film: one picture stream, one sound stream, index in front. MediaError where a clip doesn't fit the others."""
    with av.open(parts[0].clip.picture, format="mov") as first, av.open(sound, format="mov") as heard, _film(to) as film:
        seen = film.add_stream_from_template(first.streams.video[0])
        seen.time_base = 1 / fps
        pictures = _pictures(parts, seen, fps, first.streams.video[0].codec_context)
        sounds = _sounds(heard, film)
        with closing(pictures):
            for packet in heapq.merge(pictures, sounds, key=_decoded_at):
                film.mux_one(packet)


def _film(to: Path) -> Any:
    """The film's own clock counts samples: by the muxer's milliseconds the sound would end up to one early."""
    options = {"movflags": "+faststart", "fflags": "+bitexact", "movie_timescale": str(SAMPLE_RATE)}
    return av.open(str(to), "w", format="mp4", options=options)


def _blocks(sound: Path, samples: int) -> Generator[bytes]:
    left = samples * FRAME_BYTES
    with sound.open("rb") as file:
        while left > 0:
            block = file.read(min(left, _BLOCK * FRAME_BYTES))
            if not block:
                raise MediaError(f"{sound.name} is shorter than its clip", help=_HELP)
            left -= len(block)
            yield block


def _pictures(parts: Sequence[Part], seen: VideoStream, fps: Fps, model: Any) -> Generator[AnyPacket]:
    """Every clip's packets in their order, times counted in frames of the film: no rounding at any rate."""
    record_in = 0
    for part in parts:
        with av.open(part.clip.picture, format="mov") as container:
            if container.streams.video[0].codec_context.extradata != model.extradata:
                raise MediaError(f"{part.clip.picture.name} was encoded in another way than the film's first clip", help=_HELP)
            yield from _counted(container, part, record_in, seen, fps, model.reorder_depth)
        record_in += part.clip.frames


def _counted(container: InputContainer, part: Part, record_in: int, seen: VideoStream, fps: Fps, delay: int) -> Generator[AnyPacket]:
    count = 0
    for packet in container.demux(video=0):
        if packet.pts is None:
            continue
        frame = packet.pts * packet.time_base * fps
        packet.time_base = 1 / fps
        packet.pts, packet.dts, packet.duration = record_in + int(frame), record_in + count - delay, 1
        if frame.denominator != 1 or packet.pts < packet.dts or (count == 0 and not packet.is_keyframe):
            raise MediaError(f"{part.clip.picture.name} doesn't stand at even frames", help=_HELP)
        packet.stream = seen
        count += 1
        yield packet
    if count != part.clip.frames:
        raise MediaError(f"{part.clip.picture.name} has {count} frames instead of {part.clip.frames}", help=_HELP)


def _sounds(heard: InputContainer, film: Any) -> Generator[AnyPacket]:
    stream = film.add_stream_from_template(heard.streams.audio[0])
    return _sound_packets(heard, stream)


def _sound_packets(heard: InputContainer, stream: Any) -> Generator[AnyPacket]:
    for packet in heard.demux(audio=0):
        if packet.pts is not None:
            packet.stream = stream
            yield packet


def _decoded_at(packet: AnyPacket) -> Any:
    return (packet.dts or 0) * packet.time_base
