"""Answers to our own requests: each is kept until it is in the ledger, whatever other processes have written. A lost answer is the only way
to forget a known job. So if the ledger can't be written, the answer is retried from memory, and reported at once in case this process
dies first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from callsheet.budget.ledger import inbox, read
from callsheet.budget.ledger.write import Raced
from callsheet.buying.attempt_log import AttemptLog
from callsheet.buying.lanes.channels import Channels
from callsheet.domain.attempt import Attempt, Cause, Kind, Reason, State
from callsheet.domain.errors import Problem
from callsheet.domain.money import text
from callsheet.services.protocol.abilities import CallsBack
from callsheet.services.protocol.answers import Failed, Refused, Running, Succeeded


async def accepted(
    log: AttemptLog, channels: Channels, attempt: Attempt, job: str, how: str, said: Mapping[str, Any] | None = None
) -> Attempt:
    """The service accepted the request as `job`: written in whatever state the ledger has by now, with the rest of its answer in `said`."""
    log.say("accepted", f"job {job[:8]}{', ' + how if how else ''}", attempt.take)
    while attempt.state in (State.SUBMITTING, State.IN_DOUBT):
        attempt = await log.keep(attempt, Kind.ACCEPTED, {"job": job, **(said or {})}, told=f"{attempt.service} accepted it as job {job}")
    return attempt if attempt.job == job else await _late(log, channels, attempt, job)


async def _late(log: AttemptLog, channels: Channels, attempt: Attempt, job: str) -> Attempt:
    """A job turned up for an attempt that has been closed: its list price is booked, and a person is told."""
    if attempt.state is not State.CLOSED:
        return attempt
    amount = 0 if attempt.settled else attempt.quote
    note = f"was closed as {attempt.reason}, but the service accepted it as job {job}"
    log.say("failed", f"{note}; {text(amount)} is booked for it. Ask {attempt.service} about that job", attempt.take)
    try:
        return log.correct(attempt, amount, ref=f"job {job}", body={"job": job, "why": note})
    except Raced:
        return await _late(log, channels, read.reread(log.ledger, attempt), job)


async def refused(log: AttemptLog, channels: Channels, attempt: Attempt, refusal: Refused, answer: str = "") -> Attempt:
    """The service refused it, in its own words `answer`. Valid only if nobody else sent it since: the ledger's next event must be ours."""
    body = {"cause": refusal.cause.value, "message": refusal.message, "code": refusal.code, "answer": answer}
    told = f"{attempt.service} refused it: {refusal.message}"
    now = await log.keep(attempt, Kind.CLOSED, body, reason=Reason.REFUSED, told=told)
    if _doubted_by_another(channels, now):
        now = await log.keep(now, Kind.CLOSED, body, reason=Reason.REFUSED, told=told)
    if now.state is State.CLOSED:
        log.say("failed", f"refused: {refusal.message}", attempt.take)
    if refusal.cause is Cause.STOP_LANE:
        what = "that address" if refusal.by_address else "the key and the balance at the service"
        channels.lane(attempt).stop(lane_problem(attempt, refusal.message, f"check {what}, then run again"))
    return now


async def unsent(log: AttemptLog, channels: Channels, attempt: Attempt, why: str) -> Attempt:
    """The request was proven not to have been accepted, and may be sent again."""
    told = f"it was not accepted: {why}"
    now = await log.keep(attempt, Kind.UNSENT, {"why": why}, told=told)
    if _doubted_by_another(channels, now):
        body = {"cause": Cause.RETRY.value, "message": told}
        now = await log.keep(now, Kind.CLOSED, body, reason=Reason.RELEASED_UNSENT, told=told)
    return now


async def unsent_if_written(log: AttemptLog, channels: Channels, attempt: Attempt) -> None:
    """The ledger failed while an attempt's intent was written, so nothing was sent. Where a connection was lost within the commit, the intent may be
    written all the same: only this process knows that nothing followed.
    """
    now = await log.reread(attempt)
    if now and now.state is State.SUBMITTING and now.seq == attempt.seq + 1 and now.owner == channels.owner:
        await unsent(log, channels, now, "the ledger failed before it was sent")


def _doubted_by_another(channels: Channels, attempt: Attempt) -> bool:
    """Whether another process put into doubt the request whose answer we have. Without a key there was never another sender, so our answer
    is valid.
    """
    return attempt.state is State.IN_DOUBT and channels.wire(attempt).recovery != "keyed"


async def called_back(log: AttemptLog, channels: Channels, attempt: Attempt) -> str | None:
    """The job that a callback named for the attempt's token and that the service itself confirms; None if there is none."""
    wire = channels.wire(attempt)
    if not isinstance(wire, CallsBack):
        return None
    for body in inbox.inbox_of(log.ledger, attempt.service, attempt.key):
        job = wire.read_callback(body)
        if job and isinstance(await channels.poller(attempt).poll(job), Running | Succeeded | Failed):
            return job
    return None


def lane_problem(attempt: Attempt, message: str, help: str, code: str = "service") -> Problem:
    """Why a lane was stopped."""
    return Problem(code=code, message=message, help=help, take=str(attempt.take))
