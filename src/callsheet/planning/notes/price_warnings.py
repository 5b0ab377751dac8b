"""Warnings about cards before money is spent: retiring models, old prices, prices that are on no list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from callsheet.budget.rules.prices import PriceHistory, thaw
from callsheet.planning.plan import Action, PlannedTake
from callsheet.services.cards.card import Card
from callsheet.services.protocol.abilities import DryRuns
from callsheet.services.registry import SERVICES
from callsheet.transport.account import Account


@dataclass(frozen=True, slots=True)
class PriceContext:
    """What cards are compared with: where their models are bought, known prices, today, and the age in days at which a price is old."""

    cards: Mapping[str, Card]
    accounts: Mapping[str, Account]
    prices: PriceHistory
    today: date
    old_days: int


def notes(takes: Iterable[PlannedTake], context: PriceContext) -> Iterator[str]:
    """A line for each warning about a model that would be bought, or tried as a fallback."""
    bought = [take for take in takes if take.action is Action.BUY]
    for model in dict.fromkeys(name for take in bought for name in (take.model, *(other.model for other in take.priced.fallbacks))):
        card = context.cards[model]
        if card.status != "live":
            instead = f"; use {card.replaced_by}" if card.replaced_by else ""
            so = "expect the service to refuse it" if card.status == "retired" else "the service will stop selling it"
            yield f"{card.name} is {card.status}, as of {card.as_of}: {so}{instead}"
        yield from _price_notes(card, context)


def _price_notes(card: Card, context: PriceContext) -> Iterator[str]:
    """Warnings about a card's price: its age, and that it is on no list. A person may have recorded a newer one."""
    place = context.accounts[card.service]
    rows = context.prices.rows.get((place.label, card.name), ())
    days = [date.fromisoformat(row.at[:10]) for row in rows if row.kind == "recorded"]
    recorded = [day for day in days if day >= card.as_of]
    known = max((card.as_of, *recorded))
    age = (context.today - known).days
    if age > context.old_days and not card.price.quote and not place.rehearsal:  # a rehearsal's prices may be of any age
        yield f"the price of {card.name} is {age} days old ({known}, {card.source}): check it, then run {thaw(card.name)}"
    if card.price.extrapolated and not recorded:
        dry = isinstance(SERVICES[card.service].wire, DryRuns)
        ask = f"; `callsheet plan --quote` asks {card.service}, which is free" if dry else ""
        yield f"the price of {card.name} is extrapolated, {card.price.why}{ask}"
