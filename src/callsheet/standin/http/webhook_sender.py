"""Webhooks: short HTTP posts to this machine, in order for each job, and repeated until they are accepted.

A stand-in calls no other machine: its users' public addresses are not for rehearsals.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from callsheet.standin.jobs.config import Config

_HERE = ("127.0.0.1", "localhost", "::1")
_PLAIN = re.compile(r"[\x21-\x7e]{1,2048}")
_ANSWER_WITHIN_S = 10.0
_TRIES = 10
#: the real services' pause before the second try, doubled with each; and the shortest one here, so that no receiver is flooded
_FIRST_PAUSE_S, _LEAST_PAUSE_S = 60.0, 0.05


@dataclass(frozen=True, slots=True)
class Letter:
    """One post of JSON: its URL, bytes and further headers. With `made` (and another method), the bytes are made only when it is sent."""

    url: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    method: str = "POST"
    made: Callable[[], Awaitable[bytes]] | None = None


def is_here(url: object) -> bool:
    """Whether a webhook may be sent there: plain http to this machine."""
    if not isinstance(url, str) or not _PLAIN.fullmatch(url):
        return False
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme == "http" and parts.hostname in _HERE and port != 0


class Courier:
    """Delivers letters in the background; those of one job arrive in order."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._last: dict[str, asyncio.Task[None]] = {}

    def send(self, job: str, letters: Sequence[Letter]) -> None:
        """Deliver these after all earlier letters of the same job."""
        self._last[job] = asyncio.create_task(self._deliver(self._last.get(job), letters))

    async def close(self) -> None:
        """Stop delivering."""
        tasks = list(self._last.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _deliver(self, earlier: asyncio.Task[None] | None, letters: Sequence[Letter]) -> None:
        if earlier is not None:
            await asyncio.wait([earlier])
        for letter in letters:
            pause = self._config.pause(_FIRST_PAUSE_S)
            filled = letter if letter.made is None else replace(letter, body=await letter.made(), made=None)
            for _ in range(_TRIES):
                status = 0
                with suppress(OSError, TimeoutError, ValueError):
                    async with asyncio.timeout(_ANSWER_WITHIN_S):
                        status = await _exchange(filled)
                if 200 <= status < 300:
                    break
                await asyncio.sleep(max(pause, _LEAST_PAUSE_S))
                pause *= 2


async def _exchange(letter: Letter) -> int:
    """The answer's status."""
    parts = urlsplit(letter.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
    try:
        writer.write(_head(letter).encode("latin-1") + letter.body)
        await writer.drain()
        _protocol, status, *_reason = (await reader.readline()).split()
        return int(status)
    finally:
        writer.close()


def _head(letter: Letter) -> str:
    parts = urlsplit(letter.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {
        "Host": parts.netloc.rpartition("@")[2],
        "Content-Type": "application/json",
        "Content-Length": str(len(letter.body)),
        "Connection": "close",
        **letter.headers,
    }
    return "\r\n".join([f"{letter.method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""])
