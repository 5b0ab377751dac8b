"""The `[[bed]]` tables of project.toml: music and voice-over under sequences. Their files are read and measured before anything is planned."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from callsheet.assets.project_file import UnusableFile, read_project_file
from callsheet.domain.errors import InputError, MediaError, Problem
from callsheet.media.inspect import measure_inputs
from callsheet.services.protocol.media_ref import mime_of
from callsheet.settings.tables.music import MusicTable
from callsheet.store import atomic_files
from callsheet.store.project_folder import Project
from callsheet.toml_file.document import Document, place_of
from callsheet.toml_file.faults import read_table

#: a larger file should be compressed, bytes
_MOST = 256 << 20
#: longest decoded bed, seconds
_LONGEST_S = 2700
#: the first bytes of the formats that beds accept in addition to those of services, and their offset
_MAGIC = (
    (4, b"ftyp", "audio/mp4"),
    (0, b"\x1aE\xdf\xa3", "audio/webm"),
    (8, b"AIFF", "audio/aiff"),
    (8, b"AIFC", "audio/aiff"),
    (0, b"\xff\xf1", "audio/aac"),
    (0, b"\xff\xf9", "audio/aac"),
)
_HEAD = 16
_REMEDIES = {"outside": ": copy it into it", "too-large": ": save it as FLAC or MP3"}
_KINDS_TOLD = "WAV, AIFF, FLAC, MP3, AAC or M4A, Ogg, Opus or WebM"
_NOTHING = Decimal(0)

Table = Mapping[str, object]
#: seconds, a timecode counted from 00:00:00:00, or a shot's name; None is the programme's start or end
Where = Decimal | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BedTable:
    """A `[[bed]]` table whose file was read. Levels in dB, fades in seconds."""

    #: the table's name, for people
    place: str
    name: str
    file: Path
    sha256: str
    mime: str
    #: its sequence; None is every sequence
    sequence: str | None = None
    begins: Where = None
    ends: Where = None
    gain_db: float = 0.0
    duck_db: float = 0.0
    duck_others_db: float = 0.0
    fade_in_s: Decimal = _NOTHING
    fade_out_s: Decimal = _NOTHING


def read_beds(tables: Sequence[Table], project: Project, document: Document | None = None) -> tuple[BedTable, ...]:
    """The tables of the file `document`, with the content of their sounds. InputError with everything that is wrong in them."""
    problems: list[Problem] = []
    file = (document or Document(file="project.toml", tables={"bed": list(tables)})).coded("bed", "bed-key")
    found = [_read(number, table, project, file, problems) for number, table in enumerate(tables)]
    if problems:
        raise InputError.of(problems)
    return tuple(bed for bed in found if bed)


def _read(number: int, table: Table, project: Project, document: Document, problems: list[Problem]) -> BedTable | None:
    """The bed of a table, counted from 0; None if something is wrong with it, which is recorded."""
    before, at, content = len(problems), ("bed", number), dict[str, Any]()
    read = read_table(MusicTable, table, document, at, problems)
    name = table.get("file")
    if isinstance(name, str) and name.strip():
        try:
            content = _content(name.strip(), project)
        except ValueError as error:
            problems.append(document.problem((*at, "file"), f"file: {error}", "name another sound file, or export it again"))
    return None if read is None or len(problems) > before else BedTable(place=place_of(at), **read.written | content)


def _content(name: str, project: Project) -> dict[str, Any]:
    """The content of a bed's file. ValueError with a message if it can't be used."""
    if not name:
        raise ValueError("it must name a sound file")
    try:
        path, sha256, mime = read_project_file(project.folder / name, (project.folder,), _MOST, _measured)
    except UnusableFile as error:
        if error.code == "not-a-file" and not (project.folder / name).exists():
            raise ValueError(f"{name} can't be read: {os.strerror(errno.ENOENT)}") from None
        raise ValueError(f"{name} {error}{_REMEDIES.get(error.code, '')}") from None
    return {"name": name, "file": path, "sha256": sha256, "mime": mime}


@lru_cache(maxsize=64)
def _measured(path: Path, changed_ns: int, size: int) -> tuple[Path, str, str]:
    """Path, content and kind of a sound that decodes to its end; once per process, until the file is written again."""
    del changed_ns, size
    with path.open("rb") as file:
        head = file.read(_HEAD)
    mime = mime_of(head)
    if not mime.startswith("audio/"):
        mime = next((kind for at, mark, kind in _MAGIC if head[at : at + len(mark)] == mark), None)
    if mime is None:
        raise ValueError(f"{path.name} is not a sound file that callsheet reads: save it as {_KINDS_TOLD}")
    try:
        lasts = measure_inputs.sound_file(path, mime)
    except MediaError as error:
        raise ValueError(f"{path.name} can't be read as a sound: {str(error).partition(' | ')[0]}") from None
    if lasts > _LONGEST_S:
        raise ValueError(
            f"{path.name} lasts {float(lasts / 60):.0f} minutes, more than {_LONGEST_S // 60}: save only the part that you need"
        )
    return path, atomic_files.digest(path), mime


def wrong_key(place: str, key: str, why: str) -> Problem:
    """A key of a `[[bed]]` table with an invalid value."""
    return Problem(code="bed", message=f"{place} {key}: {why}", help=f"correct {key} in project.toml", file="project.toml")
