"""Compares two plans: which takes would be bought differently, and the difference in cost. Pure; the earlier one is a saved plan's
document.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from callsheet.domain.money import Micros, usd
from callsheet.planning.plan import Action, Plan


@dataclass(frozen=True, slots=True)
class Stand:
    """A plan's decision on a take: its action, model, list price (micro-USD; 0 if nothing is bought) and reason."""

    action: Action
    model: str
    price: Micros
    reason: str


@dataclass(frozen=True, slots=True)
class TakeChange:
    """A take whose decision changed; `was` None: it is new in the list, `now` None: it was removed."""

    take: str
    was: Stand | None
    now: Stand | None


@dataclass(frozen=True, slots=True)
class PlanDifference:
    """What changed between two plans of a list. Prices in micro-USD."""

    changes: tuple[TakeChange, ...]
    price_was: Micros
    price: Micros
    buys_was: int
    buys: int


def difference(saved: Mapping[str, Any], now: Plan) -> PlanDifference:
    """From a saved plan's document to today's plan. ValueError, KeyError or TypeError if the document isn't one."""
    before = {
        f"{take['list']}:{take['take']}": Stand(Action(take["action"]), str(take["model"]), usd(str(take["price"])), str(take["reason"]))
        for take in saved["takes"]
    }
    after = {take.take.full: Stand(take.action, take.model, take.price, take.reason) for take in now.takes}
    return PlanDifference(
        changes=tuple(_changes(before, after)),
        price_was=sum(one.price for one in before.values()),
        price=now.price,
        buys_was=sum(one.action == "buy" for one in before.values()),
        buys=len(now.buys),
    )


def _changes(before: Mapping[str, Stand], after: Mapping[str, Stand]) -> Iterator[TakeChange]:
    for take in dict.fromkeys((*after, *before)):
        was, now = before.get(take), after.get(take)
        if was is None or now is None or (was.action, was.model, was.price) != (now.action, now.model, now.price):
            yield TakeChange(take, was, now)
