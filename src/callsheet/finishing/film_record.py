"""The record of a sequence's films in one delivery: what each was made from, and its measurements. One JSON file each, in
`.callsheet/finished`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from callsheet.domain.cut import Finished
from callsheet.domain.errors import SetupError
from callsheet.domain.timebase import fps_text
from callsheet.store import atomic_files
from callsheet.store.project_folder import Project

_SCHEMA = "callsheet.finished/1"


@dataclass(frozen=True, slots=True)
class Version:
    """One finished file: its number, the key of what it was made from, its content's hash, and its measurements."""

    number: int
    key: str
    sha256: str
    told: dict[str, Any]
    #: what it is, for those who choose and hand over: see `facts_of`. Empty if it was made before this was written down.
    facts: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class FilmRecord:
    """All films that were ever made of one sequence in one delivery, oldest first."""

    sequence: str
    delivery: str
    versions: tuple[Version, ...]

    def numbered(self, number: int) -> Version | None:
        """The newest film of this number that says what it is; None if there is none."""
        return next((one for one in reversed(self.versions) if one.number == number and one.facts), None)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers that can be asked for, ascending."""
        return tuple(sorted({one.number for one in self.versions if one.facts}))


def load(path: Path) -> tuple[Version, ...]:
    """The films that a record names; none where there is no record. SetupError if it can't be read."""
    return _read(path).versions


def write(path: Path, sequence: str, delivery: str, versions: Iterable[Version]) -> None:
    """Write the record anew, whole."""
    body = {"schema": _SCHEMA, "sequence": sequence, "delivery": delivery, "versions": [asdict(one) for one in versions]}
    part = atomic_files.part_path(path)
    part.write_text(json.dumps(body, indent=1) + "\n")
    atomic_files.replace(part, path)


def records(project: Project) -> list[FilmRecord]:
    """The record of every sequence and delivery of a project, by name. SetupError if one can't be read."""
    found = [_read(path) for path in sorted(project.finished.glob("[!.]*.json"))]
    return sorted((one for one in found if one.sequence), key=lambda one: (one.sequence, one.delivery))


def facts_of(film: Finished) -> dict[str, Any]:
    """What a film is, as it was measured and checked when it was finished; `file` and `beside` are names in `out/`."""
    to = film.delivery
    return {
        "file": film.file.name,
        "beside": [path.name for path in film.beside],
        "frames": film.frames,
        "fps": fps_text(to.fps),
        "width": to.size.width,
        "height": to.size.height,
        "codec": to.codec.value,
        "profile": to.profile,
        "container": to.container.value,
        "timecode": to.starts,
        "loudness_lufs": film.loudness_lufs,
        "true_peak_dbtp": film.true_peak_dbtp,
        "complete": film.complete,
        "missing": [*film.missing],
        "removed": [*film.removed],
        "rehearsed": list(dict.fromkeys(shot.shot for shot in film.shots if shot.rehearsed)),
        "drafts": [*film.drafts],
        "failing": [*film.failing],
    }


def _read(path: Path) -> FilmRecord:
    try:
        told = json.loads(path.read_text())
        versions = tuple(Version(**one) for one in told["versions"])
        return FilmRecord(str(told.get("sequence", "")), str(told.get("delivery", "")), versions)
    except FileNotFoundError:
        return FilmRecord("", "", ())
    except (ValueError, KeyError, TypeError) as error:
        raise SetupError(
            f"{path.name} can't be read: {error}", help="delete .callsheet/finished; the films are then made again and compared"
        ) from None
