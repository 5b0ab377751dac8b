"""Connections: few are made, all are used again, and one that a server closes costs an answer and never a second request."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import threading
import uuid
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from callsheet.services.protocol.request import Request, Response
from callsheet.standin.jobs.config import Config
from callsheet.standin.serve import server
from callsheet.transport.account import Account
from callsheet.transport.api_client import NoAnswer, Sender
from callsheet.transport.download import Fetched, Fetcher
from callsheet.transport.gate import DOWNLOADS, PURCHASES, QUESTIONS

AT_ONCE, EACH = 40, 60


def account(url: str) -> Account:
    return Account("runware", f"{url}/v1", f"runware {url}/v1", own_url=True)


def ask(task: dict[str, Any]) -> Request:
    return Request("POST", "", json.dumps([{"taskUUID": str(uuid.uuid4()), **task}]).encode())


@pytest.fixture
def seen() -> dict[str, Any]:
    """Clients' addresses by what they asked for, and the most requests that were answered at once."""
    return {"clients": {}, "now": Counter(), "most": Counter(), "many": defaultdict(asyncio.Event), "hold": False}


@pytest.fixture
def standin(seen: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Generator[str]:
    """A stand-in whose every connection is counted."""
    monkeypatch.setenv("RUNWARE_API_KEY", "made-up")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        made = server(Config(speed=0), url)
        app: Any = made.config.app

        async def counted(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "lifespan":
                await app(scope, receive, send)
                return
            what = scope["path"].split("/")[1]
            seen["clients"].setdefault(what, set()).add(scope["client"])
            seen["now"][what] += 1
            seen["most"][what] = max(seen["most"][what], seen["now"][what])
            if seen["most"][what] > QUESTIONS:
                seen["many"][what].set()
            elif seen["hold"]:  # until more are under way together than there may be questions
                await asyncio.wait_for(seen["many"][what].wait(), 20)
            await app(scope, receive, send)
            seen["now"][what] -= 1

        made.config.app = counted
        thread = threading.Thread(target=partial(made.run, sockets=[listener]), daemon=True)
        thread.start()
        yield url
        made.should_exit = True
        thread.join()


async def test_many_requests_share_a_few_connections(standin: str, seen: dict[str, Any], tmp_path: Path) -> None:
    """Forty want to ask, to buy and to download at once: each kind has as many connections as may be under way together, and not one more."""
    place, busy = account(standin), asyncio.Semaphore(AT_ONCE)
    async with Sender() as sender:
        picture = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(90_000)).decode()
        kept = await sender.ask(place, ask({"taskType": "mediaStorage", "operation": "upload", "media": picture}), 20)
        assert isinstance(kept, Response)
        url = json.loads(kept.body)["data"][0]["mediaURL"]
        fetcher = Fetcher()
        seen["hold"] = True

        async def question(_n: int) -> None:
            async with busy:
                assert isinstance(await sender.ask(place, ask({"taskType": "accountManagement", "operation": "getDetails"}), 20), Response)

        async def purchase(_n: int) -> None:
            async with busy, sender.turn_to_buy(place):
                assert isinstance(await sender.send(place, ask({"taskType": "accountManagement", "operation": "getDetails"}), 20), Response)

        async def clip(n: int) -> None:
            async with busy:
                got = await fetcher.fetch(url, place, tmp_path / str(n), 20)
                assert isinstance(got, Fetched), got
                assert got.size == 90_008

        await asyncio.gather(*(do(n) for n in range(EACH) for do in (question, purchase, clip)))
        await fetcher.close()
    assert len(seen["clients"]["v1"]) <= QUESTIONS + PURCHASES
    assert len(seen["clients"]["standin"]) <= DOWNLOADS
    assert QUESTIONS < seen["most"]["v1"] <= QUESTIONS + PURCHASES, "they were hardly under way together: nothing was tried"


@asynccontextmanager
async def closing(requests: list[bytes]) -> AsyncGenerator[str]:
    """A server that answers a connection's first request, and hangs up on its second without a word."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for n in range(2):
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(int(line.split(b":")[1]) for line in head.lower().splitlines() if line.startswith(b"content-length"))
            requests.append(await reader.readexactly(length))
            if n == 0:
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
                await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"


async def test_a_kept_connection_that_is_closed_sends_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The service hangs up on a purchase over a connection that was used before: no answer, and it has seen the purchase once."""
    monkeypatch.setenv("RUNWARE_API_KEY", "made-up")
    requests: list[bytes] = []
    async with closing(requests) as url, Sender() as sender:
        first, second = Request("POST", "", b"[1]"), Request("POST", "", b"[2]")
        assert isinstance(await sender.send(account(url), first, 5), Response)
        assert isinstance(await sender.send(account(url), second, 5), NoAnswer)
    assert requests == [b"[1]", b"[2]"]


@asynccontextmanager
async def leaving(requests: list[bytes], told: bytes) -> AsyncGenerator[str]:
    """A server that hangs up after each answer; `told` is the header in which it says so, if it does."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.lower().splitlines() if line.startswith(b"content-length"))
        requests.append(await reader.readexactly(length))
        writer.write(b"HTTP/1.1 200 OK\r\n" + told + b"Content-Length: 2\r\n\r\n{}")
        writer.write_eof()  # at once, and not a turn later
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize("told", [b"Connection: close\r\n", b""], ids=["told", "untold"])
async def test_a_service_that_hangs_up_after_each_answer_is_asked_each_time_anew(monkeypatch: pytest.MonkeyPatch, told: bytes) -> None:
    """Fifty purchases, each sent as soon as the one before is answered: none meets a connection that is closed already, and each is seen once."""
    monkeypatch.setenv("RUNWARE_API_KEY", "made-up")
    requests: list[bytes] = []
    sent = [f"[{n}]".encode() for n in range(50)]
    async with leaving(requests, told) as url, Sender() as sender:
        answers = [await sender.send(account(url), Request("POST", "", body), 5) for body in sent]
    assert [answer for answer in answers if not isinstance(answer, Response)] == []
    assert requests == sent


async def test_a_request_that_is_sent_afresh_meets_no_connection_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that hangs up on whatever comes second over a connection loses no answer to a purchase that nobody could look up."""
    monkeypatch.setenv("RUNWARE_API_KEY", "made-up")
    requests: list[bytes] = []
    async with closing(requests) as url, Sender() as sender:
        for n in range(4):
            question = await sender.ask(account(url), Request("POST", "", b"[9]"), 5)
            assert isinstance(question, NoAnswer if n % 2 else Response)
            assert isinstance(await sender.send(account(url), Request("POST", "", f"[{n}]".encode()), 5, afresh=True), Response)
    assert [body for body in requests if body != b"[9]"] == [f"[{n}]".encode() for n in range(4)]


@pytest.mark.parametrize("by_proxy", [False, True], ids=["direct", "by a proxy"])
async def test_an_answer_that_came_too_early_answers_nothing(monkeypatch: pytest.MonkeyPatch, by_proxy: bool) -> None:
    """A service or a proxy that answers twice: the second answer is not taken for the next request's, nor any later one for the one after."""
    monkeypatch.setenv("RUNWARE_API_KEY", "made-up")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(int(line.split(b":")[1]) for line in head.lower().splitlines() if line.startswith(b"content-length"))
                answer = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n" + await reader.readexactly(length)
                writer.write(answer * 2)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening:
        url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        if by_proxy:
            monkeypatch.setenv("HTTP_PROXY", url)
        async with Sender() as sender:
            for n in range(6):
                sent = await sender.send(account("http://service.test" if by_proxy else url), Request("POST", "", f"[{n}]".encode()), 5)
                assert isinstance(sent, NoAnswer) or (isinstance(sent, Response) and sent.body == f"[{n}]".encode()), sent
                assert isinstance(sent, Response if n % 2 == 0 else NoAnswer)
