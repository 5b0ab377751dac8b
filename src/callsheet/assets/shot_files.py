"""The files that a list names: read once each, hashed and measured before anything is planned. Nothing is sent here, and no address is asked.

A cell is a path from the list's folder, an https address, a `data:` URI, or the id of an earlier upload; a frame of another shot's clip (`@S0010#last`) is
put in by whoever knows the clips. What can't be used is told at its cell, all
of it at once. Files are opened only inside the project's folder or the list's: a list that came from somebody else can't send what lies elsewhere.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import lru_cache, partial
from pathlib import Path
from urllib.parse import urlsplit

from callsheet.assets.fonts import title_fonts
from callsheet.assets.own_footage import OwnClip, read_own_clip
from callsheet.assets.project_file import UnusableFile, read_project_file
from callsheet.domain.delivery.font import Font
from callsheet.domain.delivery.title import card_ground
from callsheet.domain.errors import MediaError, Problem
from callsheet.domain.hosts import loopback
from callsheet.domain.shots.frame_ref import SIGN
from callsheet.domain.shots.shot import Shot, Status
from callsheet.media.inspect import measure_inputs
from callsheet.services.cards.file_rules import COLUMNS, Field, Files, Given
from callsheet.services.protocol.media_ref import UPLOAD, MediaRef
from callsheet.shotlist.columns.cells import CellError
from callsheet.shotlist.row import shown

#: more than any service accepts, bytes
MOST = 20 << 20
#: files kept in memory between two plans of one process
_KEPT = 256
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+):", re.IGNORECASE)
_KINDS = {"sound": ("audio/", "WAV, FLAC, MP3 or Ogg"), "picture": ("image/", "PNG, JPEG, WebP, GIF or BMP")}

_reading: dict[Path, threading.Lock] = {}

_Cell = tuple[Field, str]

_NONE = Files(None, None, None)


@dataclass(frozen=True, slots=True)
class Inputs:
    """Files by column and cell, and what is wrong with those that could not be read. Rows that name the same file share its bytes."""

    files: Mapping[_Cell, MediaRef] = field(default_factory=dict[_Cell, MediaRef])
    wrong: Mapping[_Cell, Problem] = field(default_factory=dict[_Cell, Problem])
    #: the author's own clips by cell
    own: Mapping[str, OwnClip | Problem] = field(default_factory=dict[str, "OwnClip | Problem"])
    #: the fonts of titles, by the names in cells
    fonts: Mapping[str, Font | Problem] = field(default_factory=dict[str, "Font | Problem"])
    #: sounds that are sent only in part, by their digests
    cut: dict[str, MediaRef] = field(default_factory=dict[str, MediaRef])

    def with_frames(self, frames: Mapping[_Cell, MediaRef]) -> Inputs:
        """A copy with frames of other shots' clips added, by column and cell."""
        return replace(self, files={**self.files, **frames})

    def of(self, shot: Shot) -> Files:
        """The shot's files; a cell that could not be read stays text."""
        if shot.first_frame is None and shot.last_frame is None and shot.audio is None:
            return _NONE
        given: list[Given] = []
        for column in COLUMNS:
            cell: str | None = getattr(shot, column)
            given.append(None if cell is None else self.files.get((column, cell), cell))
        return Files(*given)

    def beginning(self, sound: MediaRef, seconds: Fraction) -> MediaRef:
        """The first seconds of a sound as WAV, cached with the other files. A sound whose bytes aren't here is returned unchanged."""
        if sound.data is None:
            return sound
        cut = _beginning(sound, seconds)
        self.cut[cut.sha256] = cut
        return cut

    def problems(self, shot: Shot) -> Mapping[Field, Problem]:
        """What is wrong with the shot's files, by column."""
        if not self.wrong:
            return {}
        cells: Iterable[_Cell] = ((column, getattr(shot, column) or "") for column in COLUMNS)
        return {cell[0]: self.wrong[cell] for cell in cells if cell in self.wrong}


def read_inputs(shots: Iterable[Shot], folder: Path, project: Path) -> Inputs:
    """Read the files that the shots name. `folder` is the list's, to which paths are relative; `project` the project's. Problems are
    values; nothing is raised.
    """
    wanted = [shot for shot in shots if shot.status is not Status.OMIT]
    given: set[_Cell] = {(column, getattr(shot, column)) for shot in wanted for column in COLUMNS if getattr(shot, column)}
    named: set[_Cell] = {(column, cell) for column, cell in given if column == "audio" or not cell.startswith(SIGN)}
    cells, clips = sorted(named), sorted({shot.clip for shot in wanted if shot.clip and not card_ground(shot.clip)})
    letters = title_fonts(wanted, folder, project)
    if not (cells or clips or letters):
        return Inputs()
    with ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="inputs") as pool:
        own = dict(zip(clips, pool.map(partial(_own, folder=folder, project=project), clips), strict=True))
        found = dict(zip(cells, pool.map(partial(_read, folder=folder, project=project), cells), strict=True))
    files = {cell: file for cell, file in found.items() if isinstance(file, MediaRef)}
    return Inputs(files, {cell: why for cell, why in found.items() if isinstance(why, Problem)}, own, letters)


def _own(cell: str, folder: Path, project: Path) -> OwnClip | Problem:
    try:
        return read_own_clip(cell, folder, project)
    except ValueError as error:
        help = (
            "name a complete film in the project, such as packshot.mov; if it can't be read, save it again as H.264 or ProRes in MP4 or MOV"
        )
        return Problem(code="own-clip", message=f"{shown(cell)} {error}", help=help, column="clip")


def _read(cell: _Cell, folder: Path, project: Path) -> MediaRef | Problem:
    column, text = cell
    try:
        return _meant(text, "sound" if column == "audio" else "picture", folder, project)
    except CellError as error:
        return Problem(code=error.code, message=f"{shown(text)} {error.why}", help=error.fix, column=column)


def _meant(text: str, kind: str, folder: Path, project: Path) -> MediaRef:
    scheme = _SCHEME.match(text)
    if scheme:
        return _embedded(text, kind) if scheme[1].casefold() == "data" else _address(text, scheme[1].casefold())
    if text.startswith(SIGN):
        raise CellError(
            "not-a-file", "refers to another shot, but sounds can't be taken from shots", "name a sound file, such as vo/0020.wav"
        )
    path = folder / text
    if UPLOAD.fullmatch(text) and not path.exists():
        return MediaRef.of_upload(text)
    return replace(_local(path, kind, (project, folder)), cell=text)


def _address(text: str, scheme: str) -> MediaRef:
    if scheme not in ("http", "https"):
        raise CellError("bad-url", "is not a URL that a service can read", "use https, or download it and name the file")
    try:
        parts = urlsplit(text)
    except ValueError:  # such as [::1 without its closing bracket
        parts = None
    if parts is None or not parts.hostname or (scheme == "http" and not loopback(parts.hostname)):
        raise CellError("bad-url", "is not an https address", "use https, or download it and name the file")
    if parts.username or parts.password:
        raise CellError("bad-url", "contains a password, which would be sent and recorded", "download it and name the file")
    return MediaRef.of_url(text)


def _local(path: Path, kind: str, roots: tuple[Path, ...]) -> MediaRef:
    def load(real: Path, changed_ns: int, size: int) -> MediaRef:
        with _reading.setdefault(real, threading.Lock()):  # two threads may read the same file under two names
            return _file(real, changed_ns, size, kind)

    try:
        return read_project_file(path, roots, MOST, load)
    except UnusableFile as error:
        why, fix = {
            "outside": (f"{error}, so it is not sent", "copy the file into the project's folder"),
            "not-a-file": (str(error), "name a file, such as refs/pier.png"),
            "too-large": (f"has {error.size / 1e6:.1f} MB", f"no service accepts more than {MOST / 1e6:.0f} MB: save it smaller"),
            "unreadable": (str(error), "fix the file, or name another"),
        }[error.code]
        raise CellError(error.code, why, fix) from None


@lru_cache(maxsize=_KEPT)
def _file(path: Path, changed_ns: int, size: int, kind: str) -> MediaRef:
    """A file's bytes, measured; once for all rows and plans until it is written again."""
    del changed_ns, size
    return _measured(MediaRef.of_bytes(path.name, path.read_bytes()), kind)


@lru_cache(maxsize=_KEPT)
def _beginning(sound: MediaRef, seconds: Fraction) -> MediaRef:
    """Once for all rows and plans of this process."""
    made = measure_inputs.beginning(sound.data or b"", sound.mime, seconds)
    return replace(MediaRef.of_bytes(sound.cell, made), seconds=seconds, leading_silence=sound.leading_silence)


@lru_cache(maxsize=_KEPT)
def _embedded(text: str, kind: str) -> MediaRef:
    try:
        ref = MediaRef.of_data_uri(text)
    except ValueError as error:
        raise CellError("bad-data-uri", f"can't be read: {error}", "save it as a file, and name that file") from None
    if len(ref.data or b"") > MOST:
        raise CellError("too-large", "is too large", f"no service accepts more than {MOST / 1e6:.0f} MB: save it smaller")
    return _measured(ref, kind)


def _measured(ref: MediaRef, kind: str) -> MediaRef:
    """The file with its size or length. Its bytes decide, not its name."""
    begins, such_as = _KINDS[kind]
    if not ref.mime.startswith(begins):
        raise CellError("wrong-kind", f"is not in a {kind} format that services accept", f"save it as {such_as}")
    data = ref.data or b""
    try:
        if kind == "sound":
            lengths = measure_inputs.sound(data, ref.mime)
            return replace(ref, seconds=lengths.seconds, leading_silence=lengths.leading_silence)
        return replace(ref, size=measure_inputs.picture(data, ref.mime))
    except MediaError as error:
        why = str(error).partition(" | ")[0]
        raise CellError("damaged", f"can't be read as a {kind}: {why}", f"save it again, as {such_as}") from None
