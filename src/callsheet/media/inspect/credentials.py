"""C2PA content credentials of a clip, found without decoding anything: who says how it was made.

In MP4 they stand in a top-level `uuid` box (C2PA 2.1, A.5): 16 bytes of UUID, version and flags, a purpose that ends with a zero, and for `manifest`
8 bytes of offset before the manifest store. Normalizing drops them, so they are kept as a `.c2pa` file beside the clip.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from callsheet.store import atomic_files

_UUID = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_PURPOSE = b"manifest\0"
#: uuid, version and flags; and after the purpose the offset of further boxes
_BEFORE, _OFFSET = 16 + 4, 8
#: no manifest store of a single clip is larger, bytes
_LARGEST = 16 << 20


def credentials(clip: Path) -> bytes | None:
    """The manifest store of a clip; None if it has none or isn't MP4. Its claims are not verified."""
    with clip.open("rb") as file:
        for kind, start, length in _boxes(file, clip.stat().st_size):
            if kind != b"uuid" or not _BEFORE < length <= _LARGEST:
                continue
            file.seek(start)
            body = file.read(length)
            if body.startswith(_UUID) and body[_BEFORE:].startswith(_PURPOSE):
                return body[_BEFORE + len(_PURPOSE) + _OFFSET :]
    return None


def keep_credentials(clip: Path, to: Path) -> bool:
    """Write a clip's manifest store to `to` (`.c2pa`) if it has one; returns whether it does."""
    found = credentials(clip)
    if found is None:
        return False
    if not to.exists():
        part = atomic_files.part_path(to)
        part.write_bytes(found)
        atomic_files.replace(part, to)
    return True


def _boxes(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start of the body and its length of each top-level box; ends at the first that can't be one."""
    at = 0
    while at + 8 <= size:
        file.seek(at)
        head = file.read(16)
        length, kind, inside = int.from_bytes(head[:4], "big"), head[4:8], 8
        if length == 1:
            length, inside = int.from_bytes(head[8:16], "big"), 16
        if length == 0:
            length = size - at
        if length < inside or at + length > size:
            return
        yield kind, at + inside, length - inside
        at += length
