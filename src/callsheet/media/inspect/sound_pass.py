"""Passes a file's sound through filters into raw samples and measures it, in the process that opened it: starting ffmpeg would cost more
than all of this. In this process for our own files; for those that came from outside, in a limited child (see `probe_worker`).
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Any, cast

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import BlockingIOError, EOFError  # noqa: A004  # the package's own, which a graph says that it is empty with
from av.filter import Graph
from av.stream import Discard

from callsheet.domain.timebase import SAMPLE_RATE, half_up
from callsheet.media.inspect.packets import OPTIONS, SEEN

#: what is written: both channels' 32-bit floats, one after the other
_RAW = ("aformat", "sample_fmts=flt")
_SAMPLE_BYTES = 8
#: frames that are pushed before the filters are asked for more: each time that nothing is ready costs an exception
_AT_ONCE = 24
_METER = (("aformat", "channel_layouts=stereo:sample_rates=48000"), ("ebur128", "metadata=1"))
#: what sound is made into whose form changes
_FORMAT, _LAYOUT, _SAMPLE = "flt", "stereo", Fraction(1, SAMPLE_RATE)
_BLOCK, _PROGRAMME = "lavfi.r128.M", "lavfi.r128.I"


@dataclass(slots=True)
class MeterReading:
    """What the meter told: the LUFS of all of it, and of 400 ms every 100 ms."""

    lufs: float | None = None
    moments: list[float] = field(default_factory=list[float])

    def take(self, told: Mapping[str, str]) -> None:
        """Note what the meter says with a frame of the filtered sound: nothing with the last, where it is no whole 100 ms."""
        if told:
            self.lufs = float(told[_PROGRAMME])
            self.moments.append(float(told[_BLOCK]))


def decode_sound(path: str, demuxer: str, index: int, steps: Sequence[tuple[str, str]], to: str, *, even: bool) -> MeterReading:
    """The sound stream `index` of a file through `steps`, the last of which may be a meter, into `to`. `even` where its form changes: all of it
    is made stereo at 48 kHz before the first step. Raises what PyAV raises.
    """
    reading = MeterReading()
    with av.open(path, format=demuxer, options=OPTIONS | SEEN) as container, Path(to).open("wb") as file:
        stream = cast("AudioStream", container.streams[index])
        for other in container.streams:
            other.discard = Discard.default if other is stream else Discard.all
        for heard in _filtered(container, stream, (*steps, _RAW), even=even):
            file.write(_floats(heard))
            reading.take(heard.metadata)
    return reading


def listen(path: Path, demuxer: str, reading: MeterReading) -> Generator[bytes]:
    """The sound of one of our own files, as raw samples of both channels, while `reading` notes what the meter tells. Raises what PyAV raises."""
    with av.open(str(path), format=demuxer, options=OPTIONS | SEEN) as container:
        for heard in _filtered(container, container.streams.audio[0], (*_METER, _RAW)):
            reading.take(heard.metadata)
            yield _floats(heard)


def meter(path: Path, samples: int) -> MeterReading:
    """What the meter tells of the first samples of raw sound of ours. Raises what PyAV raises."""
    reading = MeterReading()
    with av.open(str(path), format="f32le", options={"sample_rate": str(SAMPLE_RATE), "ch_layout": "stereo"}) as container:
        for heard in _filtered(container, container.streams.audio[0], (("atrim", f"end_sample={samples}"), *_METER)):
            reading.take(heard.metadata)
    return reading


def _filtered(
    container: InputContainer, stream: AudioStream, steps: Sequence[tuple[str, str]], *, even: bool = False
) -> Generator[AudioFrame]:
    graph = Graph()
    graph.threads = 1
    begin = (
        graph.add_abuffer(sample_rate=SAMPLE_RATE, format=_FORMAT, layout=_LAYOUT, time_base=_SAMPLE)
        if even
        else graph.add_abuffer(template=stream)
    )
    nodes = [begin, *(graph.add(name, options) for name, options in steps)]
    graph.link_nodes(*nodes, graph.add("abuffersink")).configure()
    frames = (frame for packet in container.demux(stream) for frame in packet.decode())
    with suppress(EOFError):  # the filters have all that they let through
        for n, frame in enumerate(_evened(frames) if even else frames, start=1):
            graph.push(frame)
            if n % _AT_ONCE == 0:
                yield from _ready(graph)
        graph.push(None)
    yield from _ready(graph)


def _evened(frames: Iterable[AudioFrame]) -> Generator[AudioFrame]:
    """Frames of any form as stereo at 48 kHz, each at its time."""
    for _, alike in groupby(frames, lambda frame: (frame.layout.name, frame.sample_rate, frame.format.name)):
        resampler = av.AudioResampler(_FORMAT, _LAYOUT, SAMPLE_RATE)
        for frame in (*alike, None):
            for made in resampler.resample(frame):
                made.pts, made.time_base = half_up((made.pts or 0) * (made.time_base or _SAMPLE) * SAMPLE_RATE), _SAMPLE
                yield made


def _ready(graph: Graph) -> Generator[AudioFrame]:
    """What has come out of the filters."""
    with suppress(BlockingIOError, EOFError):  # there is no more for now, or for good
        while True:
            yield cast("AudioFrame", graph.pull())


def _floats(heard: AudioFrame) -> bytes:
    return bytes(cast("Any", heard.planes[0]))[: heard.samples * _SAMPLE_BYTES]
