"""The scripted service with a film of its own for every job, models that are gone, and a record of the order of things."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field

import httpx

from tests.scripted_runware import Shop, flow


@dataclass
class Stock(Shop):
    """`gone` are models (as the service calls them) that can't be had. `events` are `submit PROMPT` and `film PROMPT`, in order."""

    gone: set[str] = field(default_factory=set[str])
    events: list[str] = field(default_factory=list[str])
    prompts: dict[str, str] = field(default_factory=dict[str, str])
    models: list[str] = field(default_factory=list[str])

    async def answer(self, request: httpx.Request) -> httpx.Response:
        if request.method != "GET":
            return await super().answer(request)
        key = request.url.path.rpartition("/")[2].removesuffix(".mp4")
        self.events.append(f"film {self.prompts[key]}")
        word = self._next(self.downloads)
        if word != "ok":
            return self._download(word, request)
        own = struct.pack(">I4s", 8 + len(key), b"free") + key.encode()  # a box that players skip: every job's film has its own bytes
        return httpx.Response(200, content=flow(self.film + own))

    def _submit(self, key: str, word: str, request: httpx.Request) -> httpx.Response:
        [task] = json.loads(request.content)
        self.prompts[key] = task["positivePrompt"]
        self.models.append(task["model"])
        self.events.append(f"submit {task['positivePrompt']}")
        if task["model"] in self.gone:
            return self._errors(400, key, "modelNotFound", "this model is retired")
        return super()._submit(key, word, request)

    @property
    def submits_sent(self) -> list[str]:
        """Prompts in the order in which they were bought."""
        return [event.removeprefix("submit ") for event in self.events if event.startswith("submit ")]
