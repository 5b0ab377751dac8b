"""A run's events in the flow run's log, with their take, at the appropriate level."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from prefect import get_run_logger

from callsheet.buying.take_result import End, TakeResult
from callsheet.domain.money import text
from callsheet.domain.run_request import RunEvent
from callsheet.domain.take import TakeId
from callsheet.runs.run import Run

_LEVELS = {
    "retry": logging.WARNING,
    "busy": logging.WARNING,
    "wait": logging.WARNING,
    "cap": logging.WARNING,
    "failed": logging.ERROR,
    "in_doubt": logging.ERROR,
}
#: kinds that end a take
_ENDS = frozenset({"received", "failed", "in_doubt"})


@dataclass
class Events:
    """Logs each event as it arrives, from any thread, and counts the takes that have ended."""

    log: logging.Logger | logging.LoggerAdapter[logging.Logger] = field(default_factory=get_run_logger)
    ended: set[str] = field(default_factory=set[str])
    run: Run | None = None
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    _sent: defaultdict[str, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))

    def tell(self, told: RunEvent) -> None:
        """Log one event."""
        take = f"{told.take} " if told.take else ""
        self.log.log(_LEVELS.get(told.kind, logging.INFO), "%s%s: %s", take, told.kind.replace("_", " "), told.text)
        if told.take and told.kind in _ENDS:
            self.ended.add(told.take.full)
        if told.take and told.kind == "submit":
            self._loop.call_soon_threadsafe(self._sent[told.take.full].set)

    async def sent(self, takes: Sequence[TakeId]) -> None:
        """Wait until the first of `takes` is sent."""
        waiting = [asyncio.create_task(self._sent[take.full].wait()) for take in takes]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waiting:
                one.cancel()

    def tell_result(self, result: TakeResult) -> None:
        """Log a take's result: its price, and each finding on its clip."""
        if result.end is not End.RECEIVED or result.attempt is None:
            return
        self.log.info("%s price: %s USD charged, list price %s", result.take, text(result.cost), text(result.attempt.quote))
        for finding in result.attempt.findings:
            level = logging.INFO if finding.get("severity") == "note" else logging.WARNING
            self.log.log(level, "%s finding: %s (%s)", result.take, finding.get("message"), finding.get("code"))
