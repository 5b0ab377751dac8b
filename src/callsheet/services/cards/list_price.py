"""The price of an attempt before it is bought: by the list, or quoted by the service."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from callsheet.domain.errors import InputError
from callsheet.domain.money import PER_USD, Micros, usd_up
from callsheet.domain.shots.shot import Size
from callsheet.services.cards.card import Card
from callsheet.services.protocol.ask import Ask


@dataclass(frozen=True, slots=True)
class Quote:
    """A price before the purchase: whole micro-USD rounded up, the dated card it comes from, and how it was calculated."""

    micros: Micros
    #: `runware/ltx-2.3@2026-03-05`
    price_ref: str
    #: on no list; calculated from the cost of examples
    extrapolated: bool
    #: `8 s x 0.08 USD/s at 1920x1080`
    basis: str
    #: when the service itself said so (ISO 8601 UTC); empty if it is a list's
    quoted: str = ""


#: list prices by card and by all that decides them: rows that are alike share one. The card is kept along, so that no other one has its id
_LISTED: dict[tuple[int, Size, str, bool], tuple[Card, Quote]] = {}
_MOST_LISTED = 1024


def quote(card: Card, ask: Ask) -> Quote:
    """The list price of what was granted: seconds times the price of a second. Pure; `ask` must be one that `card` sells.

    InputError if the service publishes no list: such a model is bought with `quoted` only.
    """
    place = (id(card), ask.size, str(ask.duration_s), ask.sized)
    if place not in _LISTED:
        if len(_LISTED) >= _MOST_LISTED:
            _LISTED.clear()
        _LISTED[place] = (card, _listed(card, ask))
    return _LISTED[place][1]


def _listed(card: Card, ask: Ask) -> Quote:
    if card.price.quote:
        raise InputError(f"{card.name} has no list price", help=f"only {card.service} knows the price: ask it, or use another model")
    # where the first frame says the size, it may be any that is sold
    size = ask.size if ask.sized else max((ask.size, *card.size.exact), key=card.price.per_second)
    per_second = card.price.per_second(size)
    basis = f"{ask.duration_s:f} s x {per_second:f} USD/s at {size}" + (
        "" if ask.sized else ", the most expensive size that its first frame may give"
    )
    if card.price.extrapolated:
        basis += f", {card.price.why}"
    return Quote(usd_up(per_second * ask.duration_s), card.price_ref, card.price.extrapolated, basis)


def quoted(card: Card, micros: Micros, at: str) -> Quote:
    """The service's own price for one purchase, as it said at `at` (ISO 8601)."""
    return Quote(micros, f"{card.name} quoted {at}", extrapolated=False, basis=f"{card.service}'s own price, asked {at}", quoted=at)


def list_price(card: Card, size: Size, seconds: Fraction) -> Micros:
    """The list price of a film of this size and length, rounded up: what a purchase costs after the service adjusted it."""
    exact = Fraction(card.price.per_second(size)) * seconds * PER_USD
    return -int(-exact // 1)
