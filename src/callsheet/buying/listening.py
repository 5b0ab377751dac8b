"""A run listens: a message in the ledger's inbox makes it poll that job at once, instead of at the next interval."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from callsheet.budget.ledger.inbox import news_after
from callsheet.buying.attempt_log import AttemptLog
from callsheet.buying.lanes.channels import Channels
from callsheet.domain.attempt import Attempt
from callsheet.domain.errors import LedgerError

_EVERY_S = 1.0


async def listen(log: AttemptLog, channels: Channels, under_way: Callable[[], Iterable[Attempt]]) -> None:
    """Listen until cancelled. If the ledger can't be read for a moment, messages are only delayed."""
    last: int | None = None
    while True:
        try:
            news, last = news_after(log.ledger, last)
        except LedgerError as error:
            log.say("note", f"callbacks can't be read now: {error}")
            news = []
        driven = {(attempt.service, attempt.key): attempt for attempt in under_way() if attempt.job} if news else {}
        for each in dict.fromkeys(news):
            if attempt := driven.get((each.service, each.token)):
                log.say("news", f"{each.service} called back: polling now", attempt.take)
                channels.poller(attempt).hurry(str(attempt.job))
        await log.clock.sleep(_EVERY_S)
