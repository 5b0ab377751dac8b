"""Whether a file's sound keeps its channels and its rate: a header tells those of its beginning only. A few packets are decoded for it."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from typing import Any

from av.audio.stream import AudioStream
from av.error import FFmpegError
from av.packet import Packet

#: seconds from one look to the next, and further by one part in so many of what was passed: a long film takes few looks
_APART, _FURTHER = Fraction(1, 2), 16
#: a decoder may need a few packets before it knows the form of the first
_FIRST = 3


class SoundLooks:
    """Looks at the packets of one stream, in their order."""

    def __init__(self, sound: AudioStream | None) -> None:
        self._apart = int(_APART / sound.time_base) if sound and sound.time_base else 0
        self._taken = self._begins = self._last = 0
        self._form: tuple[int, int] | None = None
        self._passed: Packet[Any] | None = None
        #: a packet has other channels or another rate than the first ones
        self.changes = False

    def take(self, packet: Packet[Any]) -> None:
        """The next packet."""
        at = packet.pts or 0
        self._taken += 1
        if self._taken <= _FIRST:
            self._begins, self._last, self._form = at, at, self._seen(packet) or self._form
        elif at - self._last >= max(self._apart, (at - self._begins) // _FURTHER):
            self._last, self._passed = at, None
            self._look(packet)
        else:
            self._passed = packet

    def end(self) -> None:
        """The last packet has been taken: it is looked at, too."""
        if self._passed:
            self._look(self._passed)

    def _look(self, packet: Packet[Any]) -> None:
        seen = self._seen(packet)
        self.changes |= seen is not None and seen != (self._form or seen)

    def _seen(self, packet: Packet[Any]) -> tuple[int, int] | None:
        """The channels and the rate of a packet; None if nothing comes out of it alone. What is damaged is found when all of it is decoded."""
        with suppress(FFmpegError):
            return next(((frame.layout.nb_channels, frame.sample_rate) for frame in packet.decode()), None)
        return None
