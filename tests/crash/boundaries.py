"""The fourteen boundaries of an attempt's way, as places in the real engine where a test may strike.

`watched` puts a call of `hook(name)` at each; the product knows nothing of it. b0 to b13 are facts of the house:
before hold, hold written, intent written, bytes left, taken but no answer yet, answer in memory, `accepted` written, last poll in memory,
`ready` and its settle written, part half written, part synced, linked, folders synced, `received` written.
Others are the pen's: `inside` a group, between two of its lines, and `committed KIND`, when a line is in the ledger and its writer was not told yet.
b3, b4 and b9 lie beyond the engine, at the service: whoever plays the service calls the hook there.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx

from callsheet.budget.ledger import pen
from callsheet.buying import purchase
from callsheet.domain.attempt import Kind
from callsheet.store import clip_store

NAMES = tuple(f"b{n}" for n in range(14))
#: where a line is in the ledger and its writer was not told yet
PEN = tuple(f"committed {kind}" for kind in ("hold", "intent", "accepted", "ready", "received"))
_BEFORE = {Kind.HOLD: "b0", Kind.READY: "b7"}
_AFTER = {Kind.HOLD: "b1", Kind.INTENT: "b2", Kind.ACCEPTED: "b6", Kind.READY: "b8", Kind.RECEIVED: "b13"}

Hook = Callable[[str], None]


def watch(patch: Any, hook: Hook) -> None:
    """Have `hook` called at every boundary that lies in the engine; `patch` is a pytest MonkeyPatch."""
    _watch_ledger(patch, hook)
    _watch_answers(patch, hook)
    _watch_shelf(patch, hook)


def _watch_ledger(patch: Any, hook: Hook) -> None:
    """Before a line is left to the pen, and after its writer was told; inside a group, between two of its lines; after its commit, before anybody is told."""
    write, written = pen.Pen.write, pen.written

    async def left(its: Any, line: Any) -> Any:
        if line.kind in _BEFORE:
            hook(_BEFORE[line.kind])
        made = await write(its, line)
        if line.kind in _AFTER:
            hook(_AFTER[line.kind])
        return made

    def inside(line: Callable[..., Any]) -> Callable[..., Any]:
        def stricken(*given: Any) -> Any:
            hook("inside")
            return line(*given)

        return stricken

    def committed(ledger: Any, lines: Any) -> Any:
        results = written(ledger, lines)
        for line in lines:
            hook(f"committed {line.kind.value if line.kind else 'lease'}")
        return results

    patch.setattr(pen.Pen, "write", left)
    for line in ("_whole", "_part"):
        patch.setattr(pen, line, inside(getattr(pen, line)))
    patch.setattr(pen, "written", committed)


def _watch_answers(patch: Any, hook: Hook) -> None:
    send = purchase.send

    async def posted(*args: Any, **named: Any) -> Any:
        answer = await send(*args, **named)
        hook("b5")
        return answer

    patch.setattr(purchase, "send", posted)


def _watch_shelf(patch: Any, hook: Hook) -> None:
    sync, put, link = clip_store.flush, clip_store.put, os.link

    def synced(path: Path) -> None:
        sync(path)
        if path.suffix == ".part":
            hook("b10")

    def linked(source: Any, target: Any, **named: Any) -> None:
        link(source, target, **named)
        if str(target).endswith(".mp4"):
            hook("b11")

    def placed(*args: Any, **named: Any) -> Path:
        place = put(*args, **named)
        hook("b12")
        return place

    patch.setattr(clip_store, "flush", synced)
    patch.setattr(os, "link", linked)
    patch.setattr(clip_store, "put", placed)


def watch_network(patch: Any, hook: Hook) -> None:
    """The three boundaries beyond the engine, on a real network: b3 when a purchase's last byte was written to the socket, b4 when the service has
    answered and nothing of it was read, b9 in the middle of a download.
    """
    send = httpx.AsyncHTTPTransport.handle_async_request

    async def handled(transport: Any, request: httpx.Request) -> httpx.Response:
        buys = request.method == "POST" and b"videoInference" in request.content
        if buys:
            request.stream = _Hooked(request.stream, hook, "b3")
        answer = await send(transport, request)
        if buys:
            hook("b4")
        elif request.method == "GET":
            answer.stream = _Hooked(answer.stream, hook, "b9")
        return answer

    patch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", handled)


class _Hooked(httpx.AsyncByteStream):
    """A body with a boundary behind each of its chunks."""

    def __init__(self, inner: Any, hook: Hook, name: str) -> None:
        self._inner, self._hook, self._name = inner, hook, name

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._inner:
            yield chunk
            self._hook(self._name)

    async def aclose(self) -> None:
        await self._inner.aclose()
