"""Hands over approved films and their sidecars, copied into a folder with their checksums. The folder appears complete or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from callsheet.domain.approval import Approval
from callsheet.domain.errors import DeliveryError, Problem, SetupError, UsageError
from callsheet.finishing.film_record import FilmRecord, Version
from callsheet.store import atomic_files
from callsheet.store.project_folder import Project

#: what `sha256sum -c` and `shasum -a 256 -c` read
CHECKSUMS = "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class ApprovedFilm:
    """A film in `out/`, its facts, who approved it, and its sidecars with their hashes."""

    version: Version
    approval: Approval
    file: Path
    beside: tuple[tuple[Path, str], ...]

    @property
    def files(self) -> tuple[tuple[Path, str], ...]:
        """Everything that is handed over for it, with hashes."""
        return ((self.file, self.version.sha256), *self.beside)


def approved_films(known: Iterable[FilmRecord], pinned: Mapping[tuple[str, str], Approval], project: Project) -> list[ApprovedFilm]:
    """The approved films. DeliveryError with every one whose file is missing or has other bytes than were approved."""
    found: list[ApprovedFilm] = []
    wrong: list[Problem] = []
    for record in known:
        approval = pinned.get((record.sequence, record.delivery))
        if approval is None:
            continue
        version = record.numbered(approval.version)
        file = project.out / str(version.facts["file"]) if version else None
        if version is None or file is None or not file.is_file() or atomic_files.digest(file) != approval.sha256:
            wrong.append(_lost(approval, file, project))
            continue
        paths = [path for name in version.facts["beside"] if (path := project.out / str(name)).is_file()]
        found.append(ApprovedFilm(version, approval, file, tuple((path, atomic_files.digest(path)) for path in paths)))
    if wrong:
        raise DeliveryError(wrong[0].message, problems=wrong)
    return found


def hand_over(films: Sequence[ApprovedFilm], notes: Mapping[str, str], to: Path) -> bool:
    """Copy the films into a new folder, with `notes` (text by file name) and checksums; False if it holds just these films already.

    UsageError where something else stands there, SetupError if it can't be written; nothing is left then.
    """
    files = [pair for film in films for pair in film.files]
    due = {path.name: sha256 for path, sha256 in files}
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        if to.is_dir() and _holds(to, due):
            return False
        raise UsageError(
            f"{to.name} exists and contains something else", help="choose a new folder: a folder that was handed over is never changed"
        )
    part = to.with_name(f".{to.name}.{os.getpid()}.part")
    try:
        part.mkdir(parents=True)
        for path, sha256 in files:
            _copy(path, sha256, part / path.name)
        for name, text in notes.items():
            (part / name).write_text(text, encoding="utf-8")
        sums = {**due, **{name: atomic_files.digest(part / name) for name in notes}}
        (part / CHECKSUMS).write_text("".join(f"{sha256}  {name}\n" for name, sha256 in sorted(sums.items())), encoding="utf-8")
        if to.exists():
            to.rmdir()
        part.rename(to)
    except OSError as error:
        raise SetupError(f"{to.name} can't be written: {error.strerror}", help="choose another folder, or free disk space") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return True


def _copy(path: Path, sha256: str, to: Path) -> None:
    """A copy of its own, read back: a disk or a share that loses bytes is noticed here."""
    shutil.copyfile(path, to)
    atomic_files.flush(to)
    if atomic_files.digest(to) != sha256:
        raise SetupError(f"the copy of {path.name} differs from the film", help="try another disk, and check this one")


def _holds(folder: Path, due: Mapping[str, str]) -> bool:
    """Whether a folder that was handed over holds these files, no others, unchanged."""
    try:
        sums = dict(line.split("  ", 1)[::-1] for line in (folder / CHECKSUMS).read_text(encoding="utf-8").splitlines())
    except (OSError, ValueError):
        return False
    named = {name: sha256 for name, sha256 in sums.items() if not name.startswith("delivery-note.")}
    return named == due and all((folder / name).is_file() and atomic_files.digest(folder / name) == sha256 for name, sha256 in due.items())


def _lost(approval: Approval, file: Path | None, project: Project) -> Problem:
    name = f"{approval.sequence} {approval.delivery} v{approval.version:03d}"
    if file is None:
        message = f"{name} was approved, but its record is missing"
    elif not file.is_file():
        message = f"{name} was approved, but {project.relative(file)} is missing"
    else:
        message = f"{project.relative(file)} differs from the approved {name}"
    return Problem(
        code=DeliveryError.code,
        message=message,
        help="`callsheet finish` makes a missing film again (delete a changed file first); or approve another version",
    )
