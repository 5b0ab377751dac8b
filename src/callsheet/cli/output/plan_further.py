"""What a plan shows in addition to its takes: its time, the changes since a saved plan, and cheaper options."""

from __future__ import annotations

from collections.abc import Sequence

from callsheet.cli.output.table import TO_TYPE
from callsheet.domain.money import Micros, text
from callsheet.domain.typed import typed
from callsheet.domain.wording import counted, listed
from callsheet.planning.outlook.cheaper_ways import CheaperWay
from callsheet.planning.outlook.full_quality import Cost, full_quality
from callsheet.planning.outlook.plan_difference import PlanDifference, Stand, TakeChange
from callsheet.planning.outlook.run_time import LaneTime, whole
from callsheet.planning.plan import Plan
from callsheet.report.json_documents import PlanFurther, Side
from callsheet.status.project_view import View

_NAMED, _MINUTES_FROM = 4, 90
#: changes that are listed one by one
_CHANGES = 20


def time_lines(lanes: tuple[LaneTime, ...], plan: Plan) -> list[str]:
    """How long buying takes, and how much of it each lane takes."""
    if not lanes:
        return []
    parts = [f"{lane.takes} at {lane.model}, {lane.slots} at once" for lane in lanes[:_NAMED]]
    parts += [f"{len(lanes) - _NAMED} more models"] if len(lanes) > _NAMED else []
    total = whole(lanes, plan)
    if total is None:
        lasts = "known after the first clips"
    else:
        lasts = f"about {total / 60:.0f} min" if total >= _MINUTES_FROM else f"about {max(total, 1):.0f} s"
    return [f"  time: {lasts} ({'; '.join(parts)})"]


def full_quality_lines(plan: Plan) -> list[str]:
    """What the drafts' takes cost in full quality: all, one of each shot, and those that were picked."""
    if not plan.buys_drafts:
        return []
    found = full_quality(plan)
    without = f"; no draft is picked of {listed(found.unpicked, _NAMED)}" if found.unpicked else ""
    if plan.final:
        return [f"  in full quality: {counted(found.picked.takes, 'picked take')} for {_cost(found.picked)} USD{without}"]
    one = f"one of each shot {_cost(found.one_each)} USD"
    parts = [f"all {found.every.takes} takes cost {_cost(found.every)} USD", one]
    lines = [f"  drafts: in full quality {', '.join(parts)}"]
    if found.picked.takes:
        command = f"`{typed('render', plan.file, '--final')}`"
        lines.append(f"  picked: {counted(found.picked.takes, 'take')} for {_cost(found.picked)} USD in full quality: {command}{without}")
    return lines


def _cost(cost: Cost) -> str:
    return "(unknown)" if cost.price is None else text(cost.price)


def cheaper_lines(ways: Sequence[CheaperWay]) -> list[str]:
    """Each cheaper option with its price and what it changes."""
    return [
        f"  cheaper: {way.column} = {way.value} for {listed(way.takes, _NAMED)}: {text(way.price)} instead of {text(way.instead)} USD"
        + (f"; makes {listed(way.changes, 3)}" if way.changes else "")
        for way in ways
    ]


def against_lines(name: str, diff: PlanDifference) -> list[str]:
    """What changed since the saved plan of this name: the totals, then take by take."""
    money, takes = diff.price - diff.price_was, diff.buys - diff.buys_was
    if not diff.changes:
        return [f"  against {name}: nothing changed"]
    dollars = f"{text(abs(money))} USD {'more' if money > 0 else 'less'}" if money else "for the same money"
    head = f"  against {name}: {_more(takes, 'take')} to buy, {dollars} at list price"
    told = [f"    {_change(change)}" for change in diff.changes[:_CHANGES]]
    more = len(diff.changes) - _CHANGES
    return [head, *told, *([f"    ... {more} more; --json has them all"] if more > 0 else [])]


def cap_to_type(plan: Plan, view: View) -> list[str]:
    """The command with the exact cap for the whole plan, if the cap in force is too small or there is none."""
    if plan.fits.cap_needed is not None:
        return [f"{TO_TYPE[0]}{_capped(plan, plan.fits.cap_needed)}"]
    if plan.buys and not any(cap.scope == "project" for cap in view.caps):
        money = view.money
        needed = money.settled + money.held + money.in_doubt + plan.price
        return [f"{TO_TYPE[0]}{_capped(plan, needed)}"]
    return []


def _capped(plan: Plan, cap: Micros) -> str:
    return typed("render", plan.file, "--final", "--cap", text(cap)) if plan.final else typed("render", plan.file, "--cap", text(cap))


def further_document(lanes: tuple[LaneTime, ...], ways: Sequence[CheaperWay], plan: Plan, diff: PlanDifference | None) -> PlanFurther:
    """`time`, `cheaper` and, if a saved plan was given, `against`."""
    document: PlanFurther = {
        "time": {
            "seconds": whole(lanes, plan),
            "lanes": [
                {"account": lane.account, "model": lane.model, "takes": lane.takes, "slots": lane.slots, "seconds": lane.seconds}
                for lane in lanes
            ],
        },
        "cheaper": [
            {
                "takes": [*way.takes],
                "column": way.column,
                "value": way.value,
                "price": text(way.price),
                "instead": text(way.instead),
                "changes": [*way.changes],
            }
            for way in ways
        ],
    }
    if diff:
        document["against"] = {
            "price_was": text(diff.price_was),
            "price": text(diff.price),
            "buys_was": diff.buys_was,
            "buys": diff.buys,
            "changes": [{"take": change.take, "was": _side(change.was), "now": _side(change.now)} for change in diff.changes],
        }
    return document


def _side(stand: Stand | None) -> Side | None:
    if stand is None:
        return None
    return {"action": stand.action.value, "model": stand.model, "price": text(stand.price), "reason": stand.reason}


def _change(change: TakeChange) -> str:
    was, now = change.was, change.now
    if now is None:
        return f"- {change.take}: no longer in the list" + (f", {text(was.price)} less" if was and was.price else "")
    if was is None:
        return f"+ {change.take}: {now.action}, {text(now.price)}: {now.reason}"
    model = f", {was.model} -> {now.model}" if was.model != now.model else ""
    action = now.action if was.action == now.action else f"{was.action} -> {now.action}"
    return f"~ {change.take}: {action}, {text(was.price)} -> {text(now.price)}{model}: {now.reason}"


def _more(count: int, word: str) -> str:
    if not count:
        return f"as many {word}s"
    return f"{abs(count)} {'more' if count > 0 else 'fewer'} {word}{'s' if abs(count) != 1 else ''}"
