"""Serving clips over HTTP, whole or in part (Range), with their length; and the faults of downloads."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

#: the server's function, in a request's scope, that ends its connection
HANG_UP = "callsheet.standin.hang_up"

#: pieces of a slow download, and the seconds between them
DRIPS, DRIP_S = 40, 0.05

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
MEDIA_TYPES = {"mp4": "video/mp4", "mov": "video/quicktime", "webm": "video/webm"}


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes `start` to `stop` (exclusive) of a file."""

    start: int
    stop: int


def part_wanted(header: str | None, size: int) -> Part | None:
    """The part that a Range header requests: the whole without one (or with another form), None if it is out of range."""
    found = _RANGE.fullmatch(header.strip()) if header else None
    if found is None or found[1] == found[2] == "":
        return Part(0, size)
    if not found[1]:  # the last bytes of the file
        return Part(max(0, size - int(found[2])), size) if int(found[2]) else None
    start, stop = int(found[1]), min(int(found[2]) + 1, size) if found[2] else size
    return Part(start, stop) if start < min(stop, size) else None


def served(body: bytes, ending: str, wanted: str | None) -> Response:
    """The response with `body`, or the part of it that a Range header requests."""
    part = part_wanted(wanted, len(body))
    if part is None:
        return Response(status_code=416, headers={"content-range": f"bytes */{len(body)}"})
    headers = {"accept-ranges": "bytes"}
    whole = part == Part(0, len(body))
    if not whole:
        headers["content-range"] = f"bytes {part.start}-{part.stop - 1}/{len(body)}"
    return Response(body[part.start : part.stop], 200 if whole else 206, headers, MEDIA_TYPES[ending])


class Broken(Response):
    """The headers and the first 60 % of another response, if there is one; then the connection ends. Without a server: `ConnectionResetError`."""

    def __init__(self, whole: Response | None = None) -> None:
        super().__init__()
        self._whole = whole

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Announces the whole length, if there is one, sends less, and waits until the client is gone."""
        if self._whole is not None:
            body = bytes(self._whole.body)
            await send({"type": "http.response.start", "status": self._whole.status_code, "headers": self._whole.raw_headers})
            await send({"type": "http.response.body", "body": body[: len(body) * 6 // 10], "more_body": True})
        end = cast("Callable[[], None] | None", scope.get("extensions", {}).get(HANG_UP))
        if end is None:
            raise ConnectionResetError("the stand-in hung up")
        end()
        await _gone(receive)  # if the client were still connected when this returns, the server would add a 500


class Silent(Response):
    """No answer: the connection stays open until the client gives up. Without a server: `TimeoutError` at once."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # ASGI's own signature
        """Waits until the client is gone."""
        if scope.get("extensions", {}).get(HANG_UP) is None:
            raise TimeoutError("the stand-in doesn't answer")
        await _gone(receive)


class Dripping(Response):
    """Another response, whole, in 40 pieces over two seconds."""

    def __init__(self, whole: Response) -> None:
        super().__init__()
        self._whole = whole

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # ASGI's own signature
        """Announces the whole length, and sends it slowly."""
        body = bytes(self._whole.body)
        piece = -(-len(body) // DRIPS) or 1
        await send({"type": "http.response.start", "status": self._whole.status_code, "headers": self._whole.raw_headers})
        for start in range(0, len(body), piece):
            await send({"type": "http.response.body", "body": body[start : start + piece], "more_body": True})
            await asyncio.sleep(DRIP_S)
        await send({"type": "http.response.body", "body": b""})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] not in ("http.disconnect", "websocket.disconnect"):
        continue
