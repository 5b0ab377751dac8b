"""Fourteen orderings that look right and lose money or clips, each planted in the real engine in turn.

The simulation must find every one; a simulation that lets one pass has gone blind. `PLANTS` names each with the wires on which it can be wrong:
a keyed service forgives a second POST of the same key, and only a keyed one is asked by key.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from callsheet.budget.ledger.database import sqlite
from callsheet.buying import attempt_machine, purchase, receive, record_answer
from callsheet.buying.context import RunContext
from callsheet.buying.hold_queue import HoldQueue
from callsheet.buying.lanes.poller import Poller
from callsheet.clock import age_s
from callsheet.domain.attempt import Attempt, Cause, Kind, Reason, State
from callsheet.domain.errors import MoneyError
from callsheet.services.protocol.answers import Absent, Failed, Lost, Refused, Unread
from callsheet.services.protocol.request import Request, Response
from callsheet.store import clip_store
from callsheet.store.project_folder import Project
from callsheet.transport.api_client import NoAnswer
from tests.crash.vendor import digest
from tests.crash.world import World

Patch = pytest.MonkeyPatch
Plant = Callable[[Patch, World], None]
EVERY = ("keyed", "tokened", "blind")
UNKEYED = ("tokened", "blind")


@dataclass(frozen=True)
class Naive:
    """A wrong ordering and how its worlds are made: more of the weather that it can't stand."""

    plant: Plant
    kinds: tuple[str, ...] = EVERY
    fates: Mapping[str, Mapping[str, int]] | None = None
    blows: Mapping[str, int] | None = None
    doubles: bool | None = None


def settled_is_done(patch: Patch, world: World) -> None:
    """The settle is written as the end, and the file is fetched after it."""
    await_job = attempt_machine._STEPS[State.SUBMITTED]

    async def done(context: RunContext, attempt: Attempt) -> Attempt | None:
        ended = await await_job(context, attempt)
        if ended is None or ended.state is not State.READY:
            return ended
        film = next(job for job in world.vendor.jobs if job.attempt == int(attempt.id)).film
        received = context.log.move(ended, Kind.RECEIVED, {"sha256": digest(film), "size": len(film)})
        await receive.restore(context, received)
        return received

    patch.setitem(attempt_machine._STEPS, State.SUBMITTED, done)


def row_before_file(patch: Patch, world: World) -> None:
    """`received` is written before the file is in place."""

    async def place(context: RunContext, attempt: Attempt, clip: Any, _asked: Any, cost: Any) -> Attempt:
        body = {"sha256": clip.file.sha256, "size": clip.file.size}
        attempt = context.log.move(attempt, Kind.RECEIVED, body, cost=cost)
        clip_store.put(context.project, clip.file.path, clip.file.sha256)
        return attempt

    patch.setattr(receive, "_place", place)


def nothing_synced(patch: Patch, world: World) -> None:
    """The row is written without a sync of the file and its folder."""
    patch.setattr(clip_store, "flush", lambda _path: None)


def sent_before_intent(patch: Patch, world: World) -> None:
    """The request is sent, and then written down."""

    async def submit(context: RunContext, attempt: Attempt) -> Attempt | None:
        if context.channels.lane(attempt).stopped or not context.buy:
            return None
        await context.log.clock.sleep(context.channels.lane(attempt).closed_for_s())
        sent = await purchase.send(context, attempt, purchase.complete(context, attempt))
        attempt = context.log.move(attempt, Kind.INTENT, {})
        answer = purchase.meaning(context, attempt, sent)
        if attempt.state is not State.SUBMITTING or isinstance(answer, Lost):
            return attempt
        return await attempt_machine._answered(context, attempt, answer)

    patch.setitem(attempt_machine._STEPS, State.HELD, submit)


def found_is_not_sent(patch: Patch, world: World) -> None:
    """What is found in submitting after a restart is sent again."""

    async def again(context: RunContext, attempt: Attempt) -> Attempt:
        return context.log.move(attempt, Kind.UNSENT, {})

    patch.setattr(attempt_machine, "_wait_for_callback", again)


def blind_retry(patch: Patch, world: World) -> None:
    """No answer, or a 5xx: the same request up to three times."""
    send = purchase.send

    async def thrice(context: RunContext, attempt: Attempt, request: Request) -> Any:
        sent = await send(context, attempt, request)
        for _ in range(2):
            if isinstance(sent, NoAnswer) or (isinstance(sent, Response) and sent.status >= 500):
                sent = await send(context, attempt, request)
        return sent

    patch.setattr(purchase, "send", thrice)


def key_from_memory(patch: Patch, world: World) -> None:
    """The same, with a key that is made at each POST, as a retrying task would."""
    send = purchase.send

    async def fresh(context: RunContext, attempt: Attempt, request: Request) -> Any:
        sent: Any = None
        for _ in range(3):
            key = str(uuid.UUID(int=world.chance.getrandbits(128), version=4))
            sent = await send(context, attempt, replace(request, body=request.body.replace(attempt.key.encode(), key.encode())))
            if isinstance(sent, Response) and sent.status < 500:
                if key in world.vendor.by_key:  # it remembers the key that was answered
                    world.vendor.by_key[attempt.key] = world.vendor.by_key[key]
                return replace(sent, body=sent.body.replace(key.encode(), attempt.key.encode()))
        return sent

    patch.setattr(purchase, "send", fresh)


def replaced_on_timeout(patch: Patch, world: World) -> None:
    """No answer: the hold is given back and a replacement is bought."""
    bought = attempt_machine._purchase

    async def giving_up(context: RunContext, attempt: Attempt, request: Request) -> Attempt:
        answer = await bought(context, attempt, request)
        return _replaced(context, attempt) if isinstance(answer, Lost) else answer

    patch.setattr(attempt_machine, "_purchase", giving_up)


def _replaced(context: RunContext, attempt: Attempt) -> Attempt:
    return context.log.move(attempt, Kind.CLOSED, {"cause": Cause.RETRY.value, "message": "given up"}, reason=Reason.FAILED)


def hold_expires(patch: Patch, world: World) -> None:
    """A hold ends 60 s after it was made, by the clock on the wall."""
    for state, step in [*attempt_machine._STEPS.items()]:

        async def timed(context: RunContext, attempt: Attempt, step: Any = step) -> Attempt | None:
            if age_s(attempt.made_at, context.log.clock.now()) > 60:
                return context.log.move(attempt, Kind.CLOSED, {}, reason=Reason.CANCELLED)
            return await step(context, attempt)

        patch.setitem(attempt_machine._STEPS, state, timed)


def unread_is_failed(patch: Patch, world: World) -> None:
    """A look that answers 5xx fails its jobs, and their holds are given back."""
    ask = Poller._ask

    async def asked(poller: Poller, jobs: list[str]) -> Any:
        answers = await ask(poller, jobs)
        return [Failed(job, Cause.RETRY, answers.message) for job in jobs] if isinstance(answers, Unread) else answers

    patch.setattr(Poller, "_ask", asked)


def empty_is_missing(patch: Patch, world: World) -> None:
    """An empty answer about a key means that it was never taken: a new attempt is made."""

    async def looked(context: RunContext, attempt: Attempt) -> Attempt | None:
        live = await context.channels.poller(attempt).poll(attempt.key)
        if isinstance(live, Absent):
            return _replaced(context, attempt)
        return None if isinstance(live, Unread) else await record_answer.accepted(context.log, context.channels, attempt, attempt.key, "")

    patch.setattr(attempt_machine, "_recover", looked)
    patch.setitem(attempt_machine._STEPS, State.SUBMITTING, looked)


def refusal_believed(patch: Patch, world: World) -> None:
    """A second send is not noted, and its refusal closes at once."""

    async def again(context: RunContext, attempt: Attempt) -> Attempt | None:
        answer = purchase.meaning(context, attempt, await purchase.send(context, attempt, purchase.complete(context, attempt)))
        if isinstance(answer, Refused):
            return await record_answer.refused(context.log, context.channels, attempt, answer)
        if isinstance(answer, attempt_machine.Accepted):
            return await record_answer.accepted(context.log, context.channels, attempt, answer.job, "")
        await context.log.clock.sleep(2)
        return attempt

    patch.setattr(attempt_machine, "_send_again", again)


def checked_then_inserted(patch: Patch, world: World) -> None:
    """The cap is looked at when a take is queued, and the hold is written without looking again."""
    _loosen(Project(world.folder))
    want = HoldQueue.want

    def looked(purser: HoldQueue, order: int, ask: Callable[[], Awaitable[Attempt]]) -> Any:
        [(used,)] = world.rows("select coalesce(sum(d_held + d_doubt + d_settled), 0) from entry")
        return want(purser, order, ask if used + 90_000 <= world.cap else _refused)

    patch.setattr(HoldQueue, "want", looked)


async def _refused() -> Attempt:
    raise MoneyError("no room under the cap", help="")


def _loosen(project: Project) -> None:
    """Take the check out of the schema."""
    with sqlite3.connect(project.ledger_file) as book:
        for name, sql in book.execute("select name, sql from sqlite_master where type = 'trigger' and sql like '%cap_refused%'").fetchall():
            book.execute(f"drop trigger {name}")
            book.execute(sql.replace("used + new.d_held > amount", "0"))


def commits_not_synced(patch: Patch, world: World) -> None:
    """SQLite with synchronous=NORMAL: a power cut takes the last commits."""
    patch.setattr(sqlite, "_PRAGMAS", tuple(pragma.replace("=FULL", "=NORMAL") for pragma in sqlite._PRAGMAS))


_REFUSING = {"submit": {"ok": 40, "lost-before": 10, "late": 25, "402": 25}}
_LOSING = {"submit": {"ok": 40, "lost-after": 20, "lost-before": 10, "503-after": 20, "late": 10}}

PLANTS: Mapping[str, Naive] = {
    "settled is done": Naive(settled_is_done),
    "row before file": Naive(row_before_file),
    "nothing synced": Naive(nothing_synced),
    "sent before intent": Naive(sent_before_intent, ("tokened", "keyed", "blind")),
    "found is not sent": Naive(found_is_not_sent, UNKEYED),
    "blind retry": Naive(blind_retry, UNKEYED, _LOSING),
    "key from memory": Naive(key_from_memory, EVERY, _LOSING),
    "replaced on timeout": Naive(replaced_on_timeout),
    "hold expires": Naive(hold_expires),
    "unread is failed": Naive(unread_is_failed),
    "empty is missing": Naive(empty_is_missing, ("keyed",), _LOSING),
    "refusal believed": Naive(refusal_believed, ("keyed",), _REFUSING, doubles=True),
    "checked then inserted": Naive(checked_then_inserted),
    "commits not synced": Naive(commits_not_synced, EVERY, blows={"power": 1}),
}
assert len(PLANTS) == 14, "the facts count fourteen"
