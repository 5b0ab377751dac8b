"""A scripted service that speaks ByteCompute's and deAPI's wires as their pages describe them, written for tests alone: not our stand-in.

Each purchase, look and download is answered by the next word of a script. It has no key of ours: what it took and did not answer, nobody can ask for.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx

from callsheet.services.protocol.multipart import text_fields

HOST = "http://127.0.0.1:9"
KEY = "canary-7c1e"
BYTECOMPUTE, DEAPI = "bytecompute/ltx-2.3", "deapi/ltx-2.3"
PRICE = 0.0735  # what deAPI says that each purchase costs, USD
PAGE = "<!doctype html><html><body>502 Bad Gateway</body></html>"
#: where a film is that is not at the service itself
ELSEWHERE = f"{HOST}/films/a.mp4"


@dataclass
class Desk:
    """Scripts, whose last word repeats. `submits`: ok, lost (taken, no answer), dropped (not taken, no answer), 500-after and html-after (taken), 500, 429, 429-day, 422, 402;
    `polls`: done, synonyms, running, string, odd, failed, html, 404, 404-html; `downloads`: ok, early, gone, html, 500, truncated, link, redirect.
    """

    film: bytes
    submits: list[str] = field(default_factory=lambda: ["ok"])
    polls: list[str] = field(default_factory=lambda: ["done"])
    downloads: list[str] = field(default_factory=lambda: ["ok"])
    #: what ByteCompute says that it adjusted: with its answer to a purchase, and with the job
    adjusted: list[Any] = field(default_factory=lambda: [None, None])
    jobs: list[str] = field(default_factory=list[str])
    purchases: list[httpx.Request] = field(default_factory=list[httpx.Request])
    seen: list[httpx.Request] = field(default_factory=list[httpx.Request])
    #: what is left on deAPI's account, USD; None: it doesn't tell
    credit: float | None = None
    #: how far its clock is ahead, seconds
    ahead_s: float = 0.0
    #: whether it tells its time at all
    dated: bool = True
    #: whether a job is charged when it is taken, or only when it is seen to be done
    charges_at_once: bool = True
    #: what deAPI's jobs cost, USD, the first job's first; later ones cost what was quoted
    costs: list[float] = field(default_factory=list[float])
    #: what was charged so far, by job
    bill: dict[str, float] = field(default_factory=dict[str, float])
    #: is told of each look at the balance
    on_balance: Callable[[], None] = lambda: None

    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self.answer)

    async def answer(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)
        self.seen.append(request)
        match request.url.path.removeprefix("/v1").removeprefix("/api/v2").split("/")[1:]:
            case ["generate"] | ["videos", _]:
                self.purchases.append(request)
                return self._submit(_next(self.submits), request)
            case ["videos", _, "price"]:
                return httpx.Response(200, json={"data": {"price": PRICE}})
            case ["account", "balance"] if self.credit is not None:
                self.on_balance()
                left = self.credit - sum(self.bill.values())
                date = {"date": format_datetime(datetime.now(UTC) + timedelta(seconds=self.ahead_s), usegmt=True)} if self.dated else {}
                body = json.dumps({"data": {"balance": round(left, 6)}})  # "NaN" among them, as Python's own json writes it
                return httpx.Response(200, headers={**date, "content-type": "application/json"}, content=body.encode())
            case ["jobs", job]:
                return self._poll(_next(self.polls), job, request)
            case ["jobs", _, "download"] | ["films", _]:
                return self._download(_next(self.downloads))
            case _:
                return httpx.Response(404, text=PAGE)

    def _submit(self, word: str, request: httpx.Request) -> httpx.Response:
        if word in ("ok", "lost", "500-after", "html-after"):
            self.jobs.append(f"job-{len(self.jobs) + 1}")
            if self.charges_at_once:
                self.bill[self.jobs[-1]] = self._cost(self.jobs[-1])
        refusals: dict[str, Callable[[], httpx.Response]] = {
            "500": lambda: httpx.Response(500, text=PAGE),
            "500-after": lambda: httpx.Response(500, text=PAGE),
            "html-after": lambda: httpx.Response(200, text=PAGE, headers={"content-type": "text/html"}),
            "429": lambda: httpx.Response(429, headers={"retry-after": "0"}, text=PAGE),
            "429-day": lambda: httpx.Response(
                429, headers={"retry-after": "86400", "x-ratelimit-type": "daily"}, json=_refusal("rate_limit_error")
            ),
            "422": lambda: httpx.Response(422, json=_refusal("invalid_request_error")),
            "402": lambda: httpx.Response(402, json=_refusal("insufficient_funds_error")),
        }
        if word in ("lost", "dropped"):
            raise httpx.ReadTimeout("no answer", request=request)
        if word != "ok":
            return refusals[word]()
        if "generate" in str(request.url):
            return httpx.Response(200, json={"id": self.jobs[-1], "status": "queued", "adjustments": self.adjusted[0], "echo": KEY})
        return httpx.Response(200, json={"data": {"request_id": self.jobs[-1]}, "echo": KEY})

    def _poll(self, word: str, job: str, request: httpx.Request) -> httpx.Response:
        if word in ("404", "404-html"):
            return httpx.Response(404, text=PAGE) if word == "404-html" else httpx.Response(404, json=_refusal("not_found"))
        if word == "html":
            return httpx.Response(502, text=PAGE)
        words = {"done": "completed", "synonyms": "Succeeded", "string": "IN_PROGRESS", "odd": "meditating", "failed": "error"}
        status, progress = words.get(word, "processing"), "45.50" if word == "string" else 45
        over = word in ("done", "synonyms")
        if over:
            self.bill[job] = self._cost(job)
        if request.method == "POST":
            item = {"id": job, "status": status, "progress": progress, "adjustments": self.adjusted[1] if over else None}
            return httpx.Response(
                200, json={**item, "error": {"type": "api_error", "message": "it fell over"} if word == "failed" else None}
            )
        price = {"amount": self._cost(job), "is_estimated": False} if over else None
        news = {
            "status": status,
            "progress": progress,
            "result_url": ELSEWHERE if over else None,
            "price": price,
            "error_message": "it fell over",
        }
        return httpx.Response(200, json={"data": news})

    def _cost(self, job: str) -> float:
        place = int(job.removeprefix("job-")) - 1 if job.removeprefix("job-").isdigit() else len(self.costs)
        return self.costs[place] if place < len(self.costs) else PRICE

    def _download(self, word: str) -> httpx.Response:
        video = {"content-type": "video/mp4"}
        match word:
            case "early":
                return httpx.Response(409, json=_refusal("conflict"))
            case "gone":
                return httpx.Response(404, json=_refusal("not_found"))
            case "html":
                return httpx.Response(200, headers={"content-type": "text/html"}, content=_flow(PAGE.encode()))
            case "500":
                return httpx.Response(500, text=PAGE)
            case "truncated":
                return httpx.Response(200, headers={**video, "content-length": str(len(self.film))}, content=_flow(self.film[:5000]))
            case "link":
                return httpx.Response(200, json={"download_url": ELSEWHERE})
            case "redirect":
                return httpx.Response(302, headers={"location": "/films/a.mp4"})
            case _:
                return httpx.Response(200, headers=video, content=_flow(self.film))


def _next(script: list[str]) -> str:
    return script.pop(0) if len(script) > 1 else script[0]


def _refusal(kind: str) -> dict[str, Any]:
    """The envelope of one service and the message of the other."""
    return {"type": "error", "error": {"type": kind, "message": f"refused: {kind}"}, "message": f"refused: {kind}", "errors": []}


async def _flow(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 1 << 16):
        yield content[start : start + (1 << 16)]


def fields(request: httpx.Request) -> dict[str, Any]:
    """What a purchase asks for, from its JSON or its form."""
    kind = request.headers["content-type"]
    return json.loads(request.content) if kind == "application/json" else text_fields(request.content, kind)
