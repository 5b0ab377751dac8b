"""A run's events in the flow run's log, with their take, at the level that they deserve."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from prefect import get_run_logger

from callsheet.domain.run_request import RunEvent
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
    """Writes each event down as it comes, from whatever thread, and counts the takes that have ended."""

    log: logging.Logger | logging.LoggerAdapter[logging.Logger] = field(default_factory=get_run_logger)
    ended: set[str] = field(default_factory=set[str])
    run: Run | None = None

    def tell(self, told: RunEvent) -> None:
        """One event."""
        take = f"{told.take} " if told.take else ""
        self.log.log(_LEVELS.get(told.kind, logging.INFO), "%s%s: %s", take, told.kind.replace("_", " "), told.text)
        if told.take and told.kind in _ENDS:
            self.ended.add(told.take.full)
