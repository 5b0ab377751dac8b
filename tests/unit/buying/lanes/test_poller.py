"""One poller for many jobs: few requests, nobody's end lost, no end invented."""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import replace
from statistics import mean
from typing import Any, cast

import httpx
import pytest

from callsheet.buying.lanes.job_times import JobTimes
from callsheet.buying.lanes.poller import Poller, polls_share
from callsheet.clock import Clock
from callsheet.domain.rules import DoubtLimit, LaneRules
from callsheet.services.protocol.answers import Absent, Failed, JobAnswer, Running, Succeeded, Unread
from callsheet.services.protocol.request import Request, Response
from callsheet.services.runware.wire import Runware
from callsheet.transport.account import Account
from callsheet.transport.api_client import NoAnswer, NotSent, Sender
from tests.crash.virtual import VirtualLoop

ACCOUNT = Account("runware", "http://127.0.0.1:9/v1", "runware http://127.0.0.1:9/v1", own_url=True)
RULES = LaneRules(
    slots=4,
    poll_first_s=0.001,
    poll_factor=1.5,
    poll_max_s=0.01,
    patience_s=5,
    outage_s=1,
    submit_timeout_s=1,
    read_timeout_s=1,
    fetch_timeout_s=1,
    quarantine_s=0.01,
    charge_lag_s=0.01,
    doubts=DoubtLimit(2, 2_000_000),
)


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNWARE_API_KEY", "canary")


class Service:
    """Answers each poll by what is known of each job."""

    def __init__(self) -> None:
        self.known: dict[str, dict[str, Any]] = {}
        self.polls: list[list[str]] = []
        self.status = 200
        self.polled = asyncio.Event()

    def answer(self, request: httpx.Request) -> httpx.Response:
        jobs = [task["taskUUID"] for task in json.loads(request.content)]
        self.polls.append(jobs)
        self.polled.set()
        if self.status != 200:
            return httpx.Response(self.status, headers={"retry-after": "0"})
        return httpx.Response(200, json={"data": [{"taskUUID": job, **self.known[job]} for job in jobs if job in self.known]})

    def done(self, job: str) -> None:
        self.known[job] = {"status": "success", "videoURL": f"http://127.0.0.1:9/{job}.mp4", "cost": 0.1}


def poller(service: Service) -> Poller:
    return Poller(Runware(), ACCOUNT, Sender(httpx.MockTransport(service.answer)), RULES, Clock())


async def test_many_jobs_are_asked_after_together() -> None:
    """The request costs the same for one as for many."""
    service = Service()
    jobs = [f"job-{n}" for n in range(40)]
    for job in jobs:
        service.done(job)
    watcher = poller(service)
    ends = await asyncio.gather(*(watcher.wait(job, 5) for job in jobs))
    assert all(isinstance(end, Succeeded) for end in ends)
    assert len(service.polls) <= 3
    await watcher.close()


async def test_impatience_is_no_end() -> None:
    """A job that takes longer is None, not failed; it can be waited for again."""
    service = Service()
    service.known["slow"] = {"status": "processing", "progress": "12.5"}
    watcher = poller(service)
    assert await watcher.wait("slow", 0.05) is None
    service.done("slow")
    assert isinstance(await watcher.wait("slow", 5), Succeeded)
    await watcher.close()


async def test_a_machine_that_was_too_busy_to_look_looks_once_more() -> None:
    """The job has ended, and all its patience went by before the first look could be made: it has ended all the same."""
    service = Service()
    service.known["a"] = {"status": "success", "videoURL": "u"}
    watcher = poller(service)
    assert isinstance(await watcher.wait("a", 0), Succeeded)
    await watcher.close()


async def test_a_service_that_without_costs_later_is_soon_asked_no_more() -> None:
    """Three finished jobs without a cost, one after the other; one that tells it begins the count anew."""
    service = Service()
    service.known |= {"free": {"status": "success", "videoURL": "u"}, "told": {"status": "success", "videoURL": "u", "cost": 0.05}}
    watcher = poller(service)
    assert [await watcher.late_cost(job) for job in ("free", "free", "told", "free", "free", "free", "told")] == [
        None, None, 50_000, None, None, None, None,
    ]  # fmt: skip
    assert len(service.polls) == 6
    await watcher.close()


async def test_one_end_does_not_end_the_others() -> None:
    service = Service()
    service.done("a")
    watcher = poller(service)
    slow = asyncio.create_task(watcher.wait("b", 5))
    assert isinstance(await watcher.wait("a", 5), Succeeded)
    assert not slow.done()
    service.known["b"] = {"status": "error", "error": {"code": "providerError", "message": "no"}}
    assert isinstance(await slow, Failed)
    await watcher.close()


async def test_one_job_of_two_purchases_is_watched_for_both() -> None:
    """A service that gives its id twice: neither waits for good, also where one of them has no patience."""
    service = Service()
    service.known["a"] = {"status": "processing"}
    watcher = poller(service)
    both = [asyncio.create_task(watcher.wait("a", 5)) for _ in range(2)]
    assert await watcher.wait("a", 0.05) is None
    service.done("a")
    assert all(isinstance(end, Succeeded) for end in await asyncio.gather(*both))
    await watcher.close()


async def test_an_outage_is_told_once_and_its_end() -> None:
    """From the third look without an answer on a person hears that jobs are waited for, once, and then that the service is back."""
    service, told = Service(), list[tuple[str, str]]()
    service.status = 503
    service.done("a")
    watcher = Poller(Runware(), ACCOUNT, Sender(httpx.MockTransport(service.answer)), RULES, Clock(), lambda *words: told.append(words))
    waiting = asyncio.create_task(watcher.wait("a", 5))
    while len(service.polls) < 6:
        service.polled.clear()
        await service.polled.wait()
    service.status = 200
    assert isinstance(await waiting, Succeeded)
    await watcher.close()
    assert [kind for kind, _ in told] == ["wait", "note"]
    assert "1 jobs are waited for" in told[0][1]
    assert "answers again" in told[1][1]


@pytest.mark.parametrize("status", [401, 429, 500, 502])
async def test_trouble_while_looking_is_no_news(status: int) -> None:
    """After it the job's real end is heard."""
    service = Service()
    service.status = status
    service.done("a")
    watcher = poller(service)
    waiting = asyncio.create_task(watcher.wait("a", 5))
    await asyncio.sleep(0.02)
    assert isinstance(await watcher.poll("a"), Unread)
    assert not waiting.done()
    service.status = 200
    assert isinstance(await waiting, Succeeded)
    await watcher.close()


async def test_a_job_that_nobody_knows_is_absent() -> None:
    assert await poller(Service()).poll("nobody") == Absent("nobody")


async def test_nobody_waits_nobody_asks() -> None:
    """A poller without jobs sends nothing."""
    service = Service()
    watcher = poller(service)
    service.done("a")
    await watcher.wait("a", 5)
    asked = len(service.polls)
    await asyncio.sleep(0.05)
    assert len(service.polls) == asked
    await watcher.close()


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ConnectError("refused"), NotSent),
        (httpx.ConnectTimeout("slow"), NotSent),
        (httpx.PoolTimeout("full"), NotSent),
        (httpx.ReadTimeout("silent"), NoAnswer),
        (httpx.WriteError("cut"), NoAnswer),
        (httpx.ReadError("reset"), NoAnswer),
        (httpx.RemoteProtocolError("garbage"), NoAnswer),
    ],
)
async def test_what_is_proven_of_a_request_without_an_answer(error: httpx.TransportError, kind: type) -> None:
    """Only a connection that was never made proves that nothing was sent; no error tells the URL or the key."""

    def fail(_request: httpx.Request) -> httpx.Response:
        raise error

    async with Sender(httpx.MockTransport(fail)) as sender:
        sent = await sender.send(ACCOUNT, Request("POST", "", b"[]"), 1.0)
    assert type(sent) is kind
    assert "canary" not in repr(sent)
    assert "127.0.0.1" not in repr(sent)


async def test_bodies_go_out_as_they_were_written_down() -> None:
    """The very bytes, the key in its header, redirects never followed."""
    seen: list[httpx.Request] = []

    def note(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(307, headers={"location": "http://127.0.0.1:9/elsewhere"})

    async with Sender(httpx.MockTransport(note)) as sender:
        answer = await sender.send(ACCOUNT, Request("POST", "", b'[{"a" :1}]'), 1.0)
    assert [request.content for request in seen] == [b'[{"a" :1}]']
    assert seen[0].headers["authorization"] == "Bearer canary"
    assert getattr(answer, "status", None) == 307


async def test_news_of_a_job_are_looked_at_at_once() -> None:
    """Long before the next look is due; news of a job that nobody waits for are nothing."""
    service = Service()
    service.known["a"] = {"status": "processing"}
    rules = replace(RULES, poll_first_s=0.001, poll_factor=100_000, poll_max_s=60)
    looks = Poller(Runware(), ACCOUNT, Sender(httpx.MockTransport(service.answer)), rules, Clock())
    waiting = asyncio.create_task(looks.wait("a", 30))
    await asyncio.wait_for(service.polled.wait(), 5)
    service.done("a")
    looks.hurry("nobody")
    looks.hurry("a")
    answer = await asyncio.wait_for(waiting, 5)
    assert isinstance(answer, Succeeded)
    assert len(service.polls) == 2
    await looks.close()


async def test_a_service_that_refuses_to_be_asked_is_told_and_why(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that was withdrawn meanwhile: nobody waits an hour for a job without hearing of it, and at the end it is said why nothing is known."""
    service, told = Service(), list[tuple[str, str]]()
    service.status = 401
    watcher = Poller(
        Runware(), ACCOUNT, Sender(httpx.MockTransport(service.answer)), RULES, Clock(), lambda kind, text: told.append((kind, text))
    )
    assert await watcher.wait("job", 0.2) is None
    assert watcher.final_answer("job") == "the service did not answer the question (HTTP 401)"
    assert [kind for kind, _ in told] == ["wait"]
    assert "HTTP 401" in told[0][1]
    service.status = 200
    service.done("job")
    assert isinstance(await watcher.wait("job", 5), Succeeded)
    assert [kind for kind, _ in told] == ["wait", "note"]
    await watcher.close()


class OneByOne:
    """A service that is asked about one job at a time: the wire and the sender of what it writes. Jobs end at their time."""

    jobs_per_poll = 1

    def __init__(self) -> None:
        self.ends: dict[str, float] = {}
        self.polled: list[float] = []

    def poll(self, jobs: list[str]) -> list[str]:
        return jobs

    def read_poll(self, _response: Response, jobs: list[str]) -> list[JobAnswer]:
        now = asyncio.get_running_loop().time()
        self.polled.append(now)
        return [Succeeded(job, url="u", cost=1) if self.ends[job] <= now else Running(job) for job in jobs]

    async def ask(self, *_what: object) -> Response:
        await asyncio.sleep(0.05)
        return Response(200, {}, b"{}")


class LoopClock(Clock):
    """A loop's own time."""

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


def test_forty_jobs_one_by_one_are_polled_when_they_may_have_ended(seed: int) -> None:
    """Jobs of 50 to 150 seconds on 40 slots, for half an hour: no more than the four polls a second that the service takes, and an end is noticed within 4 s at the mean."""
    chance, service, late = random.Random(seed), OneByOne(), list[float]()
    rules = replace(RULES, poll_first_s=1.0, poll_max_s=10.0, patience_s=3600.0)
    times = JobTimes(polls_share(cast("Any", service)))
    times.learn("kind", [chance.uniform(50, 150) for _ in range(60)])

    async def slot(n: int, watcher: Poller) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(chance.uniform(0, 50))
        for job in (f"{n}-{turn}" for turn in range(18)):
            service.ends[job] = loop.time() + chance.uniform(50, 150)
            assert await watcher.wait(job, 3600, "kind")
            late.append(loop.time() - service.ends[job])

    async def batch() -> None:
        watcher = Poller(cast("Any", service), ACCOUNT, cast("Any", service), rules, LoopClock(), times=times)
        await asyncio.gather(*(slot(n, watcher) for n in range(40)))
        await watcher.close()

    loop = VirtualLoop()
    try:
        loop.run_until_complete(batch())
    finally:
        loop.close()
    busy = [at for at in service.polled if 200 < at < 1400]
    print(f"{len(busy) / 1200:.2f} polls a second; noticed after {mean(late):.2f} s")
    assert len(busy) / 1200 < 4.3
    assert mean(late) < 4
