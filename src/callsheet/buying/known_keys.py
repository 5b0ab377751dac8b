"""What a service knows of an attempt's key: a query that costs nothing and proves whether a request arrived. That it knows nothing proves it only as long as
the service remembers keys, and only to the account that the request was sent with.
"""

from __future__ import annotations

from datetime import datetime

from callsheet.buying.context import RunContext
from callsheet.clock import age_s
from callsheet.domain.attempt import Attempt
from callsheet.services.protocol.answers import Absent, JobAnswer, Unread
from callsheet.services.protocol.request import Response

#: clocks of machines that share a ledger differ by no more, seconds
_CLOCKS_S = 300.0


async def known_of(context: RunContext, attempt: Attempt) -> JobAnswer | Unread:
    """What the service knows of the key: its live jobs first, then its archive."""
    live = await context.channels.poller(attempt).poll(attempt.key)
    return await recalled(context, attempt) if isinstance(live, Absent) else live


async def recalled(context: RunContext, attempt: Attempt) -> JobAnswer | Unread:
    """What the service's archive has for the attempt's key; Unread if it has no archive."""
    recall = context.channels.wire(attempt).recall(attempt.key)
    if recall is None:
        return Unread("this service has no archive")
    sent = await context.channels.ask(attempt, recall, context.channels.rules(attempt).read_timeout_s)
    if not isinstance(sent, Response):
        return Unread(sent.message)
    return context.channels.wire(attempt).read_recall(sent, attempt.key)


def proves_nothing(context: RunContext, attempt: Attempt) -> str | None:
    """Why it proves nothing that the service doesn't know an attempt's key, so that it isn't sent again; None if it proves that no request arrived."""
    if attempt.credential != context.channels.account(attempt).credential():
        return "it was sent with another API key, whose account may know it"
    age = _age_s(context, attempt)
    if age is None:
        return "this machine was started again or its clock was put back after it was sent, so the age of its key isn't known"
    return "its key is older than the service remembers keys" if age > context.channels.key_ttl_s(attempt) else None


def _age_s(context: RunContext, attempt: Attempt) -> float | None:
    """Seconds since an attempt was first sent, by the clock that says most: this machine's, the service's, and those that never jump (this run's, which stands
    still while the machine sleeps, and the time since the machine started). None if only this machine's clock says anything, and it contradicts itself, or the
    machine was started again since: then nobody knows how wrong it was.
    """
    clock = context.log.clock
    here, heard = age_s(attempt.intent_at or attempt.made_at, clock.now()), context.channels.time_at(attempt)
    there = (heard - datetime.fromisoformat(attempt.intent_there)).total_seconds() if heard and attempt.intent_there else None
    others = [age for age in (there, context.log.since_intent_s(attempt), attempt.sent_before_s(clock.since_boot())) if age is not None]
    alone = not others and (here < -_CLOCKS_S or attempt.intent_up is not None)
    return None if alone else max([here, *others])
