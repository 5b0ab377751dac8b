"""What an attempt costs by the list, before it is bought."""

from __future__ import annotations

from dataclasses import dataclass

from callsheet.domain.money import Micros, usd_up
from callsheet.services.cards import Card
from callsheet.services.wire import Ask


@dataclass(frozen=True, slots=True)
class Quote:
    """A list price: whole micro-USD rounded up, the dated card it comes from, and how it was reckoned."""

    micros: Micros
    #: `runware/ltx-2.3@2026-03-05`
    price_ref: str
    #: no list names it; reckoned from what examples cost
    extrapolated: bool
    #: `8 s x 0.08 USD/s at 1920x1080`
    basis: str


def quote(card: Card, ask: Ask) -> Quote:
    """The list price of what was granted: seconds times the price of a second. Pure; `ask` must be one that `card` sells."""
    per_second = card.price.per_second(ask.size)
    basis = f"{ask.duration_s:f} s x {per_second:f} USD/s at {ask.size}"
    if card.price.extrapolated:
        basis += f", {card.price.why}"
    return Quote(usd_up(per_second * ask.duration_s), card.price_ref, card.price.extrapolated, basis)
