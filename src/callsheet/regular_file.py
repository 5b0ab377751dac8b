"""Files that people name, read only where they are files: a pipe would be waited for without end, and reading a device may do something."""

from __future__ import annotations

import errno
import stat
from pathlib import Path

_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def read_regular(path: Path, most: int = -1) -> bytes:
    """A file's bytes, or its first `most`. OSError as of `Path.read_bytes`, and where it isn't a regular file, which is then not opened; links are followed."""
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        what = next((name for is_kind, name in _KINDS if is_kind(mode)), "something else")
        raise OSError(errno.EINVAL, f"it is {what}, not a file", str(path))
    with path.open("rb") as file:
        return file.read(most)
