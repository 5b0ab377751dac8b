"""Lightricks' LTX API v2: JSON to an endpoint, a look at the job there, a film at a public address. No key, no cost told."""

from __future__ import annotations

from typing import Any

import httpx

from tests.crash.speakers.base import NOTHING, Job, News, OneByOne, meanings, page, said

_RUNNING = ("pending", "processing", "QUEUED", "in_progress", "PROCESSING", None, "rendering_soon")


class Lightricks(OneByOne):
    """A job is known at the endpoint that took it, and nowhere else."""

    def word(self, request: httpx.Request) -> str:
        return "buy" if request.method == "POST" else "look"

    def ack(self, key: str, job: Job) -> httpx.Response:
        body = {"id": job.id, "created_at": "2026-11-21T09:30:00Z"}
        return said(self.manner.one(202, 200, 201), self.manner.dressed(body), f"taken {job.id}")

    def refusal(self, status: int, key: str) -> httpx.Response:
        match status:
            case 429:
                name = self.manner.one("rate_limit_error", "concurrency_limit_error")
                return self.manner.one(_error(429, name, "busy", retry_after="5"), _error(429, name, "busy"))
            case 402:
                return self.manner.one(
                    _error(402, "insufficient_funds_error", "stop_lane"), _error(401, "authentication_error", "stop_lane")
                )
            case 400:
                return self.manner.one(_error(400, "invalid_request_error", "fix_shot"), _error(422, "content_filtered_error", "content"))
            case _:
                return self.manner.one(
                    _error(503, "service_unavailable", "unsaid"),
                    _error(529, "overloaded_error", "unsaid"),
                    _error(500, "api_error", "unsaid"),
                    said(504, page(504), "unsaid"),
                    said(202, page(202), "unsaid"),
                )

    def asked(self, request: httpx.Request) -> list[str]:
        endpoint, id = request.url.path.split("/")[-2:]
        return [id if endpoint == "text-to-video" else f"{id} at {endpoint}"]

    def silence(self) -> httpx.Response:
        another = {"id": "J9999", "status": "completed", "result": {"video_url": "https://clips.example.com/J9999.mp4"}}
        return self.manner.one(said(200, page(200), NOTHING), said(404, page(404), NOTHING), said(200, another, NOTHING))

    def unknown(self, id: str) -> httpx.Response:
        return _error(404, "not_found_error", meanings({id: "unknown"}))

    def unread(self, status: int) -> httpx.Response:
        return self.manner.one(said(status, page(status), NOTHING), _error(status, "rate_limit_error", NOTHING))

    def told(self, id: str, news: News) -> httpx.Response:
        word, more, means = self._stands(news)
        item = {"id": id, "status": word, "progress": self.manner.progress(), "created_at": "2026-11-21T09:30:00Z", **more}
        return said(200, self.manner.dressed({name: value for name, value in item.items() if value is not None}), meanings({id: means}))

    def _stands(self, news: News) -> tuple[str | None, dict[str, Any], str]:
        match news.word:
            case "running":
                return self.manner.one(*_RUNNING), {}, "running"
            case "failed":
                error, cause = self.manner.one(
                    ({"type": "api_error", "message": "a worker fell over"}, "retry"),
                    ({"type": "content_filtered_error", "message": "not this"}, "content"),
                    (None, "unknown"),
                )
                return self.manner.one("failed", "FAILED", "error"), {"error": error}, f"failed {cause}"
            case _ if self.manner.now_and_then(0.08):
                return "completed", {"result": None}, "running"  # its address comes a moment later
            case _:
                return self.manner.one("completed", "Completed", "succeeded"), {"result": {"video_url": news.url}}, "done"


def _error(status: int, name: str, means: str, **headers: str) -> httpx.Response:
    return said(status, {"type": "error", "error": {"type": name, "message": "no"}}, means, **headers)
