"""A client as plain as can be, to look at the stand-in's wire without help from the code that it is there to test."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from callsheet.standin.jobs.config import Config
from callsheet.standin.serve import running

Item = dict[str, Any]
LTX_2 = {"model": "lightricks:ltx@2", "positivePrompt": "a lighthouse", "width": 128, "height": 128, "duration": 1, "fps": 8}
LTX_23 = {"model": "lightricks:ltx@2.3", "positivePrompt": "a lighthouse", "width": 1920, "height": 1080}
FAST = {"model": "lightricks:2@1", "positivePrompt": "a lighthouse", "width": 1920, "height": 1080}


def video(base: Item = LTX_2, **more: Any) -> Item:
    """A videoInference task with a fresh UUID; None takes a parameter away."""
    task = {"taskType": "videoInference", "taskUUID": str(uuid4()), "deliveryMethod": "async", "includeCost": True, **base, **more}
    return {name: value for name, value in task.items() if value is not None}


class Desk:
    """Posts tasks to a stand-in."""

    def __init__(self, url: str, http: httpx.Client) -> None:
        self.url, self.http = url, http

    def post(self, *tasks: Item, **headers: str) -> httpx.Response:
        """One POST of an array of tasks."""
        return self.http.post(f"{self.url}/v1", json=list(tasks), headers={name.replace("_", "-"): text for name, text in headers.items()})

    def poll(self, *keys: str) -> httpx.Response:
        """One getResponse for all keys."""
        return self.post(*({"taskType": "getResponse", "taskUUID": key} for key in keys))

    def ended(self, key: str, within_s: float = 20.0) -> Item:
        """The body of the first poll that doesn't say `processing`."""
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            body = self.poll(key).json()
            if not any(item.get("status") == "processing" for item in body.get("data", [])):
                return body
            time.sleep(0.01)
        raise AssertionError(f"{key} did not end within {within_s} s")

    def bought(self, **more: Any) -> Item:
        """One finished clip's result item."""
        task = video(**more)
        assert self.post(task).status_code == 200
        return self.ended(task["taskUUID"])["data"][0]

    def tell(self, name: str) -> Item:
        """One of the stand-in's own pages: bill, requests, jobs."""
        return self.http.get(f"{self.url}/standin/{name}").json()


@contextmanager
def desk(films: Path, **config: Any) -> Iterator[Desk]:
    """A stand-in at once in its answers, and a desk before it."""
    settings = Config(**{"speed": 0, "films": films, **config})
    with running(settings) as url, httpx.Client(headers={"Authorization": "Bearer key"}, timeout=20, trust_env=False) as http:
        yield Desk(url, http)
