"""Tries the plan on a copy of the caps: how much of it fits at list price, by the ledger's own rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from callsheet.budget import on_demand
from callsheet.budget.rules.caps import OWNED, CapState, Limit, Names, applied, covers, own_names, rule_of, tightest
from callsheet.domain.money import Micros
from callsheet.planning.plan import Fits, Plan, PlannedTake, names_of
from callsheet.status.project_view import View
from callsheet.store.project_folder import Project
from callsheet.transport.account import loopback_label

if TYPE_CHECKING:
    from callsheet.budget.ledger.store import Ledger


def fits(plan: Plan, project: Project, ledger: Ledger | None, limits: Sequence[Limit], day: str) -> Fits:
    """What can be held in buying order on a project's `day` until the first refusal; everything if no cap is in force. A shot's own limit
    refuses only that shot; any other ends the buying.
    """
    limits = [*limits, *_standing(project, ledger, limits)]
    tried = _TriedHolds(project, ledger, limits)
    spent, first, recipients = 0, None, dict[str, int]()
    for take in plan.buys:
        counted = not limits or take.attempt  # a take that is already on hold is counted
        tight = None if counted else tried.hold(take, names_of(take, run="", day=day))
        if tight is None:
            spent += take.price
            recipients[take.priced.account] = recipients.get(take.priced.account, 0) + 1
            continue
        first = first or take.take
        if tight.scope != "shot":
            break
    short = tried.short([take for take in plan.buys if not take.attempt], day) if first else ()
    remedies = tuple(dict.fromkeys(cap.remedy(needed) for cap, needed in short))
    by_option = [needed for cap, needed in short if cap.source == "command"]
    cap_needed = max(by_option) if by_option and len(by_option) == len(short) else None
    return Fits(sum(recipients.values()), spent, first, tuple(recipients.items()), remedies, cap_needed)


def too_tight(
    takes: Sequence[PlannedTake], project: Project, ledger: Ledger, limits: Sequence[Limit], day: str
) -> tuple[tuple[CapState, Micros], ...]:
    """Each cap that the next run would reach before it has bought all of these, with what the cap has to allow in total."""
    return _TriedHolds(project, ledger, [*limits, *_standing(project, ledger, limits)]).short(takes, day)


def caps_of_next_run(view: View, project: Project, ledger: Ledger, limits: Sequence[Limit], day: str) -> View:
    """The view with the caps of project.toml as the next run puts them in force: changed ones at their new amount, new ones with what is
    already used of them, and none that were removed from the file. Caps for each shot, sequence and the like come with the first hold
    that they bind.
    """
    caps: list[CapState] = []
    ours = on_demand.limits.shared_by(ledger, project.known_id)
    for cap in view.caps:
        rule = rule_of(cap, limits)
        if cap.source != "file":
            caps.append(cap)
        elif cap.scope not in OWNED and (cap.scope, cap.name) not in ours:  # another project's: here it can only be tightened
            caps.append(replace(cap, amount=min(cap.amount, rule.amount)) if rule else cap)
        elif rule:
            caps.append(replace(cap, amount=rule.amount))
    known = {(cap.scope, cap.name) for cap in caps if cap.source == "file"}
    names = own_names(day)
    for limit in limits:
        name = names.get(limit.scope, limit.name)
        # a sequence's or a shot's counter is named with its list
        counts = limit.scope not in names and any(covers(limit, *counter, "file") for counter in known)
        if limit.source == "file" and (name or limit.scope in names) and (limit.scope, name) not in known and not counts:
            with ledger.reading() as connection:
                owner = project.known_id if limit.scope in OWNED else ""
                used, over = on_demand.read.used(connection, limit.scope, owner, name, rehearsal=view.rehearsal)
                cap = CapState(scope=limit.scope, name=name, amount=limit.amount, used=used, source="file", over=over)
                held = on_demand.read.unspent(connection, cap, project.known_id, rehearsal=view.rehearsal)
            caps.append(replace(cap, unspent=held))
    tight = tightest(caps)
    return replace(view, caps=tuple(caps), money=replace(view.money, headroom=tight.headroom if tight else None))


def _standing(project: Project, ledger: Ledger | None, limits: Sequence[Limit]) -> list[Limit]:
    """Caps of the ledger that this order doesn't name: from an earlier `--cap`, or from other projects of a shared ledger."""
    if ledger is None:
        return []
    given = any(limit.source == "command" for limit in limits)
    ours = on_demand.limits.shared_by(ledger, project.known_id)  # the next run sets them as project.toml has them then
    return [
        Limit(scope=cap.scope, name=cap.name, amount=cap.amount, source=cap.source, origin="the ledger")
        for cap in on_demand.read.caps(ledger, project.known_id, rehearsal=False)
        if (cap.scope not in OWNED and (cap.scope, cap.name) not in ours) or (cap.source == "command" and not given)
    ]


class _TriedHolds:
    """The amount used in each scope, first by the ledger and then by the tried holds."""

    def __init__(self, project: Project, ledger: Ledger | None, limits: Sequence[Limit]) -> None:
        self._project, self._ledger, self._limits = project, ledger, limits
        self._used: dict[tuple[str, str, bool], Micros] = {}

    def hold(self, take: PlannedTake, names: Names) -> Limit | None:
        """Count the take's price if every limit allows it; otherwise return the tightest one."""
        rehearsal = loopback_label(take.priced.account)
        bound = [limit for limit in (applied(limit, names) for limit in self._limits) if limit]
        tight = min(bound, key=lambda limit: limit.amount - self._so_far(limit, rehearsal), default=None)
        if tight and self._so_far(tight, rehearsal) + take.price > tight.amount:
            return tight
        for scope, name in {(limit.scope, limit.name) for limit in bound}:
            self._used[scope, name, rehearsal] += take.price
        return None

    def short(self, buys: Sequence[PlannedTake], day: str) -> tuple[tuple[CapState, Micros], ...]:
        """Each limit that all of it together would exceed, with the total that it has to allow, including what is already used. Of limits on the
        same counter, each source's tightest: `--cap` and project.toml have to be raised both.
        """
        self._used.clear()
        wanted: dict[tuple[str, str, str, bool], tuple[Limit, Micros]] = {}
        for take in buys:
            rehearsal, names = loopback_label(take.priced.account), names_of(take, run="", day=day)
            bound: dict[tuple[str, str, str, bool], Limit] = {}
            for limit in (one for one in (applied(each, names) for each in self._limits) if one):
                counter = (limit.scope, limit.name, limit.source, rehearsal)
                bound[counter] = min(bound.get(counter, limit), limit, key=lambda one: one.amount)
            for counter, limit in bound.items():
                known, needed = wanted.get(counter, (limit, self._so_far(limit, rehearsal)))
                wanted[counter] = (known, needed + take.price)
        short = [(limit, needed) for limit, needed in wanted.values() if needed > limit.amount]
        return tuple(
            (CapState(scope=one.scope, name=one.name, amount=one.amount, used=0, source=one.source), needed) for one, needed in short
        )

    def _so_far(self, limit: Limit, rehearsal: bool) -> Micros:
        scope = (limit.scope, limit.name, rehearsal)
        if scope not in self._used and self._ledger is not None:
            owner = self._project.known_id if limit.scope in OWNED else ""
            with self._ledger.reading() as connection:
                self._used[scope] = on_demand.read.used(connection, limit.scope, owner, limit.name, rehearsal=rehearsal)[0]
        return self._used.setdefault(scope, 0)
