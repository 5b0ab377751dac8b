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
