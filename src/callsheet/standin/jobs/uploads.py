"""Files that clients sent, by the ids that they were given here."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import uuid4

_ID = re.compile(r"[0-9a-f-]{32,64}")


class Store:
    """A folder of files. Ids come from requests, so nothing but hexadecimal digits and dashes is looked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, name: str) -> Path:
        """Where the file with this id is, or will be. ValueError for what is no id."""
        if not _ID.fullmatch(name):
            raise ValueError(f"{name!r} is not an id")
        return self._folder / name

    def keep(self, name: str, data: bytes) -> None:
        """Put a file in place, whole or not at all."""
        self._folder.mkdir(parents=True, exist_ok=True)
        beside = self._folder / f".{uuid4().hex}"
        beside.write_bytes(data)
        beside.replace(self.path(name))

    def read(self, name: str) -> bytes | None:
        """The file's bytes, if there is one with this id."""
        if not _ID.fullmatch(name) or not self.path(name).is_file():
            return None
        return self.path(name).read_bytes()

    def drop(self, name: str) -> bool:
        """Take the file away; whether there was one."""
        if self.read(name) is None:
            return False
        self.path(name).unlink(missing_ok=True)
        return True
