"""The poller: one per lane. It polls all of a lane's jobs together and returns each job's end to its waiter. An unreadable answer (401,
429, 5xx, garbage) is no result: it never fails a job.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from callsheet.buying.lanes.job_times import JobTimes
from callsheet.clock import Clock
from callsheet.domain.backoff import backoff_s
from callsheet.domain.money import Micros
from callsheet.domain.rules import LaneRules
from callsheet.services.protocol.answers import Absent, Failed, Forgotten, JobAnswer, Running, Succeeded, Unread
from callsheet.services.protocol.request import Response
from callsheet.services.protocol.wire import Wire
from callsheet.transport.account import Account
from callsheet.transport.api_client import Sender
from callsheet.transport.redact import words

#: longest delay of a poll, whatever a service asks for, seconds
_LONGEST_WAIT_S = 300.0
#: a service that can't be reached or doesn't answer is reported after the third failed poll in a row, and then at this interval, seconds
_DARK_LOOKS, _TOLD_EVERY_S = 3, 300.0
#: the part of a usual job's time between two polls near its end: if one request polls many jobs, and if each needs its own
_SHARE_OF_MANY, _SHARE_OF_ONE = 1 / 40, 1 / 20
#: where each job needs its own, so many polls a second for all of a lane's jobs: some services take five requests a second from an account;
#: and so many of them for jobs that can hardly have ended yet, of which some fail
_POLLS_PER_S, _EARLY_PER_S = 4.0, 0.25
#: so many finished jobs in a row that told no cost later either: the service tells none
_COSTLESS = 3
_FORGOTTEN = 3  # "unknown" counts only after this many answers in a row, because a service's records may lag


@dataclass(slots=True)
class _Watch:
    """A job that somebody waits for. Times are monotonic seconds."""

    done: asyncio.Future[Succeeded | Failed | Forgotten]
    began: float
    due: float
    wait: float
    kind: str
    #: whether it may have ended when it was last polled
    near: bool
    #: the number of waiters: a service may give one job's id to two purchases
    waiting: int = 0
    progress: float | None = field(default=None)
    forgotten: int = 0


def polls_share(wire: Wire) -> float:
    """How much of a usual job passes between two polls: less if one request polls many jobs."""
    return _SHARE_OF_MANY if wire.jobs_per_poll > 1 else _SHARE_OF_ONE


class Poller:
    """Polls the jobs of one account at one model."""

    def __init__(
        self,
        wire: Wire,
        account: Account,
        sender: Sender,
        rules: LaneRules,
        clock: Clock,
        say: Callable[[str, str], None] = lambda _kind, _text: None,
        times: JobTimes | None = None,
    ) -> None:
        self._times = times or JobTimes(polls_share(wire))
        self._wire, self._account, self._sender, self._rules, self._clock, self._say = wire, account, sender, rules, clock, say
        self._dark_since: float | None = None
        self._dark_looks = 0
        self._told_at: float | None = None
        self._jobs: dict[str, _Watch] = {}
        self._stir = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._said: dict[str, str] = {}
        self._costless = 0

    async def wait(self, job: str, patience_s: float, kind: str = "", age_s: float = 0.0) -> Succeeded | Failed | Forgotten | None:
        """The job's end; None if it hasn't ended within `patience_s` seconds, which a last poll confirms. `kind` is what was sold, `age_s`
        how long it has been running already.
        """
        watch = self._watch(job, kind, age_s)
        watch.waiting += 1
        try:
            return await asyncio.wait_for(asyncio.shield(watch.done), patience_s)
        except TimeoutError:  # a busy or sleeping machine may have looked at nothing for longer than that
            last = await self.poll(job)
            return last if isinstance(last, Succeeded | Failed) else None
        finally:
            watch.waiting -= 1
            if not watch.waiting and self._jobs.get(job) is watch:
                del self._jobs[job]

    def final_answer(self, job: str) -> str:
        """The service's own answer with which a job ended, or an unusual one before that; empty if it was read already."""
        return self._said.pop(job, "")

    async def poll(self, job: str) -> JobAnswer | Unread:
        """Ask once, now."""
        answers = await self._ask([job])
        return answers if isinstance(answers, Unread) else answers[0]

    async def late_cost(self, job: str) -> Micros | None:
        """What a finished job cost, of which none was told with its end: some services book it a moment later. One that doesn't is soon asked no more."""
        if self._costless >= _COSTLESS:
            return None
        answer = await self.poll(job)
        cost = answer.cost if isinstance(answer, Succeeded) else None
        self._costless = 0 if cost is not None else self._costless + isinstance(answer, Succeeded)
        return cost

    async def poll_all(self, jobs: Sequence[str]) -> list[JobAnswer]:
        """Ask once, now, after many: what the service tells of them, less what can't be read."""
        told: list[JobAnswer] = []
        for start in range(0, len(jobs), self._wire.jobs_per_poll):
            answers = await self._ask([*jobs[start : start + self._wire.jobs_per_poll]])
            told += [] if isinstance(answers, Unread) else answers
        return told

    def hurry(self, job: str) -> None:
        """Poll a job at once: there may be news."""
        if watch := self._jobs.get(job):
            watch.due = self._clock.monotonic()
            self._stir.set()

    async def close(self) -> None:
        """Stop polling; jobs continue at the service."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _watch(self, job: str, kind: str, age_s: float) -> _Watch:
        if (same := self._jobs.get(job)) and not same.done.done():
            return same
        now, first = self._clock.monotonic(), self._rules.poll_first_s
        near = self._near(kind, age_s)
        begins_s = max(first, self._learned_s(kind, age_s, near=near) or 0.0)
        watch = _Watch(asyncio.get_running_loop().create_future(), now - age_s, now + begins_s, first, kind, near)
        self._jobs[job] = watch
        self._stir.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        return watch

    async def _run(self) -> None:
        try:
            while self._jobs:
                pause = min(watch.due for watch in self._jobs.values()) - self._clock.monotonic()
                if pause <= 0:
                    await self._round()
                    continue
                self._stir.clear()
                with suppress(TimeoutError):  # a new job, or news of one, may be due earlier
                    await asyncio.wait_for(self._stir.wait(), pause)
        except Exception as defect:  # nobody may wait for a poller that has ended
            for watch in self._jobs.values():
                if not watch.done.done():
                    watch.done.set_exception(defect)
            raise

    async def _round(self) -> None:
        """Poll every job that is due, and those due next: a request costs the same for one job as for as many as fit."""
        now, at_once = self._clock.monotonic(), self._wire.jobs_per_poll
        due = sum(watch.due <= now for watch in self._jobs.values())
        jobs = sorted(self._jobs, key=lambda job: self._jobs[job].due)[: -(-due // at_once) * at_once]
        for start in range(0, len(jobs), self._wire.jobs_per_poll):
            some = jobs[start : start + self._wire.jobs_per_poll]
            answers = await self._ask(some)
            self._tell(answers if isinstance(answers, Unread) else None)
            for job, answer in zip(some, [] if isinstance(answers, Unread) else answers, strict=False):
                self._heard(job, answer)
            for job in some:
                self._postpone(job, answers.retry_after_s if isinstance(answers, Unread) else None)

    def _tell(self, silence: Unread | None) -> None:
        """Report now and then that the service can't be reached or doesn't answer, and once when it does again."""
        now = self._clock.monotonic()
        dark_s = now - self._dark_since if self._dark_since is not None else 0.0
        if silence is None:
            if self._told_at is not None:
                self._say("note", f"{self._account.service} answers again after {dark_s:.0f} s")
            self._dark_since, self._dark_looks, self._told_at = None, 0, None
            return
        self._dark_since, self._dark_looks = now - dark_s, self._dark_looks + 1
        if self._dark_looks >= _DARK_LOOKS and (self._told_at is None or now - self._told_at >= _TOLD_EVERY_S):
            self._told_at = now
            self._say("wait", f"{silence.message}; {len(self._jobs)} jobs are waited for, no news for {dark_s:.0f} s")

    def _heard(self, job: str, answer: JobAnswer) -> None:
        watch = self._jobs.get(job)
        match answer:
            case Succeeded() | Failed() if watch and not watch.done.done():
                watch.done.set_result(answer)
                took = self._clock.monotonic() - watch.began
                if (
                    isinstance(answer, Succeeded) and took <= self._rules.patience_s
                ):  # the time of a job that was recovered days later is meaningless
                    self._times.learn(watch.kind, [took])
            case Running() if watch:
                watch.progress, watch.forgotten = answer.progress, 0
            case Forgotten() if watch and not watch.done.done():
                watch.forgotten += 1
                if watch.forgotten >= _FORGOTTEN:
                    watch.done.set_result(answer)
            case _:
                return

    def _postpone(self, job: str, retry_after_s: float | None) -> None:
        watch = self._jobs.get(job)
        if watch is None:
            return
        if watch.done.done():
            del self._jobs[job]
            return
        now, asked_s = self._clock.monotonic(), min(retry_after_s or 0, _LONGEST_WAIT_S)
        age_s = now - watch.began
        watch.near = self._near(watch.kind, age_s)
        learned_s = self._learned_s(watch.kind, age_s, near=watch.near)
        if learned_s is None:
            watch.wait = max(backoff_s(watch.wait, 1, factor=self._rules.poll_factor, most_s=self._rules.poll_max_s), asked_s)
        wait = watch.wait if learned_s is None else max(learned_s, asked_s)
        watch.due = now + wait

    def _near(self, kind: str, age_s: float) -> bool:
        """Whether a job of this age may have ended, as far as is known."""
        begins_s = self._times.begins_s(kind)
        return begins_s is None or age_s >= begins_s

    def _learned_s(self, kind: str, age_s: float, *, near: bool) -> float | None:
        """Seconds until a job is polled, by the times of its kind; None if too little is known. Where each needs a request, polls are for jobs that may have ended."""
        apart_s, most_s = 0.0, self._rules.poll_max_s
        if self._wire.jobs_per_poll == 1:
            alike = sum(other.near is near for other in self._jobs.values())
            apart_s = alike / (_POLLS_PER_S - _EARLY_PER_S) if near else 0.0
            most_s = most_s if near else max(most_s, alike / _EARLY_PER_S)
        learned_s = self._times.next_poll_s(kind, age_s, apart_s)
        return None if learned_s is None else min(learned_s, most_s)

    async def _ask(self, jobs: list[str]) -> list[JobAnswer] | Unread:
        sent = await self._sender.ask(self._account, self._wire.poll(jobs), self._rules.read_timeout_s)
        read = self._wire.read_poll(sent, jobs) if isinstance(sent, Response) else Unread(sent.message)
        if isinstance(read, Unread) or not isinstance(sent, Response):
            assert isinstance(read, Unread), "what was not answered can't be read"
            self._said.update({job: read.message for job in jobs if job in self._jobs})
            return read
        for answer in read:
            match answer:
                case Succeeded(job) | Failed(job) | Forgotten(job) if job in self._jobs:
                    self._said[job] = words(sent.body, self._account, job, [other for other in jobs if other != job])
                case Running(job, note=note) if job in self._jobs:
                    self._said[job] = note
                case _:
                    continue
        return [*read, *(Absent(job) for job in jobs[len(read) :])]
