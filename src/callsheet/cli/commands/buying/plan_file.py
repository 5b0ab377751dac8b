"""A saved plan: what `plan --out` writes, and whether it is still valid when `render` reads it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from callsheet.domain.errors import HumanError, InputError, Problem, UsageError
from callsheet.domain.money import Micros, text, usd
from callsheet.domain.typed import typed
from callsheet.domain.wording import counted
from callsheet.planning.fallback import agreed, prices
from callsheet.planning.outlook.plan_difference import PlanDifference, difference
from callsheet.planning.plan import Action, Plan, PlannedTake
from callsheet.regular_file import read_regular

_MARK = b'"callsheet.plan/1"'


@dataclass(frozen=True, slots=True)
class SavedTake:
    """A take to buy: the digest of its request, its list price at that time, and the same for each fallback that was shown."""

    take: str
    request: str
    price: Micros
    fallbacks: Mapping[str, Micros]


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """What was planned: the list as it was given, and the takes to buy."""

    list: str
    takes: tuple[SavedTake, ...]
    #: it buys picked takes in full quality
    final: bool = False


def save(path: Path, document: Mapping[str, object], plan: Plan) -> None:
    """Write the plan's document, with the digest of every request next to it."""
    takes = [
        {
            "take": take.take.full,
            "request": take.priced.agreed_print,
            "price": text(take.price),
            "fallbacks": {request: text(price) for request, price in prices(take.priced).items()},
        }
        for take in plan.buys
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**document, "buys": takes}, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def refuse_overwriting(path: Path) -> None:
    """UsageError if a plan would be written over a file that is none, such as the shot list itself."""
    if path.exists() and not is_plan(path):
        raise UsageError(
            f"{path.name} exists and is not a saved plan, so it is not overwritten", help=f"name another file, such as {path.stem}.plan"
        )


def is_plan(path: Path) -> bool:
    """Whether a file is a saved plan; a shot list isn't, whatever its name."""
    try:
        head = read_regular(path, 200)
    except OSError:
        return False
    return head.lstrip().startswith(b"{") and _MARK in head


def load(path: Path) -> SavedPlan:
    """Read a saved plan. InputError if it no longer is one."""
    try:
        document: Any = json.loads(read_regular(path).decode())
        takes = tuple(_saved(take) for take in document["buys"])
        return SavedPlan(str(document["file"]), takes, final=document.get("full_quality", {}).get("bought") is True)
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path.name} can't be read as a plan: {error!r}", help=f"make it again with `{typed('plan', '--out', path.name)}`"
        ) from None


def compared(path: Path, now: Plan) -> PlanDifference:
    """What changed since a saved plan. InputError if the file is not a plan, or is one of another list."""
    if not is_plan(path):
        name = path.name if not path.exists() else f"{now.list}.plan"  # never over a file that is another
        raise InputError(f"{path.name} is not a saved plan", help=f"save one with `{typed('plan', now.file, '--out', name)}`")
    try:
        document: Any = json.loads(read_regular(path).decode())
        if document["list"] != now.list:
            raise InputError(f"{path.name} is a plan of {document['list']}, not of {now.list}", help="give a plan of this list")
        return difference(document, now)
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path.name} can't be read as a plan: {error!r}", help=f"make it again with `{typed('plan', '--out', path.name)}`"
        ) from None


def refuse_stale(saved: SavedPlan, now: Plan) -> None:
    """HumanError if a take of the plan is gone, or would now be another request or cost more. Purchases made since then are no reason to
    refuse.
    """
    planned = {take.take.full: take for take in now.takes}
    problems: list[Problem] = []
    for take in saved.takes:
        today = planned.get(take.take)
        if today is None:
            what = "is no longer in the list"
        elif today.action is Action.KEEP:
            continue
        elif today.priced.agreed_print != take.request:
            what = "would be another request than planned"
        elif today.price > take.price:
            what = f"would cost {text(today.price)} instead of {text(take.price)}"
        else:
            continue
        help = "plan again, check the new plan, and render it"
        problems.append(Problem(code="stale_plan", message=f"the plan is stale: {take.take} {what}", help=help, take=take.take))
    if problems:
        count = counted(len(problems), "take")
        raise HumanError(f"the plan is stale: {count} would not be bought as planned", problems=problems)


def narrowed(saved: SavedPlan, now: Plan) -> Plan:
    """Today's plan, limited to the takes and fallbacks of the saved one; rows added to the list since then are left for the next plan."""
    saved_takes = {take.take: take for take in saved.takes}
    takes: list[PlannedTake] = []
    for take in now.takes:
        as_saved = saved_takes.get(take.take.full)
        if as_saved is not None:
            takes.append(replace(take, priced=agreed(take.priced, as_saved.fallbacks)))
        elif take.action is Action.BUY:
            takes.append(replace(take, action=Action.BLOCKED, reason="not in the saved plan"))
        else:
            takes.append(take)
    narrow = replace(now, takes=tuple(takes))
    fitting = narrow.buys[: now.fits.takes]
    recipients = tuple(Counter(take.priced.account for take in fitting).items())
    return replace(narrow, fits=replace(now.fits, takes=len(fitting), usd=min(now.fits.usd, narrow.price), recipients=recipients))


def _saved(take: Mapping[str, Any]) -> SavedTake:
    fallbacks: Mapping[str, str] = take.get("fallbacks", {})
    return SavedTake(take["take"], take["request"], usd(take["price"]), {request: usd(price) for request, price in fallbacks.items()})
