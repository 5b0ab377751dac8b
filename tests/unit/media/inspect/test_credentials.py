"""Content credentials are found in a clip's boxes and kept, whatever else the file holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from callsheet.media.inspect.credentials import credentials, keep_credentials

STORE = b"\x00\x00\x00\x1ejumb a manifest store"
_UUID = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")


def _box(kind: bytes, body: bytes, *, large: bool = False) -> bytes:
    if large:
        return (1).to_bytes(4, "big") + kind + (len(body) + 16).to_bytes(8, "big") + body
    return (len(body) + 8).to_bytes(4, "big") + kind + body


def _claim(purpose: bytes = b"manifest") -> bytes:
    return _UUID + b"\0\0\0\0" + purpose + b"\0" + bytes(8) + STORE


@pytest.mark.parametrize("large", [False, True])
def test_a_manifest_store_is_found_and_kept(tmp_path: Path, large: bool) -> None:
    """To the byte, before or after the media, in boxes of either size."""
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(_box(b"ftyp", b"isom") + _box(b"uuid", b"x" * 30) + _box(b"uuid", _claim(), large=large) + _box(b"mdat", b"..."))
    assert credentials(clip) == STORE
    assert keep_credentials(clip, tmp_path / "clip.c2pa")
    assert (tmp_path / "clip.c2pa").read_bytes() == STORE
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.c2pa", "clip.mp4"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>not a film</html>",
        _box(b"ftyp", b"isom") + _box(b"uuid", _claim(b"merkle")),
        _box(b"ftyp", b"isom") + (2_000_000_000).to_bytes(4, "big") + b"uuid" + _claim(),
        _box(b"ftyp", b"isom") + (4).to_bytes(4, "big") + b"uuid" + _claim(),
        b"\x1a\x45\xdf\xa3" + b"\xff" * 64,
    ],
)
def test_a_file_without_or_with_broken_boxes_has_none(tmp_path: Path, body: bytes) -> None:
    """And nothing is written."""
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(body)
    assert credentials(clip) is None
    assert not keep_credentials(clip, tmp_path / "clip.c2pa")
    assert not (tmp_path / "clip.c2pa").exists()
