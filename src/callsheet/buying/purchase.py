"""One purchase as it is sent: complete before the right to send is written, so that nothing is missing afterwards; and what its answer means."""

from __future__ import annotations

from callsheet.buying import input_copies
from callsheet.buying.context import RunContext
from callsheet.domain.attempt import Attempt
from callsheet.services.protocol.answers import Lost, SubmitAnswer
from callsheet.services.protocol.request import Request, Response, unpack
from callsheet.services.request_notes import filled
from callsheet.transport.api_client import NoAnswer, NotSent, Sent
from callsheet.transport.redact import words


def complete(context: RunContext, attempt: Attempt) -> Request:
    """The attempt's own bytes, as they were written with the hold, with its files inserted. SetupError if a file is gone, was changed or can't be read."""
    return filled(unpack(attempt.request), input_copies.inputs_of(context.project, attempt))


async def send(context: RunContext, attempt: Attempt, request: Request) -> Sent:
    """Send it, once. CallsheetError if it can't be sent at all: then no byte has left."""
    return await context.channels.buy(attempt, request, context.channels.rules(attempt).submit_timeout_s)


def meaning(context: RunContext, attempt: Attempt, sent: Sent) -> SubmitAnswer | NotSent:
    """What became of a purchase that was sent."""
    match sent:
        case Response():
            return context.channels.wire(attempt).read_submit(sent, attempt.key)
        case NoAnswer(message):
            return Lost(message)
        case NotSent():
            return sent


def service_answer(context: RunContext, attempt: Attempt, sent: Sent) -> str:
    """The service's own answer, for the ledger."""
    return words(sent.body, context.channels.account(attempt)) if isinstance(sent, Response) else ""
