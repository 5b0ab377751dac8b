"""Pictures and sounds that go with a purchase, as values: bytes that were read, or an address that the service reads itself. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field, replace
from fractions import Fraction
from urllib.parse import unquote_to_bytes

from callsheet.domain.shots.shot import Size

#: the first bytes of the formats that services accept, their offset, and their kind
_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF8", "image/gif"),
    (0, b"BM", "image/bmp"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"ID3", "audio/mpeg"),
)
_ENDINGS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/bmp": ".bmp",
    "image/webp": ".webp",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
    "audio/ogg": ".ogg",
    "audio/flac": ".flac",
}
#: the id of a file that was uploaded to its service before
UPLOAD = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRef:
    """One file of a purchase. Exactly one of `data` and `url`; made by `of_bytes`, `of_data_uri`, `of_url` or `of_upload`.

    `cell` is what the author wrote, less an address's question (it may hold a signature), for people alone: it is never sent. `seconds` is a sound's measured length, `size` a picture's.
    """

    cell: str
    mime: str
    data: bytes | None = field(default=None, repr=False)
    url: str | None = None
    #: digest of `data` in hex; "" for an address
    sha256: str = ""
    seconds: Fraction | None = None
    #: of a sound that was measured: seconds of silence at its beginning
    leading_silence: Fraction | None = None
    size: Size | None = None
    #: `data` is a note of the digest, as a purchase is written down
    note: bool = False
    #: of a picture of another shot, what the author meant: project, list, shot and which picture; and which clip it is a frame of, "" as long as that is to come
    reference: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        if (self.data is None) == (self.url is None):
            raise ValueError("a file is either bytes or an address")

    @classmethod
    def of_bytes(cls, cell: str, data: bytes, *, seconds: Fraction | None = None, size: Size | None = None) -> MediaRef:
        """A file as it was read; its kind is known by its first bytes, whatever it is called."""
        return cls(cell=cell, mime=mime_of(data), data=data, sha256=hashlib.sha256(data).hexdigest(), seconds=seconds, size=size)

    @classmethod
    def of_data_uri(cls, cell: str) -> MediaRef:
        """A `data:` URI; ValueError if it is none. Only its first bytes say of what kind it is."""
        head, comma, body = cell.partition(",")
        if not head.casefold().startswith("data:") or not comma:
            raise ValueError("this is not a data URI")
        raw = unquote_to_bytes(body)
        try:
            data = base64.b64decode(raw, validate=True) if head.casefold().endswith(";base64") else raw
        except binascii.Error:
            raise ValueError("this data URI is not base64") from None
        return cls.of_bytes(f"{head},...", data)

    @classmethod
    def of_url(cls, url: str) -> MediaRef:
        """An address that the service reads itself; what is there may change, so the address is all that a fingerprint can hold."""
        place, question, _ = url.partition("?")
        return cls(cell=f"{place}?..." if question else url, mime="", url=url)

    @classmethod
    def of_upload(cls, id: str) -> MediaRef:
        """A file that the author uploaded to the service before, by the id that it gave. It goes where an address would."""
        return cls(cell=id, mime="", url=id)

    @classmethod
    def of_frame(cls, cell: str, reference: str, *, size: Size | None = None) -> MediaRef:
        """A frame of a clip that is still to come, PNG of `size`. Its digest is of what is meant: no file has it, so it can't be sent before its picture is there."""
        made = cls.of_bytes(cell, f"callsheet-frame:{reference}".encode(), size=size)
        return replace(made, mime="image/png", reference=reference)

    @property
    def to_come(self) -> bool:
        """Whether it is a frame of a clip that isn't there yet."""
        return bool(self.reference) and not self.source

    def awaited(self) -> MediaRef:
        """A frame of another shot as it was before its picture was there; any other file as it is."""
        return replace(MediaRef.of_frame(self.cell, self.cell), size=self.size) if self.reference else self

    def noted(self) -> MediaRef:
        """The same file with a note of its digest in place of its bytes; see `services.noting`."""
        return replace(self, data=f"callsheet-bytes:{self.sha256}".encode(), note=True)

    @property
    def uploaded(self) -> bool:
        """Whether it is known by the service's id alone."""
        return self.url is not None and UPLOAD.fullmatch(self.url) is not None

    @property
    def content(self) -> str:
        """Its part in a fingerprint: the digest of its bytes, or its address."""
        return self.url if self.url is not None else f"sha256:{self.sha256}"

    @property
    def meant(self) -> str:
        """What the author gave: of another shot's picture which one, whatever it shows today; else the content."""
        return self.reference or self.content

    @property
    def uri(self) -> str:
        """One text for services that accept an address or a data URI."""
        if self.data is None:
            return self.url or ""
        if self.note:
            return f"callsheet-uri:{self.sha256}"
        return f"data:{self.mime};base64,{base64.b64encode(self.data).decode()}"

    @property
    def ending(self) -> str:
        """The usual ending of a file of its kind, with the point; "" for an unknown kind."""
        return _ENDINGS.get(self.mime, "")


def mime_of(data: bytes) -> str:
    """The kind of a picture or sound by its first bytes; `application/octet-stream` if no service accepts it."""
    found = (mime for at, mark, mime in _MAGIC if data[at : at + len(mark)] == mark)
    return next(found, "audio/mpeg" if _begins_with_mp3(data) else "application/octet-stream")


#: kbit/s of layer III, MPEG 1 and the later ones; samples per second of MPEG 1 (ISO 11172-3, 13818-3)
_MPEG_1_KBPS = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_LATER_KBPS = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_MPEG_1_HZ = (44_100, 48_000, 32_000)


def _begins_with_mp3(data: bytes) -> bool:
    """Whether a frame of layer III stands first, of MPEG 1, 2 or 2.5, and another of its kind behind it, unless the file ends before."""
    length = _mp3_frame(data[:4])
    return bool(length) and (
        len(data) < length + 4 or (_mp3_frame(data[length : length + 4]) > 0 and data[length + 1] >> 1 == data[1] >> 1)
    )


def _mp3_frame(head: bytes) -> int:
    """The bytes of the frame with this head; 0 where it is none."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return 0
    version, kbps, hertz = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or kbps in (0, 15) or hertz == 3:
        return 0
    rate = _MPEG_1_HZ[hertz] >> {3: 0, 2: 1, 0: 2}[version]
    bits = (144 * _MPEG_1_KBPS[kbps] if version == 3 else 72 * _LATER_KBPS[kbps]) * 1000
    return bits // rate + (head[2] >> 1 & 1)
