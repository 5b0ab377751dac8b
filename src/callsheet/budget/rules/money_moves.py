"""How an event moves money: pure arithmetic between the buckets on hold, in doubt and settled, micro-USD."""

from __future__ import annotations

from dataclasses import dataclass

from callsheet.domain.attempt import Attempt, Kind, Reason
from callsheet.domain.money import Micros


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger."""

    kind: str
    d_held: Micros = 0
    d_doubt: Micros = 0
    d_settled: Micros = 0
    ref: str = ""


#: a cost above this many times its hold, or below that fraction of it, is implausible
IMPLAUSIBLE = 10


def implausible(cost: Micros, hold: Micros) -> bool:
    """Whether a reported cost is over ten times its hold, or greater than 0 and under a tenth of it."""
    return cost > hold * IMPLAUSIBLE or 0 < cost * IMPLAUSIBLE < hold


def entries(attempt: Attempt, kind: Kind, *, cost: Micros | None = None, reason: Reason | None = None) -> list[Entry]:
    """The entries of an event. `cost` is what the service billed; None if it reported nothing, which settles the hold in full. A hold is
    settled at most up to its amount; what the service charged beyond that is an overrun, which is booked nevertheless. If a cost is
    implausible, the larger of it and its hold is booked, until a person or an invoice gives the real cost.
    """
    match kind:
        case Kind.HOLD:
            return [Entry("hold", d_held=attempt.quote)]
        case Kind.LOST:
            return [Entry("doubt", d_held=-attempt.held, d_doubt=attempt.held, ref=str(attempt.seq + 1))]
        case Kind.LATE if attempt.doubt and cost is not None:
            return _settle(attempt, cost)
        case Kind.ACCEPTED if attempt.doubt:
            return [Entry("clear", d_held=attempt.doubt, d_doubt=-attempt.doubt, ref=str(attempt.seq + 1))]
        case Kind.READY if attempt.settled:  # its charge was proven before its job was known
            more = 0 if cost is None else _believed(attempt, cost) - attempt.settled
            return [Entry("correction", d_settled=more, ref="ready")] if more else []
        case Kind.READY:
            return _settle(attempt, attempt.held if cost is None else _believed(attempt, cost))
        case Kind.RECEIVED if cost is not None and _believed(attempt, cost) != attempt.settled:
            return [
                Entry("correction", d_settled=_believed(attempt, cost) - attempt.settled, ref="received")
            ]  # presumed before, reported now
        case Kind.CLOSED:
            return _close(attempt, cost or 0, reason)
        case _:
            return []


def _settle(attempt: Attempt, cost: Micros) -> list[Entry]:
    within = min(cost, attempt.held + attempt.doubt)
    settled = [Entry("settle", d_held=-attempt.held, d_doubt=-attempt.doubt, d_settled=within)]
    return settled if cost == within else [*settled, Entry("overrun", d_settled=cost - within)]


def _believed(attempt: Attempt, cost: Micros) -> Micros:
    hold = hold_of(attempt)
    return max(cost, hold) if implausible(cost, hold) else cost


def hold_of(attempt: Attempt) -> Micros:
    """The amount with which a reported cost is compared: its hold, or what was presumed or proven to be charged before anything was reported."""
    return attempt.held + attempt.doubt or attempt.settled or attempt.quote


def _close(attempt: Attempt, cost: Micros, reason: Reason | None) -> list[Entry]:
    if not attempt.held and not attempt.doubt:  # settled before: the file is lost, and the money is spent
        free = reason is Reason.RELEASED_UNSENT and attempt.settled
        return [Entry("correction", d_settled=-attempt.settled, ref="released")] if free else []
    if reason is Reason.WRITTEN_OFF:
        return [Entry("write_off", d_doubt=-attempt.doubt, d_settled=attempt.doubt)]
    if reason is Reason.EXPIRED:  # a known job that the service has forgotten: presumed paid
        return _settle(attempt, attempt.held + attempt.doubt)
    if cost:
        return _settle(attempt, _believed(attempt, cost))
    return [Entry("release", d_held=-attempt.held, d_doubt=-attempt.doubt)]
