"""The simulated service: it takes purchases, bills them, films, forgets, and answers badly. One core, in the words of a speaker for each service.

Each purchase's fate is drawn by the world; `jobs` is the bill, with the attempt that each job was really bought for, which no wire tells it.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import TYPE_CHECKING

import httpx

from tests.crash import outside
from tests.crash.account import AccountOf
from tests.crash.speakers.base import NOTHING, Job, News, Speaker, page, said
from tests.crash.speakers.bytecompute import ByteCompute
from tests.crash.speakers.deapi import DeApi
from tests.crash.speakers.runware import Runware

if TYPE_CHECKING:
    from tests.crash.world import World

POST_TIMEOUT_S = 120.0
_FILMS = "/films/"


@dataclass
class Vendor(httpx.AsyncBaseTransport):
    """An httpx transport that is the whole network."""

    world: World
    speaker: Speaker
    jobs: list[Job] = field(default_factory=list[Job])
    by_key: dict[str, Job] = field(default_factory=dict[str, Job])
    account: AccountOf = field(init=False)
    #: whether its answers tell its time
    dated: bool = field(init=False)

    def __post_init__(self) -> None:
        self.account = AccountOf(self.world, f"{self.world.name} {self.world.seed}")
        self.dated = random.Random(f"dates {self.world.name} {self.world.seed}").random() < 0.7

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._answer(request)
        if self.dated:
            answer.headers.setdefault("date", format_datetime(outside.true_time(self.world), usegmt=True))
        return answer

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        self.world.alive()
        self.world.weather.on_the_way(request)
        if _FILMS in request.url.path:
            self.world.weather.on_a_download(request)
            if self.world.weather.now() == "portal":
                return said(200, page(200), NOTHING)
            return self._download(str(request.url).rsplit("/", 1)[1].partition(".")[0])
        match self.speaker.word(request):
            case "buy":
                return await self._purchase(request)
            case "look":
                return await self._poll(request)
            case "price":
                return await self._price(request)
            case "balance":
                await self.world.pause(0.05)
                assert isinstance(self.speaker, DeApi), "only one of them tells a balance"
                return self.speaker.balance(self.account.says(), outside.true_time(self.world))
            case "fetch":
                return await self._hand_over(self.speaker.asked(request)[0])
            case _:
                await self.world.pause(0.05)
                return self._archive(self.speaker.key(request))

    # -- buying ---------------------------------------------------------------------------------------------------------------------------------

    async def _purchase(self, request: httpx.Request) -> httpx.Response:
        world = self.world
        attempt = world.sending()
        fate = world.draw("submit")
        if fate == "refused-connection":
            raise httpx.ConnectError("refused", request=request)
        try:
            world.strike("b3")
            await world.pause(world.chance.uniform(0.02, 0.4))
        except BaseException:
            if world.chance.random() < 0.5:  # the bytes had left: they may arrive all the same
                world.later(world.chance.uniform(0, 110), lambda: self._take(request, attempt))
            raise
        return await self._answered(request, attempt, fate)

    async def _answered(self, request: httpx.Request, attempt: int, fate: str) -> httpx.Response:
        world = self.world
        match fate:
            case "503-before" | "429" | "402" | "400":
                return self._refusal(int(fate[:3]), self.speaker.key(request))
            case "lost-before":
                await self._no_answer(request)
            case "late":
                world.later(world.chance.uniform(1, 2 * POST_TIMEOUT_S - 10), lambda: self._take(request, attempt))
                await self._no_answer(request)
        job = self._take(request, attempt)
        world.strike("b4")
        if fate == "lost-after":
            await self._no_answer(request)
        await world.pause(world.chance.uniform(0.01, 0.3))
        if fate == "503-after":
            return self.speaker.refusal(503, self.speaker.key(request))
        answer = self._ack(self.speaker.key(request), job)
        return self._dripped(answer) if fate == "dripped" else answer

    def _dripped(self, answer: httpx.Response) -> httpx.Response:
        """The answer's head, and then a byte now and then, for ever."""
        headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
        return httpx.Response(answer.status_code, headers=headers, content=self._drops())

    async def _drops(self) -> AsyncIterator[bytes]:
        while True:
            await self.world.pause(7.0)
            yield b" "

    async def _no_answer(self, request: httpx.Request) -> None:
        await self.world.pause(self.world.chance.choice([0.2, POST_TIMEOUT_S]))
        raise httpx.ReadTimeout("no answer", request=request)

    def _take(self, request: httpx.Request, attempt: int) -> Job | None:
        """Accept a purchase, which costs money from now on; None where a keyed service knows the key already, and still remembers it."""
        key = self.speaker.key(request)
        if self.speaker.keyed and key in self.by_key and not self.forgets(self.by_key[key]):
            return None
        job = outside.bought(self.world, self.speaker.id(len(self.jobs)), attempt)
        self.jobs.append(job)
        self.by_key[key] = job
        if self.world.kind.recovery == "tokened":
            outside.call_back(self.world, request.content, key, job)
        self.world.check("the service took a purchase")
        return job

    def _ack(self, key: str, job: Job | None) -> httpx.Response:
        if job is None:
            assert isinstance(self.speaker, Runware), "only a key makes a conflict"
            return self.speaker.conflict(key)
        return self.speaker.ack(key, job)

    def _refusal(self, status: int, key: str) -> httpx.Response:
        if isinstance(self.speaker, Runware) and status < 429 and key in self.by_key:  # a service that knows the key says so first
            return self.speaker.conflict(key)
        return self.speaker.refusal(status, key)

    async def _price(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(self.speaker, DeApi), "only one of them is asked for prices"
        await self.world.pause(0.05)
        match self.world.draw("price"):
            case "lost":
                await self._no_answer(request)
            case "502" | "429" as fate:
                return self.speaker.unread(int(fate))
        return self.speaker.price(request)

    # -- asking ---------------------------------------------------------------------------------------------------------------------------------

    async def _poll(self, request: httpx.Request) -> httpx.Response:
        world = self.world
        await world.pause(world.chance.uniform(0.01, 0.2))
        asked = self.speaker.asked(request)
        fate = world.draw("poll")
        if fate in ("502", "429"):
            return self.speaker.unread(int(fate))
        answer = self.speaker.news({key: self._news(key, fate) for key in asked})
        return self._dripped(answer) if fate == "dripped" else answer

    def _job(self, name: str) -> Job | None:
        """By its key where the service takes one, else by its id."""
        return self.by_key.get(name) if self.speaker.keyed else next((job for job in self.jobs if job.id == name), None)

    def _news(self, name: str, fate: str) -> News:
        job = self._job(name)
        if fate == "empty" and (job is None or self._seldom(job)):
            return News("silent", job)
        if job is None or self._forgot(job, fate):
            return News("unknown", job)
        job.unknown.pop(self.world.caller(), None)
        if self.world.now() < job.done_at or fate == "stale":
            return News("running", job)
        if job.end != "ok":
            return News("failed", job, cost=job.cost if job.end == "fail-billed" else None)
        return News("done", job, self.url(job), job.cost if job.reported else None)

    def _seldom(self, job: Job) -> bool:
        """Whether a process may be told once more, in a row, that nothing is known: twice at most, for what is told three times is believed."""
        caller = self.world.caller()
        if job.unknown.get(caller, 0) >= 2:
            return False
        job.unknown[caller] = job.unknown.get(caller, 0) + 1
        return True

    def _over(self, since: float) -> bool:
        return self.speaker.remembers_s is not None and self.world.now() - since > self.speaker.remembers_s

    def forgets(self, job: Job) -> bool:
        """Whether the job's time is over, so that its clip can't be had any more."""
        return self._over(job.accepted_at)

    def _forgot(self, job: Job, fate: str) -> bool:
        return self._over(job.accepted_at) or (fate == "unknown" and self._seldom(job))

    def url(self, job: Job) -> str:
        """An address of its clip; another one at every look."""
        job.looks += 1
        return f"{self.world.url}{_FILMS}{job.id}.{job.looks}"

    def _archive(self, key: str) -> httpx.Response:
        assert isinstance(self.speaker, Runware), "only one of them has an archive"
        return self.speaker.archive(key, self._news(key, "plain") if key in self.by_key else None)

    # -- films ----------------------------------------------------------------------------------------------------------------------------------

    def _download(self, name: str) -> httpx.Response:
        job = next(job for job in self.jobs if job.id == name)
        fate = self.world.draw("fetch")
        if fate == "expired" or job.lost == "vanished" or self.world.now() < job.good_at or self._over(job.done_at):
            job.first_gone = self.world.now() if job.first_gone is None else job.first_gone
            return said(self.speaker.manner.one(404, 403, 410), page(404), "gone")
        if fate == "503":
            return said(503, page(503), NOTHING)
        return self._film(job, fate)

    async def _hand_over(self, name: str) -> httpx.Response:
        """The clip, to the key's owner; at times only where it is."""
        speaker, job = self.speaker, self._job(name)
        assert isinstance(speaker, ByteCompute), "only one of them hands its clips over"
        await self.world.pause(0.05)
        if job is None or self._over(job.accepted_at):
            return speaker.gone()
        if self.world.now() < job.done_at:
            return speaker.not_now(early=True)
        fate = self.world.draw("fetch")
        if fate == "expired" and not job.denied:
            job.denied += 1
            return speaker.gone()
        if fate in ("503", "expired"):
            return speaker.not_now()
        return speaker.elsewhere(self.url(job)) if speaker.manner.now_and_then(0.2) else self._film(job, fate)

    def _film(self, job: Job, fate: str) -> httpx.Response:
        content = job.film
        if (fate == "wrong" and job.wrong < 2) or job.lost == "rotten":
            job.wrong += 1
            content = b"\0\0\0\x08ftyp not now"
        headers = {"content-length": str(len(content)), "content-type": self.speaker.manner.one("video/mp4", "application/octet-stream")}
        answer = httpx.Response(200, headers={**headers, "x-means": "here"}, content=self._flow(content, torn=fate == "truncated"))
        return self._dripped(answer) if fate == "dripped" else answer

    async def _flow(self, content: bytes, *, torn: bool) -> AsyncIterator[bytes]:
        world, half = self.world, len(content) // 2
        yield content[:half]
        await world.pause(0.05)
        world.strike("b9")
        world.disk_full("part")
        if not torn:
            yield content[half:]


def digest(content: bytes) -> str:
    """As clips are named."""
    return hashlib.sha256(content).hexdigest()
