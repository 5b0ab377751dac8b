"""Clients as plain as can be for the ByteCompute and deAPI wires, and things to send: pictures, sounds, a place that takes webhooks."""

from __future__ import annotations

import io
import json
import math
import queue
import threading
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import numpy as np

from tests.unit.standin.plain_client import Desk, Item

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
JPEG = b"\xff\xd8\xff\xe0" + bytes(64)
SMALL: Item = {"model": "Ltx2_3_22B_Dist_INT8", "prompt": "a lighthouse", "width": 512, "height": 416, "frames": 49, "steps": 1}
#: what a film of SMALL costs, by the stand-in's own formula
SMALL_USD = {"generations": "0.000919", "animations": "0.000919", "audio-syncs": "0.001011"}


def tone(seconds: float, hertz: float = 440.0, silence: float = 0.0) -> bytes:
    """A WAV file with a tone, its first seconds silent, one channel of 24 kHz: not what a film carries, so that it has to be converted."""
    rate = 24_000
    samples = np.rint(12_000 * np.sin(2 * math.pi * hertz / rate * np.arange(round(seconds * rate)))).astype("<i2")
    samples[: round(silence * rate)] = 0
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return made.getvalue()


def until(done: Callable[[], Any], within_s: float = 20.0) -> Any:
    """What `done` gives as soon as that is something."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if found := done():
            return found
        time.sleep(0.01)
    raise AssertionError(f"nothing within {within_s} s")


class Compute:
    """The ByteCompute wire of a stand-in."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.http = desk, desk.http

    def generate(self, files: dict[str, bytes] | None = None, **fields: str | None) -> httpx.Response:
        """One post of a form; None takes a field away."""
        whole = {"model": "Lightricks/LTX-2.3", "prompt": "a lighthouse", "resolution": "512x512", "duration": "4", **fields}
        parts: list[tuple[str, Any]] = [(name, (None, text)) for name, text in whole.items() if text is not None]
        parts += [(name, (f"{name}.png", data, "image/png")) for name, data in (files or {}).items()]
        return self.http.post(f"{self.desk.url}/v1/generate", files=parts)

    def job(self, key: str) -> httpx.Response:
        """One look."""
        return self.http.post(f"{self.desk.url}/v1/jobs/{key}")

    def download(self, key: str, **headers: str) -> httpx.Response:
        """One download."""
        return self.http.post(f"{self.desk.url}/v1/jobs/{key}/download", headers=headers)

    def ended(self, key: str) -> Item:
        """The first look that tells an end."""
        return until(lambda: found if (found := self.job(key).json())["completed_at"] else None)

    def bought(self, **fields: str | None) -> Item:
        """A job that has ended."""
        return self.ended(self.generate(**fields).json()["id"])


class DeDesk:
    """The deAPI wire of a stand-in."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.http = desk, desk.http
        self.http.headers["Accept"] = "application/json"

    def submit(self, endpoint: str = "generations", files: dict[str, bytes] | None = None, **fields: Any) -> httpx.Response:
        """JSON where there are no files to be sent, else a form; None takes a field away."""
        return self._post(endpoint, files, {name: value for name, value in {**SMALL, **fields}.items() if value is not None})

    def price(self, endpoint: str = "generations", **fields: Any) -> httpx.Response:
        """What such a film would cost."""
        asked = {**{name: SMALL[name] for name in ("model", "width", "height", "frames", "steps")}, **fields}
        return self._post(f"{endpoint}/price", None, {name: value for name, value in asked.items() if value is not None})

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Anything else of the wire."""
        return self.http.get(f"{self.desk.url}/api/v2/{path}", headers=headers)

    def ended(self, key: str) -> Item:
        """The job's data once it has ended."""
        return until(lambda: found if (found := self.get(f"jobs/{key}").json()["data"])["status"] in _ENDED else None)

    def bought(self, endpoint: str = "generations", files: dict[str, bytes] | None = None, **fields: Any) -> Item:
        """A job that has ended."""
        answer = self.submit(endpoint, files, **fields)
        assert answer.status_code == 200, answer.text
        return self.ended(answer.json()["data"]["request_id"])

    def _post(self, path: str, files: dict[str, bytes] | None, fields: Item) -> httpx.Response:
        url = f"{self.desk.url}/api/v2/videos/{path}"
        if files is None:
            return self.http.post(url, json=fields)
        parts: list[tuple[str, Any]] = [(name, (None, str(value))) for name, value in fields.items()]
        return self.http.post(url, files=parts + [(name, (name, data)) for name, data in files.items()])


_ENDED = ("done", "error", "completed", "failed")


@dataclass
class Letterbox:
    """A server that takes posts and puts: each with its headers (lower case) and bytes, in order. It refuses the first `refusals`."""

    url: str
    refusals: int = 0
    came: queue.Queue[tuple[dict[str, str], bytes]] = field(default_factory=queue.Queue)

    def next(self) -> tuple[dict[str, str], Item]:
        """The next post, its body read."""
        headers, body = self.came.get(timeout=20)
        return headers, json.loads(body)


@contextmanager
def letterbox(refusals: int = 0) -> Iterator[Letterbox]:
    """A place for webhooks on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            box.came.put(({name.lower(): value for name, value in self.headers.items()}, body))
            box.refusals -= 1
            self.send_response(503 if box.refusals >= 0 else 204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    box = Letterbox(f"http://127.0.0.1:{server.server_port}/hook?attempt=1", refusals)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield box
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
