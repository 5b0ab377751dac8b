"""Runware as its page describes it: arrays of tasks, a key of the client's own, an archive of past tasks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx

from tests.crash.speakers.base import NOTHING, Job, News, Speaker, meanings, page, said

_WORDS = {429: ("rateLimitExceeded", "busy"), 402: ("insufficientCredits", "stop_lane"), 400: ("invalidWidth", "fix_shot")}


class Runware(Speaker):
    """One address for everything; many jobs in one look."""

    keyed = True
    remembers_s = None

    def word(self, request: httpx.Request) -> str:
        words = {"videoInference": "buy", "getResponse": "look", "getTaskDetails": "archive"}
        return words[json.loads(request.content)[0]["taskType"]]

    def key(self, request: httpx.Request) -> str:
        return str(json.loads(request.content)[0]["taskUUID"])

    def ack(self, key: str, job: Job) -> httpx.Response:
        item = {"taskType": "videoInference", "taskUUID": key}
        return said(200, self.manner.dressed({"data": [item]}), f"taken {key}")

    def conflict(self, key: str) -> httpx.Response:
        """The key is known already, which is a proof that it was taken."""
        return _errors(400, key, "conflictTaskUUID", f"taken {key}")

    def refusal(self, status: int, key: str) -> httpx.Response:
        return said(503, {"error": "no"}, "unsaid") if status == 503 else _errors(status, key, *_WORDS[status])

    def asked(self, request: httpx.Request) -> list[str]:
        return [task["taskUUID"] for task in json.loads(request.content)]

    def news(self, told: Mapping[str, News]) -> httpx.Response:
        items = {key: self._item(key, news) for key, news in told.items() if news.word not in ("silent", "unknown")}
        apart = {key for key in items if told[key].word == "failed" and self.manner.now_and_then(0.5)}
        body: dict[str, Any] = {"data": [item for key, item in items.items() if key not in apart]}
        if apart:
            body["errors"] = [items[key] for key in apart]
        return said(200, self.manner.dressed(body), meanings({key: _means(news) for key, news in told.items()}))

    def archive(self, key: str, news: News | None) -> httpx.Response:
        """A past task with its last answer."""
        if news is None:
            return _errors(404, key, "taskNotFound", meanings({key: "absent"}))
        item = {"taskUUID": key, "request": [], "response": {"data": [self._item(key, news)]}}
        return said(200, {"data": [item]}, meanings({key: _means(news)}))

    def unread(self, status: int) -> httpx.Response:
        return said(status, self.manner.one(page(status), {"errors": []}), NOTHING)

    def _item(self, key: str, news: News) -> dict[str, Any]:
        item: dict[str, Any] = {"taskUUID": key, "taskType": "videoInference"}
        cost = {} if news.cost is None else {"cost": news.cost / 1_000_000}
        match news.word:
            case "running":
                return self.manner.dressed(
                    item | {"status": self.manner.one("processing", "processing", "pending"), "progress": self.manner.progress()}
                )
            case "failed":
                return item | {"status": "error", "code": "providerError", "message": "it fell over", "cost": (news.cost or 0) / 1_000_000}
            case _:
                return self.manner.dressed(item | {"status": "success", "videoURL": news.url, **cost})


def _means(news: News) -> str:
    return {"silent": "absent", "unknown": "absent", "failed": "failed retry"}.get(news.word, news.word)


def _errors(status: int, key: str, code: str, means: str) -> httpx.Response:
    error = {"code": code, "message": code, "taskUUID": key, "taskType": "videoInference"}
    return said(status, {"errors": [error]}, means)
