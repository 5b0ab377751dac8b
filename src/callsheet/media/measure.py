"""What a picture or a sound of the author's is: decoded whole in a limited child, since it may come from anywhere.

The bytes themselves are handed over, so that what was measured is what is sent.
"""

from __future__ import annotations

import re
from fractions import Fraction

from callsheet.domain.errors import MediaError
from callsheet.domain.shot import Size
from callsheet.media import ffmpeg

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
}
_SIZE = re.compile(rb"^#dimensions 0: (\d+)x(\d+)$", re.MULTILINE)
_BASE = re.compile(rb"^#tb 0: (\d+)/(\d+)$", re.MULTILINE)
#: a framecrc line: stream, dts, pts, duration ...
_LINE = re.compile(rb"^0,\s*-?\d+,\s*-?\d+,\s*(\d+),", re.MULTILINE)
_COUNTED = ("-f", "framecrc", "-")


def picture(data: bytes, mime: str) -> Size:
    """A picture's size as it is shown; of a moving one the first. MediaError where it doesn't decode to its end. What a camera put behind it is no fault."""
    said = _decoded(data, mime, ("-err_detect", "explode", "-max_error_rate", "1"), ("-map", "0:v:0", "-frames:v", "1"), "picture")
    found = _SIZE.search(said)
    if not found or not _LINE.search(said):
        raise MediaError("it is damaged or cut short", help="save it again, as PNG or JPEG")
    return Size(int(found[1]), int(found[2]))


def sound(data: bytes, mime: str) -> Fraction:
    """How long a sound lasts, in seconds, counted in decoded samples: headers may say anything. MediaError where it doesn't decode.

    Rubbish after the end, as taggers leave it, is no fault.
    """
    said = _decoded(data, mime, (), ("-map", "0:a:0", "-c:a", "pcm_s16le"), "sound")
    base = _BASE.search(said)
    samples = sum(int(length) for length in _LINE.findall(said))
    if not base or not samples:
        raise MediaError("there is no sound in it", help="save it again, as WAV or FLAC")
    return samples * Fraction(int(base[1]), int(base[2]))


def _decoded(data: bytes, mime: str, strict: tuple[str, ...], wanted: tuple[str, ...], what: str) -> bytes:
    """What ffmpeg says of the packets of one decoded stream."""
    source = ("-v", "error", *strict, *ffmpeg.GUARD, "-threads", "1", "-f", DEMUXERS[mime], "-i", "pipe:0")
    return ffmpeg.run([*source, *wanted, *_COUNTED], limits=ffmpeg.SUSPECT, stdin=data, what=f"reading the {what}").stdout
