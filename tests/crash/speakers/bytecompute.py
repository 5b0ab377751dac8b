"""ByteCompute as far as its page goes, and in the several ways that its silence leaves open: a form buys, posts ask after a job and fetch its clip."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import httpx

from tests.crash.speakers.base import NOTHING, Job, Made, News, OneByOne, meanings, page, said

_RUNNING = ("queued", "in_queue", "PENDING", "waiting", "submitted", "running", "processing", "IN_PROGRESS", "started", None, "warming_up")
_DONE = ("completed", "Completed", "succeeded", "success", "DONE")
_FAILED = ("failed", "Failed", "error", "cancelled", "aborted")


class ByteCompute(OneByOne):
    """No key, no cost told, clips handed over to the key's owner."""

    hands_over = True

    def word(self, request: httpx.Request) -> str:
        last = request.url.path.rsplit("/", 1)[1]
        return {"generate": "buy", "download": "fetch"}.get(last, "look")

    def id(self, n: int) -> str:
        return str(1000 + n)

    def ack(self, key: str, job: Job) -> httpx.Response:
        told = self._adjusted(job, 0.5)
        body: Any = self.manner.one(
            {"id": job.id, "status": "queued", "created_at": "2026-11-21T09:30:00Z", **told},
            {"job_id": job.id, **told},
            {"id": int(job.id), "status": "PENDING", **told},
            {"data": {"id": job.id, "status": "in_queue", **told}},
        )
        return said(self.manner.one(200, 201, 202), self.manner.dressed(body), f"taken {job.id}")

    def refusal(self, status: int, key: str) -> httpx.Response:
        match status:
            case 429:
                name = self.manner.one("concurrency_limit_error", "rate_limit_error")
                return self.manner.one(_error(429, name, "busy", retry_after="7"), _error(429, name, "busy"), said(429, page(429), "busy"))
            case 402:
                return self.manner.one(
                    _error(402, "insufficient_funds_error", "stop_lane"),
                    _error(401, "authentication_error", "stop_lane"),
                    said(403, page(403), "stop_lane"),
                )
            case 400:
                return self.manner.one(
                    _error(400, "invalid_request_error", "fix_shot"),
                    _error(400, "mystery_error", "fix_shot"),
                    _error(422, "content_filtered_error", "content"),
                )
            case _:
                return self._unsaid()

    def _unsaid(self) -> httpx.Response:
        """Something between us and the service, or in it, broke: whether it was taken nobody says."""
        return self.manner.one(
            _error(503, "service_unavailable", "unsaid"),
            _error(529, "overloaded_error", "unsaid"),
            _error(500, "api_error", "unsaid"),
            said(502, page(502), "unsaid"),
            said(200, page(200), "unsaid"),
            said(201, {}, "unsaid"),
        )

    def asked(self, request: httpx.Request) -> list[str]:
        return [request.url.path.removesuffix("/download").rsplit("/", 1)[1]]

    def silence(self) -> httpx.Response:
        another = {"id": "999", "status": "completed", "video_url": "https://clips.example.com/999.mp4"}
        return self.manner.one(
            said(200, page(200), NOTHING),
            said(404, page(404), NOTHING),
            said(200, [], NOTHING),
            said(200, self.manner.one(another, {"data": another}, {**another, "status": "failed"}), NOTHING),
        )

    def unknown(self, id: str) -> httpx.Response:
        return self._unknown(meanings({id: "unknown"}))

    def _unknown(self, means: str) -> httpx.Response:
        return _error(404, self.manner.one("not_found", "not_found_error"), means, message="Job not found")

    def unread(self, status: int) -> httpx.Response:
        return self.manner.one(
            said(status, page(status), NOTHING), _error(status, "rate_limit_error", NOTHING), said(401, page(401), NOTHING)
        )

    def told(self, id: str, news: News) -> httpx.Response:
        assert news.job is not None
        word, more, means = self._stands(news)
        item = {"id": id, "status": word, "progress": self.manner.progress(), **self._adjusted(news.job, 1), **more}
        body = self.manner.dressed({name: value for name, value in item.items() if value is not None})
        return said(200, {"data": body} if self.manner.now_and_then(0.2) and word else body, meanings({id: means}))

    def _stands(self, news: News) -> tuple[str | None, dict[str, Any], str]:
        match news.word:
            case "running":
                return self.manner.one(*_RUNNING), {}, "running"
            case "failed":
                return self.manner.one(*_FAILED), *self._failure()
            case _:
                return self.manner.one(*_DONE), {"video_url": news.url} if self.manner.now_and_then(0.2) else {}, "done"

    def _failure(self) -> tuple[dict[str, Any], str]:
        error, cause = self.manner.one(
            ({"type": "api_error", "message": "a GPU fell over"}, "retry"),
            ({"type": "generation_failed", "message": "no film"}, "retry"),
            ({"type": "content_filtered_error", "message": "not this"}, "content"),
            ("a GPU fell over", "unknown"),
            (None, "unknown"),
        )
        return {"error": error}, f"failed {cause}"

    def _adjusted(self, job: Job, share: float) -> dict[str, Any]:
        if job.made is None:
            return {"adjustments": self.manner.one(None, [])}
        return {"adjustments": job.made.told} if self.manner.now_and_then(share) else {}

    def made(self) -> Made | None:
        """Fewer frames per second, then fewer seconds, told as a list or by parameter."""
        if not self.manner.now_and_then(0.12):
            return None
        if self.manner.now_and_then(0.5):
            return Made(25, 6, Fraction(1), self.manner.one([_change("fps", 50, 25)], {"fps": {"requested": 50, "applied": 25}}))
        told = [_change("fps", 50, 25), {"name": "duration", "from": "6", "to": "4", "reason": "capacity"}]
        return Made(25, 4, Fraction(4, 6), self.manner.one(told, {"fps": 25, "duration": 4}))

    # -- handing over ---------------------------------------------------------------------------------------------------------------------------

    def gone(self) -> httpx.Response:
        """The job's day is over."""
        return self._unknown("gone")

    def not_now(self, *, early: bool = False) -> httpx.Response:
        """No clip at the moment: too early, or something broke."""
        if early:
            return _error(409, "conflict", NOTHING)
        return self.manner.one(
            said(503, page(503), NOTHING),
            _error(500, "api_error", NOTHING),
            _error(409, "conflict", NOTHING),
            _error(403, "permission_error", NOTHING),
            said(404, page(404), NOTHING),
        )

    def elsewhere(self, url: str) -> httpx.Response:
        """Where the clip is."""
        if self.manner.now_and_then(0.5):
            return said(self.manner.one(302, 303, 307), "", "elsewhere", location=url)
        name = self.manner.one("url", "download_url", "video_url")
        return said(200, self.manner.one({name: url}, {"data": {name: url}}), "elsewhere")


def _change(parameter: str, asked: int, got: int) -> dict[str, Any]:
    return {"parameter": parameter, "requested": asked, "applied": got, "reason": "capacity"}


def _error(status: int, name: str, means: str, *, message: str = "no", **headers: str) -> httpx.Response:
    return said(status, {"type": "error", "error": {"type": name, "message": message}}, means, **headers)
