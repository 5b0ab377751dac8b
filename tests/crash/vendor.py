"""The simulated service: it takes purchases, bills them, films, forgets, and answers badly. One core, spoken to by three wires.

Each purchase's fate is drawn by the world; `jobs` is the bill, with the attempt that each job was really bought for, which no wire tells it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from tests.crash.simulation import World

REMEMBERS_S = 24 * 3600.0
POST_TIMEOUT_S = 120.0


@dataclass
class Job:
    """One accepted purchase. Money in micro-USD; `end` is ok, fail (free) or fail-billed."""

    id: str
    attempt: int
    take: str
    end: str
    cost: int
    reported: bool
    accepted_at: float
    done_at: float
    looks: int = 0
    unknown: int = 0
    wrong: int = 0
    gone: bool = False

    @property
    def bought(self) -> int:
        """What it really costs."""
        return 0 if self.end == "fail" else self.cost

    @property
    def film(self) -> bytes:
        """Its clip."""
        return f"FILM {self.id}\n".encode() * 40


def film_of(content: bytes) -> str | None:
    """The job whose intact clip these bytes are."""
    lines = content.split(b"\n")
    whole = len(lines) == 41 and lines[40] == b"" and len(set(lines[:40])) == 1 and lines[0].startswith(b"FILM ")
    return lines[0][5:].decode() if whole else None


@dataclass
class Vendor(httpx.AsyncBaseTransport):
    """An httpx transport that is the whole network."""

    world: World
    jobs: list[Job] = field(default_factory=list[Job])
    by_key: dict[str, Job] = field(default_factory=dict[str, Job])

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        world = self.world
        world.alive()
        if request.method == "GET":
            return self._download(str(request.url).rsplit("/", 1)[1])
        body = json.loads(request.content)
        word = body[0]["taskType"] if world.kind == "keyed" else request.url.path.rsplit("/", 1)[1]
        match word:
            case "videoInference" | "jobs":
                return await self._purchase(request, body)
            case "getResponse" | "poll":
                return await self._poll(body)
            case _:
                await world.pause(0.05)
                return self._archive(body[0]["taskUUID"])

    # -- buying ---------------------------------------------------------------------------------------------------------------------------------

    async def _purchase(self, request: httpx.Request, body: Any) -> httpx.Response:
        world, key = self.world, _key(body, self.world.kind)
        attempt = world.sending()
        fate = world.draw("submit")
        if fate == "refused-connection":
            raise httpx.ConnectError("refused", request=request)
        try:
            world.strike("b3")
            await world.pause(world.chance.uniform(0.02, 0.4))
        except BaseException:
            if world.chance.random() < 0.5:  # the bytes had left: they may arrive all the same
                world.later(world.chance.uniform(0, 110), lambda: self._take(key, attempt))
            raise
        return await self._answered(request, key, attempt, fate)

    async def _answered(self, request: httpx.Request, key: str, attempt: int, fate: str) -> httpx.Response:
        world = self.world
        match fate:
            case "503-before" | "429" | "402" | "400":
                return self._refusal(int(fate[:3]), key)
            case "lost-before":
                await self._no_answer(request)
            case "late":
                world.later(world.chance.uniform(1, 2 * POST_TIMEOUT_S - 10), lambda: self._take(key, attempt))
                await self._no_answer(request)
        job = self._take(key, attempt)
        world.strike("b4")
        if fate == "lost-after":
            await self._no_answer(request)
        await world.pause(world.chance.uniform(0.01, 0.3))
        if fate == "503-after":
            return httpx.Response(503)
        return self._ack(key, job)

    async def _no_answer(self, request: httpx.Request) -> None:
        await self.world.pause(self.world.chance.choice([0.2, POST_TIMEOUT_S]))
        raise httpx.ReadTimeout("no answer", request=request)

    def _take(self, key: str, attempt: int) -> Job | None:
        """Accept a purchase, which costs money from now on; None where a keyed service knows the key already."""
        if self.world.kind == "keyed" and key in self.by_key:
            return None
        job = self.world.job(f"J{len(self.jobs):04d}", attempt)
        self.jobs.append(job)
        self.by_key[key] = job
        if self.world.kind == "tokened":
            self.world.call_back(key, job)
        self.world.check("the service took a purchase")
        return job

    def _ack(self, key: str, job: Job | None) -> httpx.Response:
        if self.world.kind != "keyed":
            assert job is not None, "only a key makes a conflict"
            return httpx.Response(201, json={"job": job.id})
        if job is None:
            return _errors(400, key, "conflictTaskUUID")
        return httpx.Response(200, json={"data": [{"taskType": "videoInference", "taskUUID": key}]})

    def _refusal(self, status: int, key: str) -> httpx.Response:
        if self.world.kind != "keyed" or status == 503:
            return httpx.Response(status, json={"error": "no"})
        if status < 429 and key in self.by_key:  # a service that knows the key says so first
            return _errors(400, key, "conflictTaskUUID")
        words = {429: "rateLimitExceeded", 402: "insufficientCredits", 400: "invalidWidth"}
        return _errors(status, key, words[status])

    # -- asking ---------------------------------------------------------------------------------------------------------------------------------

    async def _poll(self, body: Any) -> httpx.Response:
        world = self.world
        await world.pause(world.chance.uniform(0.01, 0.2))
        keys = [task["taskUUID"] for task in body] if world.kind == "keyed" else list(body["jobs"])
        fate = world.draw("poll")
        if fate in ("502", "429"):
            return httpx.Response(int(fate))
        told = {key: self._news(key, fate) for key in keys}
        if world.kind == "keyed":
            return _keyed_news(told)
        return httpx.Response(200, json={"jobs": {key: news for key, news in told.items() if news}})

    def _news(self, key: str, fate: str) -> dict[str, Any] | None:
        """What is said of one job: None for nothing at all."""
        job = self.by_key.get(key) if self.world.kind == "keyed" else next((job for job in self.jobs if job.id == key), None)
        if fate == "empty" and (job is None or job.unknown < 2):
            if job:
                job.unknown += 1
            return None
        if job is None or self._forgot(job, fate):
            return {"status": "unknown"}
        job.unknown = 0
        if self.world.now() < job.done_at or fate == "stale":
            return {"status": "running"}
        if job.end != "ok":
            return {"status": "failed", **({"cost": _usd(job.cost)} if job.end == "fail-billed" else {})}
        return {"status": "done", "url": self.url(job), **({"cost": _usd(job.cost)} if job.reported else {})}

    def _forgot(self, job: Job, fate: str) -> bool:
        if self.world.now() - job.accepted_at > REMEMBERS_S and self.world.kind != "keyed":
            return True
        if fate == "unknown" and job.unknown < 2:
            job.unknown += 1
            return True
        return False

    def url(self, job: Job) -> str:
        """An address of its clip; another one at every look."""
        job.looks += 1
        return f"{self.world.url}/films/{job.id}.{job.looks}"

    def _archive(self, key: str) -> httpx.Response:
        job = self.by_key.get(key)
        if job is None:
            return _errors(404, key, "taskNotFound")
        news = self._news(key, "plain") or {}
        return httpx.Response(200, json={"data": [{"taskUUID": key, "request": [], "response": {"data": [_item(key, news)]}}]})

    # -- films ----------------------------------------------------------------------------------------------------------------------------------

    def _download(self, name: str) -> httpx.Response:
        job = next(job for job in self.jobs if job.id == name.partition(".")[0])
        fate = self.world.draw("fetch")
        if fate == "expired" or (self.world.now() - job.done_at > REMEMBERS_S and self.world.kind != "keyed"):
            return httpx.Response(404)
        if fate == "503":
            return httpx.Response(503)
        content = job.film
        if fate == "wrong" and job.wrong < 2:
            job.wrong += 1
            content = b"<html>not now</html>"
        length = {"content-length": str(len(content))}
        return httpx.Response(200, headers=length, content=self._flow(content, torn=fate == "truncated"))

    async def _flow(self, content: bytes, *, torn: bool) -> AsyncIterator[bytes]:
        world, half = self.world, len(content) // 2
        yield content[:half]
        await world.pause(0.05)
        world.strike("b9")
        world.disk_full("part")
        if not torn:
            yield content[half:]


def _key(body: Any, kind: str) -> str:
    if kind == "keyed":
        return str(body[0]["taskUUID"])
    return str(body.get("webhook_token", ""))


def _usd(micros: int) -> str:
    return f"{micros / 1_000_000:.6f}"


def _item(key: str, news: dict[str, Any]) -> dict[str, Any]:
    item: dict[str, Any] = {"taskUUID": key, "taskType": "videoInference"}
    match news.get("status"):
        case "running":
            return item | {"status": "processing"}
        case "failed":
            return item | {"status": "error", "code": "providerError", "message": "it fell over", "cost": float(news.get("cost", 0))}
        case _:
            cost = {"cost": float(news["cost"])} if "cost" in news else {}
            return item | {"status": "success", "videoURL": news["url"], **cost}


def _keyed_news(told: dict[str, dict[str, Any] | None]) -> httpx.Response:
    items = [_item(key, news) for key, news in told.items() if news and news["status"] != "unknown"]
    return httpx.Response(200, json={"data": items})


def _errors(status: int, key: str, code: str) -> httpx.Response:
    return httpx.Response(status, json={"errors": [{"code": code, "message": code, "taskUUID": key, "taskType": "videoInference"}]})


def digest(content: bytes) -> str:
    """As clips are named."""
    return hashlib.sha256(content).hexdigest()
