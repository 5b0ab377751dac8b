"""deAPI, version 2: prices asked beforehand, jobs looked at one by one, signed calls where an order names an address. No key of ours."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any

import httpx

from tests.crash.speakers.base import MEANS, NOTHING, Job, News, OneByOne, meanings, page, said

_RUNNING = ("pending", "processing", "queued", "in_queue", "waiting", "in_progress", "Processing", "thinking")
#: micro-USD for a million pixels in all frames, and a part of one that no book can hold
_RATE, _CRUMB = 1830, 0.4


@dataclass(frozen=True)
class Letter:
    """A call about one purchase: to which attempt's address, its headers and its body."""

    key: str
    headers: dict[str, str]
    body: bytes


class DeApi(OneByOne):
    """One endpoint for texts, its price beside it."""

    def word(self, request: httpx.Request) -> str:
        if request.method == "GET":
            return "balance" if request.url.path.endswith("/balance") else "look"
        return "price" if request.url.path.endswith("/price") else "buy"

    def key(self, request: httpx.Request) -> str:
        return str(json.loads(request.content).get("webhook_url", "")).rpartition("/")[2]

    def balance(self, left: str, now: datetime) -> httpx.Response:
        """What is left on the account, as JSON writes it, at a time of day."""
        body = self.manner.one(f'{{"data": {{"balance": {left}}}}}', f'{{"balance": {left}}}')
        return httpx.Response(200, headers={"date": format_datetime(now, usegmt=True), MEANS: f"balance {left}"}, content=body.encode())

    def price(self, request: httpx.Request) -> httpx.Response:
        """What a purchase would cost; more exact than a micro-dollar."""
        asked = json.loads(request.content)
        micros = asked["width"] * asked["height"] * asked["frames"] * _RATE // 1_000_000 + _CRUMB
        price = self.manner.one(micros / 1_000_000, f"{micros / 1_000_000:.7f}")
        return said(200, self.manner.dressed({"data": {self.manner.one("price", "estimated_price"): price}}), f"price {int(micros) + 1}")

    def ack(self, key: str, job: Job) -> httpx.Response:
        return said(
            self.manner.one(200, 201), self.manner.dressed({"data": self.manner.dressed({"request_id": job.id})}), f"taken {job.id}"
        )

    def refusal(self, status: int, key: str) -> httpx.Response:
        match status:
            case 429:
                return self._too_many()
            case 402:
                return self.manner.one(
                    self._error(422, "Insufficient balance.", "stop_lane", {"balance": ["Insufficient balance."]}),
                    self._error(401, "Unauthenticated.", "stop_lane"),
                    self._error(403, "Your account is suspended.", "stop_lane"),
                )
            case 400:
                return self.manner.one(
                    self._error(422, "The frames field is wrong.", "fix_shot", {"frames": ["The frames field is wrong."]}),
                    self._error(422, "The prompt violates the content policy.", "content", {"prompt": ["It violates the content policy."]}),
                )
            case _:
                return self.manner.one(
                    self._error(500, "Server Error", "unsaid"),
                    self._error(503, "Service Unavailable", "unsaid"),
                    said(502, page(502), "unsaid"),
                    said(200, page(200), "unsaid"),
                    said(200, {"data": None, "message": "OK"}, "unsaid"),
                )

    def _too_many(self) -> httpx.Response:
        if self.manner.now_and_then(0.15):
            return self._error(429, "Too Many Attempts.", "stop_lane", retry_after="30", x_ratelimit_type="daily")
        return self.manner.one(
            self._error(429, "Too Many Attempts.", "busy", retry_after="30", x_ratelimit_type="minute"), said(429, page(429), "busy")
        )

    def asked(self, request: httpx.Request) -> list[str]:
        return [request.url.path.rsplit("/", 1)[1]]

    def silence(self) -> httpx.Response:
        return self.manner.one(
            said(200, page(200), NOTHING),
            said(200, {"data": None}, NOTHING),
            said(200, {"data": {"request_id": "J9999", "status": "done", "result_url": "https://clips.example.com/J9999.mp4"}}, NOTHING),
            self._error(404, "The route could not be found.", NOTHING),
        )

    def unknown(self, id: str) -> httpx.Response:
        return self._error(404, "Request not found.", meanings({id: "unknown"}))

    def unread(self, status: int) -> httpx.Response:
        return self.manner.one(said(status, page(status), NOTHING), self._error(status, "Too Many Attempts.", NOTHING, retry_after="3"))

    def told(self, id: str, news: News) -> httpx.Response:
        item, means = self._stands(news)
        return said(
            200, {"data": self.manner.dressed({"progress": self.manner.progress(), "preview": None, **item})}, meanings({id: means})
        )

    def _stands(self, news: News) -> tuple[dict[str, Any], str]:
        match news.word:
            case "running":
                return {"status": self.manner.one(*_RUNNING), "price": self.manner.one(None, self._price(1234, estimated=True))}, "running"
            case "failed":
                code, cause = self.manner.one(("worker_failed", "retry"), ("content_policy_violation", "content"), ("gremlins", "unknown"))
                failure = {"status": self.manner.one("error", "failed"), "error_code": code, "error_message": "no film"}
                return failure | self._cost(news), f"failed {cause}"
            case _ if self.manner.now_and_then(0.08):
                return {"status": "done", "result_url": None} | self._cost(news), "running"  # its address comes a moment later
            case _:
                return {"status": self.manner.one("done", "completed"), "result_url": news.url} | self._cost(news), "done"

    def _cost(self, news: News) -> dict[str, Any]:
        """The charge; where it isn't told there is none, an estimate, or a nought."""
        if news.cost:
            return {"price": self._price(news.cost, estimated=False)}
        return {"price": self.manner.one(None, self._price(777, estimated=True), {"amount": 0, "is_estimated": False})}

    def _price(self, micros: int, *, estimated: bool) -> dict[str, Any]:
        return self.manner.dressed({"amount": self.manner.usd(micros), "is_estimated": estimated})

    def _error(self, status: int, message: str, means: str, errors: dict[str, list[str]] | None = None, **headers: str) -> httpx.Response:
        whole: dict[str, Any] = {"data": None, "message": message, "errors": errors or [], "statusCode": status}
        bare = {"message": message, **({"errors": errors} if errors else {})}
        return said(status, self.manner.one(whole, bare), means, **headers)

    # -- calls ----------------------------------------------------------------------------------------------------------------------------------

    def letter(self, purchase: bytes, job: Job, event: str, at: int) -> Letter:
        """A call at a time of day (seconds since 1970), signed with what came with the order."""
        order = json.loads(purchase)
        data = {"job_request_id": job.id, "status": event.partition(".")[2], "job_type": "txt2video", "result_url": None}
        body = json.dumps({"event": event, "delivery_id": f"{job.id} {event}", "timestamp": at, "data": self.manner.dressed(data)}).encode()
        signed = hmac.digest(str(order["webhook_secret"]).encode(), f"{at}.".encode() + body, "sha256").hex()
        headers = {"x-deapi-timestamp": str(at), "x-deapi-signature": f"sha256={signed}", "x-deapi-event": event}
        return Letter(order["webhook_url"].rpartition("/")[2], headers, body)
