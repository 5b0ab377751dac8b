"""Files that clients have sent, by the ids that they got here."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import uuid4

_ID = re.compile(r"[0-9a-f-]{32,64}")


class Store:
    """A folder of files. Ids come from requests, so only hexadecimal digits and dashes are accepted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, name: str) -> Path:
        """The path of the file with this id, which may not exist yet. ValueError if it isn't an id."""
        if not _ID.fullmatch(name):
            raise ValueError(f"{name!r} is not an id")
        return self._folder / name

    def keep(self, name: str, data: bytes) -> None:
        """Store a file, complete or not at all."""
        self._folder.mkdir(parents=True, exist_ok=True)
        beside = self._folder / f".{uuid4().hex}"
        beside.write_bytes(data)
        beside.replace(self.path(name))

    def read(self, name: str) -> bytes | None:
        """The bytes of the file with this id, if it exists."""
        if not _ID.fullmatch(name) or not self.path(name).is_file():
            return None
        return self.path(name).read_bytes()

    def drop(self, name: str) -> bool:
        """Delete the file; whether it existed."""
        if self.read(name) is None:
            return False
        self.path(name).unlink(missing_ok=True)
        return True
