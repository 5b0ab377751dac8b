"""Downloads: from public https only, complete or not at all, and never with a key."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from ipaddress import ip_address, ip_network
from pathlib import Path

import httpx
import pytest

from callsheet.domain.hosts import loopback
from callsheet.transport import download
from callsheet.transport.account import Account, loopback_label
from callsheet.transport.download import Broken, Fault, Fetched, Fetcher, Gone, Got
from callsheet.transport.guard import is_open

VENDOR = Account("runware", "https://api.runware.ai/v1", "runware https://api.runware.ai/v1", own_url=False)
OWN = Account("runware", "http://127.0.0.1:8123/v1", "runware http://127.0.0.1:8123/v1", own_url=True)
FILM = b"\0\0\0\x18ftypmp42" * 1000

Answer = Callable[[httpx.Request], httpx.Response]


async def flow(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 1000):
        yield content[start : start + 1000]


def film(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=flow(FILM))


async def got(answer: Answer, url: str, to: Path, account: Account = VENDOR) -> Got:
    fetcher = Fetcher(httpx.MockTransport(answer))
    try:
        return await fetcher.fetch(url, account, to, 5.0)
    finally:
        await fetcher.close()


async def test_a_whole_file_is_counted_and_hashed(tmp_path: Path) -> None:
    """Size and SHA-256 of exactly what came."""
    part = tmp_path / "x.part"
    assert await got(film, "https://vm.runware.ai/a.mp4", part) == Fetched(part, hashlib.sha256(FILM).hexdigest(), len(FILM))
    assert part.read_bytes() == FILM


async def test_no_key_and_no_compression_is_asked_with(tmp_path: Path) -> None:
    """The service's key never goes to a download host; a bomb has nothing to unpack into."""
    seen: list[httpx.Request] = []

    def note(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return film(request)

    await got(note, "https://vm.runware.ai/a.mp4", tmp_path / "x.part")
    assert "authorization" not in seen[0].headers
    assert seen[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    "url",
    [
        "http://vm.runware.ai/a.mp4",
        "https://user:word@vm.runware.ai/a.mp4",
        "https://vm.runware.ai:8443/a.mp4",
        "file:///etc/passwd",
        "ftp://vm.runware.ai/a.mp4",
        "http://127.0.0.1:8123/a.mp4",
    ],
)
async def test_only_public_https_is_asked(tmp_path: Path, url: str) -> None:
    """Anything else is refused before a byte leaves. That is a rule of ours: it says nothing of the clip."""
    answer = await got(lambda _request: pytest.fail("asked"), url, tmp_path / "x.part")
    assert isinstance(answer, Fault)
    assert answer.lasting


async def test_the_host_of_a_base_url_that_the_user_set_may_be_fetched_from(tmp_path: Path) -> None:
    """Loopback included: that is where a stand-in is."""
    assert isinstance(await got(film, "http://127.0.0.1:9999/a.mp4", tmp_path / "x.part", OWN), Fetched)


async def test_every_hop_is_checked(tmp_path: Path) -> None:
    """A redirect to the cloud's metadata address is refused like a first address."""

    def hop(request: httpx.Request) -> httpx.Response:
        assert request.url.host != "169.254.169.254"
        return httpx.Response(302, headers={"location": "http://169.254.169.254/latest"})

    assert isinstance(await got(hop, "https://vm.runware.ai/a.mp4", tmp_path / "x.part"), Fault)


async def test_redirects_end(tmp_path: Path) -> None:
    answer = await got(
        lambda request: httpx.Response(302, headers={"location": str(request.url)}), "https://vm.runware.ai/a.mp4", tmp_path / "x.part"
    )
    assert answer == Broken("too many redirects")


@pytest.mark.parametrize("status", [401, 403, 404, 410])
async def test_a_dead_address_is_gone(tmp_path: Path, status: int) -> None:
    assert isinstance(await got(lambda _request: httpx.Response(status), "https://vm.runware.ai/a.mp4", tmp_path / "x.part"), Gone)


@pytest.mark.parametrize("status", [204, 400, 416])
async def test_trouble_is_broken_and_may_be_tried_again(tmp_path: Path, status: int) -> None:
    assert isinstance(await got(lambda _request: httpx.Response(status), "https://vm.runware.ai/a.mp4", tmp_path / "x.part"), Broken)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 529])
async def test_a_host_that_is_out_of_order_is_a_fault_that_passes(tmp_path: Path, status: int) -> None:
    """It says nothing of the clip: waited for like a network that is down."""
    answer = await got(lambda _request: httpx.Response(status), "https://vm.runware.ai/a.mp4", tmp_path / "x.part")
    assert isinstance(answer, Fault)
    assert not answer.lasting


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "nothing"),
        (b" \n", "nothing"),
        (b"\xef\xbb\xbf\n<!DOCTYPE html><html>", "a web page"),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "XML"),
        (b'{"error": "expired"}', "JSON"),
        (b"[]", "JSON"),
        ("Zugriff verweigert \u2013 melden Sie sich an".encode(), "text"),
        (("\u2013" * 400).encode(), "text"),
        (b"\0\0\0\x18ftypmp42", None),
        (b"<html>\0", None),
        (b"\x89PNG\r\n\x1a\n", None),
        ("Zugriff verweigert \u00fc".encode("latin-1") * 3, None),
    ],
)
def test_what_comes_in_place_of_a_clip_is_known_by_its_bytes(tmp_path: Path, body: bytes, what: str | None) -> None:
    """Nothing, a page, a store's error or text stand in the way; all other bytes are for the decoder to judge."""
    (tmp_path / "x").write_bytes(body)
    found = download.not_a_clip(tmp_path / "x")
    assert (found.message.removesuffix(" was received instead of the clip") if found else None) == what


async def test_less_than_announced_is_broken(tmp_path: Path) -> None:
    """The length must be the one announced."""
    answer = await got(
        lambda _request: httpx.Response(200, headers={"content-length": "24000"}, content=flow(FILM[:7000])),
        "https://vm.runware.ai/a.mp4",
        tmp_path / "x.part",
    )
    assert answer == Broken("7000 of 24000 bytes came")


async def test_a_file_without_end_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Size is counted on the way."""
    monkeypatch.setattr(download, "_LIMIT", 5000)
    assert isinstance(await got(film, "https://vm.runware.ai/a.mp4", tmp_path / "x.part"), Broken)


async def test_a_slow_drip_has_a_deadline(tmp_path: Path) -> None:
    """The whole download has a deadline, however often a byte comes."""

    async def drip() -> AsyncIterator[bytes]:
        while True:
            yield b"x"
            await asyncio.sleep(0.01)

    fetcher = Fetcher(httpx.MockTransport(lambda _request: httpx.Response(200, content=drip())))
    answer = await fetcher.fetch("https://vm.runware.ai/a.mp4", VENDOR, tmp_path / "x.part", 0.1)
    await fetcher.close()
    assert isinstance(answer, Broken)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("10.0.0.1", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("198.18.0.5", False),
        ("::1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::5db8:d822", False),
        ("2002:7f00:1::", False),
        ("224.0.0.1", False),
        ("fe80::1", False),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    """An address must be public, and may not tunnel to another."""
    assert is_open(ip_address(address)) is public


@pytest.mark.parametrize(
    ("address", "allow", "open_"),
    [
        ("198.18.0.5", "198.18.0.0/15", True),
        ("10.0.0.1", "198.18.0.0/15", False),
        ("64:ff9b::5db8:d822", "64:ff9b::/96", True),
        ("64:ff9b::7f00:1", "64:ff9b::/96", False),
        ("64:ff9b::a00:1", "64:ff9b::/96", False),
    ],
)
def test_networks_that_stand_in_for_the_public_one(address: str, allow: str, open_: bool) -> None:
    """A project opens the network of its proxy program, or its NAT64: never what such an address leads home to."""
    assert is_open(ip_address(address), [ip_network(allow)]) is open_


async def test_a_name_that_leads_home_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is resolved once; what it says is checked and is what is connected to."""

    async def at_home(_loop: object, *_args: object, **_more: object) -> list[tuple[object, ...]]:
        return [(None, None, None, "", ("127.0.0.1", 443))]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", at_home)
    fetcher = Fetcher()
    answer = await fetcher.fetch("https://evil.example/a.mp4", VENDOR, tmp_path / "x.part", 5.0)
    await fetcher.close()
    assert isinstance(answer, Fault)
    assert answer.message == "evil.example is not on the public net, but at 127.0.0.1 here"


@pytest.mark.parametrize(
    ("host", "here"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("studio.localhost", True), ("10.0.0.1", False), ("api.runware.ai", False)],
)
def test_loopback(host: str, here: bool) -> None:
    assert loopback(host) is here


def test_a_label_tells_a_rehearsal() -> None:
    """From the ledger alone one sees what was bought on this machine."""
    assert loopback_label("runware demo")
    assert loopback_label("runware http://127.0.0.1:8123/v1")
    assert not loopback_label("runware https://api.runware.ai/v1")
