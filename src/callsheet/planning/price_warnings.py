"""What a person should know of the cards before money is spent by them: models on their way out, prices that are old, prices that no list names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from callsheet.budget.ledger.prices import PriceHistory
from callsheet.budget.rules.prices import thaw
from callsheet.planning.plan import Action, PlannedTake
from callsheet.services.cards.card import Card
from callsheet.services.protocol.abilities import DryRuns
from callsheet.services.registry import SERVICES
from callsheet.transport.account import Account


@dataclass(frozen=True, slots=True)
class PriceContext:
    """What the cards are read against: where their models are bought, what is known of prices, today, and from how many days on a price is old."""

    cards: Mapping[str, Card]
    accounts: Mapping[str, Account]
    prices: PriceHistory
    today: date
    old_days: int


def notes(takes: Iterable[PlannedTake], desk: PriceContext) -> Iterator[str]:
    """A line for each thing to know of each model that would be bought, or is tried where another can't be had."""
    bought = [take for take in takes if take.action is Action.BUY]
    for model in dict.fromkeys(name for take in bought for name in (take.model, *(other.model for other in take.priced.fallbacks))):
        card = desk.cards[model]
        yield from _status(card)
        yield from _age(card, desk)
        yield from _extrapolated(card, desk)


def _status(card: Card) -> Iterator[str]:
    if card.status != "live":
        instead = f"; use {card.replaced_by}" if card.replaced_by else ""
        so = "expect the service to refuse it" if card.status == "retired" else "the vendor will stop selling it"
        yield f"{card.name} is {card.status}, as of {card.as_of}: {so}{instead}"


def _age(card: Card, desk: PriceContext) -> Iterator[str]:
    """A rehearsal's prices are as old as they like."""
    place = desk.accounts[card.service]
    if card.price.quote or place.rehearsal:
        return
    known = _known_since(card, place, desk)
    days = (desk.today - known).days
    if days > desk.old_days:
        yield f"the price of {card.name} is {days} days old ({known}, {card.source}): look it up, then {thaw(card.name)}"


def _extrapolated(card: Card, desk: PriceContext) -> Iterator[str]:
    if not card.price.extrapolated or _recorded(card, desk.accounts[card.service], desk):
        return
    wire = SERVICES[card.service].wire
    ask = f"; `callsheet plan LIST --quote` asks {card.service}, which is free" if isinstance(wire, DryRuns) else ""
    yield f"the price of {card.name} is extrapolated, {card.price.why}{ask}"


def _known_since(card: Card, place: Account, desk: PriceContext) -> date:
    """The day of the price: the card's, or the one on which a person recorded a newer."""
    return max((card.as_of, *_recorded(card, place, desk)))


def _recorded(card: Card, place: Account, desk: PriceContext) -> list[date]:
    rows = desk.prices.rows.get((place.label, card.name), ())
    days = [date.fromisoformat(row.at[:10]) for row in rows if row.kind == "recorded"]
    return [day for day in days if day >= card.as_of]
