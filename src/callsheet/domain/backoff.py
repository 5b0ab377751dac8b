"""Backoff: how long to wait before something is tried again. Each wait is longer than the one before, up to a limit."""

from __future__ import annotations

#: no service is believed that asks for more patience than this at once, seconds: it is asked again then
LONGEST_WAIT_S = 3600.0
#: doubled so often, any wait has reached its limit; a float holds no power much larger
_MOST_STEPS = 64


def backoff_s(first_s: float, n: int, *, factor: float = 2.0, most_s: float = 60.0) -> float:
    """Seconds to wait after failure number `n`, from 0: `first_s`, then `factor` times as long each time, never above `most_s`."""
    return min(first_s * factor ** min(n, _MOST_STEPS), most_s)
