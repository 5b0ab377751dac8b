"""Downloads, without any key: the only place that takes a clip from the net. Where from, `guard` says.

What stands in the way on this side (an address rule, DNS, TLS, a proxy, a full disk) is told apart from what the far side does: it is a `Fault`,
and says nothing of the clip. A download that is cut is gone on with where it was, if the far side says that the file is still the same.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import re
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol

import httpx

from callsheet.transport.account import Account
from callsheet.transport.decoding import BadBody, decoded, encodings, unknown
from callsheet.transport.gate import DOWNLOADS, Gate
from callsheet.transport.guard import PUBLIC, Doors, Forbidden, Guard, trusted
from callsheet.transport.way_out import cause, client, ours, outward

_LIMIT = 8 << 30
_REDIRECTS = 4
_GONE = frozenset({401, 403, 404, 410})
#: how often an interrupted download is resumed
_RESUMES = 20
#: a download is hashed and written in pieces of this size, bytes, with one thread switch each
_BLOCK = 1 << 20
#: longest pause within an answer, and longest time to connect, seconds
_SILENT_S, _CONNECT_S = 60.0, 20.0
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True)
class Fetched:
    """A complete download. `sha256` in hex, `size` in bytes. `packed` names an encoding that could not be unpacked; `open_ended`: its
    length was not announced, so it may be incomplete.
    """

    path: Path
    sha256: str
    size: int
    packed: str = ""
    open_ended: bool = False


@dataclass(frozen=True, slots=True)
class Broken:
    """The download failed in a way that another try may fix."""

    message: str


@dataclass(frozen=True, slots=True)
class Gone:
    """The URL no longer works: ask the service for a new one."""

    message: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of this machine or its network, which says nothing about the clip. `lasting`: waiting doesn't help; a person has to do what
    `help` says.
    """

    message: str
    help: str
    lasting: bool


Got = Fetched | Broken | Gone | Fault


#: statuses that only a proxy or a network in between returns, and what to do
_SIGN_IN = {
    407: "write user and password into the proxy's variable (`callsheet doctor` shows which is in force), then run again",
    511: "sign in to this network with a browser, then run again",
}


#: statuses of a clip's host while it, or a server in front of it, is out of order
_OUT_OF_ORDER = frozenset({429, *range(500, 600)})
#: what to do if something other than a clip was received
_IN_PLACE = "open the clip's address in the service's own list of jobs, or sign in to this network with a browser; then run again"
#: bytes that reveal text, and those that no text has
_HEAD, _NO_TEXT = 1024, frozenset(range(32)) - frozenset(b"\t\n\r\f\x1b")


class DiskFault(Exception):
    """The file can't be written here."""


class Fetcher:
    """Downloads clips; `transport` is for tests."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._client = client(transport or Guard(outward()))
        self._gate = Gate(DOWNLOADS)

    async def close(self) -> None:
        """Close connections."""
        await self._client.aclose()

    async def fetch(self, url: str, account: Account, to: Path, timeout_s: float, doors: Doors = PUBLIC) -> Got:
        """Download `url` to the new file `to`, counting and hashing on the way; the length must be the announced one. All within
        `timeout_s` seconds. `doors` are allowed in addition to public https.
        """
        try:
            async with self._gate.of(account), asyncio.timeout(timeout_s):
                with Part(to) as part:
                    return await self._whole(url, account, part, doors)
        except Exception as error:  # noqa: BLE001 # whatever it is, it is not a clip, and no proof that there is none
            return failure(error, "the download stopped")

    async def _whole(self, url: str, account: Account, part: Part, doors: Doors) -> Got:
        """The download, resumed where it stopped as often as it is interrupted and has grown."""
        for _cut in range(_RESUMES):
            before = part.size
            try:
                got = await self._follow(url, account, part, doors)
            except (httpx.ReadError, httpx.ReadTimeout, httpx.RemoteProtocolError):
                if not part.resumable or part.size <= before:
                    raise
                continue
            if not (isinstance(got, Broken) and part.resumable and part.size > before):
                return got
        return Broken("the download was interrupted too often")

    async def _follow(self, url: str, account: Account, part: Part, doors: Doors) -> Got:
        for _hop in range(_REDIRECTS):
            known = trusted(url, account, doors)
            extensions = {"callsheet_trusted": known, "callsheet_allow": doors.allow, "callsheet_direct": known and account.demo}
            headers = {"Accept-Encoding": "identity", **part.asking()}
            timeout = httpx.Timeout(_SILENT_S, connect=_CONNECT_S)
            async with self._client.stream("GET", url, headers=headers, timeout=timeout, extensions=extensions) as answer:
                if answer.is_redirect and "location" in answer.headers:
                    url = str(answer.url.join(answer.headers["location"]))
                    continue
                if answer.status_code in _GONE:
                    return Gone(f"the clip's address answers {answer.status_code}")
                if answer.status_code in _SIGN_IN:
                    return Fault(f"the network in between answers {answer.status_code}", _SIGN_IN[answer.status_code], lasting=True)
                if answer.status_code in _OUT_OF_ORDER:
                    return out_of_order(f"the download answers {answer.status_code}")
                if answer.status_code not in (200, 206):
                    return Broken(f"the download answers {answer.status_code}")
                return await part.take(answer)
        return Broken("too many redirects")


def out_of_order(message: str) -> Fault:
    """The far side, or a server in front of it, is temporarily unavailable: wait for it."""
    return Fault(message, "check whether the service reports an outage, then run again", lasting=False)


def not_a_clip(path: Path) -> Fault | None:
    """A Fault if the received bytes, which are not a clip, are empty or text: a sign-in page, a store's error. It says nothing about the
    clip.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    words = head.decode("utf-8", "replace").rstrip("\ufffd").lstrip("\ufeff").lstrip().casefold()
    if head and (_NO_TEXT.intersection(head) or "\ufffd" in words):
        return None
    if not words:
        what = "nothing"
    elif words.startswith(("<!doctype html", "<html", "<head", "<body")):
        what = "a web page"
    else:
        what = {"<": "XML", "{": "JSON", "[": "JSON"}.get(words[0], "text")
    return Fault(f"{what} was received instead of the clip", _IN_PLACE, lasting=False)


def failure(error: Exception, what: str) -> Broken | Fault:
    """What an error during a download means: whose fault it is, in words without a URL."""
    found = cause(error)
    match error:
        case Forbidden():
            return Fault(str(error), error.help, lasting=True)
        case DiskFault():
            return Fault(str(error), "check the project's disk, then run again", lasting=True)
        case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.ProxyError() | socket.gaierror():
            help = "check the network, its DNS and its proxies (`callsheet doctor` shows them), then run again"
            return Fault(f"{what}: the clip's host can't be reached ({found})", help, lasting=ours(error))
        case httpx.InvalidURL() | ValueError():
            return Fault(
                "the clip's address can't be read", "check the job in the service's own list; `callsheet recover` tries again", lasting=True
            )
        case BadBody():
            return Broken(f"{what}: {error}")
        case _:
            return Broken(f"{what}: {type(error).__name__}")


async def save(answer: httpx.Response, to: Path) -> Fetched | Broken:
    """Save an answer's body to the new file `to` as it arrives: unpacked, counted and hashed on the way, and exactly as long as announced."""
    with Part(to) as part:
        return await part.take(answer)


class _Digest(Protocol):
    """An incremental hash."""

    def update(self, data: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...


@dataclass(slots=True)
class Part:
    """A file that is being downloaded. It knows its progress, and how the far side identifies it."""

    path: Path
    size: int = 0
    resumable: bool = False
    _validator: str = ""
    _total: int | None = None
    _digest: _Digest = field(default_factory=hashlib.sha256)
    _file: BinaryIO | None = None
    #: what came and isn't written yet, and its length
    _block: list[bytes] = field(default_factory=list[bytes])
    _waiting: int = 0

    def __enter__(self) -> Part:
        try:
            self._file = self.path.open("xb")
        except OSError as error:
            raise DiskFault(_disk(error)) from error
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._file:
            with suppress(OSError):  # what could not be written was told already
                self._file.close()

    def asking(self) -> Mapping[str, str]:
        """The headers that ask for the rest; none where the whole is asked for."""
        return {"Range": f"bytes={self.size}-", "If-Range": self._validator} if self.resumable and self.size else {}

    async def take(self, answer: httpx.Response) -> Fetched | Broken:
        """Write an answer's body behind what is there (206), or anew (200)."""
        announced = _number(answer.headers.get("content-length"))
        if answer.status_code == 206:
            if not self._goes_on(answer.headers):
                self.resumable = False
                return Broken("the service went on with another part of the file than was asked for")
            if self.size == 0:  # the whole file, called a part
                self._begin(answer, announced)
        else:
            self._begin(answer, announced)
        raw = answer.num_bytes_downloaded
        try:
            async for piece in decoded(answer, _LIMIT, lenient=True):
                await self._add(piece)
        except httpx.TransportError:  # what came is kept: the download goes on behind it
            await asyncio.to_thread(self._write)
            raise
        await asyncio.to_thread(self._write)
        came = answer.num_bytes_downloaded - raw
        if announced is not None and came != announced:
            return Broken(f"{came} of {announced} bytes came")
        if answer.status_code == 206 and self._total is not None and self.size < self._total:
            return Broken(f"{self.size} of {self._total} bytes came")  # a part of the rest: what is left is asked for
        chunked = "chunked" in answer.headers.get("transfer-encoding", "").casefold()
        open_ended = announced is None and not chunked and answer.http_version.startswith("HTTP/1")
        return Fetched(self.path, self._digest.hexdigest(), self.size, ", ".join(unknown(answer.headers)), open_ended)

    def _goes_on(self, headers: httpx.Headers) -> bool:
        """Whether a 206 begins where this file ends, and is of the same version of it; its length is known from now on."""
        span = re.fullmatch(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15}|\*)", headers.get("content-range", "").strip())
        if not span or int(span[1]) != self.size or encodings(headers):
            return False
        total = None if span[3] == "*" else int(span[3])
        if self.size == 0:
            return total == int(span[2]) + 1
        version = headers.get("etag" if self._validator.startswith('"') else "last-modified", "")
        if (version and version != self._validator) or (self._total is not None and total not in (None, self._total)):
            return False
        self._total = total if self._total is None else self._total
        return True

    def _begin(self, answer: httpx.Response, announced: int | None) -> None:
        assert self._file is not None, "a part is written within its block"
        self._file.seek(0)
        self._file.truncate()
        self._digest, self.size, self._total = hashlib.sha256(), 0, announced
        tag = answer.headers.get("etag", "")
        self._validator = tag if tag and not tag.startswith("W/") else answer.headers.get("last-modified", "")
        self.resumable = bool(self._validator) and not encodings(answer.headers)

    async def _add(self, piece: bytes) -> None:
        if self.size + len(piece) > _LIMIT:
            raise BadBody(f"the file is larger than {_LIMIT >> 30} GiB")
        self._block.append(piece)
        self.size += len(piece)
        self._waiting += len(piece)
        if self._waiting >= _BLOCK:
            await asyncio.to_thread(self._write)

    def _write(self) -> None:
        """Hash and write what has come since the last time. In a thread: a slow disk holds up no other take."""
        assert self._file is not None, "a part is written within its block"
        block = b"".join(self._block)
        self._block, self._waiting = [], 0
        self._digest.update(block)
        try:
            self._file.write(block)
            self._file.flush()
        except OSError as error:
            raise DiskFault(_disk(error)) from error


def _disk(error: OSError) -> str:
    why = "the disk is full" if error.errno in _FULL else error.strerror or type(error).__name__
    return f"the clip can't be written here: {why}"


def _number(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"\d{1,15}", text.strip()) else None
