"""A file that the author names, opened only inside the project and only up to a size."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal, TypeVar

Loaded = TypeVar("Loaded")


class UnusableFile(Exception):
    """Why a file can't be used, in words that follow its name; `size` in bytes if it is too large."""

    def __init__(self, code: Literal["outside", "not-a-file", "too-large", "unreadable"], why: str, size: int = 0) -> None:
        super().__init__(why)
        self.code = code
        self.size = size


def read_project_file(path: Path, roots: Iterable[Path], most: int, load: Callable[[Path, int, int], Loaded]) -> Loaded:
    """The result of `load`, which is given a file's real path, modification time (ns) and size. UnusableFile if the path leads out of all
    `roots`, is not a file, has more than `most` bytes, or can't be read.
    """
    try:
        real = path.resolve()
        if not any(real.is_relative_to(root.resolve()) for root in roots):
            raise UnusableFile("outside", "is outside the project's folder")
        if not real.is_file():
            raise UnusableFile("not-a-file", "is not a file")
        facts = real.stat()
    except (OSError, ValueError, RuntimeError) as error:  # no permission, a broken disk, an invalid path, circular links
        raise UnusableFile("unreadable", f"can't be read: {getattr(error, 'strerror', None) or error}") from None
    if facts.st_size > most:
        raise UnusableFile("too-large", f"has {facts.st_size / 1e6:.0f} MB, more than {most / 1e6:.0f}", facts.st_size)
    try:
        return load(real, facts.st_mtime_ns, facts.st_size)
    except OSError as error:
        raise UnusableFile("unreadable", f"can't be read: {error.strerror}") from None
