"""A cut: which take stands where, to the frame; and what it was finished into."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from callsheet.domain.finding import Finding
from callsheet.domain.shot import Size
from callsheet.domain.take import TakeId
from callsheet.domain.timebase import Fps


@dataclass(frozen=True, slots=True, kw_only=True)
class CutShot:
    """One shot's place in a cut. Without a clip it is a slate of its exact length."""

    shot: str
    #: frames in the cut, in the delivery's frame rate
    frames: int
    take: TakeId | None = None
    #: the bought clip, and its content's hash
    clip: Path | None = None
    sha256: str | None = None
    #: made for an older version of the row
    stale: bool = False
    #: False: the clip's own sound is left out
    sound: bool = True
    #: why there is no clip, for the slate and the report
    missing: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A sequence's shots in order."""

    sequence: str
    shots: tuple[CutShot, ...]
    #: shots that vanished from the list though a clip of theirs was paid
    removed: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """Shots that stand as a slate."""
        return tuple(shot.shot for shot in self.shots if shot.clip is None)

    @property
    def complete(self) -> bool:
        """Whether every shot has its clip and none vanished."""
        return not self.missing and not self.removed


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What a sequence is finished into. Loudness in LUFS, peak in dBTP, bit rate in bit/s."""

    name: str
    size: Size
    fps: Fps
    loudness_lufs: float = -14.0
    true_peak_dbtp: float = -1.0
    crf: int = 18
    preset: str = "veryfast"
    #: seconds between key frames
    gop_s: int = 2
    audio_bitrate: int = 192_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where a shot stands in a finished file: first frame (0-based) and length, end exclusive."""

    shot: str
    take: TakeId | None
    record_in: int
    frames: int
    padded_frames: int
    stale: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A finished sequence, measured on the encoded file. Loudness is None where all is silent."""

    sequence: str
    delivery: Delivery
    version: int
    file: Path
    sha256: str
    frames: int
    loudness_lufs: float | None
    true_peak_dbtp: float | None
    complete: bool
    missing: tuple[str, ...]
    removed: tuple[str, ...]
    shots: tuple[Placed, ...]
    findings: tuple[Finding, ...] = field(default=())
    #: True where the file was there already and nothing had to be done
    kept: bool = False
