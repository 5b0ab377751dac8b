"""An account's quota of requests per minute and per day, counted for each endpoint."""

from __future__ import annotations

from collections import defaultdict, deque
from math import ceil

from callsheet.standin.jobs.config import Config

_MINUTE_S, _DAY_S = 60, 86_400


class Share:
    """Counts the accepted requests. A day is a real day in UTC; a minute is shorter or longer with the stand-in's speed."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._taken: defaultdict[str, deque[float]] = defaultdict(deque)

    def used_up(self, endpoint: str) -> tuple[str, int] | None:
        """`minute` or `daily`, and the seconds until a request is accepted again. None if this one is accepted; it is then counted."""
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
        """Seconds until the next day."""
        return ceil(_DAY_S - self._config.clock() % _DAY_S)
