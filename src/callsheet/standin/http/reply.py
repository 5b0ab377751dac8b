"""A wire's answer before it becomes HTTP: a status with JSON or an HTML page, or no answer at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import HTMLResponse, JSONResponse, Response

from callsheet.standin.http.downloads import Broken, Silent

Item = dict[str, Any]
PER_USD = 1_000_000


@dataclass(frozen=True, slots=True)
class Reply:
    """A status with JSON, or with an HTML page. Instead, the connection may drop, or stay open without an answer until the client gives up."""

    status: int
    body: Item | str = ""
    dropped: bool = False
    hangs: bool = False
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    def response(self) -> Response:
        """The HTTP response."""
        if self.dropped:
            return Broken()
        if self.hangs:
            return Silent()
        kind = HTMLResponse if isinstance(self.body, str) else JSONResponse
        return kind(self.body, self.status, dict(self.headers))


DROPPED = Reply(0, dropped=True)
HANGING = Reply(0, hangs=True)


def usd(micros: int) -> float:
    """The amount as a JSON number: the nearest float prints as the same decimal."""
    return micros / PER_USD


def usd_text(micros: int) -> str:
    """Decimal text of USD with at least two decimals."""
    whole, part = divmod(micros, PER_USD)
    return f"{whole}.{f'{part:06d}'.rstrip('0').ljust(2, '0')}"
