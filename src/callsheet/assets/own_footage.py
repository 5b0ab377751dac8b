"""The author's own clips in a cut: a pack shot, an end card, a camera shot. Inspected like bought clips, before anything is planned."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from callsheet.assets.project_file import UnusableFile, read_project_file
from callsheet.domain.errors import MediaError
from callsheet.domain.shots.shot import Size
from callsheet.domain.timebase import Fps
from callsheet.media.inspect.probe import inspect_clip
from callsheet.store import atomic_files

#: a larger file is not a shot, bytes
_MOST = 16 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnClip:
    """A clip of the author's, `name` as in the list; it lasts `seconds`."""

    name: str
    file: Path
    sha256: str
    seconds: Fraction
    size: Size
    fps: Fps


def read_own_clip(cell: str, folder: Path, project: Path) -> OwnClip:
    """The clip that a cell names, decoded to its last frame. ValueError with a message if it can't be used."""

    def load(real: Path, changed_ns: int, size: int) -> OwnClip:
        return _inspected(cell, real, changed_ns, size)

    try:
        return read_project_file(folder / cell, (project, folder), _MOST, load)
    except UnusableFile as error:
        raise ValueError(str(error)) from None
    except MediaError as error:
        raise ValueError(f"can't be used as a clip: {error}") from None


@lru_cache(maxsize=256)
def _inspected(cell: str, path: Path, changed_ns: int, size: int) -> OwnClip:
    """Inspected once per process, until the file is written again."""
    del changed_ns, size
    probed = inspect_clip(path)
    return OwnClip(name=cell, file=path, sha256=atomic_files.digest(path), seconds=probed.duration, size=probed.shown, fps=probed.fps)
