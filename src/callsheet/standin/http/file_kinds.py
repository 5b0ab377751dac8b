"""A file's type from its first bytes: the pictures and sounds that the services accept."""

from __future__ import annotations

import base64
import binascii

IMAGES = ("image/jpeg", "image/png", "image/gif", "image/bmp", "image/webp")
SOUNDS = ("audio/mpeg", "audio/wav", "audio/ogg", "audio/flac")

_STARTS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}


def kind(data: bytes) -> str | None:
    """The media type, from the first bytes; None if it isn't accepted. The client's file name is ignored."""
    if data[:4] == b"RIFF":
        return _RIFF.get(data[8:12])
    if data[4:8] == b"ftyp":
        return "video/mp4"
    if len(data) > 1 and data[0] == 0xFF and data[1] & 0xE6 == 0xE2:  # an MPEG audio frame of layer III, without a tag before it
        return "audio/mpeg"
    return next((told for start, told in _STARTS if data.startswith(start)), None)


def bytes_of(text: str) -> bytes | None:
    """The bytes in a data URI or in bare base64; None if it is neither."""
    encoded = text.partition(",")[2] if text.startswith("data:") and ";base64," in text[:200] else text
    try:
        return base64.b64decode(encoded, validate=True) or None
    except (binascii.Error, ValueError):
        return None
