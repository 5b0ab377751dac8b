"""What a service knows of an attempt's key: a query that costs nothing and proves whether a request arrived."""

from __future__ import annotations

from callsheet.buying.context import RunContext
from callsheet.domain.attempt import Attempt
from callsheet.services.protocol.answers import Absent, JobAnswer, Unread
from callsheet.services.protocol.request import Response


async def known_of(context: RunContext, attempt: Attempt) -> JobAnswer | Unread:
    """What the service knows of the key: its live jobs first, then its archive."""
    live = await context.channels.poller(attempt).look(attempt.key)
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
