"""Caps during a run: warnings as they fill up and notes as people change them, each threshold once; and whether one stops what is under
way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from callsheet.budget.ledger import limits, read
from callsheet.budget.rules.caps import CapState, Limit, Names, own_names, rule_of
from callsheet.buying.attempt_log import AttemptLog
from callsheet.buying.lanes.channels import Channels
from callsheet.domain.attempt import Attempt, Kind, State
from callsheet.domain.errors import CallsheetError, MoneyError, Problem
from callsheet.domain.money import Micros, text
from callsheet.domain.run_request import RunEvent
from callsheet.domain.wording import counted
from callsheet.services.protocol.abilities import Cancels

if TYPE_CHECKING:
    from callsheet.planning.project_plan import Prepared

_THRESHOLD = re.compile(r"\d+ % used: ")
#: states after events that may have filled a cap further: a hold, or a charge beyond it
_FULLER = frozenset({State.HELD, State.READY, State.RECEIVED, State.CLOSED})


class CalledOff(MoneyError):
    """A charge has exceeded a cap that stops what is under way."""

    code = "cap"

    def __init__(self, cap: CapState) -> None:
        super().__init__(f"{cap.summary()}, so nothing more is sent", help=cap.remedy(cap.used))
        self.cap = cap


class CapWatch:
    """Monitors the caps of one run."""

    def __init__(self, prepared: Prepared, log: AttemptLog, channels: Channels, run: str) -> None:
        self._prepared, self._log, self._channels, self._run = prepared, log, channels, run

    @property
    def day(self) -> str:
        """The project's day, now."""
        settings = self._prepared.settings
        return self._log.clock.day(settings.timezone.value, settings.day_starts_at)

    def standing(self) -> tuple[CapState, ...]:
        """The current state of the caps that bind what this run buys."""
        prepared = self._prepared
        return tuple(read.caps(self._log.ledger, prepared.project.identity, rehearsal=prepared.rehearsal, day=self.day, run=self._run))

    def begin(self, changes: Iterable[limits.Change]) -> None:
        """Report which limits have changed, and which caps have filled up, since the last run."""
        for change in changes:
            if change.before is not None and change.after is not None:
                word = "raised" if change.after > change.before else "lowered"
                self._log.say("cap", f"cap {change.title} {word} from {text(change.before)} to {text(change.after)} ({change.origin})")
        self._tell(self.standing())

    def after(self, attempt: Attempt) -> CapState | None:
        """Report which thresholds an attempt's caps have passed. Returns a reached cap that stops what is under way, if there is one."""
        if attempt.state not in _FULLER:
            return None
        caps = read.caps_binding(self._log.ledger, attempt)
        self._tell(caps)
        return next((cap for cap in caps if cap.passed and self.calls_off(cap)), None)

    def calls_off(self, cap: CapState) -> bool:
        """Whether this cap, when reached, stops what is under way."""
        rule = rule_of(cap, self._prepared.limits)
        return rule is not None and rule.on_reach == "cancel"

    async def ask_to_cancel(self, attempts: Iterable[Attempt], why: str) -> None:
        """Ask services to stop jobs, if their wires can. Recorded before it is sent; the job's outcome is what the service then reports."""
        at_work = [attempt for attempt in attempts if attempt.state is State.SUBMITTED]
        deaf = [attempt for attempt in at_work if not isinstance(self._channels.wire(attempt), Cancels)]
        if deaf:
            self._log.say("cap", f"{why}: {counted(len(deaf), 'job')} can't be stopped at the service; they go on to their clips")
        for attempt in at_work:
            wire = self._channels.wire(attempt)
            if isinstance(wire, Cancels) and attempt.job:
                noted = self._log.move(attempt, Kind.CANCEL_ASKED, {"why": why})
                if noted.state is State.SUBMITTED:
                    await self._channels.ask(noted, wire.cancel(attempt.job), self._channels.rules(attempt).read_timeout_s)

    def _tell(self, caps: Iterable[CapState]) -> None:
        for cap in caps:
            rule = rule_of(cap, self._prepared.limits)
            by_default = self._prepared.settings.warn_at if cap.source == "command" else ()
            thresholds = rule.warn_at if rule else by_default
            crossed = [percent for percent in thresholds if cap.percent >= percent and percent not in cap.warned]
            if crossed and limits.warn(self._log.ledger, cap, crossed, at=self._log.clock.text()):
                self._log.say("cap", f"{crossed[-1]} % used: {cap.summary()}")


def is_threshold(event: RunEvent) -> bool:
    """Whether an event says that a cap is filled to a percentage at which it warns."""
    return event.kind == "cap" and _THRESHOLD.match(event.text) is not None


def at_once(limits: Iterable[Limit], day: str) -> Iterator[Limit]:
    """Limits whose counters are known when a run begins, each with its counter's name; the others bind with the first hold that they apply
    to.
    """
    own = own_names(day)
    for limit in limits:
        if limit.scope in own:
            if limit.name in ("", own[limit.scope]):
                yield replace(limit, name=own[limit.scope])
        elif limit.scope in ("service", "model") and limit.name:
            yield limit


def refused(
    why: CallsheetError | None, bought: int, left: Sequence[tuple[Micros, Names]], too_tight: Sequence[tuple[CapState, Micros]] = ()
) -> Problem | None:
    """A refusal for the run's end: how much of what was wanted fitted, and what all that is `left` needs of that cap, by price and names, and
    of each other cap that is `too_tight` for it. None if money refused nothing.
    """
    if not isinstance(why, MoneyError):
        return None
    problem = why.problems[0]
    cap: CapState | None = getattr(why, "cap", None)
    if not left:
        return None if isinstance(why, CalledOff) else problem
    if cap is None:
        return problem
    message = f"{problem.message}; {bought} of {bought + len(left)} takes fitted"
    bound = [price for price, names in left if names.of(cap.scope) == cap.name]
    all_of_them = f"to buy all {len(left)} that are left" if len(bound) == len(left) else f"for all {len(bound)} that are left under it"
    needed = sum(bound) + (0 if cap.scope == "run" else cap.used)  # the next run begins with nothing
    help = f"{problem.help}; {all_of_them}: {cap.remedy(needed)}" if len(bound) > 1 else problem.help
    return Problem(code=problem.code, message=message, help="; ".join([help, *_others(cap, len(left), len(bound), too_tight)]))


def _others(cap: CapState, left: int, bound: int, too_tight: Sequence[tuple[CapState, Micros]]) -> list[str]:
    """What other caps need before all that is left can be bought."""
    same = (cap.scope, cap.source, "" if cap.scope == "run" else cap.name)
    remedies = [one.remedy(needed) for one, needed in too_tight if (one.scope, one.source, one.name) != same]
    if remedies and (bound < left or bound == 1):
        remedies[0] = f"to buy {'it' if left == 1 else f'all {left} that are left'}, also {remedies[0]}"
    return remedies
