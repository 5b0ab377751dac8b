"""A person's correction of an implausible cost: what the service really charged, and the source for that."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from callsheet.budget import ledger_identity
from callsheet.budget.ledger import read, write
from callsheet.budget.ledger.lanes import lane_stops
from callsheet.budget.project_ledger import open_named
from callsheet.clock import Clock
from callsheet.domain.attempt import Attempt
from callsheet.domain.errors import UsageError
from callsheet.domain.money import Micros, text
from callsheet.domain.take import TakeName
from callsheet.domain.typed import typed
from callsheet.planning.notes.failure_streaks import IMPLAUSIBLE
from callsheet.planning.project_plan import Prepared
from callsheet.settings.environment import user_name


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledCost:
    """An attempt whose cost was corrected, the amount that counted before (micro-USD), and whether its lane sends again."""

    attempt: Attempt
    before: Micros
    reopened: bool


def settle(prepared: Prepared, name: str, charged: Micros, source: str) -> SettledCost:
    """Replace the counted amount of the take's attempt with an implausible cost by `charged`, micro-USD. Who said it, when and `source`
    stay in the ledger. UsageError if the take has no such attempt, or several; LockedError if a run has the project locked.
    """
    project = prepared.project
    with project.lock(), closing(open_named(project, prepared.settings)) as ledger, ledger.locked(project.identity):
        ledger_identity.record_identity(project, ledger)
        every = read.attempts(ledger, project.identity)
        attempt = _meant(every, name)
        clock = Clock()
        body = {"charged": charged, "reported": attempt.implausible, "counted": attempt.settled, "by": user_name(), "source": source}
        said = write.correct(ledger, attempt, charged - attempt.settled, ref=f"settle {attempt.seq + 1}", body=body, at=clock.text())
        lane = (attempt.account, attempt.model)
        others = [one for one in every if one.implausible is not None and one.id != attempt.id and (one.account, one.model) == lane]
        why = f"{attempt.name} cost {text(charged)}: {source}"
        reopened = not others and lane_stops.reopen_after(ledger, attempt, IMPLAUSIBLE, why, at=clock.text())
        return SettledCost(attempt=said, before=attempt.settled, reopened=reopened)


def _meant(every: Sequence[Attempt], name: str) -> Attempt:
    doubted = [one for one in every if one.implausible is not None]
    try:
        meant = TakeName.parse(name)
    except ValueError as error:
        raise UsageError(str(error), help="write S0010.t2, or LIST:S0010.t2") from None
    fitting = [attempt for attempt in doubted if meant.matches(attempt.take)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        lists = " and ".join(attempt.take.full for attempt in fitting)
        raise UsageError(
            f"{name} means {lists}", help=f"write {fitting[0].take.full}; to settle several attempts of one take, use an invoice"
        )
    waiting = ", ".join(attempt.take.full for attempt in doubted)
    whose = [word for one in every if meant.matches(one.take) for word in ("--service", one.service)][:2]
    invoice = f"to correct any cost, use an invoice: `{typed('reconcile', *whose, '--invoice', 'FILE')}`"
    raise UsageError(f"the cost of {name} is not implausible", help=f"takes with an implausible cost: {waiting}" if waiting else invoice)
