"""How callsheet treats services and money, in numbers that a project may set."""

from __future__ import annotations

from dataclasses import dataclass

from callsheet.domain.backoff import backoff_s
from callsheet.domain.money import Micros, text


@dataclass(frozen=True, slots=True)
class DoubtLimit:
    """How many purchases in doubt, and how much money (micro-USD) in doubt or known to be paid for nothing, stop a lane for the rest of its run."""

    count: int
    micros: Micros

    def __str__(self) -> str:
        return f"{self.count} purchases in doubt, or {text(self.micros)} USD in doubt or paid for nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneRules:
    """How an account is used: slots are jobs at once; times in seconds."""

    slots: int
    poll_first_s: float
    poll_factor: float
    poll_max_s: float
    patience_s: float
    submit_timeout_s: float
    read_timeout_s: float
    fetch_timeout_s: float
    quarantine_s: float
    outage_s: float
    charge_lag_s: float
    doubts: DoubtLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRules:
    """How often to try, and how long known facts stay valid."""

    per_run: int
    rerolls: int
    unavailable_wait_s: float
    fetches: int
    key_ttl_s: int
    settle_s: float
    quote_fresh_s: int
    price_old_days: int

    def wait_s(self, n: int) -> float:
        """Seconds before something is asked again that failed `n` times before, from 0."""
        return backoff_s(self.unavailable_wait_s, n)


@dataclass(frozen=True, slots=True)
class CapRule:
    """A `[[cap]]` table: at most `amount` micro-USD for `scope` (and `name`, where the scope has names).

    `warn_at`: percent at which it is told that so much is used. `on_reach`: `drain` (what is under way is finished) or `cancel`.
    """

    scope: str
    name: str
    amount: Micros
    origin: str
    warn_at: tuple[int, ...] = ()
    on_reach: str = "drain"
