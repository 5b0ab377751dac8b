"""How long buying a plan takes: each lane's takes by its slots and past job times, or the longest chain if that takes longer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import closing, nullcontext
from dataclasses import dataclass

from callsheet.budget import on_demand
from callsheet.budget.project_ledger import open_existing
from callsheet.planning.plan import Action, Plan
from callsheet.planning.project_plan import Prepared
from callsheet.services.cards.card import Card
from callsheet.settings.values import Settings

#: account and model
LaneName = tuple[str, str]


@dataclass(frozen=True, slots=True)
class LaneTime:
    """An account's takes at a model, how many are made at once, and the time for all of them, seconds; None if no job of the kind was ever
    received.
    """

    account: str
    model: str
    takes: int
    slots: int
    seconds: float | None


def slots_of(settings: Settings, cards: Mapping[str, Card], service: str, model: str) -> int:
    """Jobs at once: the user's number, otherwise the card's, otherwise the default."""
    card, own = cards.get(model), settings.lanes.get(service)
    return own.slots if own else (card.slots if card and card.slots else settings.lane_defaults.slots)


def lane_times(prepared: Prepared) -> tuple[LaneTime, ...]:
    """The lanes of a plan with their times, longest first. Reads the ledger, contacts no service."""
    due = [take for take in prepared.plan.takes if take.action in (Action.BUY, Action.WAIT)]
    lanes = Counter((take.priced.account, take.priced.service, take.model) for take in due)
    ledger = open_existing(prepared.project, prepared.settings) if lanes else None
    with closing(ledger) if ledger else nullcontext():
        known = on_demand.receipts.job_seconds(ledger, {account for account, _, _ in lanes}) if ledger else {}
    return lane_forecast(
        lanes, known, {(service, model): slots_of(prepared.settings, prepared.cards, service, model) for _, service, model in lanes}
    )


def lane_forecast(
    lanes: Mapping[tuple[str, str, str], int], seconds: Mapping[LaneName, float], slots: Mapping[tuple[str, str], int]
) -> tuple[LaneTime, ...]:
    """Lanes (account, service, model) with their takes, as full rounds of their slots at `seconds` a job."""
    found = [
        LaneTime(account, model, takes, at_once, None if each is None else -(-takes // at_once) * each)
        for (account, service, model), takes in lanes.items()
        for at_once, each in [(slots[service, model], seconds.get((account, model)))]
    ]
    return tuple(sorted(found, key=lambda lane: (-(lane.seconds or 0), lane.model)))


def whole(lanes: tuple[LaneTime, ...], plan: Plan) -> float | None:
    """Seconds until the last clip arrives, with lanes working in parallel; None if that isn't known for one of them."""
    if any(lane.seconds is None for lane in lanes) or not lanes:
        return None
    chain = plan.chain.seconds or 0.0 if plan.chain else 0.0
    return max(chain, *(lane.seconds or 0.0 for lane in lanes))
