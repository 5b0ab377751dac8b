"""Requests as they left this machine: what the transport was handed last, below all that could still change them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from callsheet.services.protocol.multipart import text_fields
from callsheet.transport.way_out import Outward


@dataclass(frozen=True)
class Left:
    """One request: method, URL, headers with lower-case names, and its whole body."""

    method: str
    url: httpx.URL
    headers: dict[str, str]
    body: bytes

    @property
    def fields(self) -> dict[str, Any]:
        """The one object or the form that it carries; an array's first task."""
        kind = self.headers.get("content-type", "")
        if kind.startswith("multipart/form-data"):
            return dict(text_fields(self.body, kind))
        found: Any = json.loads(self.body or b"{}")
        return found[0] if isinstance(found, list) else found


@contextmanager
def logged() -> Iterator[list[Left]]:
    """What leaves meanwhile, in order; every request still goes where it was sent."""
    left: list[Left] = []
    sent = Outward.handle_async_request

    async def handle(self: Outward, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        left.append(Left(request.method, request.url, {name.lower(): value for name, value in request.headers.items()}, body))
        return await sent(self, request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Outward, "handle_async_request", handle)
        yield left


def purchases(left: list[Left]) -> list[Left]:
    """Those that buy something."""
    bought: list[Left] = []
    for one in left:
        path = one.url.path
        runware = path.endswith("/v1") and one.fields.get("taskType") == "videoInference"
        form = path.endswith("/generate") or ("/videos/" in path and not path.endswith("/price"))
        lightricks = path.startswith("/v2/") and one.method == "POST"
        if runware or form or lightricks:
            bought.append(one)
    return bought
