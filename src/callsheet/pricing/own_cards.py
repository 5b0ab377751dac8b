"""Prices that a project's own cards change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from callsheet.domain.money import text
from callsheet.domain.shots.shot import Shot
from callsheet.pricing.priced import Priced
from callsheet.services.cards.card import Card


def notes(
    priced: Sequence[Priced], cards: Mapping[str, Card], shipped: Mapping[str, Card], as_shipped: Callable[[Shot], Priced]
) -> Iterator[str]:
    """One note for each model of the list that only the project's own cards/ sell, or that they sell at another price. `as_shipped` prices
    a shot at the shipped cards.
    """
    own = {name for name, card in cards.items() if card != shipped.get(name)}
    said: set[str] = set()
    for item in priced:
        if item.model not in own or item.model in said or item.quote is None:
            continue
        mine = f"{text(item.quote.micros)} USD for {item.shot.shot_id}"
        if item.model not in shipped:
            said.add(item.model)
            yield f"{item.model} is sold only by this project's own cards/: {mine}"
            continue
        theirs = as_shipped(item.shot).quote
        if theirs is None or theirs.micros != item.quote.micros:
            said.add(item.model)
            listed = f"{text(theirs.micros)} USD" if theirs else "no price"
            yield f"{item.model} is priced by this project's own cards/: {mine}, {listed} by the shipped card"
