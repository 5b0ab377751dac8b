"""What prices the rows of a list: the project's cards, the prices learned so far, handles and frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from callsheet.budget import on_demand
from callsheet.budget.rules.prices import PriceHistory
from callsheet.clock import Clock, stamp
from callsheet.cutting.conform import spread
from callsheet.domain.attempt import Attempt
from callsheet.domain.money import Micros
from callsheet.domain.shots.shot import Shot, Size, Status
from callsheet.planning import fallback
from callsheet.planning.handles import behind
from callsheet.planning.read_project import Sources
from callsheet.pricing import drafts, fallback_offers
from callsheet.pricing.price_row import InCut, Readings, further_shape, price
from callsheet.pricing.priced import Priced
from callsheet.services.cards.card import Card

if TYPE_CHECKING:
    from callsheet.budget.ledger.store import Ledger

_NO_HANDLE = Decimal(0)


@dataclass(frozen=True, slots=True)
class Pricer:
    """Everything that prices a list's rows."""

    sources: Sources
    prices: PriceHistory
    handles: Mapping[str, Decimal]
    readings: Readings

    @classmethod
    def of(cls, sources: Sources, ledger: Ledger | None) -> Pricer:
        """What prices these files' rows, with the prices and the readings that the ledger knows; None stands for a project without one."""
        settings, shots = sources.settings, sources.shots.shots if sources.shots else ()
        fresh = stamp(Clock().now() - timedelta(seconds=settings.attempts.quote_fresh_s))
        prices = on_demand.prices.read_prices(ledger, fresh) if ledger else PriceHistory()
        labels = [place.label for place in sources.accounts.values()]
        framed_shots = any(shot.first_frame for shot in shots)
        readings = fallback.readings(on_demand.receipts.recent(ledger, labels)) if ledger and framed_shots else {}
        return cls(sources, prices, behind(shots, settings.duration_s.value), readings)

    def rows(self) -> tuple[Priced, ...]:
        """Every row priced, with its place and frames in the cut, and its fallbacks."""
        settings, shots = self.sources.settings, self.sources.shots
        priced = tuple(map(self.price, shots.shots)) if shots else ()
        if settings.rounding and settings.rounding.value == "even":
            rows = [item for sequence in dict.fromkeys(item.shot.sequence for item in priced) for item in _spread(priced, sequence)]
            rows.sort(key=lambda item: item.shot.origin.row)
            priced = tuple(rows)
        shaped = (self.in_each_shape(fallback_offers.offered(item, settings.fallback, self.price)) for item in priced)
        return tuple(map(self.with_drafts, shaped)) if settings.draft else tuple(shaped)

    def price(self, shot: Shot, cards: Mapping[str, Card] | None = None) -> Priced:
        """The shot at its model, by the project's cards or others."""
        given = self.sources
        place = InCut(self.handles.get(shot.row_id, _NO_HANDLE), given.deliveries[0].fps if given.deliveries else None)
        return price(shot, given.settings, cards or given.cards, given.accounts, self.prices, given.inputs, place, self.readings)

    def in_each_shape(self, item: Priced) -> Priced:
        """The row and its variants in further shapes: of the same length, at the same model."""
        if not item.shot.also:
            return item
        listed = self.sources.settings.fallback
        also = (fallback_offers.offered(further_shape(item, self.price(shot)), listed, self.price) for shot in item.shot.in_shapes)
        return replace(item, also=tuple(also))

    def with_drafts(self, item: Priced) -> Priced:
        """The row and its variants in further shapes, each with its draft."""
        rules = self.sources.settings.draft
        return replace(drafts.drafted(item, rules, self.price), also=tuple(drafts.drafted(one, rules, self.price) for one in item.also))

    def at_size(self, shot: Shot, size: Size) -> Micros | None:
        """The cost of a row at another size, micro-USD; None if its model doesn't sell it."""
        other = self.price(replace(shot, size=size))
        return other.quote.micros if other.quote and other.ask and other.ask.size == size else None

    def final(self, item: Priced, draft: Attempt, tried: Sequence[Attempt]) -> Priced:
        """How a row is bought after one of its drafts was chosen."""
        return drafts.final(item, draft, tried, self.price)


def _spread(priced: Sequence[Priced], sequence: str) -> list[Priced]:
    """The rows of a sequence with their positions in it; omitted rows have none."""
    mine = [item for item in priced if item.shot.sequence == sequence]
    return [*spread(item for item in mine if item.shot.status is not Status.OMIT), *(i for i in mine if i.shot.status is Status.OMIT)]
