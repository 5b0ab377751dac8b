"""A small Runware-shaped service on 127.0.0.1 for the real command: what it says and sends can be bent at every place. It keeps its own bill."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: whether a request was answered in another way than usual
Bend = Callable[["Handler"], bool]


@dataclass
class Hostile:
    """`cost` is told as these JSON words; `address` stands in place of a clip's own; the others bend an answer to a purchase, a look or a download."""

    film: bytes
    cost: str = "0.06"
    more: str = ""
    address: str = ""
    submit: Bend = lambda _handler: False
    look: Bend = lambda _handler: False
    download: Bend = lambda _handler: False
    url: str = ""
    #: purchases in their order, by key, with when they came (monotonic seconds)
    jobs: dict[str, float] = field(default_factory=dict[str, float])
    purchases: int = 0
    downloads: int = 0

    def purchase(self, key: str) -> dict[str, Any]:
        self.jobs.setdefault(key, time.monotonic())
        return {"taskType": "videoInference", "taskUUID": key}

    def clip(self, path: str) -> bytes:
        """The film, with a box of no meaning behind it, so that no two jobs have the same bytes."""
        word = path.encode()
        return self.film + (8 + len(word)).to_bytes(4, "big") + b"free" + word

    def news(self, key: str) -> str:
        """What a look says of a finished job, as JSON: costs are words of the test's own."""
        url = json.dumps(self.address or f"{self.url}/films/{key}.mp4")
        more = f", {self.more}" if self.more else ""
        return f'{{"taskType": "videoInference", "taskUUID": "{key}", "status": "success", "videoURL": {url}, "cost": {self.cost}{more}}}'


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    service: Hostile
    #: the keys of the purchase or look that it is
    keys: list[str] = []  # noqa: RUF012  # replaced, never changed

    def do_POST(self) -> None:
        tasks = json.loads(self.rfile.read(int(self.headers["content-length"])))
        service, keys = self.service, [task["taskUUID"] for task in tasks]
        self.keys = keys
        match tasks[0]["taskType"]:
            case "videoInference":
                service.purchases += 1
                if not service.submit(self):
                    self.say(json.dumps({"data": [service.purchase(key) for key in keys]}).encode())
            case "getResponse":
                if not service.look(self):
                    self.say(f'{{"data": [{", ".join(service.news(key) for key in keys if key in service.jobs)}]}}'.encode())
            case _:
                error = {"code": "taskNotFound", "message": "taskNotFound", "taskUUID": keys[0]}
                self.say(json.dumps({"errors": [error]}).encode(), status=404)

    def do_GET(self) -> None:
        self.service.downloads += 1
        if not self.service.download(self):
            self.say(self.service.clip(self.path), "video/mp4")

    def say(self, body: bytes, kind: str = "application/json", status: int = 200, **headers: str) -> None:
        """An answer of its announced length."""
        self.head(status, kind, **{"Content_Length": str(len(body)), **headers})
        self.wfile.write(body)

    def head(self, status: int, kind: str, **headers: str) -> None:
        """An answer's head alone; `_` in names stands for `-`."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


class _Six(ThreadingHTTPServer):
    """Reached by IPv6 alone."""

    address_family = socket.AF_INET6


@contextmanager
def serving(service: Hostile, *, six: bool = False) -> Generator[Hostile]:
    """Serve until the block ends, by IPv6 alone where `six`; `service.url` is where."""
    made = type("Bound", (Handler,), {"service": service})
    server = _Six(("::1", 0), made) if six else ThreadingHTTPServer(("127.0.0.1", 0), made)
    server.daemon_threads = True
    service.url = f"http://{'[::1]' if six else '127.0.0.1'}:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
