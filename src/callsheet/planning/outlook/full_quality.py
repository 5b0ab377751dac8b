"""What takes cost in full quality where a project buys drafts first: those that were picked, one of each shot, and all. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from callsheet.domain.money import Micros
from callsheet.planning.plan import Plan, PlannedTake
from callsheet.pricing.priced import Priced


@dataclass(frozen=True, slots=True)
class Cost:
    """So many takes at list price, micro-USD; None if one has no known price."""

    takes: int
    price: Micros | None


@dataclass(frozen=True, slots=True)
class FullQuality:
    """The takes whose drafts were picked, one take of each shot, and every take; each without those that exist in full quality."""

    picked: Cost
    one_each: Cost
    every: Cost
    #: the shots of which no draft is picked
    unpicked: tuple[str, ...]


def full_quality(plan: Plan) -> FullQuality:
    """What the plan's takes cost in full quality."""
    missing = [take for take in plan.takes if take.full or take.chosen]
    picked = [take for take in missing if take.chosen]
    first = {take.take.shot: take for take in reversed([*missing, *picked])}
    done = {take.take.shot for take in plan.takes if not take.draft}
    shots = {shot: take for shot, take in first.items() if shot not in done or take.chosen}
    without = dict.fromkeys(take.take.shot for take in missing if take.take.shot in shots and not shots[take.take.shot].chosen)
    return FullQuality(_cost(picked), _cost(shots.values()), _cost(missing), tuple(without))


def full_price(row: Priced) -> Micros | None:
    """A row's list price; None if it has none."""
    return row.quote.micros if row.quote else None


def _cost(takes: Iterable[PlannedTake]) -> Cost:
    prices = [full_price(take.full or take.priced) for take in takes]
    known = [price for price in prices if price is not None]
    return Cost(len(prices), sum(known) if len(known) == len(prices) else None)
