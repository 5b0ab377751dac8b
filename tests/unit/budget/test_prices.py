"""What a charge above the hold teaches, and how a person's word ends it: pure, then in the real ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import delete, update

from callsheet.budget.ledger import prices, read, receipts, tables, write
from callsheet.budget.ledger.store import Ledger
from callsheet.budget.rules.caps import Limit, Names
from callsheet.budget.rules.prices import CurrentPrice, ModelFrozen, Quoted, Row, current_price, overrun
from callsheet.domain.attempt import Attempt, Kind
from callsheet.domain.take import TakeId

AT = "2026-11-21T09:00:00.000Z"
ACCOUNT, MODEL = "runware https://api.example/v1", "runware/ltx-2"
CARD = date(2026, 1, 5)


def row(kind: str, value: int, at: str = AT) -> Row:
    return Row(kind, value, f"{kind} {value}", at)


@pytest.mark.parametrize(
    ("settled", "kind", "ppm"),
    [
        (400_000, None, 0),
        (300_000, None, 0),
        (400_001, "learned", 1_000_003),
        (420_000, "learned", 1_050_000),
        (420_001, "frozen", 1_050_003),
    ],
)
def test_up_to_five_percent_is_learned_and_more_freezes(settled: int, kind: str | None, ppm: int) -> None:
    """A charge at or below the hold teaches nothing; within the tolerance it is the new price, rounded up; beyond it the price is unknown."""
    taught = overrun(CurrentPrice(), 400_000, settled, "S1.t1.a1")
    assert (taught and (taught.kind, taught.value)) == (None if kind is None else (kind, ppm))


def test_small_overruns_do_not_creep_past_the_tolerance() -> None:
    """Three per cent upon three per cent is more than five above the list: the tolerance is of the list, not of the last price."""
    now = current_price([row("learned", 1_030_000)])
    taught = overrun(now, 412_000, 424_360, "S1.t1.a1")
    assert taught is not None
    assert taught.kind == "frozen"


def test_a_learned_price_raises_the_hold_and_rounds_up() -> None:
    """A hold is never too low by a fraction of a micro-dollar."""
    assert current_price([row("learned", 1_000_003)]).hold(400_000) == 400_002
    assert CurrentPrice().hold(400_000) == 400_000


def test_a_recorded_price_ends_a_freeze_and_what_was_learned_before() -> None:
    """What a person looked up counts from then on; a later overrun counts again."""
    rows = [row("learned", 1_020_000), row("frozen", 1_500_000), row("recorded", 45_000)]
    assert current_price(rows) == CurrentPrice(recorded=45_000, origin="recorded 45000")
    assert current_price([*rows, row("frozen", 1_500_000)]).frozen


def test_a_newer_card_outweighs_older_rows() -> None:
    """Rows from before the day of the card spoke of the old price."""
    rows = [row("frozen", 1_500_000, "2026-01-04T23:59:59.000Z")]
    assert current_price(rows, CARD) == CurrentPrice()
    assert current_price(rows, date(2026, 1, 4)).frozen


# -- in the ledger -------------------------------------------------------------------------------------------------------------------------------


def bid(shot: str, *, prices_read: int | None = None, quote: int = 400_000) -> write.Bid:
    names = Names(run="r1", list="spot", shot=shot, sequence="q", day="2026-11-21", service="runware", model=MODEL)
    return write.Bid(
        project="p",
        take=TakeId("spot", shot, 1),
        names=names,
        account=ACCOUNT,
        credential="c0ffee",
        rehearsal=False,
        author_print=f"a-{shot}",
        request_print=f"r-{shot}",
        ordinal=0,
        quote=quote,
        price_ref=f"{MODEL}@2026-01-05",
        prices_read=prices_read,
    )


def under_way(ledger: Ledger, shot: str, **how: int) -> Attempt:
    """A take that was bought, and is at its service."""
    write.limit(ledger, "p", Limit(scope="project", name="", amount=100_000_000, source="command", origin="--cap"), at=AT)
    attempt = write.hold(ledger, bid(shot, **how), lambda key: f'[{{"taskUUID": "{key}"}}]'.encode(), [], at=AT)
    attempt = write.move(ledger, attempt, Kind.INTENT, at=AT)
    return write.move(ledger, attempt, Kind.ACCEPTED, {"job": attempt.key}, at=AT)


def charged(ledger: Ledger, shot: str, cost: int, **how: int) -> Attempt:
    """A take that was bought, received, and charged `cost`."""
    attempt = write.move(ledger, under_way(ledger, shot, **how), Kind.READY, {"url": "u"}, at=AT, cost=cost)
    return write.move(ledger, attempt, Kind.RECEIVED, {"sha256": shot, "size": 1}, at=AT)


def now(ledger: Ledger) -> CurrentPrice:
    return prices.read_prices(ledger).current(ACCOUNT, MODEL, CARD)


def test_an_overrun_is_learned_with_the_entry_that_books_it(ledger: Ledger) -> None:
    """The next plan holds more, on this account and model only."""
    charged(ledger, "S1", 410_000)
    assert now(ledger) == CurrentPrice(ppm=1_025_000)
    assert prices.read_prices(ledger).current("runware https://elsewhere/v1", MODEL, CARD) == CurrentPrice()


def test_a_charge_at_the_quote_leaves_no_row(ledger: Ledger) -> None:
    """The table has a row only where a price was not as listed."""
    charged(ledger, "S1", 400_000)
    charged(ledger, "S2", 300_000)
    assert prices.read_prices(ledger) == prices.PriceHistory()


def test_a_freeze_refuses_the_next_hold_of_a_plan_that_did_not_know_of_it(ledger: Ledger) -> None:
    """A run under way buys no more of the model; the words say what was charged and what to do."""
    charged(ledger, "S1", 600_000, prices_read=0)
    with pytest.raises(ModelFrozen) as frozen:
        charged(ledger, "S2", 400_000, prices_read=0)
    assert str(frozen.value) == "runware/ltx-2 is frozen: S1.t1.a1 was quoted 0.40 USD and charged 0.60"
    assert frozen.value.problems[0].help == "look up its price, then: `callsheet cards price runware/ltx-2 --usd-per-s X --source WHERE`"
    assert [attempt.take.shot for attempt in read.attempts(ledger, "p")] == ["S1"]


def test_a_recorded_price_is_bought_at(ledger: Ledger) -> None:
    """After the person's word the plan knows a newer row, and its hold is granted."""
    charged(ledger, "S1", 600_000)
    prices.record(ledger, ACCOUNT, MODEL, 45_000, source="the price page", at=AT)
    book = prices.read_prices(ledger)
    assert book.current(ACCOUNT, MODEL, CARD) == CurrentPrice(recorded=45_000, origin="the price page")
    charged(ledger, "S2", 400_000, prices_read=book.last)


def test_what_was_under_way_at_the_same_price_teaches_once(ledger: Ledger) -> None:
    """Three per cent each upon one and the same quote are three per cent: what the first taught is not added to the others' charges."""
    sent = [under_way(ledger, shot, prices_read=0) for shot in ("S1", "S2", "S3")]
    for attempt, cost in zip(sent, (412_000, 412_000, 416_000), strict=True):
        write.move(ledger, attempt, Kind.READY, {"url": "u"}, at=AT, cost=cost)
    assert now(ledger) == CurrentPrice(ppm=1_040_000)
    assert prices.read_prices(ledger).last == 2


def test_a_correction_above_the_hold_teaches_too(ledger: Ledger) -> None:
    """Late evidence of an overrun is an overrun."""
    attempt = charged(ledger, "S1", 400_000)
    write.correct(ledger, attempt, 100_000, ref="invoice:1", body={}, at=AT)
    assert now(ledger).frozen == "S1.t1.a1 was quoted 0.40 USD and charged 0.50"


def test_a_credit_after_an_overrun_teaches_nothing(ledger: Ledger) -> None:
    """A correction downwards is no second overrun, though the sum is still above the hold."""
    attempt = charged(ledger, "S1", 410_000)
    write.correct(ledger, attempt, -1_000, ref="invoice:1", body={}, at=AT)
    assert now(ledger) == CurrentPrice(ppm=1_025_000)


def test_receipts_are_recent_ones_of_the_accounts_that_are_asked_for(ledger: Ledger) -> None:
    """Newest first, with what was charged in all; what has no clip is no receipt."""
    for shot, cost in (("S1", 400_000), ("S2", 300_000), ("S3", 410_000)):
        charged(ledger, shot, cost)
    write.hold(ledger, bid("S4"), lambda _key: b"[]", [], at=AT)
    assert [one.settled for one in receipts.recent(ledger, [ACCOUNT])] == [410_000, 300_000, 400_000]
    assert [one.settled for one in receipts.recent(ledger, [ACCOUNT], last=3)] == [410_000, 300_000]
    assert receipts.recent(ledger, ["another"]) == []


def test_the_books_lines_sum_to_its_totals(ledger: Ledger) -> None:
    """Every move of every bucket is a line, in the order in which it was written."""
    attempt = charged(ledger, "S1", 410_000)
    write.correct(ledger, attempt, -20_000, ref="invoice:1", body={}, at=AT)
    lines = list(receipts.lines(ledger, "p", rehearsal=False))
    assert [line.kind for line in lines] == ["hold", "settle", "overrun", "correction"]
    assert tuple(sum(getattr(line, name) for line in lines) for name in ("d_held", "d_doubt", "d_settled")) == read.totals(
        ledger, "p", rehearsal=False
    )
    assert lines == sorted(lines, key=lambda line: line.entry)
    assert replace(lines[0], entry=0, at="", kind="", d_held=0, quote=0).take == TakeId("spot", "S1", 1)


def test_the_newest_fresh_answer_to_a_question_counts(ledger: Ledger) -> None:
    """On its own account; an old one is as good as none, and no row is ever changed."""
    prices.record_quotes(ledger, ACCOUNT, MODEL, {"q1": 100, "q2": 200}, at="2026-11-20T09:00:00.000Z")
    prices.record_quotes(ledger, ACCOUNT, MODEL, {"q1": 150}, at=AT)
    prices.record_quotes(ledger, "runware https://elsewhere/v1", MODEL, {"q1": 999}, at=AT)
    prices.record_quotes(ledger, ACCOUNT, MODEL, {}, at=AT)
    book = prices.read_prices(ledger, "2026-11-19")
    assert book.quotes[ACCOUNT, "q1"] == Quoted(150, AT)
    assert book.quotes[ACCOUNT, "q2"].micros == 200
    assert set(prices.read_prices(ledger, "2026-11-20T09:00:00.000Z").quotes) == {(ACCOUNT, "q1"), ("runware https://elsewhere/v1", "q1")}
    for change in (update(tables.quoted).values(micros=1), delete(tables.quoted)):
        with pytest.raises(Exception, match="append_only"), ledger.writing() as connection:
            connection.execute(change)
