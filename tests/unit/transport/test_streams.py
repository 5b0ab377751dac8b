"""Connections on asyncio's own transports, to real servers on 127.0.0.1: bytes, limits, TLS, and errors that say what they prove."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpcore
import pytest

from callsheet.transport import streams
from callsheet.transport.streams import Streams
from tests.proxies import Authority

HERE = "127.0.0.1"
SOON_S, NEVER_S = 0.05, 30.0
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def server(serve: Serve, trust: ssl.SSLContext | None = None) -> AsyncGenerator[int]:
    """A server; gives its port."""

    async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        finally:
            writer.close()

    async with await asyncio.start_server(answered, HERE, 0, ssl=trust) as made:
        yield made.sockets[0].getsockname()[1]


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """What comes goes back."""
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()


async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Reads nothing, says nothing, until the other side leaves."""
    await reader.read(1)
    await reader.read(-1)


async def read_all(stream: httpcore.AsyncNetworkStream, size: int) -> bytes:
    got = bytearray()
    while len(got) < size and (piece := await stream.read(1 << 16, NEVER_S)):
        got += piece
    return bytes(got)


@pytest.mark.parametrize("secure", [False, True], ids=["plain", "TLS"])
async def test_every_byte_comes_back_in_its_order(tmp_path: Path, secure: bool) -> None:
    """Five megabytes there and back, without TLS and within: more than either side keeps unread."""
    sent = bytes(range(256)) * (5 << 12)
    authority = Authority(tmp_path)
    async with server(echo, authority.context("a.test") if secure else None) as port:
        stream = await Streams().connect_tcp(HERE, port, NEVER_S)
        if secure:
            stream = await stream.start_tls(ssl.create_default_context(cafile=str(authority.file)), "a.test", NEVER_S)
        sending = asyncio.create_task(stream.write(sent, NEVER_S))
        assert await read_all(stream, len(sent)) == sent
        await sending
        assert stream.get_extra_info("server_addr") == (HERE, port)
        assert (stream.get_extra_info("ssl_object") is not None) is secure
        await stream.aclose()


async def test_what_nobody_reads_stays_at_the_far_side() -> None:
    """A hundred megabytes are offered, and a connection that isn't read from keeps no more than its limit and what was on the way."""
    offered = 0

    async def flood(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal offered
        for _ in range(100):
            writer.write(bytes(1 << 20))
            await writer.drain()
            offered += 1 << 20

    async with server(flood) as port:
        stream = await Streams().connect_tcp(HERE, port, NEVER_S)
        assert isinstance(stream, streams.Stream)
        async with asyncio.timeout(NEVER_S):
            while not stream._line._paused:  # noqa: ASYNC110  # nothing tells it
                await asyncio.sleep(0.002)
        kept = len(stream._line._came)
        assert len(await stream.read(1 << 16, NEVER_S)) == 1 << 16
        assert kept < 4 * streams._MOST
        assert await read_all(stream, 2 << 20)
        await stream.aclose()


async def test_a_far_side_that_is_silent_or_reads_nothing_is_given_up() -> None:
    """A read and a write end at their timeouts, as httpcore's own errors."""
    async with server(silent) as port:
        stream = await Streams().connect_tcp(HERE, port, NEVER_S)
        with pytest.raises(httpcore.ReadTimeout):
            await stream.read(1, SOON_S)
        with pytest.raises(httpcore.WriteTimeout):
            await stream.write(bytes(64 << 20), SOON_S)
        await stream.aclose()


async def test_a_connection_that_was_closed_is_not_used_again() -> None:
    """The far side leaves: a free connection is readable, a read gives the end, and a request fails before a byte leaves, as if no connection had been made."""

    async def leaves(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        """Says nothing."""

    async with server(leaves) as port:
        stream = await Streams().connect_tcp(HERE, port, NEVER_S)
        assert await stream.read(1, NEVER_S) == b""
        assert stream.get_extra_info("is_readable")
        with pytest.raises(httpcore.ConnectError):
            await stream.write(b"x", NEVER_S)
        await stream.aclose()
        with pytest.raises(httpcore.ConnectError):
            await stream.write(b"x", NEVER_S)


@pytest.mark.parametrize("secure", [False, True], ids=["plain", "TLS"])
async def test_a_connection_that_is_closed_unnoticed_takes_no_request(tmp_path: Path, secure: bool) -> None:
    """The far side leaves while this one is busy: the loop has not heard of it yet, the system has, and another connection is asked for."""
    authority = Authority(tmp_path)
    with socket.create_server((HERE, 0)) as listening:

        def serve() -> None:
            """Answers once and leaves."""
            taken = listening.accept()[0]
            line = authority.context("a.test").wrap_socket(taken, server_side=True) if secure else taken
            with line:
                line.recv(1)
                line.sendall(b"y")
                assert line.recv(1) == b"z"

        thread = threading.Thread(target=serve)
        thread.start()
        stream = await Streams().connect_tcp(HERE, listening.getsockname()[1], NEVER_S)
        if secure:
            stream = await stream.start_tls(ssl.create_default_context(cafile=str(authority.file)), "a.test", NEVER_S)
        await stream.write(b"x", NEVER_S)
        assert await stream.read(1, NEVER_S) == b"y"
        await stream.write(b"z", NEVER_S)
        assert isinstance(stream, streams.Stream)
        stream._line.between = True  # as after the rest of an answer
        thread.join()  # the loop stands still meanwhile
        with pytest.raises(httpcore.ConnectionNotAvailable):
            await stream.write(b"x", NEVER_S)
        await stream.aclose()


@pytest.mark.parametrize("host", [HERE, "localhost"])
async def test_a_refused_connection_names_its_cause(host: str) -> None:
    """Also where a name has several addresses, each of which refuses: the number is what proves that nothing was sent."""
    with socket.create_server((HERE, 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(httpcore.ConnectError) as refused:
        await Streams().connect_tcp(host, port, NEVER_S)
    cause = refused.value.__cause__
    assert isinstance(cause, OSError)
    assert cause.errno == errno.ECONNREFUSED


async def test_a_certificate_that_is_not_believed_ends_the_connection(tmp_path: Path) -> None:
    """Before anything is sent."""
    authority = Authority(tmp_path)
    async with server(echo, authority.context("a.test")) as port:
        stream = await Streams().connect_tcp(HERE, port, NEVER_S)
        with pytest.raises(httpcore.ConnectError) as refused:
            await stream.start_tls(ssl.create_default_context(), "a.test", NEVER_S)
        assert isinstance(refused.value.__cause__, ssl.SSLCertVerificationError)
        with pytest.raises(httpcore.ConnectError):
            await stream.write(b"x", NEVER_S)


async def test_a_handshake_that_is_not_answered_is_given_up() -> None:
    """A server that takes the connection and says nothing."""
    async with server(silent) as port:
        stream = await Streams().connect_tcp(HERE, port, NEVER_S)
        with pytest.raises(httpcore.ConnectTimeout):
            await stream.start_tls(ssl.create_default_context(), "a.test", SOON_S)
