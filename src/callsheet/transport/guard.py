"""The downloads' guard: which addresses a clip may be fetched from. https only, public only, each redirect checked again.

Without a proxy the name is resolved here, once, and what was checked is what is connected to, so nothing can be swapped in between. Behind a proxy the
proxy resolves: then only what a URL itself says is checked. `[network] allow` opens networks treated like the public one (fake-IP proxies, NAT64).
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from callsheet.transport.account import Account
from callsheet.transport.way_out import Address, Network, Outward, as_address

#: addresses that hold another, and the bits that stand before it
_TUNNELS: tuple[tuple[Network, int], ...] = ((ipaddress.ip_network("64:ff9b::/96"), 96), (ipaddress.ip_network("2002::/16"), 16))
#: names that mean this machine or this network, behind whatever proxy
_LOCAL = ("localhost", ".localhost", ".local", ".internal", ".home.arpa", ".lan")
#: seconds for a connection to one of several addresses
_CONNECT_S = 10.0


class Forbidden(Exception):
    """The URL leads to a place where nothing is fetched from. `help` says what would allow it."""

    def __init__(self, message: str, help: str) -> None:
        super().__init__(message)
        self.help = help


@dataclass(frozen=True, slots=True)
class Doors:
    """What is open beside public https: networks (`allow`), and `host:port` places that the model's card names (`places`)."""

    allow: tuple[Network, ...] = ()
    places: tuple[str, ...] = ()


#: nothing beside public https
PUBLIC = Doors()


def trusted(url: str, account: Account, doors: Doors) -> bool:
    """Whether the URL's host is one that the user named; Forbidden where nothing may be fetched from the URL. ValueError if it is none."""
    parts, own = urlsplit(url), urlsplit(account.url)
    if account.own_url and parts.scheme in ("http", "https") and (parts.hostname, parts.scheme) == (own.hostname, own.scheme):
        return True
    open_port = parts.port in (None, 443) or f"{parts.hostname}:{parts.port}" in doors.places
    if parts.scheme != "https" or not parts.hostname or parts.username or not open_port:
        where = f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}"
        raise Forbidden(
            f"clips are only fetched over https from public hosts, not from {where}",
            "a card may name the place under hosts, as HOST:PORT; a service of your own is named by its base URL",
        )
    return False


class Guard(httpx.AsyncBaseTransport):
    """Stands before the way out. A request's extensions say what was found of its URL: `callsheet_trusted`, and the open `callsheet_allow`."""

    def __init__(self, out: Outward) -> None:
        self._out = out

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send it where that is allowed; Forbidden else."""
        allow: Sequence[Network] = request.extensions.get("callsheet_allow", ())
        if request.extensions.get("callsheet_trusted"):
            return await self._out.handle_async_request(request)
        if self._out.proxy(request):
            _refuse_local(request.url.host, allow)
            return await self._out.handle_async_request(request)
        addresses = await _open_addresses(request.url.host, request.url.port or 443, allow)
        for address in addresses[:-1]:  # each in turn; the last one's failure is the answer
            try:
                return await self._out.handle_async_request(_at(request, address, several=True))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._out.handle_async_request(_at(request, addresses[-1], several=len(addresses) > 1))

    async def aclose(self) -> None:
        """Let go of connections."""
        await self._out.aclose()


def _at(request: httpx.Request, address: str, *, several: bool) -> httpx.Request:
    """The same request, to one address of its host."""
    timeout = dict(request.extensions.get("timeout", {}))
    if several and timeout.get("connect"):
        timeout["connect"] = min(timeout["connect"], _CONNECT_S)
    extensions = {**request.extensions, "timeout": timeout, "sni_hostname": request.url.host, "callsheet_direct": True}
    return httpx.Request(request.method, request.url.copy_with(host=address), headers=request.headers, extensions=extensions)


def _refuse_local(host: str, allow: Sequence[Network]) -> None:
    """What a URL says by itself, where the proxy resolves names."""
    address = as_address(host)
    if (address and not is_open(address, allow)) or (not address and (host in _LOCAL or host.endswith(_LOCAL) or "." not in host)):
        raise Forbidden(f"{host} is not on the public net", _remedy(address))


async def _open_addresses(host: str, port: int, allow: Sequence[Network]) -> list[str]:
    """A host's addresses that may be connected to, in the resolver's order. Forbidden where it has none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(item[4][0]) for item in found))
    open_ones = [address for address in addresses if is_open(ipaddress.ip_address(address), allow)]
    if not open_ones:
        first = ipaddress.ip_address(addresses[0]) if addresses else None
        here = f", but at {first} here" if first and str(first) != host else ""
        raise Forbidden(f"{host} is not on the public net{here}", _remedy(first))
    return open_ones


def is_open(address: Address, allow: Sequence[Network] = ()) -> bool:
    """Whether an address may be fetched from: globally reachable, or in an allowed network. One that holds another counts only if that one is public too."""
    allowed = any(address in net for net in allow)
    inner = _inner(address)
    judged = address if inner is None else inner
    public = judged.is_global and not judged.is_multicast
    return (allowed or public) if inner is None else (allowed and public)


def _inner(address: Address) -> Address | None:
    for net, bits in _TUNNELS:
        if address in net:
            return ipaddress.IPv4Address((int(address) >> (96 - bits)) & 0xFFFF_FFFF)
    return None


def _remedy(address: Address | None) -> str:
    """What would open the way, and when that is right."""
    if address is None:
        return "check what the network's DNS answers for the host"
    if address in ipaddress.ip_network("198.18.0.0/15"):
        return f'a proxy program answers DNS with its own addresses here ({address}): write [network] allow = ["198.18.0.0/15"] in project.toml'
    if _inner(address):
        return f'where this network reaches IPv4 through NAT64, write [network] allow = ["{_TUNNELS[0][0]}"] in project.toml'
    return f'DNS or a rule of this network says {address}: fix it, or if that is intended, write [network] allow = ["{ipaddress.ip_network(address)}"] in project.toml'
