"""Atomic files: written to a temporary path, made durable, and only then renamed."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

_LEFT_OVER_S = 24 * 3600
_PART = re.compile(r"\..+\.\d+\.part")
#: errors of a file system without hard links
NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}

#: errors of a disk that takes nothing more
FULL = {errno.ENOSPC, errno.EDQUOT}
#: errors of a file or a folder that may not be used like this
DENIED = {errno.EACCES, errno.EPERM, errno.EROFS}


def refused(error: OSError) -> str:
    """Where the system refused something, and why. A temporary file stands for its folder."""
    if not error.filename:
        return error.strerror or str(error)
    path = Path(os.fsdecode(error.filename))
    return f"{path.parent if _PART.fullmatch(path.name) else path}: {error.strerror}"


def part_path(path: Path) -> Path:
    """The temporary path to which this thread writes the future `path`: in the same folder, with a name that nothing looks for. Two threads
    may write the same file at once.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.with_name(f".{path.name}.{os.getpid()}.{threading.get_native_id()}.part")


def write(path: Path, content: str | bytes) -> None:
    """Write a whole file durably (text as UTF-8): after a crash, either the old or the new one exists."""
    part = part_path(path)
    try:
        part.write_bytes(content.encode() if isinstance(content, str) else content)
        replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def replace(part: Path, path: Path) -> None:
    """Rename `part` and replace any existing file: for files named by content, and for records."""
    flush(part)
    part.replace(path)
    flush(path.parent)


def add(part: Path, path: Path) -> None:
    """Rename `part` if no file of that name exists; otherwise FileExistsError, and `part` stays."""
    flush(part)
    try:
        os.link(part, path)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))  # a file system without links: claim the name, then fill it in one step
        part.replace(path)
    part.unlink(missing_ok=True)
    flush(path.parent)


def digest(path: Path) -> str:
    """The SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def holds(path: Path, content: bytes) -> bool:
    """Whether a file can be read and has this content: one that was copied earlier may have been cut off since."""
    try:
        return path.read_bytes() == content
    except FileNotFoundError:
        return False


def read_note(path: Path) -> dict[str, Any] | None:
    """The JSON object in a file that can be made again; None if it is missing or was cut off, by a full disk or a copy of the folder."""
    with suppress(FileNotFoundError, ValueError):
        note: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return note
    return None


def sweep(folder: Path) -> None:
    """Delete the temporary files that killed runs left in `folder` at least a day ago; younger ones may belong to another process."""
    for part in folder.rglob(".*.part"):
        with suppress(FileNotFoundError):  # another thread may have renamed it meanwhile
            if _PART.fullmatch(part.name) and time.time() - part.stat().st_mtime > _LEFT_OVER_S:
                part.unlink()


def flush(path: Path) -> None:
    """Write a file's bytes, or a folder's names, durably to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def writable(folder: Path) -> bool:
    """Whether files can be made in a folder, which may not be there yet."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return os.access(there, os.W_OK | os.X_OK)
