"""A client's sound, decoded to samples for a film. It comes from outside, so a limited child process decodes it."""

from __future__ import annotations

from callsheet.media.ffmpeg import runner
from callsheet.media.ffmpeg.command import ERRORS_ONLY, GUARD, STDIN, STDOUT, Command

RATE = 48_000
_FRAME_BYTES = 4  # two channels of 16 bits
_DEMUXERS = {"audio/mpeg": "mp3", "audio/wav": "wav", "audio/ogg": "ogg", "audio/flac": "flac"}
#: more than any service accepts, so that a longer sound is noticed
_MOST_S = 30


def decoded(data: bytes, kind: str) -> bytes:
    """The samples (16 bits, two channels, 48 kHz) of the first 30 s of a sound of that type. MediaError if it can't be decoded. Blocks."""
    command = Command().flagged(ERRORS_ONLY).input(STDIN, {"xerror": None, **GUARD, "f": _DEMUXERS[kind]})
    samples = {"map": "0:a:0", "t": _MOST_S, "f": "s16le", "ac": 2, "ar": RATE}
    return runner.run(command.output(STDOUT, samples), limits=runner.SUSPECT, stdin=data, what="decoding a sound").stdout


def seconds(samples: bytes) -> float:
    """The samples' length in seconds."""
    return len(samples) / (_FRAME_BYTES * RATE)
