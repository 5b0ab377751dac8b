"""Putting a finished file in its place: written beside, on the disk for good, and only then under its name."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import threading
import time
from contextlib import suppress
from pathlib import Path

_LEFT_OVER_S = 24 * 3600
_PART = re.compile(r"\..+\.\d+\.part")
#: what a file system without hard links answers
NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


def beside(path: Path) -> Path:
    """Where this thread writes what will be `path`: same folder, a name that nothing looks for. Two threads may make the same file at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return path.with_name(f".{path.name}.{os.getpid()}.{threading.get_native_id()}.part")


def write(path: Path, content: str | bytes) -> None:
    """Write a whole file, durably (text as UTF-8): after a crash there is the old one or the new one."""
    part = beside(path)
    try:
        part.write_bytes(content.encode() if isinstance(content, str) else content)
        replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def replace(part: Path, path: Path) -> None:
    """Give `part` its name. Whatever stood there is replaced: for what is named by content, and for records."""
    flush(part)
    part.replace(path)
    flush(path.parent)


def add(part: Path, path: Path) -> None:
    """Give `part` its name where nothing stands yet; FileExistsError else, and `part` stays."""
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


def sweep(folder: Path) -> None:
    """Remove the parts that killed runs left in `folder` a day ago or earlier; younger ones may be another process's."""
    for part in folder.rglob(".*.part"):
        with suppress(FileNotFoundError):  # another thread may have given it its name meanwhile
            if _PART.fullmatch(part.name) and time.time() - part.stat().st_mtime > _LEFT_OVER_S:
                part.unlink()


def flush(path: Path) -> None:
    """See a file's bytes, or a folder's names, onto the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def writable(folder: Path) -> bool:
    """Whether files can be made in a folder, which may not be there yet."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return os.access(there, os.W_OK | os.X_OK)
