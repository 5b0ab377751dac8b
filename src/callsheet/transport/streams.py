"""Connections for httpcore, straight on asyncio's own transports: a request costs half the processor time that it takes through anyio, whose checkpoints,
cancel scopes and looks at the socket httpcore asks for several times with each request (`benchmarks/http`).

Errors are httpcore's, each with its cause: what connecting failed with proves that nothing was sent. So does a connection that turns out to be closed before a
request's first byte is written: the request goes over another one.
"""

from __future__ import annotations

import asyncio
import errno
import os
import re
import select
import ssl
from collections.abc import Iterable
from typing import Any

import httpcore

#: what has come and is not read yet, bytes: the far side waits from here on
_MOST = 1 << 18
#: a name with several addresses: seconds until the next is tried beside the one before
_NEXT_S = 0.25
#: the far side has closed: the system tells so without being asked, where it has no word for it
_CLOSED = getattr(select, "POLLRDHUP", 0)
#: how asyncio words what several addresses answered
_NUMBER = re.compile(r"\[Errno (\d+)\]")


class Streams(httpcore.AsyncNetworkBackend):
    """Makes connections over TCP."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's own signature, here and below
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to the first address of a host that takes one."""
        local = (local_address, 0) if local_address else None
        try:
            async with asyncio.timeout(timeout):
                loop = asyncio.get_running_loop()
                _, line = await loop.create_connection(_Line, host, port, local_addr=local, happy_eyeballs_delay=_NEXT_S)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout from error
        except OSError as error:
            raise httpcore.ConnectError from _numbered(error)
        for option in socket_options or ():
            line.transport.get_extra_info("socket").setsockopt(*option)
        return Stream(line)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class Stream(httpcore.AsyncNetworkStream):
    """One connection, with or without TLS."""

    def __init__(self, line: _Line) -> None:
        self._line = line

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109  # httpcore's own signature
        """What has come, at most `max_bytes`; empty at the end."""
        try:
            if not self._line.readable:
                async with asyncio.timeout(timeout):
                    await self._line.changed()
            return self._line.take(max_bytes)
        except TimeoutError as error:
            raise httpcore.ReadTimeout from error
        except OSError as error:
            raise httpcore.ReadError from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109  # httpcore's own signature
        """Send all of it. ConnectionNotAvailable or ConnectError if it begins a request and the connection is closed: none of it was sent."""
        if not buffer:
            return
        if self._line.between and self._line.hung_up():
            if self._line.used:
                raise httpcore.ConnectionNotAvailable  # httpcore takes another one
            raise httpcore.ConnectError from ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
        try:
            self._line.send(buffer)
            if self._line.full:
                async with asyncio.timeout(timeout):
                    await self._line.drained()
        except TimeoutError as error:
            raise httpcore.WriteTimeout from error
        except OSError as error:
            raise httpcore.WriteError from error

    @property
    def silent(self) -> bool:
        """Whether nothing was read since the last request was sent: what is taken for its answer had come before, with the answer to another one."""
        return not self._line.between

    async def aclose(self) -> None:
        """Let go of the connection."""
        self._line.transport.abort()
        await asyncio.sleep(0)

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's own signature
    ) -> httpcore.AsyncNetworkStream:
        """The same connection within TLS."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout):
                await self._line.encrypted(loop, ssl_context, server_hostname)
        except TimeoutError as error:
            await self.aclose()
            raise httpcore.ConnectTimeout from error
        except OSError as error:  # TLS errors are among these
            await self.aclose()
            raise httpcore.ConnectError from error
        except BaseException:
            await self.aclose()
            raise
        return self

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks of a connection."""
        names = {"ssl_object": "ssl_object", "client_addr": "sockname", "server_addr": "peername", "socket": "socket"}
        if info == "is_readable":  # a free connection that has something to read was closed by the far side
            return self._line.readable
        return self._line.transport.get_extra_info(names[info]) if info in names else None


class _Line(asyncio.Protocol):
    """The bytes of a connection, both ways."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport
        self.full = False
        self._came, self._over, self._paused = bytearray(), False, False
        #: whether nothing was written since the last read: the next write begins a request; and whether it ever carried one
        self.between, self.used = True, False
        self._why: Exception | None = None
        self._waiting: asyncio.Future[None] | None = None
        self._draining: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Something has come."""
        self._came += data
        if len(self._came) >= _MOST and not self._paused:
            self._paused = True
            self.transport.pause_reading()
        _wake(self._waiting)

    def eof_received(self) -> bool:
        """Nothing more will come; what is to be sent may still be."""
        self._over = True
        _wake(self._waiting)
        return self.transport.get_extra_info("ssl_object") is None

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed."""
        self._over, self._why, self.full = True, exc, False
        _wake(self._waiting)
        _wake(self._draining)

    def pause_writing(self) -> None:
        """The far side takes what is sent more slowly than it is written."""
        self.full = True

    def resume_writing(self) -> None:
        """It has caught up."""
        self.full = False
        _wake(self._draining)

    async def encrypted(self, loop: asyncio.AbstractEventLoop, trust: ssl.SSLContext, host: str | None) -> None:
        """Go on within TLS."""
        secured = await loop.start_tls(self.transport, self, trust, server_hostname=host)
        if secured is None:
            raise ConnectionResetError("closed during the handshake")
        self.transport = secured

    @property
    def readable(self) -> bool:
        """Whether a read has something, or the end."""
        return bool(self._came) or self._over

    async def changed(self) -> None:
        """Wait until a read has something, or the end."""
        self._waiting = asyncio.get_running_loop().create_future()
        await self._waiting

    async def drained(self) -> None:
        """Wait until more may be sent."""
        self._draining = asyncio.get_running_loop().create_future()
        await self._draining
        if self._over and self._why:
            raise self._lost()

    def hung_up(self) -> bool:
        """Whether the far side has closed the connection. The system is asked: what it knows reaches the loop a turn later, which may be after the next request."""
        if self.readable or self.transport.is_closing():
            return True
        look = select.poll()
        secure = self.transport.get_extra_info("ssl_object") is not None  # then what has come may be a session's ticket
        look.register(self.transport.get_extra_info("socket").fileno(), _CLOSED if secure else _CLOSED | select.POLLIN)
        return bool(look.poll(0))

    def take(self, most: int) -> bytes:
        """What has come, at most so many bytes; empty at the end. OSError if the connection was lost."""
        self.between = True
        if not self._came and self._why:
            raise self._lost()
        data = bytes(self._came[:most])
        del self._came[:most]
        if self._paused and not self._over and len(self._came) < _MOST:
            self._paused = False
            self.transport.resume_reading()
        return data

    def send(self, data: bytes) -> None:
        """Send. OSError if the connection is closed."""
        if self.transport.is_closing():
            raise self._lost()
        self.between, self.used = False, True
        self.transport.write(data)

    def _lost(self) -> OSError:
        return self._why if isinstance(self._why, OSError) else ConnectionResetError(str(self._why or "closed"))


def _wake(waiting: asyncio.Future[None] | None) -> None:
    if waiting and not waiting.done():
        waiting.set_result(None)


def _numbered(error: OSError) -> OSError:
    """An error with its number: what several addresses answered, asyncio puts into one text without."""
    found = _NUMBER.search(str(error)) if error.errno is None else None
    return OSError(int(found[1]), os.strerror(int(found[1]))) if found else error
