"""The small protocol of tests/keyless_wires.py: POST /jobs buys, POST /poll asks after jobs, and a callback brings a token back where one was given."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx

from tests.crash.speakers.base import NOTHING, Job, News, Speaker, meanings, said

_MEANS = {429: "busy", 402: "stop_lane", 400: "fix_shot", 503: "unsaid"}


class Reel(Speaker):
    """A service without a key of ours."""

    def word(self, request: httpx.Request) -> str:
        return {"jobs": "buy", "poll": "look"}[request.url.path.rsplit("/", 1)[1]]

    def key(self, request: httpx.Request) -> str:
        return str(json.loads(request.content).get("webhook_token", ""))

    def ack(self, key: str, job: Job) -> httpx.Response:
        return said(201, {"job": job.id}, f"taken {job.id}")

    def refusal(self, status: int, key: str) -> httpx.Response:
        return said(status, {"error": "no"}, _MEANS[status])

    def asked(self, request: httpx.Request) -> list[str]:
        return list(json.loads(request.content)["jobs"])

    def news(self, told: Mapping[str, News]) -> httpx.Response:
        spoken = {id: _told(news) for id, news in told.items() if news.word != "silent"}
        return said(200, {"jobs": spoken}, meanings({id: _means(news) for id, news in told.items()}))

    def unread(self, status: int) -> httpx.Response:
        return said(status, "", NOTHING)


def _told(news: News) -> dict[str, Any]:
    cost = {} if news.cost is None else {"cost": f"{news.cost / 1_000_000:.6f}"}
    return {"status": news.word, **({"url": news.url} if news.word == "done" else {}), **cost}


def _means(news: News) -> str:
    return {"silent": "absent", "failed": "failed retry"}.get(news.word, news.word)
