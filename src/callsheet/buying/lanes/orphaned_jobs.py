"""Jobs that no run looks after, as far as slots are concerned: which of them have ended. This is only a query: the next run of their own
project determines their cost and fetches their clips.
"""

from __future__ import annotations

from collections.abc import Collection

from callsheet.budget.ledger import read, receipts
from callsheet.budget.ledger.store import Ledger
from callsheet.buying.lanes.job_times import LATE
from callsheet.buying.lanes.poller import Poller
from callsheet.clock import Clock, age_s
from callsheet.domain.attempt import Attempt
from callsheet.domain.errors import LedgerError
from callsheet.domain.rules import LaneRules
from callsheet.services.protocol.answers import Absent, Failed, Forgotten, Succeeded
from callsheet.services.protocol.wire import Wire


async def ended(ledger: Ledger, poller: Poller, wire: Wire, rules: LaneRules, clock: Clock, numbers: Collection[int]) -> set[int]:
    """Those attempts of one lane, by number, whose jobs have ended at their service. None if the ledger can't be read now."""
    try:
        attempts = read.numbered(ledger, sorted(numbers))
        longest_s = receipts.longest_job_s(ledger, attempts[0].account) if attempts else None
    except LedgerError:
        return set()
    asked = {attempt.job or attempt.key: attempt for attempt in attempts if attempt.job or wire.recovery == "keyed"}
    # what can't be asked after has taken no longer than any other
    quiet_s = rules.patience_s if longest_s is None else LATE * longest_s
    over = {int(one.id) for one in attempts if one not in asked.values() and _age_s(one, clock) > quiet_s}
    for answer in await poller.poll_all([*asked]):
        match answer:
            case Succeeded(job) | Failed(job) if job in asked:
                over.add(int(asked[job].id))
            case Absent(job) | Forgotten(job) if job in asked and _age_s(asked[job], clock) > rules.quarantine_s:
                over.add(int(asked[job].id))  # it never came there, or it is over
            case _:
                continue
    return over


def _age_s(attempt: Attempt, clock: Clock) -> float:
    return age_s(attempt.accepted_at or attempt.intent_at or attempt.made_at, clock.now())
