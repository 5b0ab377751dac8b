"""An attempt's way from held to ready: the intent is written before the first byte leaves, nothing is sent blindly, and every proof is
written before it is acted on.

Each step takes the attempt as the ledger has it and returns it as it is afterwards; None means that nothing more can be done for it now. On
a keyed wire, an attempt without an answer is looked up by its key, and only what the service doesn't know is sent again: the same key, the
same bytes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count

from callsheet.budget.ledger.write import CanaryBusy, LaneStopped
from callsheet.buying import known_keys, purchase, record_answer
from callsheet.buying.context import RunContext
from callsheet.buying.known_keys import known_of
from callsheet.buying.settlement import cost_of
from callsheet.clock import age_s
from callsheet.domain.attempt import Attempt, Kind, Reason, State
from callsheet.domain.errors import CallsheetError, LedgerError, MoneyError, SetupError
from callsheet.domain.money import text
from callsheet.domain.typed import typed
from callsheet.services.protocol.answers import (
    Absent,
    Accepted,
    Busy,
    Failed,
    Forgotten,
    Lost,
    Refused,
    Succeeded,
    Unread,
)
from callsheet.services.protocol.request import Request
from callsheet.transport.api_client import NotSent

#: failed connections or unreadable answers in a row, after which the attempt is left for the next run
_TRIES = 8
#: how often callbacks are checked for a lost answer before it is in doubt
_CALLBACK_LOOKS = 5
#: extra time for a job past its deadline, in first waits: enough for three polls
_LAST_LOOKS = 6
#: bytes that must be free before anything is sent: for the ledger's rows and a clip
_ROOM = 64 << 20

#: an attempt that is left in one of these may have a job at the service
_MAY_BE_AT_WORK = frozenset({State.SUBMITTING, State.SUBMITTED})

Step = Callable[[RunContext, Attempt], Awaitable[Attempt | None]]


@dataclass(frozen=True, slots=True)
class _Unanswered:
    """A purchase that was sent and whose answer was not read."""

    attempt: Attempt
    message: str


async def advance(context: RunContext, attempt: Attempt) -> Attempt:
    """Bring the attempt to ready or to its end, or as far as possible now. It has a slot of its lane from before the intent until then; an
    attempt that may already be at its service has one at once.
    """
    if attempt.state not in _STEPS:
        return attempt
    while True:
        if attempt.state is State.HELD and context.buy:
            await context.steering.wait_out(attempt, context.log.current)
            attempt = context.log.current(attempt)  # it may have been given back meanwhile
        attempt = await _in_its_slot(context, attempt)
        if not (attempt.state is State.HELD and context.buy and context.steering.paused):
            return attempt


async def _in_its_slot(context: RunContext, attempt: Attempt) -> Attempt:
    if attempt.state not in _STEPS:
        return attempt
    slots, number = context.channels.slots(attempt), int(attempt.id)
    async with slots.slot(number, at_service=attempt.state is not State.HELD, turn=context.turn(attempt)):
        with context.balances.driving(attempt):
            while step := _STEPS.get(attempt.state):
                moved = await step(context, attempt)
                if moved is None:
                    attempt = context.log.current(attempt)  # it may have been sent by the step, or given back meanwhile
                    if attempt.state in _MAY_BE_AT_WORK:
                        slots.leave(number)
                    return attempt
                attempt = moved
    return attempt


async def _submit(context: RunContext, attempt: Attempt) -> Attempt | None:
    """held: write the intent, send, write the answer."""
    lane = context.channels.lane(attempt)
    if lane.stopped or not context.buy:
        return None
    if wait := lane.closed_for_s():
        await context.log.clock.sleep(wait)
        return attempt  # the lane may have been stopped in the meantime
    await context.channels.pacing(attempt).turn()
    async with context.channels.turn_to_buy(attempt):
        sent = await _in_turn(context, attempt)
    if not isinstance(sent, _Unanswered):
        return sent
    context.log.say("retry", f"{sent.message}: asking the service about it", attempt.take)
    await context.log.clock.sleep(context.settings.attempts.wait_s(0))
    recovered = await _recover(context, sent.attempt)
    return await _counted(context, recovered) if recovered else None


async def _in_turn(context: RunContext, attempt: Attempt) -> Attempt | _Unanswered | None:
    """held, in its turn at the account: check what has changed while it waited, then write the intent and send, with nothing in between."""
    lane = context.channels.lane(attempt)
    await context.balances.before_sending(attempt)
    if not _may_send(context, attempt):
        return None
    if lane.closed_for_s():
        return attempt
    # a missing key is reported before the intent, and so are a full disk, because the answer needs space, and a missing file
    context.channels.account(attempt).key()
    refuse_full(context.free_bytes())
    request = purchase.complete(context, attempt)
    written = await context.balances.unread(attempt)
    if not _may_send(context, attempt):
        written()
        return None
    return await context.unbroken(_spend(context, attempt, request, written))


def _may_send(context: RunContext, attempt: Attempt) -> bool:
    return not context.channels.lane(attempt).stopped and context.buy and context.steering.may_send(attempt)


async def _spend(context: RunContext, attempt: Attempt, request: Request, written: Callable[[], None]) -> Attempt | _Unanswered | None:
    """Intent and request, never broken off between the two: an intent that nobody acts on would be a doubt. `written` is called after the intent."""
    try:
        claimed = await context.log.claim(attempt, Kind.INTENT, context.channels.sender_of(attempt))
    except (LaneStopped, CanaryBusy):  # it keeps its hold as long as the run may still send it
        return None
    except MoneyError as refusal:  # a cap is exceeded, or the price has changed: release the hold, and request it again in the plan's order
        return context.log.move(attempt, Kind.CLOSED, {"message": refusal.message}, reason=Reason.CANCELLED)
    except LedgerError:
        await record_answer.unsent_if_written(context.log, context.channels, attempt)
        raise
    finally:
        written()
    if claimed is None:
        return None
    if not _may_send(context, claimed):  # by now
        return await record_answer.unsent(context.log, context.channels, claimed, "nothing more is sent")
    context.log.say("submit", f"{claimed.model}, holds {text(claimed.quote)}", claimed.take)
    answer = await _purchase(context, claimed, request)
    return _Unanswered(claimed, answer.message) if isinstance(answer, Lost) else answer


async def _recover(context: RunContext, attempt: Attempt) -> Attempt | None:
    """submitting, without an answer: look it up by its key; if the service doesn't know it, send it again while the service remembers keys."""
    if context.channels.wire(attempt).recovery != "keyed":
        return await _wait_for_callback(context, attempt)
    began = context.log.clock.monotonic()
    for attempt_no in count():
        known = await known_of(context, attempt)
        if isinstance(known, Absent):
            return await _send_again(context, attempt)
        if not isinstance(known, Unread):
            return await record_answer.accepted(context.log, context.channels, attempt, attempt.key, "found by its key")
        dark = context.log.clock.monotonic() - began
        if attempt_no >= _TRIES and not (known.outage and dark < context.channels.rules(attempt).outage_s):
            break
        wait = context.settings.attempts.wait_s(attempt_no)
        context.log.say("retry", f"{known.message}; no news for {dark:.0f} s; asking again in {wait:.0f} s", attempt.take)
        await context.log.clock.sleep(wait)
    context.log.say("wait", "the service can't be reached now; the next run checks again", attempt.take)
    return None


async def _look_again(context: RunContext, attempt: Attempt) -> Attempt | None:
    """in doubt: a lookup costs nothing, and evidence that the job exists clears the doubt. Nothing is sent again."""
    if context.channels.wire(attempt).recovery != "keyed":
        job = await record_answer.called_back(context.log, context.channels, attempt)
    else:
        job = None if isinstance(await known_of(context, attempt), Absent | Unread) else attempt.key
    if job:
        return await record_answer.accepted(context.log, context.channels, attempt, job, "the doubt is cleared: the service accepted it")
    cleared = await context.balances.clear(attempt)
    return cleared if cleared.seq != attempt.seq else None


async def _wait_for_callback(context: RunContext, attempt: Attempt) -> Attempt:
    """submitting, on a wire without a key of ours: a callback may still bring the job's id. Nothing is sent again."""
    looks = _CALLBACK_LOOKS if context.channels.wire(attempt).recovery == "tokened" else 0
    for n in range(looks):
        job = await record_answer.called_back(context.log, context.channels, attempt)
        if job:
            return await record_answer.accepted(context.log, context.channels, attempt, job, "the service called back")
        await context.log.clock.sleep(context.settings.attempts.wait_s(n))
    return await _doubt(context, attempt, "no answer came, and this service can't look it up by our key")


async def _await_job(context: RunContext, attempt: Attempt) -> Attempt | None:
    """submitted: wait for the poller's result, with a deadline counted from the acceptance."""
    job = attempt.job or attempt.key
    here = age_s(attempt.accepted_at or attempt.made_at, context.log.clock.now())
    # it was accepted no earlier than sent, whatever the time of day has become since
    up = attempt.sent_before_s(context.log.clock.since_boot())
    spent = here if up is None else min(here, up)
    patience = max(context.channels.rules(attempt).patience_s - max(spent, 0.0), context.channels.rules(attempt).poll_first_s * _LAST_LOOKS)
    poller = context.channels.poller(attempt)
    kind = str(context.channels.wire(attempt).sold(attempt.request))
    answer = await poller.wait(job, patience, kind, max(spent, 0.0))
    match answer:
        case Succeeded():
            card = context.cards.get(attempt.model)
            cost = cost_of(context.channels.wire(attempt), card, attempt, answer)
            told = {**attempt.told, **answer.told, "cost_reported": answer.cost is not None}
            body = {"url": answer.url, "told": told, "answer": poller.final_answer(job)}
            return await context.log.keep(attempt, Kind.READY, body, cost=cost, told=f"job {attempt.job} is done")
        case Failed():
            body = {"cause": answer.cause.value, "message": answer.message, "code": answer.code, "answer": poller.final_answer(job)}
            context.log.say("failed", answer.message, attempt.take)
            return await context.log.keep(
                attempt, Kind.CLOSED, body, cost=answer.cost, reason=Reason.FAILED, told=f"job {attempt.job} failed"
            )
        case Forgotten():  # presumed paid, with nothing to fetch
            message = f"{attempt.service} no longer knows job {attempt.job}: it counts as paid at its list price"
            context.log.say("failed", message, attempt.take)
            body = {"message": message, "answer": poller.final_answer(job)}
            return await context.log.keep(attempt, Kind.CLOSED, body, reason=Reason.EXPIRED, told=message)
        case None:
            odd = poller.final_answer(job)
            still = f"still not finished at the service{f' ({odd})' if odd else ''}; its money stays on hold; the next run checks again"
            context.log.say("wait", still, attempt.take)
            return None


_STEPS: dict[State, Step] = {
    State.HELD: _submit,
    State.SUBMITTING: _recover,
    State.IN_DOUBT: _look_again,
    State.SUBMITTED: _await_job,
}


async def _purchase(context: RunContext, attempt: Attempt, request: Request) -> Attempt | Lost:
    """Send, and write the answer. Never interrupted between the two, because the answer must get into the ledger. Lost if nothing came."""
    try:
        sent = await purchase.send(context, attempt, request)
    except CallsheetError as refusal:  # it is raised before a byte leaves, such as by a keyring that has been locked meanwhile
        await record_answer.unsent(context.log, context.channels, attempt, refusal.message)
        raise
    answer = purchase.meaning(context, attempt, sent)
    return (
        answer if isinstance(answer, Lost) else await _answered(context, attempt, answer, purchase.service_answer(context, attempt, sent))
    )


async def _answered(context: RunContext, attempt: Attempt, answer: Accepted | Refused | Busy | NotSent, said: str = "") -> Attempt:
    """The answer to a first request, which only this process sent: a refusal is proof. `said` is the service's own answer."""
    lane = context.channels.lane(attempt)
    match answer:
        case Accepted(job, told):
            written = await record_answer.accepted(context.log, context.channels, attempt, job, "", {"told": dict(told), "answer": said})
            await context.channels.taken(attempt)
            return written
        case Refused(by_address=True) if context.channels.wire(attempt).recovery == "keyed":
            # the refusal came from a proxy that may have passed it on
            if not isinstance(await known_of(context, attempt), Absent | Unread):
                return await record_answer.accepted(context.log, context.channels, attempt, attempt.key, "though its address refused it")
            return await record_answer.refused(context.log, context.channels, attempt, answer, said)
        case Refused():
            return await record_answer.refused(context.log, context.channels, attempt, answer, said)
        case Busy(message, retry_after_s):
            wait = await context.channels.busy(attempt, retry_after_s)
            context.log.say("busy", f"{message}; again in {wait:.0f} s", attempt.take)
            return await record_answer.unsent(context.log, context.channels, attempt, message)
        case NotSent(
            message, lasting
        ):  # nothing left this machine: wait for an outage to end; stop the lane at once for a fault that waiting can't fix
            wait, dark = lane.busy(None), lane.unreached_s()
            if lasting or dark >= context.channels.rules(attempt).outage_s:
                help = "check the network, its proxies and the base URL (`callsheet doctor` shows them), then run again"
                lane.stop(record_answer.lane_problem(attempt, f"{attempt.service} can't be reached ({message})", help))
            else:
                context.log.say("busy", f"{message}; not reached for {dark:.0f} s; trying again in {wait:.0f} s", attempt.take)
            return await record_answer.unsent(context.log, context.channels, attempt, message)


async def _counted(context: RunContext, attempt: Attempt) -> Attempt:
    """A purchase of this run that ended in doubt on a wire without a key. If the account's balance doesn't clear it, it counts: at a limit,
    its lane sends nothing more.
    """
    if attempt.state is not State.IN_DOUBT or context.channels.wire(attempt).recovery == "keyed":
        return attempt
    attempt, limit = await context.balances.clear(attempt), context.channels.rules(attempt).doubts
    if attempt.state is State.IN_DOUBT:
        message = f"too many answers of {attempt.model} were lost; its lane is stopped at {limit}"
        ways = f"`{typed('recover', attempt.take)} --job ID`, `--write-off` or `--release` resolves this one"
        help = f"check the service's job list: {ways}; [lanes.{attempt.service}] doubts in project.toml allows more"
        problem = record_answer.lane_problem(attempt, message, help, code="doubts")
        known = attempt.settled > 0 or attempt.id in context.balances.told_apart
        context.channels.lane(attempt).doubted(problem, limit, attempt.doubt + attempt.settled, known=known)
    return attempt


async def _send_again(context: RunContext, attempt: Attempt) -> Attempt | None:
    """The service doesn't know the key: send the same key and bytes again, recorded before they leave. For people's control it is a purchase."""
    if context.buy and context.steering.paused:
        await context.steering.resumed()
        return attempt  # it is looked up once more first
    if why := _not_again(context, attempt):
        context.log.say("wait", why, attempt.take)
        return None
    if why := known_keys.proves_nothing(context, attempt):
        return await _doubt(context, attempt, why)
    if attempt.reposts >= _TRIES:
        context.log.say("wait", "no answer to any of its requests; the next run checks again", attempt.take)
        return None
    request = purchase.complete(context, attempt)
    async with context.channels.turn_to_buy(attempt):
        claimed = await _claimed_again(context, attempt)
        if claimed is None or claimed is attempt:
            return claimed
        attempt = claimed
        sent = await purchase.send(context, attempt, request)
    answer = purchase.meaning(context, attempt, sent)
    match answer:
        case Accepted(job, told):
            said = {"told": dict(told), "answer": purchase.service_answer(context, attempt, sent)}
            written = await record_answer.accepted(context.log, context.channels, attempt, job, "sent again with the same key", said)
            await context.channels.taken(attempt)
            return written
        case Refused():
            return await _quarantined(context, attempt, answer)
        case Busy(_, retry_after_s):
            await context.log.clock.sleep(await context.channels.busy(attempt, retry_after_s))
        case NotSent() | Lost():
            await context.log.clock.sleep(context.settings.attempts.wait_s(attempt.reposts))
    return attempt


def _not_again(context: RunContext, attempt: Attempt) -> str | None:
    """Why a request that the service doesn't know isn't sent again in this run; None if it is."""
    if not context.buy:
        return "the service doesn't know it; the next render sends it again with the same key"
    held_back = context.steering.now.why(attempt.take)
    return f"the service doesn't know it, and it is {held_back}: not sent again" if held_back else None


async def _claimed_again(context: RunContext, attempt: Attempt) -> Attempt | None:
    """The attempt with the right to send it again; as it was, if people don't want that by now; None if it can't be sent now."""
    if not context.buy or not context.steering.may_send(attempt):
        return attempt
    try:
        return await context.log.claim(attempt, Kind.REPOST, {"n": attempt.reposts + 1})
    except MoneyError as refusal:
        context.log.say("wait", f"not sent again: {refusal.message}; {refusal.problems[0].help}", attempt.take)
        return None


async def _quarantined(context: RunContext, attempt: Attempt, refusal: Refused) -> Attempt | None:
    """A refusal after a second request proves nothing while the first may still be under way: wait until no packet can be, look it up once
    more, then close.
    """
    await context.log.clock.sleep(context.channels.rules(attempt).quarantine_s)
    known = await known_of(context, attempt)
    match known:
        case Absent():
            return await record_answer.refused(context.log, context.channels, attempt, refusal)
        case Unread():
            return None
        case _:
            return await record_answer.accepted(context.log, context.channels, attempt, attempt.key, "found by its key")


async def _doubt(context: RunContext, attempt: Attempt, why: str) -> Attempt:
    context.log.say("in_doubt", f"{why}; {text(attempt.held)} stays on hold until it is resolved", attempt.take)
    return await context.log.keep(attempt, Kind.LOST, {"why": why}, told=why)


def refuse_full(free: int) -> None:
    """SetupError if the disk is nearly full, with `free` bytes left: a service's answer needs space."""
    if free < _ROOM:
        raise SetupError(
            f"only {free >> 20} MB are free on the project's disk, so nothing is sent",
            help=f"free at least {_ROOM >> 20} MB, then run again",
        )
