"""Frames of clips that other shots continue from, as files of a purchase. Frames are cached for this process, up to a limit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from callsheet.media.clip.frame_still import FrameStill, Part, frame_still
from callsheet.services.protocol.media_ref import MediaRef

#: frames kept in memory between two plans of one process
_KEPT = 32


@dataclass(frozen=True, slots=True)
class Wish:
    """A frame that a cell asks for: `reference` is what the author wrote, `clip` (in a file, known by its digest) and `part` are what shows
    it today.
    """

    cell: str
    reference: str
    clip: Path
    sha256: str
    part: Part

    @property
    def source(self) -> str:
        """The clip and the frame in it, by which attempts are compared, whatever bytes a later ffmpeg makes of it."""
        return f"{self.sha256}#{self.part}"


@dataclass(frozen=True, slots=True)
class Taken:
    """A frame as a file, and a note of the frames that were skipped for it; "" if none were."""

    file: MediaRef
    said: str = ""


def taken(wish: Wish) -> Taken:
    """The frame that is asked for. MediaError if there is no usable one."""
    made = _still(wish.clip, wish.sha256, wish.part)
    file = replace(MediaRef.of_bytes(wish.cell, made.png, size=made.size), reference=wish.reference, source=wish.source)
    return Taken(file, f"frame {made.frame} is used for {wish.cell}: {made.passed}" if made.passed else "")


@lru_cache(maxsize=_KEPT)
def _still(clip: Path, _sha256: str, part: Part) -> FrameStill:
    return frame_still(clip, part)
