"""The plan: every take with what is done about it, why, and at what price. Pure: it reads values and spends nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from callsheet.budget.rules.caps import Names
from callsheet.domain.attempt import Attempt
from callsheet.domain.errors import Problem
from callsheet.domain.money import Micros
from callsheet.domain.shots.shot import Shot
from callsheet.domain.take import TakeId
from callsheet.planning.cut_lengths import CutLength
from callsheet.planning.freezes import Freeze
from callsheet.pricing.priced import Priced
from callsheet.qc.clip import Asked

#: why a take that was not selected is not bought
NOT_CHOSEN = "not chosen"


class Action(StrEnum):
    """What a run does about a take."""

    BUY = "buy"
    KEEP = "keep"  #: its clip exists
    WAIT = "wait"  #: bought before, not received yet: continued
    BLOCKED = "blocked"  #: a person has to change or decide something first


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTake:
    """One take's place in the plan. Money in micro-USD: `price` is the list price (put on hold), `expected` what receipts taught."""

    take: TakeId
    priced: Priced
    action: Action
    reason: str
    #: rank in buying order
    order: int
    ordinal: int = 0
    expected: Micros = 0
    #: how many receipts `expected` is based on; 0 if it is the list price
    receipts: int = 0
    #: the received attempt whose clip is kept, or the live one that is continued
    attempt: Attempt | None = None
    #: a person picked the kept clip: it is locked
    picked: bool = False
    #: takes from whose clips it needs a frame, if they don't exist yet
    waits: tuple[TakeId, ...] = ()
    #: why its kept clip was made from another frame than the list refers to today; "" if it wasn't
    stale: str = ""
    #: `priced` is its draft, bought to choose from; `full` is then the row itself
    draft: bool = False
    full: Priced | None = None
    #: its draft that a person chose, where no clip was bought after it yet
    chosen: Attempt | None = None
    #: it would be bought if it had a price: the service has no price list, and gave no quote
    unpriced: bool = False

    @property
    def final_of(self) -> str | None:
        """The draft that it is bought after; None if it is bought as a draft, or without any."""
        return self.chosen.id if self.chosen and not self.draft else None

    @property
    def shot(self) -> Shot:
        """The row."""
        return self.priced.shot

    @property
    def model(self) -> str:
        """`runware/ltx-2`."""
        return self.priced.model

    @property
    def price(self) -> Micros:
        """List price of what would be bought; 0 if nothing is."""
        return self.priced.quote.micros if self.priced.quote and self.action is Action.BUY else 0

    @property
    def again(self) -> Micros:
        """List price of buying it again, whatever is done about it now; 0 if it has none."""
        return self.priced.quote.micros if self.priced.quote else 0

    @property
    def paid_s(self) -> Decimal:
        """Seconds that are paid, 0 if nothing is bought."""
        return self.priced.ask.duration_s if self.priced.ask and self.action is Action.BUY else Decimal(0)

    @property
    def used_s(self) -> Fraction:
        """How many of them are used in the cut, in whole frames of the first delivery."""
        return self.priced.in_cut_s if self.action is Action.BUY else Fraction(0)

    @property
    def asked(self) -> Asked | None:
        """The order that the clip is checked against."""
        ask = self.priced.ask
        return Asked(size=ask.size, fps=ask.fps, frames=ask.frames, sound=ask.sound) if ask else None


@dataclass(frozen=True, slots=True)
class Fits:
    """What fits under the caps at list price, in buying order. `usd` in micro-USD; `first` is the first take that doesn't."""

    takes: int
    usd: Micros
    first: TakeId | None = None
    #: the number of takes for each account
    recipients: tuple[tuple[str, int], ...] = ()
    #: the remedy for each limit that prevents the rest from being bought
    remedies: tuple[str, ...] = ()
    #: the `--cap` that all of it needs, micro-USD; None if another limit prevents that, or none does
    cap_needed: Micros | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """Shots that wait for a frame of the one before, starting with the first; `seconds` is how long services took for as many, None if that
    isn't known.
    """

    shots: tuple[str, ...]
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All takes of a list, in the list's order."""

    list: str
    file: str
    takes: tuple[PlannedTake, ...]
    #: rows of the list, those without takes included: own clips, title cards, what is left out
    shots: int = 0
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    fits: Fits = field(default=Fits(0, 0))
    #: how long each sequence will be in the first delivery, in the list's order
    cuts: tuple[CutLength, ...] = ()
    #: clips that end before their place in a film, so that their last frame is repeated
    freezes: tuple[Freeze, ...] = ()
    #: the project buys drafts first, and this plan the picked ones in full quality
    final: bool = False
    #: the chain that takes longest; None if no take waits for another
    chain: Chain | None = None

    @property
    def buys(self) -> tuple[PlannedTake, ...]:
        """What is bought, in buying order."""
        return tuple(sorted((take for take in self.takes if take.action is Action.BUY), key=lambda take: take.order))

    @property
    def keeps(self) -> tuple[PlannedTake, ...]:
        """What exists already."""
        return tuple(take for take in self.takes if take.action is Action.KEEP)

    @property
    def is_done(self) -> bool:
        """Whether every take exists: nothing is bought, waited for or skipped."""
        return bool(self.takes) and len(self.keeps) == len(self.takes)

    @property
    def buys_drafts(self) -> bool:
        """Whether a take is a draft, or is bought after one."""
        return any(take.draft or take.chosen for take in self.takes)

    @property
    def outrun(self) -> frozenset[str]:
        """The kept attempts that were made from another frame than the list refers to today."""
        return frozenset(take.attempt.id for take in self.takes if take.stale and take.attempt)

    @property
    def price(self) -> Micros:
        """List price of everything that is bought."""
        return sum(take.price for take in self.takes)

    @property
    def expected(self) -> Micros:
        """The expected cost of all of it."""
        return sum(take.expected for take in self.takes)

    @property
    def paid_s(self) -> Decimal:
        """Seconds that are paid."""
        return sum((take.paid_s for take in self.takes), Decimal(0))

    @property
    def used_s(self) -> Fraction:
        """How many of them are used in the cut, in whole frames of the first delivery."""
        return sum((take.used_s for take in self.takes), Fraction(0))


def names_of(take: PlannedTake, *, run: str, day: str) -> Names:
    """A take's name in each scope."""
    return Names(
        run=run,
        list=take.take.list,
        shot=take.take.shot,
        sequence=take.shot.sequence,
        day=day,
        service=take.priced.service,
        model=take.model,
    )
