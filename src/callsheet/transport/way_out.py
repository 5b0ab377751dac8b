"""The way out to the network, one for every request: proxies, certificates, and what goes past a proxy. Read from the usual variables.

HTTP_PROXY, HTTPS_PROXY and ALL_PROXY name proxies (http, https, socks5); NO_PROXY names hosts, addresses and networks that are reached without.
SSL_CERT_FILE and SSL_CERT_DIR say whom TLS believes. A variable in small letters goes before its twin in capitals, as everywhere.
"""

from __future__ import annotations

import asyncio
import ipaddress
import os
import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import cast

import httpx

from callsheet.domain.errors import ServiceError
from callsheet.transport.decoding import BadBody
from callsheet.transport.streams import Stream, Streams

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: a proxy that takes no connection within this is none, seconds
_KNOCK_S = 5.0
#: connections of one client, all of which are kept: httpcore closes a free one whenever more than may be kept are open, be they busy or free
CONNECTIONS = 64
#: a connection that was free for longer is not used again, seconds: servers close theirs after five or more, and a purchase must not meet that
_KEPT_S = 4.0
_DEFAULT_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}
#: how a folder of certificates names them
_HASHED = re.compile(r"[0-9a-f]{8}\.\d+")


class NoWayOut(ServiceError):
    """A variable that describes the way to the network can't be used."""

    code = "network"


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy, and the variable that names it. `url` may hold a password: show `place`."""

    variable: str
    url: httpx.URL

    @property
    def place(self) -> str:
        """Where it is, without its password."""
        return f"{self.url.scheme}://{self.url.host}:{self.port}"

    @property
    def port(self) -> int:
        """The port that it listens at."""
        return self.url.port or _DEFAULT_PORTS[self.url.scheme]


@dataclass(frozen=True, slots=True)
class _Past:
    """One entry of NO_PROXY."""

    text: str
    network: Network | None = None
    port: int | None = None

    def covers(self, host: str, port: int | None) -> bool:
        if self.port is not None and self.port != port:
            return False
        if self.network is not None:
            address = as_address(host)
            return address is not None and address in self.network
        return fnmatchcase(host, self.text) or host.endswith(f".{self.text}")


@dataclass(frozen=True, slots=True)
class WayOut:
    """What is in force: proxies by scheme (`http`, `https`, `all`), what goes past them, and whom TLS believes."""

    proxies: Mapping[str, Proxy]
    past: tuple[_Past, ...]
    #: SSL_CERT_FILE, SSL_CERT_DIR and SSLKEYLOGFILE
    certificates: tuple[str, str, str]

    @property
    def trust(self) -> ssl.SSLContext:
        """Whom TLS believes. Read when it is first asked for: a command that sends nothing needs nobody."""
        return _trust(*self.certificates)[0]

    @property
    def believes(self) -> str:
        """The same in words."""
        return _trust(*self.certificates)[1]

    def proxy(self, url: httpx.URL) -> Proxy | None:
        """The proxy that a URL is asked through; None if it is asked directly."""
        found = self.proxies.get(url.scheme) or self.proxies.get("all")
        host, port = url.host.rstrip(".").lower(), url.port or _DEFAULT_PORTS.get(url.scheme)
        return None if found is None or any(entry.covers(host, port) for entry in self.past) else found

    def words(self) -> str:
        """For people, without passwords."""
        named = {proxy.variable: proxy.place for proxy in self.proxies.values()}
        told = [f"{variable} {place}" for variable, place in named.items()] or ["no proxy"]
        without = ", ".join(entry.text for entry in self.past)
        return "; ".join((*told, *((f"not for {without}",) if named and without else ()), f"TLS believes {self.believes}"))


def as_address(host: str) -> Address | None:
    """The address that a host is written as; None if it is a name."""
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def way_out() -> WayOut:
    """The way that the environment describes. NoWayOut, naming the variable, where one can't be used."""
    proxies: dict[str, Proxy] = {}
    for scheme in ("http", "https", "all"):
        variable, text = _variable(f"{scheme}_proxy")
        if text:
            proxies[scheme] = Proxy(variable, _proxy_url(variable, text))
    variable, text = _variable("no_proxy")
    past = tuple(_entry(variable, entry.lower()) for entry in re.split(r"[,\s]+", text) if entry)
    certificates = (os.environ.get("SSL_CERT_FILE", ""), os.environ.get("SSL_CERT_DIR", ""), os.environ.get("SSLKEYLOGFILE", ""))
    if any(certificates):  # what is named may not be usable, which is told before anything else begins
        _trust(*certificates)
    return WayOut(proxies, past, certificates)


async def require(ways: WayOut | None = None) -> None:
    """NoWayOut where the environment's way can't be gone: a variable that can't be read, or a proxy that takes no connection."""
    way = ways or way_out()
    if any(entry.text == "*" for entry in way.past):
        return
    for proxy in {proxy.place: proxy for proxy in way.proxies.values()}.values():
        if why := await closed(proxy.url.host, proxy.port):
            raise NoWayOut(
                f"{proxy.variable} names the proxy {proxy.place}, which can't be reached: {why}",
                help=f"start the proxy, correct {proxy.variable}, or unset it; then run again",
            )


async def closed(host: str, port: int) -> str:
    """Why no connection can be made to a place; empty if one can."""
    try:
        async with asyncio.timeout(_KNOCK_S):
            _, writer = await asyncio.open_connection(host, port)
    except TimeoutError:
        return f"no answer within {_KNOCK_S:.0f} s"
    except OSError as error:
        return cause(error)
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return ""


class Outward(httpx.AsyncBaseTransport):
    """Sends each request the way that its address has. A request with the extension `callsheet_direct` goes past every proxy."""

    def __init__(self, way: WayOut, limits: httpx.Limits) -> None:
        self.way, self._limits = way, limits
        #: by proxy, None for none; made when first used
        self._ways: dict[httpx.URL | None, httpx.AsyncHTTPTransport] = {}
        #: by scheme, host and port: what NO_PROXY names is compared once
        self._proxies: dict[tuple[str, str, int | None], Proxy | None] = {}

    def proxy(self, request: httpx.Request) -> Proxy | None:
        """The proxy that a request goes through."""
        if request.extensions.get("callsheet_direct"):
            return None
        place = (request.url.scheme, request.url.host, request.url.port)
        if place not in self._proxies:
            self._proxies[place] = self.way.proxy(request.url)
        return self._proxies[place]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it."""
        proxy = self.proxy(request)
        url = proxy.url if proxy else None
        transport = self._ways.get(url) or self._ways.setdefault(url, self._transport(url))
        return await transport.handle_async_request(request)

    def _transport(self, proxy: httpx.URL | None) -> httpx.AsyncHTTPTransport:
        trust = self.way.trust
        return _Way(trust, self._limits, proxy and httpx.Proxy(proxy, ssl_context=trust if proxy.scheme == "https" else None))

    async def aclose(self) -> None:
        """Let go of connections."""
        for transport in self._ways.values():
            await transport.aclose()


class _Way(httpx.AsyncHTTPTransport):
    """httpx's transport on our own connections, which it has no parameter for. To a proxy within TLS, which is TLS within TLS, it keeps its own."""

    def __init__(self, trust: ssl.SSLContext, limits: httpx.Limits, proxy: httpx.Proxy | None) -> None:
        super().__init__(verify=trust, retries=0, trust_env=False, limits=limits, proxy=proxy)
        if proxy is None or proxy.url.scheme != "https":
            self._pool._network_backend = Streams()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # else each of three kinds of pool would be built anew

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it. RemoteProtocolError if its answer was there before it: a service that answers twice would answer each later question with the one before."""
        answer = await super().handle_async_request(request)
        line = answer.extensions.get("network_stream")
        if isinstance(line, Stream) and line.silent:
            await answer.aclose()
            raise httpx.RemoteProtocolError("an answer came before its request was sent", request=request)
        return answer


def client(guard: httpx.AsyncBaseTransport | None = None, *, kept: int = CONNECTIONS) -> httpx.AsyncClient:
    """The only place where an HTTP client is made: for the API, quotes, downloads and hand-overs alike. `guard` stands before the way out, or is a test's; `kept`
    connections are used again.
    """
    return httpx.AsyncClient(transport=guard or outward(kept), follow_redirects=False, trust_env=False)


def outward(kept: int = CONNECTIONS) -> Outward:
    """A transport on the environment's way, of whose connections so many are used again. NoWayOut where there is none."""
    return Outward(way_out(), httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=kept, keepalive_expiry=_KEPT_S))


def cause(error: BaseException) -> str:
    """Why a connection failed, in words that hold no URL: an error's own text may hold one with a secret."""
    found = list(_chain(error))
    for one in found:
        if isinstance(one, ssl.SSLCertVerificationError):
            why = getattr(one, "verify_message", "") or "verification failed"  # OpenSSL sets it, Python alone doesn't
            return f"its certificate is not believed ({why}); SSL_CERT_FILE names whom to believe"
    for one in found:
        if isinstance(one, ssl.SSLError):
            return f"TLS failed ({(one.reason or 'handshake').replace('_', ' ').lower()})"
        if isinstance(one, socket.gaierror):
            return "its name can't be resolved"
        if isinstance(one, OSError) and one.errno:
            return os.strerror(one.errno).lower()
        if isinstance(one, BadBody):
            return str(one)
    return type(error).__name__


def ours(error: BaseException) -> bool:
    """Whether waiting mends nothing: a certificate that isn't believed, or a proxy that refuses."""
    return any(isinstance(one, ssl.SSLError | httpx.ProxyError) for one in _chain(error))


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and what it came from, flattened; each once."""
    seen: set[int] = set()
    open_ones: list[BaseException | None] = [error]
    while open_ones:
        one = open_ones.pop(0)
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inner = cast("BaseExceptionGroup[BaseException]", one).exceptions if isinstance(one, BaseExceptionGroup) else ()
        open_ones += [*inner, one.__cause__, one.__context__]


def _variable(name: str) -> tuple[str, str]:
    """A variable by its name in small letters, else in capitals: how it is written, and what it says."""
    written = name if name in os.environ else name.upper()
    return written, os.environ.get(written, "").strip()


def _proxy_url(variable: str, text: str) -> httpx.URL:
    whole = text if "://" in text else f"http://{text}"
    whole = re.sub(r"^socks://", "socks5://", whole, flags=re.IGNORECASE)  # desktops write it so, and mean version 5
    try:
        url = httpx.URL(whole)
    except (httpx.InvalidURL, UnicodeError, ValueError):
        raise NoWayOut(
            f"{variable} is not the URL of a proxy", help=f"write it as http://HOST:PORT or socks5://HOST:PORT, or unset {variable}"
        ) from None
    if url.scheme not in _DEFAULT_PORTS or not url.host:
        kind = f"a proxy of the kind {url.scheme}" if url.host else "no host"
        raise NoWayOut(
            f"{variable} names {kind}, which can't be used", help=f"write it as http://HOST:PORT or socks5://HOST:PORT, or unset {variable}"
        )
    return url


def _entry(variable: str, text: str) -> _Past:
    """An entry of NO_PROXY: a host, a domain, an address, a network, each perhaps with a port."""
    bare = text.partition("://")[2] or text
    if "/" in bare.rstrip("/"):
        try:
            return _Past(text, ipaddress.ip_network(bare, strict=False))
        except ValueError:
            raise NoWayOut(
                f"{variable} holds {text!r}, which is not a network", help=f"write it as 10.0.0.0/8, or take it out of {variable}"
            ) from None
    found = re.fullmatch(r"(\[[^\]]*\]|[^:]*):(\d{1,5})", bare.rstrip("/"))
    host, port = (found[1], int(found[2])) if found else (bare.rstrip("/"), None)
    address = as_address(host)
    return _Past(text, ipaddress.ip_network(address), port) if address else _Past(host.removeprefix(".") or "*", None, port)


@lru_cache(maxsize=4)
def _trust(file: str, folders: str, keys: str) -> tuple[ssl.SSLContext, str]:
    """Whom TLS believes, for every client of this process: reading them takes 20 ms. And in words where that is written."""
    try:
        if not (file or folders):
            return httpx.create_ssl_context(trust_env=False), "the shipped certificates"
    except OSError as error:
        raise NoWayOut(f"SSLKEYLOGFILE can't be written ({error.strerror}): {keys}", help="correct SSLKEYLOGFILE, or unset it") from None
    context = _named(file, folders)
    return context, f"SSL_CERT_FILE {file}" if file else f"SSL_CERT_DIR {folders}"


def _named(file: str, folders: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if file:
        try:
            context.load_verify_locations(cafile=file)
        except (OSError, ValueError) as error:
            why = "it holds no certificate" if isinstance(error, ssl.SSLError) else getattr(error, "strerror", None) or str(error)
            raise NoWayOut(
                f"SSL_CERT_FILE can't be used ({why}): {file}", help="name a file of certificates in PEM, or unset SSL_CERT_FILE"
            ) from None
    good = [folder for folder in folders.split(os.pathsep) if folder and _hashed(folder)]
    if not file and not good:
        help = "name a folder that `openssl rehash` has been through, or unset SSL_CERT_DIR"
        raise NoWayOut(f"SSL_CERT_DIR can't be used (no certificate is in it under its hash): {folders}", help=help)
    for folder in good:
        context.load_verify_locations(capath=folder)
    return context


def _hashed(folder: str) -> bool:
    try:
        return any(_HASHED.fullmatch(path.name) for path in Path(folder).iterdir())
    except (OSError, ValueError):
        return False
