"""Caps as values: which limit binds what, how much of it is used, and which is the tightest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from callsheet.domain.money import Micros, text
from callsheet.domain.shots.shot import row_of

#: scopes that belong to a project; the others are the whole ledger's
OWNED = frozenset({"run", "list", "shot", "sequence", "project", "day", "month"})

#: where a limit was given
Source = Literal["command", "file", "row"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A limit to put in force. An empty `name` in a scope with names means "each of them"."""

    scope: str
    name: str
    amount: Micros
    #: command, file or row
    source: Source
    #: where it was written, for people
    origin: str
    #: percent of the amount at which it is told, once each, that so much is used
    warn_at: tuple[int, ...] = ()
    #: drain: what is under way is finished; cancel: it is called off as far as that goes
    on_reach: str = "drain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What a take is called in each scope that has names. `day` is a date in the project's time zone, `2026-11-21`."""

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
    """The counters' names of the scopes that have one at a time, on a project's `day`: known before anything is held."""
    return {"project": "", "ledger": "", "day": day, "month": day[:7]}


def applied(limit: Limit, names: Names) -> Limit | None:
    """The limit as it binds something of these names; None if it is for another. Without a name it binds each one by itself."""
    own = names.of(limit.scope)
    if limit.name == own:
        return limit
    if limit.name == "" or own == f"{names.list}:{limit.name}":
        return replace(limit, name=own)
    return None


def covers(limit: Limit, scope: str, name: str, source: str) -> bool:
    """Whether a counter is one that the limit binds: its own, or one of those that it binds each by itself."""
    return limit.scope == scope and limit.source == source and (limit.name in ("", name) or name.endswith(f":{limit.name}"))


def rule_of(cap: CapState, limits: Iterable[Limit]) -> Limit | None:
    """The limit that a cap comes from, where it is among `limits`."""
    return next((limit for limit in limits if covers(limit, cap.scope, cap.name, cap.source)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CapState:
    """A cap and where it stands, micro-USD. `used` is settled plus held plus in doubt."""

    scope: str
    name: str
    amount: Micros
    used: Micros
    source: Source = "command"
    #: what was booked past the holds: overruns, and `late`, which came as late evidence
    over: Micros = 0
    late: Micros = 0
    #: thresholds that were told at this amount, percent
    warned: tuple[int, ...] = ()
    number: int = 0
    #: what of `used` is not spent: held, or in doubt. Filled where a person is told
    unspent: Micros = 0

    @property
    def headroom(self) -> Micros:
        """What a new hold may still take; below nothing where the cap is passed."""
        return self.amount - self.used

    @property
    def title(self) -> str:
        """`project`, `model:runware/ltx-2`."""
        return f"{self.scope}:{self.name}" if self.name else self.scope

    @property
    def passed(self) -> Micros:
        """By how much it is passed: never by a hold."""
        return max(0, self.used - self.amount)

    @property
    def percent(self) -> int:
        """How much of it is used, in whole percent, rounded down; 100 of a cap of nothing."""
        return self.used * 100 // self.amount if self.amount else 100

    def says(self) -> str:
        """One line for people; what is held is not told as used."""
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
            "it was set lower than what was used by then": lowered,
        }
        return [words for words, holds in said.items() if holds]

    def remedy(self, needed: Micros) -> str:
        """What a person can do so that `needed` micro-USD are allowed in all."""
        match self.source:
            case "command":
                return f"give --cap {text(needed)} or more"
            case "row":
                return f"raise max_cost_usd in the row of {row_of(self.name.partition(':')[2])} to {text(needed)}"
            case _:
                return f"raise the {self.title} cap in project.toml to {text(needed)}"


def tightest(caps: Iterable[CapState]) -> CapState | None:
    """The cap with the least headroom."""
    return min(caps, key=lambda cap: cap.headroom, default=None)
