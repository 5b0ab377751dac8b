"""The expected cost of a purchase: the list price, or what receipts of the same kind were really charged. Shown, never put on hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from statistics import median
from typing import TYPE_CHECKING

from callsheet.budget import on_demand
from callsheet.budget.project_ledger import open_existing
from callsheet.domain.money import Micros
from callsheet.domain.shots.shot import Size
from callsheet.planning.plan import Action, PlannedTake
from callsheet.services.registry import SERVICES
from callsheet.settings.values import Settings
from callsheet.store.project_folder import Project

if TYPE_CHECKING:
    from callsheet.budget.ledger.receipts import Receipt

#: account, model, size, frames per second, seconds
Kind = tuple[str, str, Size, Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class Learned:
    """What receipts of one kind show: the median of charged to quoted, and their number."""

    share: Fraction
    receipts: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """What receipts taught, by kind of purchase."""

    kinds: Mapping[Kind, Learned] = field(default_factory=dict[Kind, Learned])

    def of(self, take: PlannedTake) -> Learned | None:
        """What is known of this take's kind."""
        ask = take.priced.ask
        if ask is None:
            return None
        return self.kinds.get((take.priced.account, take.model, ask.size, ask.fps, Fraction(ask.duration_s)))

    def applied(self, take: PlannedTake) -> PlannedTake:
        """The take with its expected cost, rounded up; the list price if nothing like it was received."""
        known = self.of(take) if self.kinds else None
        if take.action is not Action.BUY or known is None:
            return take
        return replace(take, expected=expected(take.price, known), receipts=known.receipts)


def expected(price: Micros, known: Learned) -> Micros:
    """A price at the share that was charged, micro-USD rounded up."""
    return -(-price * known.share.numerator // known.share.denominator)


def known(project: Project, settings: Settings, accounts: Iterable[str]) -> Forecast:
    """What the receipts of some accounts show, read from the project's ledger."""
    ledger = open_existing(project, settings)
    if ledger is None:
        return Forecast()
    try:
        return learn(on_demand.receipts.recent(ledger, accounts))
    finally:
        ledger.close()


def learn(receipts: Iterable[Receipt]) -> Forecast:
    """The forecast from receipts. A receipt whose bytes don't say what was ordered is ignored."""
    shares: dict[Kind, list[Fraction]] = {}
    for receipt in receipts:
        sold = SERVICES[receipt.service].wire.sold(receipt.request) if receipt.service in SERVICES else None
        if sold:
            kind = (receipt.account, receipt.model, sold.size, sold.fps, sold.seconds)
            shares.setdefault(kind, []).append(Fraction(receipt.settled, receipt.quote))
    return Forecast({kind: Learned(median(some), len(some)) for kind, some in shares.items()})
