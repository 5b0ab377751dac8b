"""The clip store: clips by content. A clip is stored only when it is complete, and a stored clip is never replaced."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from callsheet.store import atomic_files
from callsheet.store.atomic_files import NO_LINKS, flush
from callsheet.store.project_folder import Project


def clip_path(project: Project, sha256: str) -> Path:
    """A clip's path."""
    return project.clips.joinpath(sha256[:2], sha256[2:4], f"{sha256}.mp4")


def stored(project: Project) -> Iterator[Path]:
    """Every clip that lies in the store, whichever project bought it: a copied folder has those of the original."""
    return project.clips.glob("??/??/*.mp4")


def has(project: Project, sha256: str | None, size: int | None) -> bool:
    """Whether the clip exists, with its full size."""
    if sha256 is None:
        return False
    try:
        return clip_path(project, sha256).stat().st_size == size
    except FileNotFoundError:
        return False


def input_path(project: Project, sha256: str) -> Path:
    """The path of the copy of a file that is sent with purchases."""
    return project.inputs / sha256[:2] / sha256


def keep_input(project: Project, sha256: str, data: bytes) -> None:
    """Store a file that may be sent with a purchase, durably, because the purchase is recorded with only its digest."""
    place = input_path(project, sha256)
    if place.is_file() and place.stat().st_size == len(data):
        return
    atomic_files.write(place, data)
    for folder in (project.inputs, project.state):
        flush(folder)


def new_part(project: Project, name: str) -> Path:
    """A new temporary file to download to; nobody else has it."""
    project.parts.mkdir(parents=True, exist_ok=True)
    return project.parts / f"{name}.{os.getpid()}.{secrets.token_hex(4)}.part"


def put(project: Project, part: Path, sha256: str) -> Path:
    """Store a verified temporary file durably: its bytes, its name and its folders survive a power cut. If the same content exists already,
    that is fine.
    """
    place = clip_path(project, sha256)
    for folder in (place.parent.parent, place.parent):
        folder.mkdir(parents=True, exist_ok=True)
    flush(part)
    with suppress(OSError):  # never changed, and readable as the umask allows; a disk of another owner or system may know no such thing
        part.chmod(stat.S_IMODE(part.stat().st_mode) & 0o444)
    try:
        os.link(part, place)
    except FileExistsError:
        if place.stat().st_size != part.stat().st_size:  # it was damaged since: replace it with the good bytes
            part.replace(place)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        # no hard links on this file system; names are content, so a look at what is there is safe enough
        if not place.exists() or place.stat().st_size != part.stat().st_size:
            part.replace(place)
    part.unlink(missing_ok=True)
    for folder in (place.parent, place.parent.parent, project.clips, project.state):
        flush(folder)
    return place


def put_aside(project: Project, part: Path, name: str) -> Path:
    """Keep a defective file, because it was paid for."""
    folder = project.state / "defective"
    folder.mkdir(parents=True, exist_ok=True)
    return part.replace(folder / name)


def sweep(project: Project) -> None:
    """Delete what a dead run left half written; only the holder of the project's lock may do so."""
    if project.parts.is_dir():
        for part in project.parts.glob("*.part"):
            part.unlink(missing_ok=True)
