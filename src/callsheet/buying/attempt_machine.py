"""An attempt's way from held to ready: intent before the first byte, nothing sent blindly, every proof written before it is acted on.

Each step takes the attempt as the book has it and gives it as it is afterwards; None means that nothing more can be done for it now.
On a keyed wire an attempt without an answer is looked up by its key, and only what the service doesn't know is sent again: the same key, the same bytes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from itertools import count

from callsheet.budget.ledger.write import CanaryBusy, LaneStopped
from callsheet.buying import evidence, input_copies
from callsheet.buying.context import Tools
from callsheet.buying.settlement import cost_of
from callsheet.clock import age_s
from callsheet.domain.attempt import Attempt, Kind, Reason, State
from callsheet.domain.errors import MoneyError, PlaceError
from callsheet.domain.money import text
from callsheet.services.protocol.answers import (
    Absent,
    Accepted,
    Busy,
    Failed,
    Forgotten,
    JobAnswer,
    Lost,
    Refused,
    SubmitAnswer,
    Succeeded,
    Unread,
)
from callsheet.services.protocol.request import Response, unpack
from callsheet.services.request_notes import filled
from callsheet.transport.api_client import NoAnswer, NotSent, Sent
from callsheet.transport.redact import words

#: a connection that can't be made, or a look that can't be read, this often in a row: left for the next run
_TRIES = 8
#: how often a lost answer is looked for among callbacks before it is in doubt
_CALLBACK_LOOKS = 5
#: a job past its patience is still looked at: this many first waits, which is time for three looks
_LAST_LOOKS = 6
#: bytes that must be free before anything is sent: the book's rows, and a clip
_ROOM = 64 << 20

Step = Callable[[Tools, Attempt], Awaitable[Attempt | None]]


async def advance(tools: Tools, attempt: Attempt) -> Attempt:
    """Bring the attempt to ready or to an end, or as far as it gets now. One slot of its lane is taken from before the intent until then."""
    if attempt.state not in _STEPS:
        return attempt
    async with tools.lane(attempt).slot():
        while step := _STEPS.get(attempt.state):
            moved = await step(tools, attempt)
            if moved is None:
                return attempt
            attempt = moved
    return attempt


async def _submit(tools: Tools, attempt: Attempt) -> Attempt | None:
    """held: write the intent, send, write what came."""
    lane = tools.lane(attempt)
    if lane.stopped or not tools.buy:
        return None
    if wait := lane.closed_for_s():
        await tools.clock.sleep(wait)
        return attempt  # the lane may have been stopped meanwhile
    tools.account(attempt).key()  # a missing key is found before the intent, and a full disk too: the answer must find room
    refuse_full(tools.free_bytes())
    input_copies.inputs_of(tools.project, attempt)  # and so is a file that must go along
    try:
        claimed = tools.claim(attempt, Kind.INTENT, {"run": attempt.run})
    except (LaneStopped, CanaryBusy):  # its hold stays as long as the run may still send it
        return None
    except MoneyError as refusal:  # a cap is passed, or the price is another by now: given back, and asked for anew in the plan's order
        return tools.move(attempt, Kind.CLOSED, {"message": refusal.message}, reason=Reason.CANCELLED)
    if claimed is None:
        return None
    tools.say("submit", f"{claimed.model}, holds {text(claimed.quote)}", claimed.take)
    answer = await tools.unbroken(_purchase(tools, claimed))
    if not isinstance(answer, Lost):
        return answer
    tools.say("retry", f"{answer.message}: looking for what became of it", attempt.take)
    await tools.clock.sleep(tools.settings.attempts.wait_s(0))
    return _counted(tools, await _recover(tools, claimed))


async def _recover(tools: Tools, attempt: Attempt) -> Attempt | None:
    """submitting, without an answer: look it up by its key; what the service doesn't know is sent again while the key is remembered."""
    if tools.wire(attempt).recovery != "keyed":
        return await _wait_for_callback(tools, attempt)
    began = tools.clock.monotonic()
    for attempt_no in count():
        known = await _look_up(tools, attempt)
        if isinstance(known, Absent):
            return await _send_again(tools, attempt)
        if not isinstance(known, Unread):
            return await evidence.accepted(tools, attempt, attempt.key, "found again by its key")
        dark = tools.clock.monotonic() - began
        if attempt_no >= _TRIES and not (known.outage and dark < tools.rules(attempt).outage_s):
            break
        wait = tools.settings.attempts.wait_s(attempt_no)
        tools.say("retry", f"{known.message}; no news for {dark:.0f} s; asked again in {wait:.0f} s", attempt.take)
        await tools.clock.sleep(wait)
    tools.say("wait", "the service can't be asked now; the next run looks again", attempt.take)
    return None


async def _look_again(tools: Tools, attempt: Attempt) -> Attempt | None:
    """in doubt: a look costs nothing, and evidence that the job exists clears the doubt. Nothing is sent again."""
    if tools.wire(attempt).recovery != "keyed":
        job = await evidence.called_back(tools, attempt)
    else:
        job = None if isinstance(await _look_up(tools, attempt), Absent | Unread) else attempt.key
    return await evidence.accepted(tools, attempt, job, "the doubt is cleared: it was taken") if job else None


async def _wait_for_callback(tools: Tools, attempt: Attempt) -> Attempt:
    """submitting, on a wire without a key of ours: a callback may still bring the job's id. Nothing is sent again."""
    looks = _CALLBACK_LOOKS if tools.wire(attempt).recovery == "tokened" else 0
    for n in range(looks):
        job = await evidence.called_back(tools, attempt)
        if job:
            return await evidence.accepted(tools, attempt, job, "the service called back")
        await tools.clock.sleep(tools.settings.attempts.wait_s(n))
    return await _doubt(tools, attempt, "no answer came, and this service can't be asked by our own key")


async def _await_job(tools: Tools, attempt: Attempt) -> Attempt | None:
    """submitted: wait for the poller's word, with patience counted from the acceptance."""
    job = attempt.job or attempt.key
    spent = age_s(attempt.accepted_at or attempt.made_at, tools.clock.now())
    patience = max(tools.rules(attempt).patience_s - max(spent, 0.0), tools.rules(attempt).poll_first_s * _LAST_LOOKS)
    answer = await tools.poller(attempt).wait(job, patience)
    match answer:
        case Succeeded():
            return await _ready(tools, attempt, answer)
        case Failed():
            return await _failed(tools, attempt, answer)
        case Forgotten():
            return await _forgotten(tools, attempt)
        case None:
            odd = _last_words(tools, attempt)
            still = f"still not finished at the service{f' ({odd})' if odd else ''}; its money stays held, the next run goes on"
            tools.say("wait", still, attempt.take)
            return None


_STEPS: dict[State, Step] = {
    State.HELD: _submit,
    State.SUBMITTING: _recover,
    State.IN_DOUBT: _look_again,
    State.SUBMITTED: _await_job,
}


async def _purchase(tools: Tools, attempt: Attempt) -> Attempt | Lost:
    """Send, and write down what came: never broken off between the two, for what a service answered must get into the book. Lost where nothing came."""
    sent = await _post(tools, attempt)
    answer = _meaning(tools, attempt, sent)
    return answer if isinstance(answer, Lost) else await _answered(tools, attempt, answer, _words(tools, attempt, sent))


async def _post(tools: Tools, attempt: Attempt) -> Sent:
    """Send the attempt's own bytes, as they were written down with the hold, its files in their places."""
    request = filled(unpack(attempt.request), input_copies.inputs_of(tools.project, attempt))
    return await tools.send(attempt, request, tools.rules(attempt).submit_timeout_s)


def _words(tools: Tools, attempt: Attempt, sent: Sent) -> str:
    """The service's own words, to be written down."""
    return words(sent.body, tools.account(attempt)) if isinstance(sent, Response) else ""


def _meaning(tools: Tools, attempt: Attempt, sent: Sent) -> SubmitAnswer | NotSent:
    match sent:
        case Response():
            return tools.wire(attempt).read_submit(sent, attempt.key)
        case NoAnswer(message):
            return Lost(message)
        case NotSent():
            return sent


async def _answered(tools: Tools, attempt: Attempt, answer: Accepted | Refused | Busy | NotSent, said: str = "") -> Attempt:
    """The answer to a first send, which only this process made: a refusal is a proof. `said` are the service's own words."""
    lane = tools.lane(attempt)
    match answer:
        case Accepted(job, told):
            lane.fine()
            return await evidence.accepted(tools, attempt, job, "", {"told": dict(told), "answer": said})
        case Refused():
            return await evidence.refused(tools, attempt, answer, said)
        case Busy(message, retry_after_s):
            wait = lane.busy(retry_after_s)
            tools.say("busy", f"{message}; again in {wait:.0f} s", attempt.take)
            return await evidence.unsent(tools, attempt, message)
        case NotSent():
            return await _unsent(tools, attempt, answer)


def _counted(tools: Tools, attempt: Attempt | None) -> Attempt | None:
    """A purchase of this run that ended in doubt: after two of them on a wire without a key, its lane sends nothing more."""
    if attempt and attempt.state is State.IN_DOUBT and tools.wire(attempt).recovery != "keyed":
        message = f"two purchases at {attempt.model} are in doubt: perhaps paid, and the service can't be asked"
        help = "look at the service's own list of jobs; `callsheet recover TAKE --job ID`, `--write-off` or `--release` says what became of each"
        tools.lane(attempt).doubted(evidence.lane_problem(attempt, message, help, code="doubts"))
    return attempt


async def _unsent(tools: Tools, attempt: Attempt, sent: NotSent) -> Attempt:
    """Nothing left this machine: an outage is waited for, together with the whole lane; what waiting can't mend stops it at once."""
    lane, message = tools.lane(attempt), sent.message
    wait, dark = lane.busy(None), lane.unreached_s()
    if sent.lasting or dark >= tools.rules(attempt).outage_s:
        help = "check the network, its proxies and the base URL (`callsheet doctor` shows them), then run again"
        lane.stop(evidence.lane_problem(attempt, f"{attempt.service} can't be reached ({message})", help))
    else:
        tools.say("busy", f"{message}; not reached for {dark:.0f} s; again in {wait:.0f} s", attempt.take)
    return await evidence.unsent(tools, attempt, message)


async def _send_again(tools: Tools, attempt: Attempt) -> Attempt | None:
    """The service knows nothing of the key: the same key and bytes again, noted before they leave."""
    if not tools.buy:
        tools.say("wait", "the service does not know it; the next render sends it again under the same key", attempt.take)
        return None
    if age_s(attempt.intent_at or attempt.made_at, tools.clock.now()) > tools.key_ttl_s(attempt):
        return await _doubt(tools, attempt, "its key is older than the service is sure to remember")
    if attempt.reposts >= _TRIES:
        tools.say("wait", "no answer to any of its tries; the next run looks again", attempt.take)
        return None
    try:
        claimed = tools.claim(attempt, Kind.REPOST, {"n": attempt.reposts + 1})
    except MoneyError as refusal:
        tools.say("wait", f"not sent again: {refusal.message}; {refusal.problems[0].help}", attempt.take)
        return None
    if claimed is None:
        return None
    attempt = claimed
    sent = await _post(tools, attempt)
    answer = _meaning(tools, attempt, sent)
    match answer:
        case Accepted(job, told):
            said = {"told": dict(told), "answer": _words(tools, attempt, sent)}
            return await evidence.accepted(tools, attempt, job, "sent again under the same key", said)
        case Refused():
            return await _quarantined(tools, attempt, answer)
        case Busy(_, retry_after_s):
            await tools.clock.sleep(tools.lane(attempt).busy(retry_after_s))
        case NotSent() | Lost():
            await tools.clock.sleep(tools.settings.attempts.wait_s(attempt.reposts))
    return attempt


async def _quarantined(tools: Tools, attempt: Attempt, refusal: Refused) -> Attempt | None:
    """A refusal after a second send proves nothing while the first may still be under way: wait out the network, look once more, then close."""
    await tools.clock.sleep(tools.rules(attempt).quarantine_s)
    known = await _look_up(tools, attempt)
    match known:
        case Absent():
            return await evidence.refused(tools, attempt, refusal)
        case Unread():
            return None
        case _:
            return await evidence.accepted(tools, attempt, attempt.key, "found again by its key")


async def _look_up(tools: Tools, attempt: Attempt) -> JobAnswer | Unread:
    """What the service knows of the key: its live jobs first, then its archive."""
    live = await tools.poller(attempt).look(attempt.key)
    return await recalled(tools, attempt) if isinstance(live, Absent) else live


async def recalled(tools: Tools, attempt: Attempt) -> JobAnswer | Unread:
    """What the service's archive knows of the attempt's key; Unread where there is no such archive."""
    recall = tools.wire(attempt).recall(attempt.key)
    if recall is None:
        return Unread("this service has no archive")
    sent = await tools.send(attempt, recall, tools.rules(attempt).read_timeout_s)
    if not isinstance(sent, Response):
        return Unread(sent.message)
    return tools.wire(attempt).read_recall(sent, attempt.key)


async def _ready(tools: Tools, attempt: Attempt, done: Succeeded) -> Attempt:
    told = {**attempt.told, **done.told, "cost_reported": done.cost is not None}
    body = {"url": done.url, "told": told, "answer": _last_words(tools, attempt)}
    return await tools.keep(attempt, Kind.READY, body, cost=cost_of(tools, attempt, done), told=f"job {attempt.job} is done")


async def _failed(tools: Tools, attempt: Attempt, failed: Failed) -> Attempt:
    body = {"cause": failed.cause.value, "message": failed.message, "code": failed.code, "answer": _last_words(tools, attempt)}
    tools.say("failed", failed.message, attempt.take)
    return await tools.keep(attempt, Kind.CLOSED, body, cost=failed.cost, reason=Reason.FAILED, told=f"job {attempt.job} failed")


async def _forgotten(tools: Tools, attempt: Attempt) -> Attempt:
    """The service no longer knows a job that it took: presumed paid, and nothing can be fetched."""
    message = f"{attempt.service} no longer knows job {attempt.job}: it is counted as paid at its list price"
    tools.say("failed", message, attempt.take)
    body = {"message": message, "answer": _last_words(tools, attempt)}
    return await tools.keep(attempt, Kind.CLOSED, body, reason=Reason.EXPIRED, told=message)


def _last_words(tools: Tools, attempt: Attempt) -> str:
    """With which its service ended the job."""
    return tools.poller(attempt).said(attempt.job or attempt.key)


async def _doubt(tools: Tools, attempt: Attempt, why: str) -> Attempt:
    tools.say("in_doubt", f"{why}; {text(attempt.held)} stays counted until it is cleared up", attempt.take)
    return await tools.keep(attempt, Kind.LOST, {"why": why}, told=why)


def refuse_full(free: int) -> None:
    """PlaceError where the disk is nearly full, with `free` bytes left: what a service answers must find room."""
    if free < _ROOM:
        raise PlaceError(
            f"only {free >> 20} MB are free on the project's disk, so nothing is sent",
            help=f"free at least {_ROOM >> 20} MB, then run again",
        )
