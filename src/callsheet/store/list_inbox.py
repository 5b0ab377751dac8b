"""Shot lists that arrive in a project's folder: which are new, and the results of those already handled."""

from __future__ import annotations

import json
import stat
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from callsheet.domain.errors import SetupError
from callsheet.store import atomic_files
from callsheet.store.project_folder import Project


@dataclass(frozen=True, slots=True)
class Arrival:
    """A list that nobody has rendered yet, by its name in the folder and the digest of its bytes: a renamed list is not new."""

    name: str
    sha256: str


def arrivals(project: Project, *, now: float, quiet_s: float) -> tuple[Arrival, ...]:
    """The new lists of the folder by name, each content once. A list counts once it has been unchanged for `quiet_s` seconds before `now`
    (seconds since 1970). Links, pipes and hidden files are not lists, and are not opened. A .json is more often a saved plan or another
    program's file than a list.
    """
    seen = set(_book(project))
    found: list[Arrival] = []
    for path in (path for path in project.tables() if path.suffix.lower() != ".json"):
        sha256 = _whole(path, now - quiet_s)
        if sha256 and sha256 not in seen:
            seen.add(sha256)
            found.append(Arrival(path.name, sha256))
    return tuple(found)


def dated_ahead(project: Project, *, now: float, quiet_s: float) -> tuple[str, ...]:
    """The lists, by name, whose time is more than `quiet_s` seconds after `now` (seconds since 1970): they are not taken before it has come. The clock of this
    machine, or of the one that wrote them, is wrong.
    """
    found: list[str] = []
    for path in project.tables():
        with suppress(OSError):  # deleted meanwhile
            if path.suffix.lower() != ".json" and path.lstat().st_mtime > now + quiet_s:
                found.append(path.name)
    return tuple(found)


def settle(project: Project, arrival: Arrival, *, end: str, at: str) -> None:
    """Record that a list was handled, and how that ended: it is no longer new."""
    book = _book(project) | {arrival.sha256: {"list": arrival.name, "end": end, "at": at}}
    try:
        atomic_files.write(_file(project), json.dumps(book, indent=1, ensure_ascii=False) + "\n")
    except OSError as error:
        raise SetupError(f".callsheet/swept.json can't be written: {error.strerror}", help="free disk space, then run again") from None


def names(arrivals: Collection[Arrival]) -> str:
    """For people."""
    return ", ".join(arrival.name for arrival in arrivals)


def _whole(path: Path, before: float) -> str:
    """The digest of a file that is no longer changing; empty if it changed since `before` or while it was read, or isn't a regular file."""
    try:
        first = path.lstat()
        if not stat.S_ISREG(first.st_mode) or max(first.st_mtime, first.st_ctime) > before:
            return ""
        sha256 = atomic_files.digest(path)
        last = path.lstat()
    except OSError:  # deleted, or not readable: the next sweep tries again
        return ""
    return sha256 if (first.st_ino, first.st_size, first.st_mtime_ns) == (last.st_ino, last.st_size, last.st_mtime_ns) else ""


def _file(project: Project) -> Path:
    return project.state / "swept.json"


def _book(project: Project) -> dict[str, dict[str, str]]:
    try:
        return cast("dict[str, dict[str, str]]", json.loads(_file(project).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}
    except (ValueError, OSError) as error:
        help = "restore it from a backup; or delete it: then every list of the folder counts as new, and what was received is kept"
        raise SetupError(f".callsheet/swept.json can't be read: {error}", help=help) from None
