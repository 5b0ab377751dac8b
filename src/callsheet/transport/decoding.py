"""Response bodies, counted raw and decoded, and unpacked in small steps. A decompression bomb costs no more than its limit."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Protocol

import httpx

#: largest output of one decoding step, bytes
_STEP = 1 << 16
_GZIP_MAGIC = b"\x1f\x8b"
#: most layers of compression: one from the service, one from a proxy
_LAYERS = 2
_KNOWN = {"gzip": 31, "x-gzip": 31, "deflate": 15}


class BadBody(Exception):
    """A body that is too long, or doesn't match its headers."""


def encodings(headers: httpx.Headers) -> list[str]:
    """The encodings of a body, in the order in which they were applied."""
    named = (name.strip().casefold() for name in headers.get("content-encoding", "").split(","))
    return [name for name in named if name not in ("", "identity")]


def unknown(headers: httpx.Headers) -> list[str]:
    """The encodings that can't be unpacked here and are left as they are."""
    return [name for name in encodings(headers) if name not in _KNOWN]


async def decoded(answer: httpx.Response, limit: int, *, lenient: bool = False) -> AsyncIterator[bytes]:
    """A body, unpacked, in pieces of at most 64 KiB. BadBody if any layer exceeds `limit` bytes, is cut off, or doesn't match its header.
    `lenient`: content labelled gzip that doesn't begin as gzip is used as it is, because some stores send that.
    """
    if answer.is_stream_consumed:  # a transport without a network returns an answer as a whole
        yield answer.content
        return
    layers = [_Layer(name, limit, lenient=lenient) for name in reversed(encodings(answer.headers)) if name in _KNOWN]
    if len(layers) > _LAYERS:
        raise BadBody(f"it is compressed {len(layers)} times")
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
    """A whole body, unpacked: at most `limit` bytes. BadBody as in `decoded`."""
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
        #: unpacking has ended: what follows is passed on, or is padding
        self._rest_is: bool | None = None
        self._size = 0

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The output for a piece of input, step by step."""
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
        """The first two bytes of a member determine its format; returns what to unpack, empty until they have arrived."""
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
        """The remaining output after the input has ended."""
        if self._rest_is is not None:
            return
        if self._head and not self._members:
            raise BadBody(f"it says {self._name} and isn't")
        if self._engine is not None:
            rest = self._engine.flush()
            if not self._engine.eof:
                raise BadBody(f"it says {self._name} but was cut off")
            yield rest


def _through(layers: list[_Layer], pieces: Iterable[bytes]) -> Iterable[bytes]:
    for layer in layers:
        pieces = _fed(layer, pieces)
    return pieces


def _fed(layer: _Layer, pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield from layer.feed(piece)
