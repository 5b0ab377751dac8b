"""Fallback: another model for a take whose own is unavailable, only if the project lists it. The plan shows it in advance, and it has to
fit under the caps. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from callsheet.domain.attempt import Attempt, Cause, Reason, State
from callsheet.domain.money import Micros, text
from callsheet.domain.wording import counted, listed
from callsheet.planning.plan import Action, PlannedTake
from callsheet.pricing.fallback_offers import Listed
from callsheet.pricing.priced import Priced
from callsheet.services.protocol.abilities import LeavesSizeOut
from callsheet.services.registry import SERVICES

if TYPE_CHECKING:
    from callsheet.budget.ledger.receipts import Receipt

#: words with which a refusal names a picture's size
_SIZE = re.compile(r"width|height|dimension|resolution", re.IGNORECASE)


def instead(planned: PlannedTake, attempt: Attempt, *, tried: int, per_run: int, stopped: bool) -> PlannedTake | None:
    """The take at the next listed model, if the last attempt shows that this one is unavailable now; None if it stays as it is. That is:
    the model is retired; its lane stopped for the service's reasons; or the service failed so often that one try is left. Nothing that
    was or may have been billed is tried elsewhere, and a stopped account is no fallback for itself.
    """
    if other := _in_the_other_reading(planned, attempt):
        return other if tried < per_run else None
    unsent, failed = attempt.state is State.HELD, attempt.state is State.CLOSED and attempt.reason is not Reason.CANCELLED
    if tried >= per_run or attempt.billed or not (unsent or failed):
        return None
    here = planned.priced
    rest = [other for other in here.fallbacks if not stopped or other.account != here.account]
    gone = attempt.cause is Cause.UNAVAILABLE
    failing = attempt.reason is Reason.FAILED and attempt.cause in (Cause.RETRY, Cause.UNKNOWN) and tried == per_run - 1
    if not rest or not (stopped or gone or failing):
        return None
    return replace(planned, priced=replace(rest[0], fallbacks=tuple(rest[1:])), attempt=None)


def _in_the_other_reading(planned: PlannedTake, attempt: Attempt) -> PlannedTake | None:
    """The take in the other reading of its vendor's documentation, once, if the service refused this one and named width or height: a
    refusal is free of charge.
    """
    other = planned.priced.other_reading
    refused = attempt.state is State.CLOSED and attempt.reason is Reason.REFUSED and attempt.cause is Cause.FIX_SHOT and not attempt.billed
    if other is None or not refused or not _SIZE.search(attempt.message or ""):
        return None
    return replace(planned, priced=replace(other, fallbacks=planned.priced.fallbacks), attempt=None)


def readings(receipts: Iterable[Receipt]) -> dict[tuple[str, str], bool]:
    """Whether sizes are sent along with first frames, by account and model, according to the newest receipts; `receipts` begin with the
    newest.
    """
    learned: dict[tuple[str, str], bool] = {}
    for receipt in receipts:
        wire = SERVICES[receipt.service].wire if receipt.service in SERVICES else None
        sized = wire.sized(receipt.request) if isinstance(wire, LeavesSizeOut) else None
        if sized is not None:
            learned.setdefault((receipt.account, receipt.model), sized)
    return learned


def reading_notes(takes: Sequence[PlannedTake]) -> Iterator[str]:
    """What happens if a service refuses one reading of its documentation, once for each model and reading."""
    dearest: dict[tuple[str, bool], Micros] = {}
    for take in takes:
        other = take.priced.other_reading
        if take.action is Action.BUY and other and other.ask and other.quote:
            key = (take.model, other.ask.sized)
            dearest[key] = max(dearest.get(key, 0), other.quote.micros)
    for (model, sized), micros in dearest.items():
        how = "with width and height" if sized else "without width and height, at the price of the most expensive size"
        yield f"{model}: if it refuses the size of a first frame, the shot is requested again {how}: up to {text(micros)} USD are put on hold for it"


def agreed(item: Priced, shown: Mapping[str, Micros]) -> Priced:
    """The shot with only the fallbacks that were shown (fingerprint of the request, list price): the same request, at no higher price."""
    return replace(item, fallbacks=tuple(o for o in item.fallbacks if o.quote and o.quote.micros <= shown.get(o.agreed_print, -1)))


def prices(item: Priced) -> dict[str, Micros]:
    """A shot's fallbacks: list price by the fingerprint of the request."""
    return {other.agreed_print: other.quote.micros for other in item.fallbacks if other.quote}


def notes(takes: Sequence[PlannedTake], models: Listed) -> Iterator[str]:
    """Which fallbacks are possible and what they would cost, once for each pair of models; and what a listed model can't make."""
    bought = [take for take in takes if take.action is Action.BUY]
    for model in models.value if models else ():
        asked = [take for take in bought if take.model != model]
        for own in dict.fromkeys(take.model for take in asked):
            price, instead_of, able, unable = 0, 0, 0, list[str]()
            for take in asked:
                offer = next((other.quote for other in take.priced.fallbacks if other.model == model and other.quote), None)
                if take.model == own and offer:
                    price, instead_of, able = price + offer.micros, instead_of + take.price, able + 1
                elif take.model == own:
                    unable.append(str(take.take))
            if able:
                count = counted(able, "take")
                yield f"fallback: if {own} is unavailable, {model} is tried: at most {text(price)} USD instead of {text(instead_of)} for {count}"
            if unable:
                yield f"fallback: {model} can't make {listed(unable, 4)}"
