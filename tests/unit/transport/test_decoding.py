"""Bodies: unpacked a little at a time, and bounded at every layer."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator

import httpx
import pytest

from callsheet.transport.decoding import BadBody, decoded, whole

LIMIT = 1 << 20


def answer(body: bytes, coding: str, step: int = 7) -> httpx.Response:
    async def flow() -> AsyncIterator[bytes]:
        for start in range(0, len(body), step):
            yield body[start : start + step]

    return httpx.Response(200, headers={"content-encoding": coding} if coding else {}, content=flow())


def bare(text: bytes) -> bytes:
    engine = zlib.compressobj(wbits=-15)
    return engine.compress(text) + engine.flush()


@pytest.mark.parametrize("step", [1, 7, 100_000])
@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("", lambda text: text),
        ("identity", lambda text: text),
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("GZIP", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", bare),
        ("deflate, gzip", lambda text: gzip.compress(zlib.compress(text))),
        ("gzip", lambda text: gzip.compress(text[:100]) + gzip.compress(text[100:])),
        ("gzip", lambda text: gzip.compress(text) + b"\0" * 20),
        ("br", lambda text: text),
        ("aws-chunked", lambda text: text),
    ],
)
async def test_what_is_packed_is_unpacked(coding: str, pack: object, step: int) -> None:
    """Whatever pieces it comes in; a coding that nobody here knows is left as it is."""
    text = b"a lighthouse at dusk " * 5000
    assert callable(pack)
    assert await whole(answer(pack(text), coding, step), LIMIT) == text


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", b'{"data": []}'),
        ("gzip", gzip.compress(b"x" * 9000)[:-12]),
        ("gzip", b"\x1f"),
        ("deflate", b"\xff\xff\xff\xff"),
        ("gzip", gzip.compress(b"\0" * (LIMIT + 1))),
        ("gzip, gzip", gzip.compress(gzip.compress(b"\0" * (LIMIT + 1)))),
        ("gzip, gzip, gzip", gzip.compress(gzip.compress(gzip.compress(b"{}")))),
        ("", b"x" * (LIMIT + 1)),
    ],
    ids=["a lie", "a cut", "a byte", "a bare lie", "a bomb", "a nested bomb", "three layers", "no end"],
)
async def test_what_is_not_what_it_says_is_refused(coding: str, body: bytes) -> None:
    """A lie, a cut, a bomb, a body without end: one exception for all of them."""
    with pytest.raises(BadBody):
        await whole(answer(body, coding, 4096), LIMIT)


async def test_a_bomb_costs_what_its_limit_says() -> None:
    """Two layers that unpack to 200 MB are given up at a limit of 1 MB, in a few MB of memory."""
    bomb = gzip.compress(gzip.compress(b"\0" * (200 << 20)))
    tracemalloc.start()
    with pytest.raises(BadBody, match="unpacks to more"):
        await whole(answer(bomb, "gzip, gzip", 1 << 16), LIMIT)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 << 20


async def test_a_store_that_says_gzip_of_a_plain_file_is_believed_by_its_bytes() -> None:
    """Leniently: what doesn't begin as gzip is taken as it is."""
    pieces = [piece async for piece in decoded(answer(b"\0\0\0\x18ftypmp42", "gzip"), LIMIT, lenient=True)]
    assert b"".join(pieces) == b"\0\0\0\x18ftypmp42"
