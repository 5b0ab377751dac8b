"""The stand-in's job log: JSON lines, written durably before a request is answered, and read again at the next start. Only what can't be
recomputed is written: which jobs were accepted, and how each ended and what was charged.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

Entry = Mapping[str, Any]


class Book:
    """An append-only file of entries; without a path, nothing is stored."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)

    def read(self) -> Iterator[Entry]:
        """All entries in order. A last line that a kill has truncated was never confirmed, and is removed."""
        if self._path is None or not self._path.exists():
            return
        whole = self._path.read_bytes()
        kept = whole[: whole.rfind(b"\n") + 1]
        if len(kept) < len(whole):
            os.truncate(self._path, len(kept))
        for line in kept.splitlines():
            yield json.loads(line)

    def write(self, entries: Sequence[Entry]) -> None:
        """Append entries, durable when this returns."""
        if self._path is None or not entries:
            return
        lines = "".join(json.dumps(entry, separators=(",", ":"), sort_keys=True) + "\n" for entry in entries)
        with self._path.open("ab") as file:
            file.write(lines.encode())
            file.flush()
            os.fsync(file.fileno())
