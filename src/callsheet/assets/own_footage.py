"""The author's own clips that stand in a cut: a pack shot, an end card, a shot from the camera. Looked at as bought clips are, before anything is planned."""

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

#: a longer file is no shot, bytes
_MOST = 16 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnClip:
    """A clip of the author's, `name` as the list has it; it lasts `seconds`."""

    name: str
    file: Path
    sha256: str
    seconds: Fraction
    size: Size
    fps: Fps


def read_own_clip(cell: str, folder: Path, project: Path) -> OwnClip:
    """The clip that a cell names, decoded to its last frame. ValueError in words where it can't be used."""

    def load(real: Path, changed_ns: int, size: int) -> OwnClip:
        return _inspected(cell, real, changed_ns, size)

    try:
        return read_project_file(folder / cell, (project, folder), _MOST, load)
    except UnusableFile as error:
        raise ValueError(str(error)) from None
    except MediaError as error:
        raise ValueError(f"is not a clip that can be cut: {error}") from None


@lru_cache(maxsize=256)
def _inspected(cell: str, path: Path, changed_ns: int, size: int) -> OwnClip:
    """Once for all plans of a process, as long as the file is not written anew."""
    del changed_ns, size
    probed = inspect_clip(path)
    return OwnClip(name=cell, file=path, sha256=atomic_files.digest(path), seconds=probed.duration, size=probed.shown, fps=probed.fps)
