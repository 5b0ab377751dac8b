"""Measures a picture or a sound of the author's: decoded completely in a limited child, because it may come from anywhere. The bytes
themselves are passed, so what was measured is what is sent.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from callsheet.domain.errors import MediaError
from callsheet.domain.shots.shot import Size
from callsheet.media.ffmpeg import runner
from callsheet.media.ffmpeg.command import ERRORS_ONLY, FILM_GUARD, GUARD, PLAIN_FILE, STDIN, Command, Options, Value

#: the demuxer that a file of each kind must be opened with
DEMUXERS = {
    "image/png": "png_pipe",
    "image/jpeg": "jpeg_pipe",
    "image/gif": "gif",
    "image/bmp": "bmp_pipe",
    "image/webp": "webp_pipe",
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/flac": "flac",
    "audio/aiff": "aiff",
    "audio/aac": "aac",
    "audio/mp4": "mov",
    "audio/webm": "matroska",
}
#: boxes that may hold anything: what is opened in them is bounded further
_BOXES = ("mov", "matroska")
_FIRST_SOUND: Options = {"map": "0:a:0", "c:a": "pcm_s16le"}
#: how much of a sound's beginning is looked at for silence, seconds, and the sound, twice: whole, and its beginning from the first sample above -50 dBFS on,
#: with one sample more, since nothing at all can't be encoded
_BEGINNING = 2
_FROM_ITS_START = f"atrim=end={_BEGINNING},silenceremove=start_periods=1:start_threshold=-50dB:detection=peak,apad=pad_len=1"
_TWICE: Options = {"map": ("0:a:0", "0:a:0"), "filter:a:1": _FROM_ITS_START, "c:a": "pcm_s16le"}
_SIZE = re.compile(rb"^#dimensions 0: (\d+)x(\d+)$", re.MULTILINE)
_BASE = re.compile(rb"^#tb (\d): (\d+)/(\d+)$", re.MULTILINE)
#: a framecrc line: stream, dts, pts, duration ...
_LINE = re.compile(rb"^(\d),\s*-?\d+,\s*-?\d+,\s*(\d+),", re.MULTILINE)
_PICTURES = b"#media_type 1: video"


def picture(data: bytes, mime: str) -> Size:
    """A picture's display size; the first one of a moving picture. MediaError if it doesn't decode to its end. Data that a camera appended
    is ignored.
    """
    said = _decoded(data, mime, {"err_detect": "explode", "max_error_rate": 1}, {"map": "0:v:0", "frames:v": 1}, "picture")
    found = _SIZE.search(said)
    if not found or not _LINE.search(said):
        raise MediaError("it is damaged or incomplete", help="save it again, as PNG or JPEG")
    return Size(int(found[1]), int(found[2]))


@dataclass(frozen=True, slots=True)
class SoundLengths:
    """A sound's length, and its silence (below -50 dBFS) at the beginning, up to two seconds; both in seconds."""

    seconds: Fraction
    leading_silence: Fraction


def sound(data: bytes, mime: str) -> SoundLengths:
    """A sound's lengths, counted in decoded samples, because headers may be wrong. MediaError if it doesn't decode. Appended data, such as
    tags, is ignored.
    """
    said = _decoded(data, mime, {}, _TWICE, "sound")
    whole = _length(said)
    samples, base = _counted(said, b"1")
    return SoundLengths(whole, max(min(whole, Fraction(_BEGINNING)) - (samples - 1) * base, Fraction(0)))


def sound_file(path: Path, mime: str) -> Fraction:
    """How long the sound of a file lasts, in seconds, as `sound` counts it; for kinds whose index may stand at their end. MediaError also where pictures are in it."""
    strict: Options = {"xerror": None} if DEMUXERS[mime] in _BOXES else {}  # others may have tags behind their end, which is no fault
    said = _decoded(path, mime, strict, {**_FIRST_SOUND, "map": ("0:a:0", "0:V:0?"), "c:v": "copy"}, "sound")
    if _PICTURES in said:
        raise MediaError("there are pictures in it", help="save its sound alone, as WAV or M4A")
    return _length(said)


def beginning(data: bytes, mime: str, seconds: Fraction) -> bytes:
    """The first `seconds` of a sound as WAV of 16 bits, to the sample: the same bytes for the same sound. MediaError if it doesn't decode."""
    wanted: Options = {**_FIRST_SOUND, "af": f"atrim=end={float(seconds):.6f}", **PLAIN_FILE, "f": "wav"}
    command = Command().flagged(ERRORS_ONLY).input(STDIN, guard(mime)).output("-", wanted)
    made = runner.run(command, limits=runner.SUSPECT, stdin=data, what="cutting the sound").stdout
    at = made.index(b"data") + 4  # a pipe can't be gone back in, so ffmpeg leaves both lengths open
    return made[:4] + struct.pack("<I", len(made) - 8) + made[8:at] + struct.pack("<I", len(made) - at - 4) + made[at + 4 :]


def guard(mime: str) -> dict[str, Value]:
    """What stands before `-i` of a file of this kind that came from outside: the demuxer is forced, and nothing but the file is read."""
    demuxer = DEMUXERS[mime]
    return {**(FILM_GUARD if demuxer in _BOXES else GUARD), "threads": 1, "f": demuxer}


def _length(said: bytes) -> Fraction:
    samples, base = _counted(said, b"0")
    if not samples or not base:
        raise MediaError("it has no sound", help="save it again, as WAV or FLAC")
    return samples * base


def _counted(said: bytes, stream: bytes) -> tuple[int, Fraction]:
    """How many samples a stream has, and seconds of one."""
    bases = {number: Fraction(int(over), int(under)) for number, over, under in _BASE.findall(said)}
    return sum(int(length) for number, length in _LINE.findall(said) if number == stream), bases.get(stream, Fraction(0))


def _decoded(given: bytes | Path, mime: str, strict: Options, wanted: Options, what: str) -> bytes:
    """What ffmpeg says of the packets of one decoded stream."""
    data, source = (given, STDIN) if isinstance(given, bytes) else (None, given)
    command = Command().flagged(ERRORS_ONLY).input(source, {**strict, **guard(mime)}).output("-", {**wanted, "f": "framecrc"})
    return runner.run(command, limits=runner.SUSPECT, stdin=data, what=f"reading the {what}").stdout
