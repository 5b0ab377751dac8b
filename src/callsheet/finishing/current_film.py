"""`out/current/`: the newest complete film of each sequence and delivery, under a fixed name; a newer one that is incomplete, or
shows drafts, says so in its name.
"""

from __future__ import annotations

import errno
import os
import shutil
from dataclasses import replace
from pathlib import Path

from callsheet.domain.cut import Finished
from callsheet.domain.delivery.file_format import Container
from callsheet.domain.finding import Finding, Severity
from callsheet.store import atomic_files
from callsheet.store.file_names import safe
from callsheet.store.project_folder import Project

#: a character that no sequence or delivery has in its file name
_INCOMPLETE, _DRAFT = "+incomplete", "+draft"
#: errors of a file system that can't link these two
_COPIED = {*atomic_files.NO_LINKS, errno.EXDEV}


def stand(film: Finished, project: Project) -> Finished:
    """Put the newest film of its sequence and delivery under its name in `out/current/`: the same file once more (a hard link), a copy where the file system
    has no links.

    A complete one takes the place of whatever stood there. An incomplete one, or one of drafts, stands beside the last complete one. Where another program holds the old one
    open, or the disk is full, it stays and the film has a finding that says so.
    """
    folder, stem = project.out / "current", f"{safe(film.sequence)}_{safe(film.delivery.name)}"
    marks = ("", _DRAFT, _INCOMPLETE)
    mark = _INCOMPLETE if not film.complete else _DRAFT if film.drafts else ""
    place = folder / f"{stem}{mark}{film.file.suffix}"
    # what it is better than, or once was
    names = [f"{stem}{one}.{ending}" for one in marks[marks.index(mark) :] for ending in Container]
    outdated = [folder / name for name in names if name != place.name]
    try:
        _put(film.file, film.sha256, place)
        for old in outdated:
            old.unlink(missing_ok=True)
    except OSError as error:  # on Windows a file that is played can't be replaced; a copy may fill a disk. The film itself is made
        denied = isinstance(error, PermissionError)
        why = "another program has it open, or the folder can't be written" if denied else error.strerror or type(error).__name__
        message = f"{project.relative(place)} was not replaced: {why}; then run finish again"
        return replace(film, findings=(*film.findings, Finding(code="current-open", severity=Severity.WARN, message=message)))
    return replace(film, current=place)


def _put(file: Path, sha256: str, place: Path) -> None:
    if place.is_file() and (place.samefile(file) or atomic_files.digest(place) == sha256):
        return
    part = atomic_files.part_path(place)
    part.unlink(missing_ok=True)
    try:
        _copy(file, part)
        atomic_files.replace(part, place)
    finally:
        part.unlink(missing_ok=True)


def _copy(file: Path, to: Path) -> None:
    try:
        os.link(file, to)
    except OSError as error:
        if error.errno not in _COPIED:
            raise
        shutil.copyfile(file, to)
