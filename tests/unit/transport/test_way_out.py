"""One way out: proxies, certificates and addresses from the usual variables, and what can't be used is named."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import httpx
import pytest

from callsheet.domain.errors import Exit
from callsheet.transport.way_out import NoWayOut, cause, require, way_out


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's own certificates decide nothing here."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("variables", "url", "through"),
    [
        ({}, "https://api.example/v1", None),
        ({"HTTPS_PROXY": "http://proxy.example:3128"}, "https://api.example/v1", "http://proxy.example:3128"),
        ({"HTTPS_PROXY": "proxy.example:3128"}, "https://api.example/v1", "http://proxy.example:3128"),
        ({"HTTPS_PROXY": "http://proxy.example:3128"}, "http://api.example/v1", None),
        ({"ALL_PROXY": "socks5h://proxy.example"}, "https://api.example/v1", "socks5h://proxy.example:1080"),
        ({"ALL_PROXY": "socks://proxy.example:1080/"}, "http://api.example/v1", "socks5://proxy.example:1080"),
        ({"HTTPS_PROXY": "http://a.example:1", "https_proxy": "http://b.example:2"}, "https://api.example", "http://b.example:2"),
        ({"HTTPS_PROXY": "http://a.example:1", "https_proxy": ""}, "https://api.example", None),
        ({"ALL_PROXY": "http://p.example:1", "NO_PROXY": "*"}, "https://api.example", None),
        ({"ALL_PROXY": "http://p.example:1", "NO_PROXY": "api.example"}, "https://api.example", None),
        ({"ALL_PROXY": "http://p.example:1", "NO_PROXY": ".example"}, "https://api.example", None),
        ({"ALL_PROXY": "http://p.example:1", "NO_PROXY": "pi.example"}, "https://api.example", "http://p.example:1"),
        ({"ALL_PROXY": "http://p.example:1", "NO_PROXY": "localhost, 10.0.0.0/8"}, "http://10.1.2.3/v1", None),
        ({"ALL_PROXY": "http://p.example:1", "NO_PROXY": "10.0.0.0/8 fe80::/10"}, "http://[fe80::1]/v1", None),
        ({"ALL_PROXY": "http://p.example:1", "NO_PROXY": "10.0.0.0/8"}, "http://11.1.2.3/v1", "http://p.example:1"),
        ({"ALL_PROXY": "http://p.example:1", "NO_PROXY": "192.168.*"}, "http://192.168.1.1/v1", None),
        ({"ALL_PROXY": "http://p.example:1", "NO_PROXY": "127.0.0.1:8080"}, "http://127.0.0.1:8080/v1", None),
        ({"ALL_PROXY": "http://p.example:1", "NO_PROXY": "127.0.0.1:8080"}, "http://127.0.0.1:8081/v1", "http://p.example:1"),
        ({"ALL_PROXY": "http://p.example:1", "NO_PROXY": "[::1]:8080,::2"}, "http://[::1]:8080/v1", None),
        ({"ALL_PROXY": "http://p.example:1", "NO_PROXY": "::1"}, "http://[::1]:9/v1", None),
    ],
)
def test_which_way_an_address_has(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], url: str, through: str | None) -> None:
    """Scheme, host, port and network decide, as the variables say; small letters go before capitals."""
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
    found = way_out().proxy(httpx.URL(url))
    assert (found.place if found else None) == through


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("HTTP_PROXY", "ftp://proxy.example:21"),
        ("HTTPS_PROXY", "http://[::1"),
        ("https_proxy", "http://proxy.example:port"),
        ("ALL_PROXY", "socks4://proxy.example:1080"),
        ("ALL_PROXY", "http://"),
        ("ALL_PROXY", "://"),
        ("HTTP_PROXY", "http://proxy.example:99999"),
        ("NO_PROXY", "10.0.0.0/99"),
        ("no_proxy", "localhost,fe80::/200"),
        ("SSL_CERT_FILE", "/nonexistent/cacert.pem"),
        ("SSL_CERT_FILE", "/"),
        ("SSL_CERT_FILE", __file__),
        ("SSL_CERT_DIR", "/nonexistent"),
        ("SSLKEYLOGFILE", "/nonexistent/keys"),
    ],
)
async def test_a_variable_that_can_not_be_used_is_named(monkeypatch: pytest.MonkeyPatch, variable: str, text: str) -> None:
    """Exit code 5, the variable, and what to do; never a traceback."""
    monkeypatch.setenv(variable, text)
    with pytest.raises(NoWayOut, match=variable) as told:
        await require()
    assert told.value.exit is Exit.SETUP
    assert variable in told.value.problems[0].help


async def test_a_proxy_that_takes_no_connection_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before a cent is spent, and without the password that stands in the variable."""
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    monkeypatch.setenv("ALL_PROXY", f"socks5://user:word@127.0.0.1:{port}")
    await require()
    server.close()
    await server.wait_closed()
    with pytest.raises(NoWayOut, match="ALL_PROXY") as told:
        await require()
    assert "word" not in str(told.value)
    assert "word" not in way_out().words()


def test_whom_tls_believes_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A file of certificates is used for every client, and `doctor` says so."""
    assert "the shipped certificates" in way_out().words()
    bundle = tmp_path / "ca.pem"
    import certifi  # noqa: PLC0415  # only this test needs a bundle

    bundle.write_text(Path(certifi.where()).read_text())
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    assert f"SSL_CERT_FILE {bundle}" in way_out().words()


def test_a_cause_holds_no_address() -> None:
    """What failed is told from the inside, in words that can't hold a URL with a secret."""
    refused = httpx.ConnectError("https://u:secret@host/")
    refused.__cause__ = ConnectionRefusedError(111, "Connection refused")
    assert cause(refused) == "connection refused"
    unknown = httpx.ConnectError("[Errno -2] https://u:secret@host/")
    unknown.__context__ = socket.gaierror(-2, "Name or service not known")
    assert cause(unknown) == "its name can't be resolved"
    assert cause(httpx.ReadError("https://u:secret@host/")) == "ReadError"
