"""Downloads, without any key: the only place that takes a clip from the net.

https only, public addresses only, each redirect checked again; files offered from the host of a base URL that the user set may be fetched as they are.
The name is resolved once and that address is connected to, so nothing can be swapped between the check and the connection.
"""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from callsheet.transport.account import Account

_LIMIT = 8 << 30
_REDIRECTS = 4
_GONE = frozenset({401, 403, 404, 410})
_TUNNELS = tuple(ipaddress.ip_network(net) for net in ("64:ff9b::/96", "2002::/16"))


@dataclass(frozen=True, slots=True)
class Fetched:
    """A complete download. `sha256` in hex, `size` in bytes."""

    path: Path
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Broken:
    """The download failed in a way that another try may mend."""

    message: str


@dataclass(frozen=True, slots=True)
class Gone:
    """The URL is dead: ask the service for a fresh one."""

    message: str


class Forbidden(Exception):
    """The URL leads to a place where nothing is fetched from."""


@cache
def certificates(*, trust_env: bool) -> ssl.SSLContext:
    """Whom TLS believes, for every client of this process: reading them takes 20 ms. `trust_env` lets SSL_CERT_FILE and SSL_CERT_DIR name others."""
    return httpx.create_ssl_context(trust_env=trust_env)


class Fetcher:
    """Downloads clips; `transport` is for tests."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._client = httpx.AsyncClient(transport=transport or _Pinned(), follow_redirects=False, trust_env=False)

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.aclose()

    async def fetch(self, url: str, account: Account, to: Path, timeout_s: float) -> Fetched | Broken | Gone:
        """Download `url` into the new file `to`, counting and hashing on the way; the length must be the one announced."""
        try:
            async with asyncio.timeout(timeout_s):
                return await self._follow(url, account, to)
        except Forbidden as error:
            return Gone(str(error))
        except (httpx.HTTPError, TimeoutError, OSError) as error:
            return Broken(f"the download stopped: {type(error).__name__}")
        except (httpx.InvalidURL, ValueError):
            return Gone("the clip's address can't be read")

    async def _follow(self, url: str, account: Account, to: Path) -> Fetched | Broken | Gone:
        for _hop in range(_REDIRECTS):
            extensions = {"callsheet_trusted": _allowed(url, account)}
            headers = {"Accept-Encoding": "identity"}
            async with self._client.stream("GET", url, headers=headers, timeout=httpx.Timeout(60.0), extensions=extensions) as answer:
                if not answer.is_redirect or "location" not in answer.headers:
                    return await _offered(answer, to)
                url = str(answer.url.join(answer.headers["location"]))
        return Gone("too many redirects")


def _allowed(url: str, account: Account) -> bool:
    """Whether the URL's host is one that the user named; Forbidden where nothing may be fetched from the URL."""
    parts, own = urlsplit(url), urlsplit(account.url)
    if account.own_url and parts.scheme in ("http", "https") and (parts.hostname, parts.scheme) == (own.hostname, own.scheme):
        return True
    if parts.scheme != "https" or parts.username or parts.port not in (None, 443):
        raise Forbidden(f"clips are only fetched over https from public hosts, not from {parts.scheme}://{parts.hostname}")
    return False


async def _offered(answer: httpx.Response, to: Path) -> Fetched | Broken | Gone:
    if answer.status_code in _GONE:
        return Gone(f"the clip's address answers {answer.status_code}")
    if answer.status_code != 200:
        return Broken(f"the download answers {answer.status_code}")
    return await save(answer, to)


async def save(answer: httpx.Response, to: Path) -> Fetched | Broken:
    """Save an answer's body, as it comes, in the new file `to`: counted and hashed on the way, and exactly as long as announced."""
    announced = answer.headers.get("content-length")
    digest, size = hashlib.sha256(), 0
    with to.open("xb") as file:
        async for chunk in answer.aiter_raw():
            size += len(chunk)
            if size > _LIMIT:
                return Broken(f"the file is larger than {_LIMIT >> 30} GiB")
            digest.update(chunk)
            file.write(chunk)
    if announced is not None and announced.strip() != str(size):
        return Broken(f"{size} of {announced} bytes came")
    return Fetched(to, digest.hexdigest(), size)


class _Pinned(httpx.AsyncBaseTransport):
    """Resolves a host once, refuses any answer that isn't public, and connects to the address that was checked."""

    def __init__(self) -> None:
        self._inner = httpx.AsyncHTTPTransport(verify=certificates(trust_env=False), retries=0, trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.extensions.get("callsheet_trusted"):
            return await self._inner.handle_async_request(request)
        host = request.url.host
        address = await _public(host)
        pinned = httpx.Request(
            request.method,
            request.url.copy_with(host=address),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": host},
        )
        return await self._inner.handle_async_request(pinned)

    async def aclose(self) -> None:
        await self._inner.aclose()


async def _public(host: str) -> str:
    """The first address of a host, all of whose addresses must be public."""
    found = await asyncio.get_running_loop().getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    addresses = [str(item[4][0]) for item in found]
    if not addresses or not all_public(addresses):
        raise Forbidden(f"{host} is not on the public net")
    return addresses[0]


def all_public(addresses: Sequence[str]) -> bool:
    """Whether every address is globally reachable; addresses that tunnel to others don't count as such."""
    return all(_is_public(ipaddress.ip_address(address)) for address in addresses)


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    tunnelled = any(address in net for net in _TUNNELS if net.version == address.version)
    return address.is_global and not address.is_multicast and not tunnelled
