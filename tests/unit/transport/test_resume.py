"""A download that was cut off goes on where it was, and only where what the host has is still the same file."""

from __future__ import annotations

import hashlib
import random
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from callsheet.transport.account import Account
from callsheet.transport.download import Broken, Fetched, Fetcher, Got

VENDOR = Account("runware", "https://api.runware.ai/v1", "runware https://api.runware.ai/v1", own_url=False)
URL = "https://vm.runware.ai/a.mp4"


class Host:
    """A CDN that cuts each answer off after so many bytes, and keeps, changes or denies its file in between."""

    def __init__(self, film: bytes, cut: int, *, tag: str = '"one"', ranges: bool = True) -> None:
        self.film, self.cut, self.tag, self.ranges = film, cut, tag, ranges
        self.asked: list[dict[str, str]] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append({name: request.headers[name] for name in ("range", "if-range") if name in request.headers})
        headers = {"etag": self.tag} if self.tag else {}
        start = 0
        if "range" in request.headers and self.ranges and request.headers.get("if-range") == self.tag:
            start = int(request.headers["range"].removeprefix("bytes=").rstrip("-"))
            headers["content-range"] = f"bytes {start}-{len(self.film) - 1}/{len(self.film)}"
        headers["content-length"] = str(len(self.film) - start)
        return httpx.Response(206 if start else 200, headers=headers, content=self._some(start))

    async def _some(self, start: int) -> AsyncIterator[bytes]:
        end = min(len(self.film), start + self.cut)
        for at in range(start, end, 700):
            yield self.film[at : min(at + 700, end)]
        if end < len(self.film):
            raise httpx.ReadError("cut off")


async def _got(host: Host, to: Path) -> Got:
    fetcher = Fetcher(httpx.MockTransport(host.answer))
    try:
        return await fetcher.fetch(URL, VENDOR, to, 5.0)
    finally:
        await fetcher.close()


async def test_a_cut_download_goes_on_where_it_was(tmp_path: Path, seed: int) -> None:
    """However the pieces fall, the file is whole, its hash is that of all of it, and nothing is asked for twice."""
    chance = random.Random(seed)
    film = chance.randbytes(chance.randint(20_000, 40_000))
    host = Host(film, chance.randint(len(film) // 4, len(film) // 2))
    part = tmp_path / "x.part"
    assert await _got(host, part) == Fetched(part, hashlib.sha256(film).hexdigest(), len(film))
    assert part.read_bytes() == film
    assert host.asked[0] == {}
    assert all(asked["if-range"] == '"one"' for asked in host.asked[1:])
    assert [asked["range"] for asked in host.asked[1:]] == [f"bytes={host.cut * n}-" for n in range(1, len(host.asked))]


async def test_another_file_under_the_same_address_is_taken_from_its_beginning(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host whose file has changed answers with all of it: nothing of the old one is left in front."""
    film, other = random.Random(seed).randbytes(9_000), random.Random(seed + 1).randbytes(9_000)
    host = Host(film, 5_000)
    first = host.answer

    def changed(request: httpx.Request) -> httpx.Response:
        if host.asked:
            host.film, host.tag, host.cut = other, '"two"', 9_000
        return first(request)

    monkeypatch.setattr(host, "answer", changed)
    part = tmp_path / "x.part"
    assert await _got(host, part) == Fetched(part, hashlib.sha256(other).hexdigest(), len(other))
    assert part.read_bytes() == other


@pytest.mark.parametrize("tag", ["", 'W/"weak"'])
async def test_a_file_that_can_not_be_known_again_is_not_gone_on_with(tmp_path: Path, tag: str) -> None:
    """Without a strong validator two halves may be of two files: the download is broken, and is asked for anew by whoever fetches."""
    host = Host(b"x" * 9_000, 5_000, tag=tag)
    assert isinstance(await _got(host, tmp_path / "x.part"), Broken)
    assert host.asked == [{}]


class Slicing(Host):
    """A host that gives no more than a slice of the rest, as it may, and calls even the whole file a part of itself."""

    def answer(self, request: httpx.Request) -> httpx.Response:
        start = int(request.headers.get("range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        end = min(len(self.film), start + self.cut) if start else len(self.film)
        self.asked.append({})
        headers = {"etag": self.tag, "content-range": f"bytes {start}-{end - 1}/{len(self.film)}", "content-length": str(end - start)}
        return httpx.Response(206, headers=headers, content=self._slice(start, end))

    async def _slice(self, start: int, end: int) -> AsyncIterator[bytes]:
        yield self.film[start : min(end, start + self.cut)]
        if not start:
            raise httpx.ReadError("cut off")


async def test_a_slice_of_the_rest_is_no_whole_file(tmp_path: Path, seed: int) -> None:
    """Each slice is complete in itself; the file is whole when all of it has come, and the total is the host's."""
    film = random.Random(seed).randbytes(17_000)
    part = tmp_path / "x.part"
    host = Slicing(film, 4_000)
    assert await _got(host, part) == Fetched(part, hashlib.sha256(film).hexdigest(), len(film))
    assert part.read_bytes() == film
    assert len(host.asked) == 5


async def test_a_part_of_another_version_is_not_put_behind_the_first(tmp_path: Path) -> None:
    """A host that ignores If-Range and has another file by now says so by its tag alone."""

    def answer(request: httpx.Request) -> httpx.Response:
        if "range" not in request.headers:
            return httpx.Response(200, headers={"etag": '"a"', "content-length": "9000"}, content=_cut_off(b"a" * 5_000))
        headers = {"etag": '"b"', "content-range": "bytes 5000-8999/9000", "content-length": "4000"}
        return httpx.Response(206, headers=headers, content=b"b" * 4_000)

    fetcher = Fetcher(httpx.MockTransport(answer))
    assert isinstance(await fetcher.fetch(URL, VENDOR, tmp_path / "x.part", 5.0), Broken)
    await fetcher.close()


async def _cut_off(content: bytes) -> AsyncIterator[bytes]:
    yield content
    raise httpx.ReadError("cut off")
