"""A file that `callsheet export` writes."""

from __future__ import annotations

from pathlib import Path

from callsheet.domain.errors import SetupError
from callsheet.store import atomic_files


def write_export(path: Path, text: str, shown: Path) -> None:
    """Write the file, complete or not at all, replacing an earlier export. SetupError, naming the folder as `shown`, if it can't be written."""
    try:
        atomic_files.write(path, text)
    except OSError as error:
        raise SetupError(f"{shown} can't be written: {error.strerror}", help="choose another folder, or free disk space") from None
