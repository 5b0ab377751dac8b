"""Caps as values: what a limit binds, how much of it is used, and which is the tightest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from callsheet.domain.money import Micros, text
from callsheet.domain.shots.shot import row_of

#: scopes that belong to a project; the others span the whole ledger
OWNED = frozenset({"run", "list", "shot", "sequence", "project", "day", "month"})

#: scopes whose counters come and go by themselves
_PASSING = frozenset({"run", "day", "month"})

#: where a limit was set
Source = Literal["command", "file", "row"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A limit to put in force. An empty `name` in a scope with names means "each of them"."""

    scope: str
    name: str
    amount: Micros
    #: command, file or row
    source: Source
    #: where it is written, for people
    origin: str
    #: percentages of the amount at which a warning is given, once each
    warn_at: tuple[int, ...] = ()
    #: drain: finish what is under way; cancel: stop as much of it as possible
    on_reach: str = "drain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """A take's name in each scope that has names. `day` is a date in the project's time zone, `2026-11-21`."""

    run: str
    list: str
    shot: str
    sequence: str
    day: str
    service: str
    model: str

    def of(self, scope: str) -> str:
        """The counter's name in a scope; shots and sequences belong to their list."""
        match scope:
            case "shot":
                return f"{self.list}:{self.shot}"
            case "sequence":
                return f"{self.list}:{self.sequence}"
            case "month":
                return self.day[:7]
            case "project" | "ledger":
                return ""
            case _:
                return str(getattr(self, scope))


def own_names(day: str) -> dict[str, str]:
    """The counters' names of the scopes with one counter at a time, on a project's `day`: known before the first hold."""
    return {"project": "", "ledger": "", "day": day, "month": day[:7]}


def applied(limit: Limit, names: Names) -> Limit | None:
    """The limit as it binds something with these names; None if it doesn't. A limit without a name binds each one separately."""
    own = names.of(limit.scope)
    if limit.name == own:
        return limit
    if limit.name == "" or own == f"{names.list}:{limit.name}":
        return replace(limit, name=own)
    return None


def covers(limit: Limit, scope: str, name: str, source: str) -> bool:
    """Whether the limit binds a counter: its own, or one of those that it binds separately."""
    return limit.scope == scope and limit.source == source and (limit.name in ("", name) or name.endswith(f":{limit.name}"))


def rule_of(cap: CapState, limits: Iterable[Limit]) -> Limit | None:
    """The limit that a cap comes from, if it is among `limits`."""
    return next((limit for limit in limits if covers(limit, cap.scope, cap.name, cap.source)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CapState:
    """A cap and its state, micro-USD. `used` is settled plus on hold plus in doubt."""

    scope: str
    name: str
    amount: Micros
    used: Micros
    source: Source = "command"
    #: what was booked beyond the holds: overruns, and `late`, which is late evidence
    over: Micros = 0
    late: Micros = 0
    #: thresholds for which a warning was given at this amount, percent
    warned: tuple[int, ...] = ()
    number: int = 0
    #: the part of `used` that is not spent: on hold or in doubt. Set only for display
    unspent: Micros = 0

    @property
    def headroom(self) -> Micros:
        """What a new hold may still take; negative if the cap is exceeded."""
        return self.amount - self.used

    @property
    def title(self) -> str:
        """`project`, `model:runware/ltx-2`."""
        return f"{self.scope}:{self.name}" if self.name else self.scope

    @property
    def passed(self) -> Micros:
        """By how much it is exceeded, which is never caused by a hold."""
        return max(0, self.used - self.amount)

    @property
    def percent(self) -> int:
        """How much of it is used, in whole percent, rounded down; 100 for a cap of 0."""
        return self.used * 100 // self.amount if self.amount else 100

    def summary(self) -> str:
        """One line for people; money on hold doesn't count as spent."""
        held = f", held {text(self.unspent)}" if self.unspent else ""
        used = f"used {text(self.used - self.unspent)}{held}"
        if self.passed:
            return f"cap {self.title} {text(self.amount)}, {used}: passed by {text(self.passed)} ({' and '.join(self._why())})"
        return f"cap {self.title} {text(self.amount)}, {used}, left {text(self.headroom)}"

    def _why(self) -> list[str]:
        overrun, lowered = self.over - self.late, self.passed > max(0, self.over)
        said = {
            f"services charged {text(overrun)} more than they quoted": overrun > 0,
            f"late evidence added {text(self.late)}": self.late > 0,
            "it was set below what was already used": lowered,
        }
        return [words for words, holds in said.items() if holds]

    def remedy(self, needed: Micros) -> str:
        """What a person can do to allow `needed` micro-USD in total."""
        match self.source:
            case "command":
                return f"give --cap {text(needed)} or more"
            case "row":
                return f"raise max_cost_usd in the row of {row_of(self.name.partition(':')[2])} to {text(needed)}"
            case _:
                title = self.scope if self.scope in _PASSING else self.title  # project.toml names no run and no date
                return f"raise the {title} cap in project.toml to {text(needed)}"


def tightest(caps: Iterable[CapState]) -> CapState | None:
    """The cap with the least headroom."""
    return min(caps, key=lambda cap: cap.headroom, default=None)
