"""The only sender of requests with a key: one request, one answer, no retries, and no redirect followed with the key. The type says what is
proven about a request without an answer: `NotSent` (no byte can have reached the service) or `NoAnswer` (it may have).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from types import TracebackType

import httpx

from callsheet.domain.errors import ServiceError
from callsheet.services.protocol.answers import Elsewhere, FetchAnswer, Forgotten, Here, Unread
from callsheet.services.protocol.request import Request, Response
from callsheet.services.registry import SERVICES
from callsheet.transport.account import Account
from callsheet.transport.decoding import whole
from callsheet.transport.download import Broken, Fault, Fetched, Gone, failure, out_of_order, save
from callsheet.transport.gate import DOWNLOADS, PURCHASES, QUESTIONS, Gate
from callsheet.transport.way_out import cause, client, ours

_ANSWER_LIMIT = 64 << 20
#: longest time to connect, seconds
_CONNECT_S = 20.0
#: longest pause within a clip's download, seconds
_SILENT_S = 60.0


@dataclass(frozen=True, slots=True)
class NotSent:
    """The connection was never made: the service cannot have seen the request. `lasting`: the cause is on this side, and waiting doesn't
    help.
    """

    message: str
    lasting: bool = False


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The request may have arrived; its effect is unknown."""

    message: str


Sent = Response | NotSent | NoAnswer

#: the headers of every request, in addition to its own
ASKING = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate"}


def keyed_headers(service: str, request: Request, key: str) -> dict[str, str]:
    """The headers of one request to a service, with the account's key where that service expects it."""
    kind = {"Content-Type": request.content_type} if request.body else {}
    return {**dict(request.headers), **SERVICES[service].credentials(key), **kind}


class Sender:
    """An HTTP client for accounts. It adds only credentials; bodies are sent exactly as recorded."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._client, self._once = client(transport), client(transport, kept=0)
        self._asking, self._buying, self._fetching = Gate(QUESTIONS), Gate(PURCHASES), Gate(DOWNLOADS)

    async def __aenter__(self) -> Sender:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._client.aclose()
        await self._once.aclose()

    def turn_to_buy(self, account: Account) -> asyncio.Semaphore:
        """Locked from before a purchase's intent is written until it is answered: nothing that is recorded as sent waits in a queue."""
        return self._buying.of(account)

    async def ask(self, account: Account, request: Request, timeout_s: float) -> Sent:
        """Like `send`, but for a query: it waits until the account has few enough others, and its timeout begins then."""
        async with self._asking.of(account):
            return await self.send(account, request, timeout_s)

    async def send(self, account: Account, request: Request, timeout_s: float, *, afresh: bool = False) -> Sent:
        """Send once and read the whole answer, within `timeout_s` seconds. An incomplete answer counts as no answer. `afresh`: over a connection of its own, because
        one that was used before may be closed by the service just then, and nobody could tell what became of the request.
        """
        try:
            made = self._made(account, request, _within(timeout_s), ASKING)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            return NotSent(_said(error, account), lasting=True)
        try:
            async with asyncio.timeout(timeout_s), _answer(self._once if afresh else self._client, made) as answer:
                came = format_datetime(datetime.now(UTC), usegmt=True)
                return Response(answer.status_code, dict(answer.headers), await whole(answer, _ANSWER_LIMIT), request.path, came)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol) as error:
            return NotSent(_said(error, account), lasting=ours(error))
        except ServiceError:
            raise
        except Exception as error:  # noqa: BLE001 # the request may have arrived, whatever went wrong afterwards
            return NoAnswer(_said(error, account))

    async def hand_over(
        self, account: Account, request: Request, read: Callable[[Response], FetchAnswer], to: Path, timeout_s: float
    ) -> Fetched | Broken | Gone | Fault | Elsewhere:
        """Request a clip that only the key's owner may download, and save it to the new file `to`, within `timeout_s` seconds. `read`
        interprets an answer, from its status and headers, and from its body if that is JSON or text. Otherwise the clip is downloaded
        without the key.
        """
        made = self._made(account, request, httpx.Timeout(_SILENT_S, connect=_CONNECT_S), {"Accept": "*/*", "Accept-Encoding": "identity"})
        try:
            async with self._fetching.of(account), asyncio.timeout(timeout_s), _answer(self._client, made) as answer:
                return await _handed_over(answer, read, to)
        except ServiceError:
            raise
        except Exception as error:  # noqa: BLE001 # whatever it is, it is not a clip, and no proof that there is none
            return failure(error, "the clip was not handed over")

    def _made(self, account: Account, request: Request, timeout: httpx.Timeout, headers: Mapping[str, str]) -> httpx.Request:
        """The request with the account's key; only a body has a content type."""
        return self._client.build_request(
            request.method,
            account.url + request.path,
            content=request.body or None,
            headers={**headers, **keyed_headers(account.service, request, account.key().get_secret_value())},
            timeout=timeout,
            extensions={"callsheet_direct": account.demo},
        )


@asynccontextmanager
async def _answer(client: httpx.AsyncClient, request: httpx.Request) -> AsyncGenerator[httpx.Response]:
    answer = await client.send(request, stream=True)
    try:
        yield answer
    finally:
        await answer.aclose()


async def _handed_over(
    answer: httpx.Response, read: Callable[[Response], FetchAnswer], to: Path
) -> Fetched | Broken | Gone | Fault | Elsewhere:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().casefold()
    worded = kind.startswith("text/") or kind.endswith("json")
    said = read(Response(answer.status_code, dict(answer.headers), await whole(answer, _ANSWER_LIMIT) if worded else b""))
    match said:
        case Here() if worded:
            return out_of_order(f"the service sent {kind}, which is not a clip")
        case Here():
            return await save(answer, to)
        case Elsewhere(url):
            return Elsewhere(str(answer.url.join(url)))
        case Forgotten(job):
            return Gone(f"the service no longer knows job {job}")
        case Unread(message) if answer.is_success or answer.status_code == 429 or answer.is_server_error:
            return out_of_order(message)
        case Unread(message):
            return Broken(message)


def _within(timeout_s: float) -> httpx.Timeout:
    """A shorter timeout for steps that prove that nothing was sent, so that they fail before the whole deadline."""
    early = min(timeout_s / 2, _CONNECT_S)
    return httpx.Timeout(timeout_s, connect=early, pool=early)


def _said(error: Exception, account: Account) -> str:
    """What went wrong, without the request: an error's text may contain a URL with a secret."""
    return f"{account.service}: {cause(error)}"
