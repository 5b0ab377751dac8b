"""The files that a plan is made from, and whether one has changed since, so that nothing is bought from an outdated file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from stat import S_ISREG

from callsheet.domain.delivery.title import titles
from callsheet.domain.run_request import RunRequest
from callsheet.domain.shots.list_file import REFS
from callsheet.services.cards.file_rules import COLUMNS
from callsheet.settings.values import Settings
from callsheet.shotlist.mapping import mapping_file
from callsheet.shotlist.read import ShotList
from callsheet.store import atomic_files
from callsheet.store.project_folder import Project

#: the longest path, in characters
_PATH = range(1, 4096)


@dataclass(frozen=True, slots=True)
class FileState:
    """The state of a file: its identity on disk, size, modification time, and for tables (small, and edited by hand) the digest of its
    bytes. None and "" stand for a file that could not be read: if it appears later, that is a change, too.
    """

    stat: tuple[int, ...] | None
    sha256: str = ""


def table_states(order: RunRequest, house: Path) -> dict[Path, FileState]:
    """The list and its mapping, refs.csv with its own, project.toml, the project's own cards, and the house's cards, deliveries and defaults."""
    project = Project(order.folder)
    lists = [project.folder / order.list, mapping_file((project.folder / order.list).resolve())] if order.list else []
    refs = project.folder / REFS
    cards = sorted(project.cards.glob("*.toml"))
    shipped = sorted((house / "configs").rglob("*.toml"))
    return {path: _state(path, digest=True) for path in (*lists, refs, mapping_file(refs), project.settings_file, *cards, *shipped)}


def media_states(project: Project, list: str | None, shots: ShotList | None, settings: Settings) -> dict[Path, FileState]:
    """The list's pictures and sounds, the music and the watermarks, from their metadata only. Anything longer than a path can be is an
    address.
    """
    if list is None or shots is None:
        return {}
    folder = project.list_file(list).parent
    cells = [getattr(shot, column) or "" for shot in shots.shots for column in COLUMNS]
    paths = [folder / cell for cell in cells if len(cell) in _PATH]
    paths += [folder / shot.clip for shot in shots.shots if shot.clip and len(shot.clip) in _PATH]
    paths += [folder / one.font for shot in shots.shots for one in titles(shot.title or "") if one.font]
    paths += [project.folder / str(table.get("file", "")) for table in settings.beds]
    for key in ("watermark_file", "font"):
        paths += [project.folder / str(table[key]) for table in settings.deliver.values() if key in table]
    return {path: _state(path) for path in paths}


def changed(tables: Mapping[Path, FileState], media: Mapping[Path, FileState], order: RunRequest, house: Path) -> bool:
    """Whether any of them was changed, added or deleted."""
    return table_states(order, house) != tables or {path: _state(path) for path in media} != media


def _state(path: Path, *, digest: bool = False) -> FileState:
    try:
        seen = path.stat()
        stat = (seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns)
        return FileState(stat, atomic_files.digest(path) if digest and S_ISREG(seen.st_mode) else "")  # reading a pipe would never end
    except (OSError, ValueError):  # no such file, no permission, an invalid path
        return FileState(None)
