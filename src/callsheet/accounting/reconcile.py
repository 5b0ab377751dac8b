"""Compares the ledger with an invoice: what agrees, what differs, and which lines are evidence that clears a doubt. Comparing writes
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from callsheet.accounting.invoice import InvoiceLine
from callsheet.budget.ledger import read, receipts, write
from callsheet.budget.ledger.store import Ledger
from callsheet.domain.attempt import Attempt, Kind, Reason, State
from callsheet.domain.money import Micros, text


class Verdict(StrEnum):
    """What an invoice means for an attempt."""

    AGREES = "agrees"
    DIFFERS = "differs"  #: the ledger has another amount: a correction is due
    TAKEN = "taken"  #: a doubt that the invoice charges for: the service accepted it
    UNCHARGED = "uncharged"  #: a doubt that was never charged: its money is released
    EARLY = "early"  #: still under way here; `recover` first
    ELSEWHERE = "elsewhere"  #: another project of this ledger
    UNKNOWN = "unknown"  #: not in this ledger


#: verdicts that booking acts on
BOOKED = frozenset({Verdict.DIFFERS, Verdict.TAKEN, Verdict.UNCHARGED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """An attempt (or an unknown job) with its charges on the invoice, micro-USD. `news` are its lines that no earlier invoice had."""

    verdict: Verdict
    job: str
    invoiced: Micros
    attempt: Attempt | None = None
    news: tuple[InvoiceLine, ...] = ()

    @property
    def booked(self) -> Micros:
        """What the ledger has settled for it."""
        return self.attempt.settled if self.attempt else 0

    @property
    def difference(self) -> Micros:
        """What booking would add to the settled amount; 0 if booking moves no settled money."""
        return self.invoiced - self.booked if self.verdict is Verdict.DIFFERS else 0


def compare(
    ledger: Ledger, project: str, lines: Sequence[InvoiceLine], *, service: str, account: str, complete_until: date | None = None
) -> tuple[Compared, ...]:
    """Every job of the invoice, in its order, with the ledger's amount; then the account's doubts that a complete invoice does not list. A
    doubt counts as never charged only if its request was sent before the day `complete_until` (UTC) began, by this machine's clock and by
    the service's, because a late charge may come a day after.
    """
    by_job: dict[str, list[InvoiceLine]] = {}
    for line in lines:
        by_job.setdefault(line.job, []).append(line)
    places = receipts.named(ledger, list(by_job), service)
    mine = [number for number, owner in places.values() if owner == project]
    attempts = {int(attempt.id): attempt for attempt in read.numbered(ledger, mine)}
    noted = receipts.noted(ledger, mine)
    named = [_compared(job, some, places.get(job), attempts, noted) for job, some in by_job.items()]
    seen = {int(one.attempt.id) for one in named if one.attempt}
    doubts = [one for one in read.open_attempts(ledger, project) if one.state is State.IN_DOUBT and one.account == account]
    uncharged = [
        Compared(verdict=Verdict.UNCHARGED, job=doubt.key, invoiced=0, attempt=doubt)
        for doubt in doubts
        if complete_until and int(doubt.id) not in seen and _day_sent(doubt) < complete_until.isoformat()
    ]
    return (*named, *uncharged)


def _day_sent(attempt: Attempt) -> str:
    """The latest day (UTC) on which it can have been sent: this machine's clock may have been slow."""
    return max(attempt.intent_at or attempt.made_at, attempt.intent_there or "")[:10]


def book_differences(ledger: Ledger, compared: Sequence[Compared], *, at: str) -> None:
    """Book the corrections, and end doubts. Lines that agree are recorded too, so that a later credit finds its charge."""
    for one in compared:
        if one.attempt is None:
            continue
        match one.verdict:
            case Verdict.AGREES | Verdict.DIFFERS if one.news:
                said = {"invoice": {line.ref: line.usd for line in one.news}}
                write.correct(ledger, one.attempt, one.difference, ref=one.news[0].ref, body=said, at=at)
            case Verdict.TAKEN:
                write.move(ledger, one.attempt, Kind.ACCEPTED, {"job": one.job, "evidence": one.news[0].ref}, at=at)
            case Verdict.UNCHARGED:
                free = f"the invoice charges nothing for it: {text(one.attempt.doubt)} is released"
                write.move(ledger, one.attempt, Kind.CLOSED, {"message": free}, reason=Reason.RELEASED_UNSENT, at=at)
            case _:
                continue


def _compared(
    job: str,
    lines: Sequence[InvoiceLine],
    place: tuple[int, str] | None,
    attempts: Mapping[int, Attempt],
    noted: Mapping[int, Mapping[str, Micros]],
) -> Compared:
    invoiced = sum(line.usd for line in lines)
    if place is None:
        return Compared(verdict=Verdict.UNKNOWN, job=job, invoiced=invoiced, news=tuple(lines))
    attempt = attempts.get(place[0])
    if attempt is None:
        return Compared(verdict=Verdict.ELSEWHERE, job=job, invoiced=invoiced)
    before = noted.get(place[0], {})
    news = tuple(line for line in lines if line.ref not in before)
    total = _total(attempt, before, news)
    return Compared(verdict=_verdict(attempt, news, total), job=job, invoiced=total, attempt=attempt, news=news)


def _total(attempt: Attempt, before: Mapping[str, Micros], news: Sequence[InvoiceLine]) -> Micros:
    """The total charged by every line ever read. A credit whose charge was never read is deducted from what is booked."""
    lone_credit = not before and news and all(line.usd < 0 for line in news)
    return (attempt.settled if lone_credit or not (before or news) else sum(before.values())) + sum(line.usd for line in news)


def _verdict(attempt: Attempt, news: Sequence[InvoiceLine], total: Micros) -> Verdict:
    if attempt.state is State.IN_DOUBT:
        return Verdict.TAKEN if total > 0 else Verdict.UNCHARGED
    if attempt.state.live:
        return Verdict.EARLY
    return Verdict.DIFFERS if news and total != attempt.settled else Verdict.AGREES
