"""Passes a file's sound through filters into raw samples and measures it, in the process that opened it: starting ffmpeg would cost more
than all of this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from io import BufferedWriter
from pathlib import Path
from typing import Any, cast

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.error import BlockingIOError, EOFError  # noqa: A004  # the package's own, which a graph says that it is empty with
from av.filter import Graph
from av.stream import Discard

from callsheet.media.inspect.packets import OPTIONS, SEEN

#: what is written: both channels' 32-bit floats, one after the other
_RAW = ("aformat", "sample_fmts=flt")
_SAMPLE_BYTES = 8
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


def decode_sound(path: str, demuxer: str, index: int, steps: Sequence[tuple[str, str]], to: str) -> MeterReading:
    """The sound stream `index` of a file through `steps`, the last of which is a meter, into `to`. Raises what PyAV raises."""
    reading = MeterReading()
    with av.open(path, format=demuxer, options=OPTIONS | SEEN) as container, Path(to).open("wb") as file:
        stream = cast("AudioStream", container.streams[index])
        graph = Graph()
        graph.threads = 1
        nodes = [graph.add_abuffer(template=stream), *(graph.add(name, options) for name, options in (*steps, _RAW))]
        graph.link_nodes(*nodes, graph.add("abuffersink")).configure()
        for other in container.streams:
            other.discard = Discard.default if other is stream else Discard.all
        for packet in container.demux(stream):
            for frame in packet.decode():
                _pass(frame, graph, file, reading)
        _pass(None, graph, file, reading)
    return reading


def _pass(frame: AudioFrame | None, graph: Graph, file: BufferedWriter, reading: MeterReading) -> None:
    """Push one frame, None for the end, and take what comes out."""
    with suppress(EOFError):  # the filters have all that they let through
        graph.push(frame)
    with suppress(BlockingIOError, EOFError):  # there is no more for now, or for good
        while True:
            passed = cast("AudioFrame", graph.pull())
            file.write(bytes(cast("Any", passed.planes[0]))[: passed.samples * _SAMPLE_BYTES])
            reading.take(passed.metadata)
