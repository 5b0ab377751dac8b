"""Bodies as they come: counted raw and decoded, unpacked a little at a time. A bomb costs what its limit says, never what it holds."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Protocol

import httpx

#: what one step of a decoder may make of its input, bytes
_STEP = 1 << 16
_GZIP_MAGIC = b"\x1f\x8b"
#: layers of compression that a body may have: one at the service, one on the way
_LAYERS = 2
_KNOWN = {"gzip": 31, "x-gzip": 31, "deflate": 15}


class BadBody(Exception):
    """A body that is too long, or isn't what its headers say."""


def encodings(headers: httpx.Headers) -> list[str]:
    """The codings of a body, in the order in which they were laid on."""
    named = (name.strip().casefold() for name in headers.get("content-encoding", "").split(","))
    return [name for name in named if name not in ("", "identity")]


def unknown(headers: httpx.Headers) -> list[str]:
    """The codings that are left as they are, since nothing here unpacks them."""
    return [name for name in encodings(headers) if name not in _KNOWN]


async def decoded(answer: httpx.Response, limit: int, *, lenient: bool = False) -> AsyncIterator[bytes]:
    """A body, unpacked, in pieces of at most 64 KiB. BadBody above `limit` bytes at any layer, where it is cut, and where it isn't what it says.

    `lenient`: what is called gzip and doesn't begin as gzip is taken as it is, as some stores send it.
    """
    if answer.is_stream_consumed:  # a transport without a network gives an answer whole
        yield answer.content
        return
    layers = [_Layer(name, limit, lenient=lenient) for name in reversed(encodings(answer.headers)) if name in _KNOWN]
    if len(layers) > _LAYERS:
        raise BadBody(f"it is packed {len(layers)} times over")
    raw = 0
    async for chunk in answer.aiter_raw():
        raw += len(chunk)
        if raw > limit:
            raise BadBody(f"it is longer than {limit} bytes")
        for piece in _through(layers, [chunk]):
            yield piece
    for n, layer in enumerate(layers):
        for piece in _through(layers[n + 1 :], layer.end()):
            yield piece


async def whole(answer: httpx.Response, limit: int) -> bytes:
    """A whole body, unpacked: at most `limit` bytes. BadBody as `decoded`."""
    body = bytearray()
    async for piece in decoded(answer, limit):
        body += piece
    return bytes(body)


class _Engine(Protocol):
    """zlib's decompressor, whose type has no public name."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def unconsumed_tail(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int = 0, /) -> bytes: ...
    def flush(self) -> bytes: ...


class _Layer:
    """One layer of compression."""

    def __init__(self, name: str, limit: int, *, lenient: bool) -> None:
        self._name, self._limit, self._lenient = name, limit, lenient
        self._engine: _Engine | None = None
        self._head = b""
        self._members = 0
        #: nothing more is unpacked: what follows is passed on, or is padding
        self._rest_is: bool | None = None
        self._size = 0

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """What a piece of input becomes, a step at a time."""
        while chunk and self._rest_is is None:
            if self._engine is None:
                chunk = self._begun(chunk)
                continue
            piece = self._step(self._engine, chunk)
            if piece:
                yield piece
            chunk = self._engine.unused_data if self._engine.eof else self._engine.unconsumed_tail
            if self._engine.eof:
                self._engine, self._members = None, self._members + 1
        if chunk and self._rest_is:
            yield chunk

    def _begun(self, chunk: bytes) -> bytes:
        """The first two bytes of a member say how it is packed: what to unpack, empty if they haven't come yet."""
        head, self._head = self._head + chunk, b""
        if len(head) < 2:
            self._head = head
            return b""
        packed = self._name == "deflate" or head.startswith(_GZIP_MAGIC)
        if self._members and (self._name == "deflate" or not packed):
            self._rest_is = False  # padding after the end
        elif not packed and self._lenient:
            self._rest_is = True
        else:
            zlib_head = head[0] & 0x0F == 8 and not int.from_bytes(head[:2]) % 31
            self._engine = zlib.decompressobj(
                _KNOWN[self._name] if self._name != "deflate" or zlib_head else -15
            )  # some servers send it bare
        return head

    def _step(self, engine: _Engine, chunk: bytes) -> bytes:
        try:
            piece = engine.decompress(chunk, _STEP)
        except zlib.error:
            raise BadBody(f"it says {self._name} and isn't") from None
        self._size += len(piece)
        if self._size > self._limit:
            raise BadBody(f"it unpacks to more than {self._limit} bytes")
        return piece

    def end(self) -> Iterator[bytes]:
        """What is left when the input has ended."""
        if self._rest_is is not None:
            return
        if self._head and not self._members:
            raise BadBody(f"it says {self._name} and isn't")
        if self._engine is not None:
            rest = self._engine.flush()
            if not self._engine.eof:
                raise BadBody(f"it says {self._name} and was cut off")
            yield rest


def _through(layers: list[_Layer], pieces: Iterable[bytes]) -> Iterable[bytes]:
    for layer in layers:
        pieces = _fed(layer, pieces)
    return pieces


def _fed(layer: _Layer, pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield from layer.feed(piece)
