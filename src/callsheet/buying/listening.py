"""A run listens: news in the ledger's inbox make it look at that job at once, instead of when the next look is due."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from callsheet.budget.ledger.inbox import news_after
from callsheet.buying.attempt_log import AttemptLog
from callsheet.buying.channels import Channels
from callsheet.domain.attempt import Attempt
from callsheet.domain.errors import LedgerError

_EVERY_S = 1.0


async def listen(log: AttemptLog, channels: Channels, under_way: Callable[[], Iterable[Attempt]]) -> None:
    """Go on until cancelled. A ledger that can't be read for a moment delays the news, no more."""
    _, last = news_after(log.ledger, None)
    while True:
        await log.clock.sleep(_EVERY_S)
        try:
            news, last = news_after(log.ledger, last)
        except LedgerError as error:
            log.say("note", f"callbacks can't be read now: {error}")
            continue
        driven = {(attempt.service, attempt.key): attempt for attempt in under_way() if attempt.job} if news else {}
        for each in dict.fromkeys(news):
            if attempt := driven.get((each.service, each.token)):
                log.say("news", f"{each.service} called: looking at once", attempt.take)
                channels.poller(attempt).hurry(str(attempt.job))
