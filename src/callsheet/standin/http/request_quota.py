"""How many requests an account may make: so many in a minute and so many in a day, counted for each endpoint."""

from __future__ import annotations

from collections import defaultdict, deque
from math import ceil

from callsheet.standin.jobs.config import Config

_MINUTE_S, _DAY_S = 60, 86_400


class Share:
    """Counts what was taken. The day is UTC's, whatever the pace; a minute is as long as the stand-in's pace makes it."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._taken: defaultdict[str, deque[float]] = defaultdict(deque)

    def used_up(self, endpoint: str) -> tuple[str, int] | None:
        """`minute` or `daily` and the seconds until there is room again; None if there is, and then this one is counted."""
        now, minute = self._config.clock(), self._config.life(_MINUTE_S)
        taken = self._taken[endpoint]
        while taken and taken[0] // _DAY_S < now // _DAY_S:
            taken.popleft()
        if self._config.per_day is not None and len(taken) >= self._config.per_day:
            return "daily", self.until_midnight()
        lately = [at for at in taken if now - at < minute]
        if self._config.per_minute is not None and len(lately) >= self._config.per_minute:
            return "minute", ceil(lately[0] + minute - now)
        taken.append(now)
        return None

    def until_midnight(self) -> int:
        """Seconds to the next day."""
        return ceil(_DAY_S - self._config.clock() % _DAY_S)
