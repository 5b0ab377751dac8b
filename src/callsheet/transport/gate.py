"""How many requests of one kind are with one account at once. The others wait here, where waiting costs nothing, and not inside the HTTP client.

The client looks at each of its connections before and after every request, so forty at once cost three times as much for each as eight (benchmarks/http).
"""

from __future__ import annotations

import asyncio
from collections import defaultdict

from callsheet.transport.account import Account

#: questions, and purchases, that are with one account at once: what takes minutes is a job, and no request waits for one
QUESTIONS, PURCHASES = 8, 8
#: clips that are downloaded from one account at once: more don't come faster over one line
DOWNLOADS = 16


class Gate:
    """One semaphore for each account."""

    def __init__(self, most: int) -> None:
        self._open: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(most))

    def of(self, account: Account) -> asyncio.Semaphore:
        """What is held while a request is with the account."""
        return self._open[account.label]
