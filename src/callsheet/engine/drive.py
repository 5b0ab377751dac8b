"""The only sender of keyed requests: one request, one answer, never a retry of its own.

What can be proven about a request that got no answer is said by type: `NotSent` (no byte can have reached the service) or `NoAnswer` (it may have).
"""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType

import httpx

from callsheet.engine.accounts import Account
from callsheet.services.wire import Request, Response

_ANSWER_LIMIT = 64 << 20


@dataclass(frozen=True, slots=True)
class NotSent:
    """The connection was never made: the service cannot have seen the request."""

    message: str


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The request may have arrived; what the service made of it is unknown."""

    message: str


Sent = Response | NotSent | NoAnswer


class Sender:
    """An HTTP client for accounts. It adds credentials and nothing else; bodies go out as the very bytes that were written down."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=16)
        self._client = httpx.AsyncClient(transport=transport, limits=limits, follow_redirects=False)

    async def __aenter__(self) -> Sender:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._client.aclose()

    async def send(self, account: Account, request: Request, timeout_s: float) -> Sent:
        """Send once and read the whole answer."""
        headers = {
            "Authorization": f"Bearer {account.key().get_secret_value()}",
            "Content-Type": request.content_type,
            "Accept": "application/json",
        }
        timeout = httpx.Timeout(timeout_s, connect=min(timeout_s, 20.0))
        try:
            async with self._client.stream(
                request.method, account.url + request.path, content=request.body, headers=headers, timeout=timeout
            ) as answer:
                return Response(answer.status_code, dict(answer.headers), await _body(answer))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            return NotSent(_said(error, account))
        except (httpx.TransportError, _TooLong) as error:
            return NoAnswer(_said(error, account))


class _TooLong(Exception):
    """The answer is longer than any answer should be."""


async def _body(answer: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in answer.aiter_bytes():
        body += chunk
        if len(body) > _ANSWER_LIMIT:
            raise _TooLong(f"more than {_ANSWER_LIMIT} bytes")
    return bytes(body)


def _said(error: Exception, account: Account) -> str:
    """What went wrong, without the request: an error's text may hold a URL with a secret."""
    return f"{account.service}: {type(error).__name__}"
