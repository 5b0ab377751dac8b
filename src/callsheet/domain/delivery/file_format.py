"""The form of a file that is delivered: codec, container, and what is made beside it."""

from __future__ import annotations

from enum import StrEnum


class Codec(StrEnum):
    """How pictures are encoded."""

    H264 = "h264"
    H265 = "h265"
    AV1 = "av1"
    PRORES = "prores"
    DNXHR = "dnxhr"

    @property
    def mastering(self) -> bool:
        """Whether it is for going on with: every frame stands alone, sound is uncompressed, quality is set by the profile."""
        return self in (Codec.PRORES, Codec.DNXHR)


class Container(StrEnum):
    """What holds pictures and sound together; also the file's ending."""

    MP4 = "mp4"
    MOV = "mov"
    WEBM = "webm"


class Sidecar(StrEnum):
    """What can be made of a finished film, beside it."""

    POSTER = "poster"  #: a picture from the middle of its first shot, as JPEG
    SHEET = "contact-sheet"  #: a picture of each shot, as JPEG
    GIF = "gif"  #: the film, small and silent


#: which containers a codec is delivered in, the usual one first
CONTAINERS: dict[Codec, tuple[Container, ...]] = {
    Codec.H264: (Container.MP4, Container.MOV),
    Codec.H265: (Container.MP4, Container.MOV),
    Codec.AV1: (Container.MP4, Container.WEBM),
    Codec.PRORES: (Container.MOV,),
    Codec.DNXHR: (Container.MOV,),
}

#: the grades of the codecs that have them, the usual one first
PROFILES: dict[Codec, tuple[str, ...]] = {
    Codec.PRORES: ("hq", "standard", "lt", "proxy", "4444"),
    Codec.DNXHR: ("hq", "hqx", "sq", "lb", "444"),
}
