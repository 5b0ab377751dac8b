"""What guards a hold guards the request that spends it: in the transaction that writes the intent, and in the schema, on both kinds of ledger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from callsheet.budget.ledger import prices, read, tables, write
from callsheet.budget.ledger.clips import received
from callsheet.budget.ledger.lanes import lane_stops
from callsheet.budget.ledger.store import Ledger
from callsheet.budget.rules.prices import ModelFrozen, PriceMoved
from callsheet.domain.attempt import Attempt, Kind, Reason, State
from tests.ledger_bids import AT, accepted, bid, cap, hold

MODEL, QUOTE = "runware/ltx-2", 60_000


def held(ledger: Ledger, shot: str, *, known: int = 0, canary: str | None = None, quote: int = QUOTE) -> Attempt:
    return hold(ledger, replace(bid(shot, quote=quote), prices_read=known, canary=canary))


def billed(ledger: Ledger, attempt: Attempt, cost: int | None) -> Attempt:
    return write.move(ledger, accepted(ledger, attempt), Kind.READY, {"url": "u"}, at=AT, cost=cost)


def sent(ledger: Ledger, attempt: Attempt) -> Attempt:
    return write.move(ledger, attempt, Kind.INTENT, at=AT)


def put_in_place(ledger: Ledger, attempt: Attempt, *findings: dict[str, str]) -> Attempt:
    return write.move(ledger, attempt, Kind.RECEIVED, {"sha256": attempt.key, "size": 1, "findings": list(findings)}, at=AT)


def test_an_overrun_past_the_cap_stops_what_is_held_and_unsent(ledger: Ledger) -> None:
    """Twelve are held under 1.00, the first is billed 0.50 for 0.06: the eleven others can't be sent, until enough of them are given back."""
    cap(ledger, 1_000_000)
    first, *others = [held(ledger, f"S{n}") for n in range(12)]
    billed(ledger, first, 500_000)
    with pytest.raises(write.CapPassed, match=r"passed by 0\.16 .services charged 0.44 more than they quoted., so nothing more is sent"):
        sent(ledger, others[0])
    assert read.reread(ledger, others[0]).state is State.HELD, "the refusal leaves no trace"
    for attempt in others[-3:]:
        write.move(ledger, attempt, Kind.CLOSED, at=AT, reason=Reason.CANCELLED)
    with pytest.raises(ModelFrozen):
        sent(ledger, others[0])


def test_a_lowered_cap_refuses_the_intent_and_a_raised_one_lets_it_pass(ledger: Ledger) -> None:
    """A cap that is lower than what is used is passed, however that came."""
    cap(ledger, 100_000)
    attempt = held(ledger, "S1")
    cap(ledger, 50_000)
    with pytest.raises(write.CapPassed, match="set below what was already used"):
        sent(ledger, attempt)
    cap(ledger, 60_000)
    assert sent(ledger, attempt).state is State.SUBMITTING


def test_a_request_that_is_sent_again_waits_for_the_cap_too(ledger: Ledger) -> None:
    """The same key again may buy: it is refused like the first time, and the attempt stays as it is."""
    cap(ledger, 1_000_000)
    attempt, other = sent(ledger, held(ledger, "S1")), held(ledger, "S2")
    billed(ledger, other, 950_000)
    with pytest.raises(write.CapPassed):
        write.move(ledger, attempt, Kind.REPOST, {"n": 1}, at=AT)
    assert read.reread(ledger, attempt).state is State.SUBMITTING


@pytest.mark.parametrize("cost", [61_000, 62_000])
def test_a_hold_at_a_price_of_the_past_is_not_sent(ledger: Ledger, cost: int) -> None:
    """A charge within the tolerance teaches a dearer price: what is held at the old one is refused, what is held anew is sent."""
    cap(ledger, 1_000_000)
    first, second = held(ledger, "S1"), held(ledger, "S2")
    billed(ledger, first, cost)
    with pytest.raises(PriceMoved):
        sent(ledger, second)
    with pytest.raises(PriceMoved):
        held(ledger, "S3")
    last = prices.read_prices(ledger).last
    assert sent(ledger, held(ledger, "S3", known=last, quote=cost)).state is State.SUBMITTING


def test_a_model_that_froze_after_the_hold_is_not_sent_until_a_person_records_a_price(ledger: Ledger) -> None:
    """The freeze names its command; the hold that was made before stays refused, one that is made after is sent. A second send of a key goes on."""
    cap(ledger, 1_000_000)
    first, second, third = held(ledger, "S1"), held(ledger, "S2"), sent(ledger, held(ledger, "S3"))
    billed(ledger, first, 120_000)
    with pytest.raises(ModelFrozen, match=r"charged 0\.12"):
        sent(ledger, second)
    with pytest.raises(ModelFrozen):
        write.move(ledger, third, Kind.REPOST, {"n": 1}, at=AT)
    prices.record(ledger, first.account, MODEL, 40_000, source="the price page", at=AT)
    with pytest.raises(PriceMoved):
        sent(ledger, second)
    assert write.move(ledger, third, Kind.REPOST, {"n": 1}, at=AT).reposts == 1
    assert sent(ledger, held(ledger, "S4", known=prices.read_prices(ledger).last)).state is State.SUBMITTING


def test_a_stopped_lane_sends_nothing_until_a_run_opens_it(ledger: Ledger) -> None:
    """The stop is a project's own, and of one account and model."""
    cap(ledger, 1_000_000)
    cap(ledger, 1_000_000, project="q")
    attempt, other = held(ledger, "S1"), hold(ledger, bid("S1", project="q"))
    lane_stops.stop(ledger, attempt, "findings", "three clips in a row fail", at=AT)
    with pytest.raises(write.LaneStopped, match="three clips in a row fail"):
        sent(ledger, attempt)
    assert sent(ledger, other).state is State.SUBMITTING
    lane_stops.reopen(ledger, "q", at=AT)
    with pytest.raises(write.LaneStopped):
        sent(ledger, attempt)
    lane_stops.reopen(ledger, "p", at=AT)
    assert sent(ledger, attempt).state is State.SUBMITTING


def test_one_of_a_kind_is_sent_at_a_time_until_a_good_clip_has_come(ledger: Ledger) -> None:
    """Others of the kind wait for it; another kind, and what is known, does not."""
    cap(ledger, 1_000_000)
    first, second, third = (held(ledger, f"S{n}", canary="kind") for n in range(3))
    other, known = held(ledger, "S4", canary="other"), held(ledger, "S5")
    first = sent(ledger, first)
    for waiting in (second, third):
        with pytest.raises(write.CanaryBusy):
            sent(ledger, waiting)
    assert {sent(ledger, attempt).state for attempt in (other, known)} == {State.SUBMITTING}
    first = write.move(ledger, first, Kind.ACCEPTED, {"job": "j"}, at=AT)
    with pytest.raises(write.CanaryBusy):
        sent(ledger, second)
    put_in_place(ledger, write.move(ledger, first, Kind.READY, {"url": "u"}, at=AT, cost=QUOTE))
    assert {sent(ledger, attempt).state for attempt in (second, third)} == {State.SUBMITTING}


def failed_check(ledger: Ledger, attempt: Attempt) -> Attempt:
    return put_in_place(ledger, billed(ledger, attempt, QUOTE), {"code": "black", "severity": "fail"})


def dearer(ledger: Ledger, attempt: Attempt) -> Attempt:
    return put_in_place(ledger, billed(ledger, attempt, QUOTE + 1))


def paid_for_nothing(ledger: Ledger, attempt: Attempt) -> Attempt:
    return write.move(ledger, accepted(ledger, attempt), Kind.CLOSED, at=AT, cost=QUOTE, reason=Reason.FAILED)


@pytest.mark.parametrize("end", [failed_check, dearer, paid_for_nothing])
def test_what_went_wrong_does_not_make_its_kind_known(ledger: Ledger, end: Callable[[Ledger, Attempt], Attempt]) -> None:
    """A clip that fails its checks, one that cost more than its hold, a charge without a clip: the next of the kind goes alone again."""
    cap(ledger, 1_000_000)
    end(ledger, held(ledger, "S1", canary="kind"))
    last = prices.read_prices(ledger).last
    second, third = (held(ledger, f"S{n}", canary="kind", known=last) for n in (2, 3))
    sent(ledger, second)
    with pytest.raises(write.CanaryBusy):
        sent(ledger, third)
    assert not any(good for _, good in received(ledger, second.account, MODEL, 100))


@pytest.mark.parametrize(
    ("cost", "counted"),
    [(99_999_000_000, 99_999_000_000), (600_001, 600_001), (600_000, 600_000), (6_000, 6_000), (5_999, QUOTE), (1, QUOTE)],
)
@pytest.mark.parametrize("kind", [Kind.READY, Kind.CLOSED])
def test_of_an_implausible_cost_the_larger_counts_until_somebody_says(ledger: Ledger, kind: Kind, cost: int, counted: int) -> None:
    """Beyond ten times the hold, or under a tenth of it: believed by nobody, counted at its worst, and its lane sends nothing more."""
    cap(ledger, 10**12)
    attempt, waiting = accepted(ledger, held(ledger, "S1")), held(ledger, "S2")
    attempt = write.move(ledger, attempt, kind, {"url": "u"}, at=AT, cost=cost, reason=Reason.FAILED if kind is Kind.CLOSED else None)
    believed = 6_000 <= cost <= 600_000
    assert (attempt.settled, attempt.implausible) == (counted, None if believed else cost)
    if believed:
        return
    assert prices.read_prices(ledger).last == 0, "it teaches no price"
    with pytest.raises(write.LaneStopped, match="counts until an invoice or a person gives the real cost"):
        sent(ledger, waiting)
    if kind is Kind.READY:
        attempt = put_in_place(ledger, attempt)
    assert attempt.implausible == cost
    said = write.correct(ledger, attempt, QUOTE - counted, ref="invoice 1", body={"invoice": {"1": QUOTE}}, at=AT)
    assert (said.settled, said.implausible) == (QUOTE, None)


def test_an_implausible_cost_that_an_invoice_confirms_freezes_the_model(ledger: Ledger) -> None:
    """What was really charged is more than anybody quoted: from then on the price is unknown."""
    cap(ledger, 10**12)
    attempt = put_in_place(ledger, billed(ledger, held(ledger, "S1"), 6_000_000))
    write.correct(ledger, attempt, 0, ref="invoice 1", body={"invoice": {"1": 6_000_000}}, at=AT)
    lane_stops.reopen(ledger, "p", at=AT)
    with pytest.raises(ModelFrozen):
        held(ledger, "S2")


def test_no_program_passes_the_schema(ledger: Ledger) -> None:
    """An intent that is written past the ledger's writer is refused all the same."""
    cap(ledger, 100_000)
    attempt = held(ledger, "S1")
    cap(ledger, 0)
    row = {"attempt": int(attempt.id), "seq": 1, "kind": "intent", "at": AT, "body": "{}"}
    with pytest.raises(IntegrityError, match="cap_passed"), ledger.writing() as connection:
        connection.execute(tables.event.insert().values(row))
