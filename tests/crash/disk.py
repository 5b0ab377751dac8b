"""A disk that forgets at a power cut what was not synced: bytes of files, and names in folders. Real files, in memory if the machine allows."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any


class Disk:
    """Notes every fsync under `root`; `cut` takes away what the cut of the power takes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._safe_bytes: set[int] = set()
        self._safe_names = {folder: {entry.name for entry in folder.iterdir()} for folder in (root, *root.rglob("*")) if folder.is_dir()}

    def install(self, patch: Any) -> None:
        """Hear of every fsync that goes through Python; SQLite's own are believed (it is opened with synchronous=FULL, or the ledger loses commits)."""
        fsync = os.fsync

        def heard(descriptor: int) -> None:
            fsync(descriptor)
            self._synced(Path(f"/proc/self/fd/{descriptor}").readlink())

        patch.setattr(os, "fsync", heard)

    def _synced(self, path: Path) -> None:
        if path.is_dir():
            self._safe_names[path] = {entry.name for entry in path.iterdir()}
        elif path.exists():
            self._safe_bytes.add(path.stat().st_ino)

    def cut(self, shelf: Path) -> int:
        """The power is cut: what stands on the shelf without a synced name is gone, what has a name without synced bytes is empty. How many files suffered."""
        lost = 0
        for path in sorted(shelf.rglob("*.mp4")):
            if path.stat().st_ino not in self._safe_bytes:
                path.chmod(0o644)
                path.write_bytes(b"\0" * path.stat().st_size)
                lost += 1
            elif not self.named(path):
                path.unlink()
                lost += 1
        shutil.rmtree(shelf.parent / "parts", ignore_errors=True)
        return lost

    def survives(self, path: Path) -> bool:
        """Whether a file would be there, with its bytes, if the power were cut now."""
        return path.stat().st_ino in self._safe_bytes and self.named(path)

    def named(self, path: Path) -> bool:
        """Whether every folder from the root down to the file knows its entry for good."""
        while path != self.root:
            if path.name not in self._safe_names.get(path.parent, set()):
                return False
            path = path.parent
        return True


def restore_book(file: Path, content: bytes) -> None:
    """The ledger as the disk still has it after the cut."""
    for tail in ("-wal", "-shm"):
        file.with_name(file.name + tail).unlink(missing_ok=True)
    file.write_bytes(content)
