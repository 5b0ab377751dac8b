"""Caps as values: which limit binds what, how much of it is used, and which is the tightest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from callsheet.domain.money import Micros, text

#: scopes that belong to a project; the others are the whole ledger's
OWNED = frozenset({"run", "list", "shot", "sequence", "project", "day", "month"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A limit to put in force. An empty `name` in a scope with names means "each of them"."""

    scope: str
    name: str
    amount: Micros
    #: command, file or row
    source: str
    #: where it was written, for people
    origin: str


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


def applied(limit: Limit, names: Names) -> Limit | None:
    """The limit as it binds something of these names; None where it is for another. Without a name it binds each one by itself."""
    own = names.of(limit.scope)
    if limit.name in ("", own) or own == f"{names.list}:{limit.name}":
        return replace(limit, name=own)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class CapState:
    """A cap and where it stands, micro-USD. `used` is settled plus held plus in doubt."""

    scope: str
    name: str
    amount: Micros
    used: Micros
    source: str = "command"
    over: Micros = 0

    @property
    def headroom(self) -> Micros:
        """What a new hold may still take; never below nothing."""
        return max(0, self.amount - self.used)

    @property
    def title(self) -> str:
        """`project`, `model:runware/ltx-2`."""
        return f"{self.scope}:{self.name}" if self.name else self.scope

    def says(self) -> str:
        """One line for people."""
        return f"cap {self.title} {text(self.amount)}, used {text(self.used)}, left {text(self.headroom)}"


def tightest(caps: Iterable[CapState]) -> CapState | None:
    """The cap with the least headroom."""
    return min(caps, key=lambda cap: cap.headroom, default=None)
