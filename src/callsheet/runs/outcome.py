"""How a run ended, as values that commands, flows and reports read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from callsheet.budget.rules.caps import CapState
from callsheet.budget.rules.prices import ModelFrozen
from callsheet.budget.rules.purse import Money
from callsheet.buying.take_result import End, TakeResult
from callsheet.domain.cut import Finished
from callsheet.domain.errors import DeliveryError, Exit, LedgerError, MediaError, Problem, ServiceError, SetupError, worst
from callsheet.domain.take import TakeId
from callsheet.planning.notes.failure_streaks import FINDINGS, IMPLAUSIBLE, PAID_FOR_NOTHING

_PLACE = frozenset(kind.code for kind in (SetupError, LedgerError, MediaError, ServiceError))
_DECISION = frozenset({FINDINGS, IMPLAUSIBLE, PAID_FOR_NOTHING})
_HUMAN = _DECISION | {ModelFrozen.code}


RunState = Literal["completed", "partial", "cap_reached", "needs_decision", "interrupted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Takes by how they ended."""

    bought: int = 0
    kept: int = 0
    failed: int = 0
    in_doubt: int = 0
    not_bought: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A run's end."""

    money: Money
    caps: tuple[CapState, ...]
    takes: tuple[TakeResult, ...]
    sequences: tuple[Finished, ...]
    kept: int = 0
    capped: Problem | None = None
    interrupted: bool = False
    problems: tuple[Problem, ...] = ()

    @property
    def all_problems(self) -> tuple[Problem, ...]:
        """What a person has to know: the cap that stopped it, if one did, and all problems."""
        return (self.capped, *self.problems) if self.capped else self.problems

    @property
    def failed(self) -> frozenset[TakeId]:
        """The takes that this run failed to buy, also those that have an older clip."""
        return frozenset(result.take for result in self.takes if result.end in (End.FAILED, End.REFUSED))

    @property
    def counts(self) -> Counts:
        """The contract's counts."""
        return Counts(
            bought=self._count(End.RECEIVED),
            kept=self.kept,
            failed=self._count(End.FAILED, End.REFUSED),
            in_doubt=self._count(End.IN_DOUBT),
            not_bought=self._count(End.NOT_BOUGHT, End.WAITING),
        )

    @property
    def state(self) -> RunState:
        """How the run ended."""
        if self.interrupted:
            return "interrupted"
        if self.capped:
            return "cap_reached"
        if self._count(End.IN_DOUBT, End.REFUSED) or any(problem.code in _DECISION for problem in self.problems):
            return "needs_decision"
        return "completed" if self.exit is Exit.DONE else "partial"

    @property
    def exit(self) -> Exit:
        """The contract's exit code."""
        said = {
            Exit.INTERRUPTED: self.interrupted,
            Exit.SETUP: any(problem.code in _PLACE for problem in self.problems),
            Exit.MONEY: self.capped is not None,
            Exit.HUMAN: bool(self._count(End.IN_DOUBT, End.REFUSED)) or any(problem.code in _HUMAN for problem in self.problems),
            Exit.DELIVERY: any(problem.code == DeliveryError.code for problem in self.problems)
            or any(film.failing for film in self.sequences),
            Exit.PARTIAL: bool(self._count(End.FAILED, End.WAITING, End.NOT_BOUGHT)) or not all(film.complete for film in self.sequences),
        }
        return worst([code for code, holds in said.items() if holds])

    def _count(self, *ends: End) -> int:
        return sum(result.end in ends for result in self.takes)
