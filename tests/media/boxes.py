"""Boxes of an MP4 or MOV file, read and written apart from any library: how these tests make files that lie."""

from __future__ import annotations

import struct
from collections.abc import Callable

#: boxes that hold boxes
_HOLDERS = {b"moov", b"trak", b"mdia", b"minf", b"dinf", b"stbl", b"edts", b"udta"}

Change = Callable[[bytes], bytes]


def changed(data: bytes, changes: dict[bytes, Change]) -> bytes:
    """`data` with the body of each named box put through its change; sizes above it follow. A change may not move sample data."""
    parts: list[bytes] = []
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + size]
        if kind in changes:
            body = changes[kind](body)
        elif kind in _HOLDERS:
            body = changed(body, changes)
        parts.append(struct.pack(">I4s", len(body) + 8, kind) + body)
        at += size
    return b"".join(parts)


def patched(offset: int, form: str, *values: int) -> Change:
    """A change that overwrites values in place."""

    def change(body: bytes) -> bytes:
        data = bytearray(body)
        struct.pack_into(form, data, offset, *values)
        return bytes(data)

    return change


def elsewhere(path: str) -> bytes:
    """A data reference that says: the samples are in another file. An alias record on the volume "/", with the path in full."""
    record = struct.pack(">HH", 2, len(path)) + path.encode() + b"\0" * (len(path) % 2)
    name = path.rpartition("/")[2].encode()[:63]
    alias = bytes(10) + bytes([1]) + b"/".ljust(27, b"\0") + bytes(12) + bytes([len(name)]) + name.ljust(63, b"\0") + bytes(16)
    alias += struct.pack(">HH", 1, 1) + bytes(16) + record + struct.pack(">HH", 0xFFFF, 0)
    entry = struct.pack(">I4sI", len(alias) + 12, b"alis", 0) + alias
    return struct.pack(">II", 0, 1) + entry
