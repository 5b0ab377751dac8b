"""A bed: music or a voice that lies under a sequence."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Bed:
    """A sound under frames `first` to `end` (exclusive) of a programme, in its frame rate; it ends sooner where its file does.

    Levels are in dB: `gain_db` beside the clips (0 is as loud as they), `duck_db` further down while somebody speaks, `duck_others_db` how far
    clips and music go down while somebody speaks in it (0: not). Fades are in frames.
    """

    #: the file as the author named it, where it is, its content and kind
    name: str
    file: Path
    sha256: str
    mime: str
    first: int
    end: int
    gain_db: float = 0.0
    duck_db: float = 0.0
    duck_others_db: float = 0.0
    fade_in: int = 0
    fade_out: int = 0

    @property
    def decides(self) -> list[object]:
        """What of it decides a film's bytes."""
        levels = [self.gain_db, self.duck_db, self.duck_others_db]
        return [self.sha256, self.mime, self.first, self.end, *levels, self.fade_in, self.fade_out]
