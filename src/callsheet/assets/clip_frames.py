"""Frames of clips that other shots go on from, as files of a purchase. What was taken once is kept for this process, a bounded number."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from callsheet.media.clip.frame_still import FrameStill, Part, frame_still
from callsheet.services.protocol.media_ref import MediaRef

#: frames that are kept in memory between two plans of one process
_KEPT = 32


@dataclass(frozen=True, slots=True)
class Wish:
    """A frame that a cell asks for: `reference` is what the author meant, `clip` (in a file, known by its digest) and `part` say what shows it today."""

    cell: str
    reference: str
    clip: Path
    sha256: str
    part: Part

    @property
    def source(self) -> str:
        """Which clip and which frame of it: what an attempt is compared by, whatever bytes a later ffmpeg makes of it."""
        return f"{self.sha256}#{self.part}"


@dataclass(frozen=True, slots=True)
class Taken:
    """A frame as a file, and what is told of it: which frame it is, where others were passed over; "" if none was."""

    file: MediaRef
    said: str = ""


def taken(wish: Wish) -> Taken:
    """The frame that is wished for. MediaError if there is none that could be used."""
    made = _still(wish.clip, wish.sha256, wish.part)
    file = replace(MediaRef.of_bytes(wish.cell, made.png, size=made.size), reference=wish.reference, source=wish.source)
    return Taken(file, f"frame {made.frame} is used for {wish.cell}: {made.passed}" if made.passed else "")


@lru_cache(maxsize=_KEPT)
def _still(clip: Path, _sha256: str, part: Part) -> FrameStill:
    return frame_still(clip, part)
