"""What retakes would cost according to the next plan: the plan is made with them, and nothing is written."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace

from callsheet.budget.project_ledger import open_existing
from callsheet.domain.mark import Shot
from callsheet.domain.money import Micros, text
from callsheet.domain.typed import typed
from callsheet.planning.plan import Action
from callsheet.planning.project_plan import Prepared, plan_of
from callsheet.report.json_documents import RetakePrice
from callsheet.review.page_state import Document, Snapshot

#: newer than every attempt, so that none of a shot's would count
_ALL = 1 << 62


@dataclass(frozen=True, slots=True)
class Order:
    """What a list's next render would buy with some retakes: for their shots, and in total; micro-USD."""

    takes: int
    usd: Micros
    all_takes: int
    all_usd: Micros
    fitting: int
    remedies: tuple[str, ...]
    file: str
    blocked: tuple[str, ...]


def retake_prices(snapshot: Snapshot) -> dict[str, RetakePrice]:
    """For every shot of every list, what retaking it would buy, by `LIST:SHOT`."""
    found: dict[str, RetakePrice] = {}
    for prepared in snapshot.lists:
        shots = {(take.take.list, take.take.shot) for take in prepared.plan.takes}
        plan = _planned(prepared, snapshot, shots).plan
        for shot in shots:
            mine = [take for take in plan.takes if (take.take.list, take.take.shot) == shot]
            blocked = next((take.reason for take in mine if take.action is Action.BLOCKED), None)
            usd = text(sum(take.price for take in mine))
            found[":".join(shot)] = {"usd": usd, "takes": sum(take.action is Action.BUY for take in mine), "blocked": blocked}
    return found


def orders(snapshot: Snapshot, shots: Collection[Shot]) -> list[Order]:
    """What each list's next render would buy if these shots were retaken; lists without any are left out."""
    found: list[Order] = []
    for prepared in snapshot.lists:
        mine = {shot for shot in shots if shot[0] == prepared.plan.list}
        if not mine:
            continue
        plan = _planned(prepared, snapshot, mine).plan
        retaken = [take for take in plan.takes if (take.take.list, take.take.shot) in mine]
        found.append(
            Order(
                takes=sum(take.action is Action.BUY for take in retaken),
                usd=sum(take.price for take in retaken),
                all_takes=len(plan.buys),
                all_usd=plan.price,
                fitting=plan.fits.takes,
                remedies=plan.fits.remedies,
                file=plan.file,
                blocked=tuple(f"{take.take}: {take.reason}" for take in retaken if take.action is Action.BLOCKED),
            )
        )
    return found


def order_document(order: Order) -> Document:
    """As pages and commands show it."""
    return {
        "file": order.file,
        "takes": order.takes,
        "usd": text(order.usd),
        "all_takes": order.all_takes,
        "all_usd": text(order.all_usd),
        "fits": order.fitting >= order.all_takes,
        "remedies": list(order.remedies),
        "blocked": list(order.blocked),
        "command": typed("render", order.file),
    }


def _planned(prepared: Prepared, snapshot: Snapshot, shots: Collection[Shot]) -> Prepared:
    marks = snapshot.marks
    picks = {take: clip for take, clip in marks.picks.items() if (take.list, take.shot) not in shots}
    retaken = replace(marks, picks=picks, retakes={**marks.retakes, **dict.fromkeys(shots, _ALL)})
    ledger = open_existing(snapshot.project, snapshot.settings)
    with closing(ledger) if ledger else nullcontext():
        return plan_of(prepared, ledger, replace(prepared.view, marks=retaken))
