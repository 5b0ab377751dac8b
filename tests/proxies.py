"""Proxies as companies have them, on 127.0.0.1: one that opens TLS with an authority of its own, and a SOCKS5 one. Whatever host is asked for, a stand-in answers.

Names that end in `.test` are resolved by nobody else, so a request that goes past the proxy fails.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import struct
import threading
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import BaseServer, StreamRequestHandler, ThreadingTCPServer
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_PEM = serialization.Encoding.PEM


class Authority:
    """A certificate authority of a test's own. `file` holds its certificate."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._key = folder, ec.generate_private_key(ec.SECP256R1())
        self._own = self._signed("an office", self._key.public_key(), None)
        self.file = folder / "office.pem"
        self.file.write_bytes(self._own.public_bytes(_PEM))
        self.context = cache(self._context)

    def _signed(self, name: str, key: ec.EllipticCurvePublicKey, host: str | None) -> x509.Certificate:
        """A certificate for `host`, or, without one, the authority's own."""
        now, own = datetime.now(UTC), host is None
        usage = dict.fromkeys(("content_commitment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False)
        made = (
            x509.CertificateBuilder()
            .subject_name(_named(name))
            .issuer_name(_named("an office"))
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=own, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .add_extension(
                x509.KeyUsage(digital_signature=True, key_encipherment=not own, key_cert_sign=own, crl_sign=own, **usage), critical=True
            )
        )
        if host:
            made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        return made.sign(self._key, hashes.SHA256())

    def _context(self, host: str) -> ssl.SSLContext:
        """What a server speaks TLS with that calls itself `host`."""
        key = ec.generate_private_key(ec.SECP256R1())
        secret = key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        file = self._folder / f"{host}.pem"
        file.write_bytes(secret + self._signed(host, key.public_key(), host).public_bytes(_PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


class Passed:
    """What went through a proxy: how many requests (or connections), by host and method."""

    def __init__(self) -> None:
        self.url = ""
        self.seen: Counter[tuple[str, str]] = Counter()


@contextmanager
def opening_tls(standin: str, authority: Authority) -> Generator[Passed]:
    """A proxy that speaks for every https host with a certificate of `authority`, and asks `standin` in its place."""
    passed, behind = Passed(), urlsplit(standin)

    class Office(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        host = ""

        def do_CONNECT(self) -> None:  # named by the method
            self.host = self.path.rpartition(":")[0]
            self.send_response(200)
            self.end_headers()
            self.connection = authority.context(self.host).wrap_socket(self.connection, server_side=True)
            self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)
            self.close_connection = False

        def do_GET(self) -> None:
            self._pass_on()

        def do_POST(self) -> None:
            self._pass_on()

        def _pass_on(self) -> None:
            passed.seen[self.host, self.command] += 1
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            asked = http.client.HTTPConnection(behind.hostname or "", behind.port, timeout=60)
            asked.request(self.command, self.path, body or None, dict(self.headers))
            answer = asked.getresponse()
            content = answer.read()
            if "json" in answer.getheader("content-type", ""):  # the stand-in doesn't know that it is reached by https
                content = content.replace(b"http://" + self.host.encode(), b"https://" + self.host.encode())
            asked.close()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.casefold() not in ("content-length", "transfer-encoding", "connection"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    with _serving(ThreadingHTTPServer(("127.0.0.1", 0), Office)) as port:
        passed.url = f"http://127.0.0.1:{port}"
        yield passed


@contextmanager
def socks5(standin: str) -> Generator[Passed]:
    """A SOCKS5 proxy without a password that connects to `standin`, whatever host is named."""
    passed, behind = Passed(), urlsplit(standin)

    class Socks(StreamRequestHandler):
        def handle(self) -> None:
            _, count = struct.unpack("!BB", self.rfile.read(2))
            self.rfile.read(count)
            self.wfile.write(b"\x05\x00")
            _, command, _, kind = struct.unpack("!BBBB", self.rfile.read(4))
            host = self.rfile.read(self.rfile.read(1)[0]).decode() if kind == 3 else socket.inet_ntoa(self.rfile.read(4))
            self.rfile.read(2)
            assert command == 1, "only connections are asked for"
            passed.seen[host, "CONNECT"] += 1
            with socket.create_connection((behind.hostname, behind.port)) as far:
                self.wfile.write(b"\x05\x00\x00\x01" + bytes(6))
                there = threading.Thread(target=_pump, args=(self.connection, far), daemon=True)
                there.start()
                _pump(far, self.connection)
                there.join()

    ThreadingTCPServer.daemon_threads = True
    with _serving(ThreadingTCPServer(("127.0.0.1", 0), Socks)) as port:
        passed.url = f"socks5://127.0.0.1:{port}"
        yield passed


def _pump(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while content := one.recv(1 << 16):
            other.sendall(content)
        other.shutdown(socket.SHUT_WR)


@contextmanager
def _serving(server: BaseServer) -> Generator[int]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]  # type: ignore[misc]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
