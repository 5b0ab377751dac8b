"""Clips that a service hands over to the key: complete or not at all, in time, and the key goes nowhere else."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from callsheet.services.bytecompute.wire import ByteCompute
from callsheet.services.protocol.answers import Elsewhere
from callsheet.services.protocol.request import Request
from callsheet.transport import download
from callsheet.transport.account import Account
from callsheet.transport.api_client import Sender
from callsheet.transport.download import Broken, Fault, Fetched, Gone

ACCOUNT = Account("bytecompute", "http://127.0.0.1:9/v1", "bytecompute http://127.0.0.1:9/v1", own_url=True)
WIRE = ByteCompute()
FILM = b"\0\0\0\x18ftypmp42" * 1000
VIDEO = {"content-type": "video/mp4"}

Answer = Callable[[httpx.Request], httpx.Response]


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BYTECOMPUTE_API_KEY", "canary")


async def flow(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 1000):
        yield content[start : start + 1000]


def film(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, headers=VIDEO, content=flow(FILM))


async def got(answer: Answer, to: Path, timeout_s: float = 5.0) -> Fetched | Broken | Gone | Elsewhere:
    asked = WIRE.fetch("j1", "service:/jobs/j1/download")
    assert asked
    async with Sender(httpx.MockTransport(answer)) as sender:
        return await sender.hand_over(ACCOUNT, asked, lambda said: WIRE.read_fetch(said, "j1"), to, timeout_s)


async def test_a_whole_film_is_counted_and_hashed(tmp_path: Path) -> None:
    """Asked for with the key and without compression; size and SHA-256 are of exactly what came."""
    seen: list[httpx.Request] = []

    def note(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return film(request)

    part = tmp_path / "x.part"
    assert await got(note, part) == Fetched(part, hashlib.sha256(FILM).hexdigest(), len(FILM))
    assert part.read_bytes() == FILM
    assert (seen[0].headers["authorization"], seen[0].headers["accept-encoding"]) == ("Bearer canary", "identity")


async def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    """Parts are new files."""
    part = tmp_path / "x.part"
    part.write_bytes(b"mine")
    assert await got(film, part) == Fault(
        "the clip can't be written here: File exists", "check the project's disk, then run again", lasting=True
    )
    assert part.read_bytes() == b"mine"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_is_followed_with_the_key(tmp_path: Path, status: int) -> None:
    """It is handed back as an address to download from, whole, also where the service named a path alone."""
    seen: list[str] = []

    def hop(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(status, headers={"location": "/films/a.mp4"})

    assert await got(hop, tmp_path / "x.part") == Elsewhere("http://127.0.0.1:9/films/a.mp4")
    assert seen == ["http://127.0.0.1:9/v1/jobs/j1/download"]


async def test_an_address_that_can_not_be_read_is_broken(tmp_path: Path) -> None:
    """Whatever a service writes there, the run goes on."""
    odd = httpx.Response(302, headers={"location": "http://[::1/a.mp4"})
    assert isinstance(await got(lambda _request: odd, tmp_path / "x.part"), Broken)


async def test_less_than_announced_is_broken(tmp_path: Path) -> None:
    """The length must be the one announced."""
    part = httpx.Response(200, headers={**VIDEO, "content-length": "24000"}, content=flow(FILM[:7000]))
    assert await got(lambda _request: part, tmp_path / "x.part") == Broken("7000 of 24000 bytes came")


async def test_a_film_without_end_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Size is counted on the way."""
    monkeypatch.setattr(download, "_LIMIT", 5000)
    assert isinstance(await got(film, tmp_path / "x.part"), Broken)


async def test_a_slow_drip_has_a_deadline(tmp_path: Path) -> None:
    """The whole hand-over has a deadline, however often a byte comes."""

    async def drip() -> AsyncIterator[bytes]:
        while True:
            yield b"x"
            await asyncio.sleep(0.01)

    assert isinstance(await got(lambda _request: httpx.Response(200, headers=VIDEO, content=drip()), tmp_path / "x.part", 0.1), Broken)


@pytest.mark.parametrize("kind", ["text/html", "application/json", ""])
async def test_words_are_no_film(tmp_path: Path, kind: str) -> None:
    """A page, an object without an address, an answer without a type: nothing is saved, and nothing is said of the clip."""
    answer = httpx.Response(200, headers={"content-type": kind}, content=b"{}")
    fault = await got(lambda _request: answer, tmp_path / "x.part")
    assert isinstance(fault, Fault)
    assert not fault.lasting
    assert not (tmp_path / "x.part").exists()


async def test_a_connection_that_is_refused_says_nothing_of_the_clip(tmp_path: Path) -> None:
    """It is the way that is closed: no clip, no traceback, and no proof that there is none."""

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    answer = await got(refuse, tmp_path / "x.part")
    assert isinstance(answer, Fault)
    assert not answer.lasting
    assert answer.message == "the clip was not handed over: the clip's host can't be reached (ConnectError)"


async def test_only_a_body_has_a_type() -> None:
    """A question without one says nothing of a content type."""
    seen: list[httpx.Request] = []

    def note(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={})

    async with Sender(httpx.MockTransport(note)) as sender:
        await sender.send(ACCOUNT, Request("GET", "/jobs/1"), 1.0)
        await sender.send(ACCOUNT, Request("POST", "/jobs/1", b"{}"), 1.0)
    assert ["content-type" in request.headers for request in seen] == [False, True]
