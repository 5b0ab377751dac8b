"""What a project's own cards change of the prices that callsheet ships."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from callsheet.domain.money import text
from callsheet.domain.shot import Shot
from callsheet.pricing.priced import Priced
from callsheet.services.cards.card import Card


def notes(
    priced: Sequence[Priced], cards: Mapping[str, Card], shipped: Mapping[str, Card], as_shipped: Callable[[Shot], Priced]
) -> Iterator[str]:
    """One note for each model of the list that the project's own cards/ sells at another price, or alone. `as_shipped` prices a shot at the shipped cards."""
    own = {name for name, card in cards.items() if card != shipped.get(name)}
    told: set[str] = set()
    for item in priced:
        if item.model not in own or item.model in told or item.quote is None:
            continue
        said = _alone(item) if item.model not in shipped else _dearer_or_cheaper(item, as_shipped(item.shot))
        if said:
            told.add(item.model)
            yield said


def _alone(item: Priced) -> str:
    return f"{item.model} is sold by this project's own cards/ alone: {_sum(item)} for {item.shot.shot_id}"


def _dearer_or_cheaper(item: Priced, shipped: Priced) -> str:
    """Empty where the price is the same."""
    if shipped.quote and item.quote and shipped.quote.micros == item.quote.micros:
        return ""
    return f"{item.model} is priced by this project's own cards/: {_sum(item)} for {item.shot.shot_id}, {_sum(shipped)} by the shipped card"


def _sum(item: Priced) -> str:
    return f"{text(item.quote.micros)} USD" if item.quote else "no price"
