"""What listed fallback models would sell instead. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from callsheet.domain.errors import InputError
from callsheet.domain.shots.shot import Shot
from callsheet.pricing.priced import Priced
from callsheet.services.cards.card import Card, unknown_model
from callsheet.settings.values import Setting

Listed = Setting[tuple[str, ...]] | None


def refuse_unknown(listed: Listed, cards: Mapping[str, Card]) -> None:
    """InputError if a listed model doesn't exist."""
    unknown = [unknown_model(model, cards) for model in (listed.value if listed else ()) if model not in cards]
    if listed and unknown:
        raise InputError.of(problem.at(file=listed.origin.split()[0], column="fallback") for problem in unknown)


def offered(item: Priced, listed: Listed, price_as: Callable[[Shot], Priced]) -> Priced:
    """The shot with the listed models that can make it. They keep the shot's own fingerprint of the author's values, because those did not
    change.
    """
    models = [model for model in (listed.value if listed else ()) if model != item.model] if not item.problems else []
    if not models:
        return item
    others = (price_as(replace(item.shot, model=model)) for model in models)
    able = (other for other in others if not other.problems and other.quote and not other.frozen and not other.gone)
    return replace(item, fallbacks=tuple(replace(o, shot=item.shot, author=item.author, begins_s=item.begins_s) for o in able))
