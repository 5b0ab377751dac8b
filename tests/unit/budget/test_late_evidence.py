"""Evidence that comes late, on both kinds of ledger: a balance that clears a doubt, a clip after its attempt was closed, a cost that a person says."""

from __future__ import annotations

import pytest

from callsheet.budget.ledger import read, readings, receipts, write
from callsheet.budget.ledger.audit import audit
from callsheet.budget.ledger.lanes import lane_stops
from callsheet.budget.ledger.readings import Reading
from callsheet.budget.ledger.store import Ledger
from callsheet.budget.ledger.tally import tallies
from callsheet.domain.attempt import Attempt, Kind, Reason, State
from tests.ledger_bids import AT, accepted, bid, cap, hold

QUOTE = 60_000
LATER = "2026-11-30T10:00:00.000Z"


def doubt(ledger: Ledger, shot: str = "S1") -> Attempt:
    cap(ledger, 10_000_000)
    sent = write.move(ledger, hold(ledger, bid(shot, quote=QUOTE)), Kind.INTENT, at=AT)
    return write.move(ledger, sent, Kind.LOST, {"why": "no answer"}, at=AT)


def charged(ledger: Ledger, cost: int = QUOTE) -> Attempt:
    body = {"message": "it was charged", "balance": {"before": 10, "now": 9}}
    return write.move(ledger, doubt(ledger), Kind.LATE, body, at=AT, cost=cost)


@pytest.mark.parametrize("cost", [50_000, QUOTE, 61_000])
def test_a_doubt_that_was_charged_is_settled_and_stays_a_doubt_of_its_job(ledger: Ledger, cost: int) -> None:
    """At what the balance fell by, below, at or above the hold; nothing of it is in doubt any more."""
    paid = charged(ledger, cost)
    assert (paid.state, paid.settled, paid.doubt, paid.held, paid.message) == (State.IN_DOUBT, cost, 0, 0, "it was charged")
    assert audit(ledger) == []


@pytest.mark.parametrize("told", [None, 55_000])
def test_its_job_costs_nothing_more_when_it_turns_up(ledger: Ledger, told: int | None) -> None:
    """What the service tells with the clip replaces what the balance said."""
    taken = write.move(ledger, charged(ledger), Kind.ACCEPTED, {"job": "J1"}, at=AT)
    ready = write.move(ledger, taken, Kind.READY, {"url": "u"}, at=AT, cost=told)
    assert (taken.settled, ready.settled, ready.held, ready.doubt) == (QUOTE, told or QUOTE, 0, 0)
    assert audit(ledger) == []


def test_a_release_gives_back_what_a_balance_had_settled(ledger: Ledger) -> None:
    """A person goes over a reading."""
    free = write.move(ledger, charged(ledger), Kind.CLOSED, {}, at=AT, reason=Reason.RELEASED_UNSENT)
    assert (free.settled, audit(ledger)) == (0, [])


@pytest.mark.parametrize(
    ("cost", "settled", "implausible"),
    [(None, "QUOTE", False), (45_000, 45_000, False), ("QUOTE", "QUOTE", False), (6_000_000, 6_000_000, True), (100, "QUOTE", True)],
)
def test_what_had_expired_is_received_and_costs_what_its_service_says_by_then(
    ledger: Ledger, cost: int | str | None, settled: int | str, implausible: bool
) -> None:
    """A job that was forgotten counted at its hold; one that is back tells its cost. One out of all proportion counts as it does at a job's end: the larger of
    both, and its lane is stopped until a person has settled it.
    """
    told = QUOTE if cost == "QUOTE" else cost
    assert not isinstance(told, str)
    job = accepted(ledger, hold_of(ledger))
    closed = write.move(ledger, job, Kind.CLOSED, {"message": "gone"}, at=AT, reason=Reason.EXPIRED)
    project = closed.project
    assert [one.id for one in read.closed_and_paid(ledger, project)] == [closed.id]
    got = write.move(ledger, closed, Kind.RECEIVED, {"sha256": "ab12", "size": 1}, at=AT, cost=told)
    assert (got.state, got.reason, got.message, got.settled) == (State.RECEIVED, None, None, QUOTE if settled == "QUOTE" else settled)
    assert got.implausible == (told if implausible else None)
    assert (read.closed_and_paid(ledger, project), [one.id for one in read.holding(ledger, project, "ab12")]) == ([], [got.id])
    assert (read.open_attempts(ledger, project), audit(ledger)) == ([], [])
    if implausible:
        said = write.correct(ledger, got, 50_000 - got.settled, ref="settle 5", body={"charged": 50_000}, at=LATER)
        assert (said.settled, said.implausible) == (50_000, None)


def hold_of(ledger: Ledger) -> Attempt:
    cap(ledger, 10_000_000)
    return hold(ledger, bid("S1", quote=QUOTE))


def test_a_said_cost_opens_the_lane_that_the_other_one_stopped(ledger: Ledger) -> None:
    """Only where nothing else stopped it since."""
    job = accepted(ledger, hold_of(ledger))
    ready = write.move(ledger, job, Kind.READY, {"url": "u"}, at=AT, cost=100)
    assert (ready.settled, ready.implausible) == (QUOTE, 100)
    said = write.correct(ledger, ready, 50_000 - ready.settled, ref="settle 4", body={"charged": 50_000}, at=LATER)
    assert (said.settled, said.implausible, said.state) == (50_000, None, State.READY)
    assert lane_stops.reopen_after(ledger, said, "findings", "no", at=LATER) is False
    assert lane_stops.reopen_after(ledger, said, "implausible", "it cost 0.05", at=LATER) is True
    assert lane_stops.reopen_after(ledger, said, "implausible", "again", at=LATER) is False
    assert write.move(ledger, hold(ledger, bid("S2", quote=QUOTE)), Kind.INTENT, at=LATER).state is State.SUBMITTING


def test_what_was_only_held_is_no_try(ledger: Ledger) -> None:
    """A list's figures count what was sent."""
    accepted(ledger, hold_of(ledger))
    write.move(ledger, hold(ledger, bid("S2", quote=QUOTE)), Kind.CLOSED, at=AT, reason=Reason.CANCELLED)
    hold(ledger, bid("S3", quote=QUOTE))
    [figures] = tallies(ledger, read.projects(ledger)[0])
    assert (figures.takes, figures.attempts) == (3, 1)


def test_readings_of_quiet_moments_are_kept_apart_from_a_persons(ledger: Ledger) -> None:
    """`reconcile --account` compares with what a person kept."""
    readings.keep(ledger, "deapi", "deapi x", Reading("2026-11-01T00:00:00.000Z", 5, 3))
    quiet = Reading(
        "2026-11-02T00:00:00.000Z", 4, None, ("7", "9"), top=12, unsent=(10, 11), follows=True, date="Mon, 02 Nov 2026 00:00:00 GMT"
    )
    readings.keep_quiet(ledger, "deapi", "deapi x", quiet)
    assert readings.last_quiet(ledger, "deapi", "deapi x") == quiet
    assert readings.last(ledger, "deapi", "deapi x") == Reading("2026-11-01T00:00:00.000Z", 5, 3)
    assert readings.last_quiet(ledger, "deapi", "deapi y") is None


def test_what_an_account_has_under_way_is_known(ledger: Ledger) -> None:
    """Sent and not ended; sent since a moment, whatever the clocks said; and how long its jobs take."""
    waiting = doubt(ledger, "S1")
    job = accepted(ledger, hold(ledger, bid("S2", quote=QUOTE)))
    held = hold(ledger, bid("S3", quote=QUOTE))
    account = job.account
    assert [one.id for one in read.sent_at(ledger, account)] == [waiting.id, job.id]
    assert receipts.longest_job_s(ledger, account) is None
    write.move(ledger, job, Kind.READY, {"url": "u"}, at=LATER, cost=QUOTE)
    assert (receipts.longest_job_s(ledger, account) or 0) > 0
    top, unsent = read.newest(ledger, account)
    assert (top, [str(n) for n in unsent]) == (int(held.id), [held.id])
    assert [one.id for one in read.sent_since(ledger, account, 0, ())] == [waiting.id, job.id]
    assert read.sent_since(ledger, account, top, unsent) == []
    before = receipts.moves(ledger, account)
    write.move(ledger, held, Kind.INTENT, at=AT)
    assert [one.id for one in read.sent_since(ledger, account, top, unsent)] == [held.id]
    assert (receipts.moves(ledger, account), receipts.moves(ledger, "another")) == (before + 1, 0)


def test_a_clock_that_was_put_back_says_nothing_of_how_long_a_job_takes(ledger: Ledger) -> None:
    """Sent late and ready early, by a clock that jumped in between."""
    job = accepted(ledger, hold_of(ledger))
    write.move(ledger, job, Kind.READY, {"url": "u"}, at="2000-01-01T00:00:00.000Z", cost=QUOTE)
    assert receipts.longest_job_s(ledger, job.account) is None
