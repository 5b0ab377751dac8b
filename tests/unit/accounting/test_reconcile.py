"""The ledger against a bill: what agrees is noted, what differs is corrected once, and a doubt ends only by the bill's word."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from callsheet.accounting.balance import Balanced, balance
from callsheet.accounting.invoice import read_invoice
from callsheet.accounting.reconcile import Compared, Verdict, book_differences, compare
from callsheet.budget.ledger import read, readings
from callsheet.budget.ledger.audit import audit
from callsheet.budget.ledger.readings import Reading
from callsheet.budget.ledger.store import open_ledger
from callsheet.domain.attempt import Attempt, Reason, State
from callsheet.services.protocol.answers import AccountReading
from callsheet.transport.account import Account
from tests.ledger_attempts import ACCOUNT, AT, Book

LATER = "2026-11-25T09:00:00.000Z"


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Book]:
    ledger = open_ledger(tmp_path / "ledger.db")
    yield Book(ledger)
    assert audit(ledger) == []
    ledger.close()


def told(own: Book, *charges: tuple[str, str], until: date | None = None, again: str = "") -> dict[Verdict, list[Compared]]:
    """What an invoice of these jobs and amounts comes to. `again` is a remark that makes another file of it."""
    text = "job,usd,note\n" + "".join(f"{job},{usd},{again}\n" for job, usd in charges)
    found: dict[Verdict, list[Compared]] = {}
    for one in compare(
        own.ledger, own.project, read_invoice(text.encode(), "bill.csv"), service="runware", account=ACCOUNT, complete_until=until
    ):
        found.setdefault(one.verdict, []).append(one)
    return found


def booked(own: Book, *charges: tuple[str, str], until: date | None = None, again: str = "") -> set[Verdict]:
    """The same, booked; which verdicts there were."""
    found = told(own, *charges, until=until, again=again)
    book_differences(own.ledger, [one for some in found.values() for one in some], at=LATER)
    return set(found)


def now(own: Book, attempt: Attempt) -> Attempt:
    return read.reread(own.ledger, attempt)


def test_comparing_writes_nothing(own: Book) -> None:
    """A dry look leaves the book as it is."""
    attempt = own.received("S1")
    found = told(own, (attempt.key, "0.10"), until=date(2026, 12, 1))
    assert found[Verdict.DIFFERS][0].difference == 10_000
    assert now(own, attempt) == attempt


def test_a_difference_is_corrected_and_the_same_invoice_books_nothing_twice(own: Book) -> None:
    """Also from another copy of the file."""
    attempt = own.received("S1")
    assert booked(own, (attempt.key, "0.08")) == {Verdict.DIFFERS}
    assert now(own, attempt).settled == 80_000
    assert booked(own, (attempt.key, "0.08")) == booked(own, (attempt.key, "0.080"), again="a copy") == {Verdict.AGREES}
    assert now(own, attempt).settled == 80_000
    assert read.totals(own.ledger, own.project, rehearsal=False) == (0, 0, 80_000)


def test_several_lines_of_a_job_are_one_sum(own: Book) -> None:
    """A charge and its surcharge are compared together."""
    attempt = own.received("S1")
    assert booked(own, (attempt.key, "0.08"), (attempt.key, "0.01")) == {Verdict.AGREES}


def test_a_later_credit_comes_off_the_charge_that_was_read_before(own: Book) -> None:
    """Next month's invoice names only the credit."""
    attempt = own.received("S1")
    assert booked(own, (attempt.key, "0.09")) == {Verdict.AGREES}
    assert booked(own, (attempt.key, "-0.05")) == {Verdict.DIFFERS}
    assert booked(own, (attempt.key, "-0.05"), again="again") == {Verdict.AGREES}
    assert now(own, attempt).settled == 40_000


def test_a_credit_whose_charge_was_never_read_comes_off_what_is_booked(own: Book) -> None:
    """The charge stood in an invoice that nobody compared."""
    attempt = own.received("S1")
    booked(own, (attempt.key, "-0.09"))
    assert now(own, attempt).settled == 0


def test_a_charge_for_what_failed_is_booked(own: Book) -> None:
    """A failed attempt counted as free and was billed."""
    attempt = own.failed("S1")
    booked(own, (attempt.key, "0.09"))
    assert (now(own, attempt).settled, now(own, attempt).state) == (90_000, State.CLOSED)


def test_a_doubt_that_the_invoice_charges_for_was_taken(own: Book) -> None:
    """Its money is held again and `recover` can ask for its job; nothing is settled by the invoice's word before the service's own."""
    attempt = own.doubtful("S1")
    assert booked(own, (attempt.key, "0.09")) == {Verdict.TAKEN}
    after = now(own, attempt)
    assert (after.state, after.job, after.held, after.doubt) == (State.SUBMITTED, attempt.key, 90_000, 0)
    assert set(told(own, (attempt.key, "0.09"))) == {Verdict.EARLY}


def test_a_doubt_charged_nothing_is_released(own: Book) -> None:
    """A line of 0.00 is proof as well."""
    attempt = own.doubtful("S1")
    assert booked(own, (attempt.key, "0.00")) == {Verdict.UNCHARGED}
    assert (now(own, attempt).reason, now(own, attempt).doubt) == (Reason.RELEASED_UNSENT, 0)


@pytest.mark.parametrize(
    ("sent", "until", "freed"), [("2026-11-20T23:59:59.000Z", 21, True), (AT, 21, False), (AT, 22, True), (AT, None, False)]
)
def test_silence_is_proof_only_in_a_complete_invoice(own: Book, sent: str, until: int | None, freed: bool) -> None:
    """And only for what was sent before its last day: a charge may come late."""
    attempt = own.doubtful("S1", at=sent)
    booked(own, until=date(2026, 11, until) if until else None)
    after = now(own, attempt)
    assert (after.state, after.doubt) == ((State.CLOSED, 0) if freed else (State.IN_DOUBT, 90_000))


@pytest.mark.parametrize(("there", "freed"), [("2026-11-20T09:00:00.000Z", True), ("2026-11-25T09:00:00.000Z", False)])
def test_a_slow_clock_of_ours_makes_no_request_older_than_the_service_saw_it(own: Book, there: str, freed: bool) -> None:
    """Sent on the 20th by this machine's clock: an invoice up to the 21st says nothing of what the service took on the 25th."""
    attempt = own.doubtful("S1", at="2026-11-20T09:00:00.000Z", there=there)
    booked(own, until=date(2026, 11, 21))
    assert now(own, attempt).state is (State.CLOSED if freed else State.IN_DOUBT)


def test_silence_of_one_account_says_nothing_of_another(own: Book) -> None:
    """A rehearsal's doubt, or another service's, is not in this invoice anyway."""
    attempt = own.doubtful("S1", account="runware http://127.0.0.1:9/v1")
    assert booked(own, until=date(2026, 12, 1)) == set()
    assert now(own, attempt).state is State.IN_DOUBT


def test_what_has_not_ended_here_waits(own: Book) -> None:
    """The service's own answer settles it first."""
    attempt = own.submitted("S1")
    assert booked(own, (attempt.key, "0.09"), until=date(2026, 12, 1)) == {Verdict.EARLY}
    assert now(own, attempt) == attempt


def test_another_projects_charges_are_left_to_it_and_unknown_ones_are_told(own: Book) -> None:
    """One account serves several projects; a charge that nobody bought is for a person."""
    theirs = Book(own.ledger, "q").received("S1")
    found = told(own, (theirs.key, "5.00"), ("nobody", "1.00"))
    assert [one.job for one in found[Verdict.ELSEWHERE]] == [theirs.key]
    assert [one.job for one in found[Verdict.UNKNOWN]] == ["nobody"]
    book_differences(own.ledger, [one for some in found.values() for one in some], at=LATER)
    assert now(own, theirs) == theirs


# -- the service's own account -------------------------------------------------------------------------------------------------------------------

PLACE = Account("runware", "https://api.example/v1", ACCOUNT, own_url=True)


def read_again(own: Book, said: AccountReading, *, at: str = LATER) -> Balanced:
    return balance(own.ledger, PLACE, said, at=at)


def test_a_first_reading_has_nothing_to_differ_from(own: Book) -> None:
    """It is kept, and the next is compared with it."""
    own.received("S1")
    first = read_again(own, AccountReading(5_000_000, 90_000))
    assert first.agrees
    readings.keep(own.ledger, "runware", ACCOUNT, first.now)
    assert readings.last(own.ledger, "runware", ACCOUNT) == Reading(LATER, 5_000_000, 90_000)


@pytest.mark.parametrize(
    ("before", "after", "spent"),
    [
        ((5_000_000, 100_000), (4_910_000, 190_000), 90_000),
        ((5_000_000, None), (4_910_000, None), 90_000),
        ((5_000_000, 100_000), (9_910_000, 190_000), 90_000),
        ((5_000_000, None), (9_910_000, None), None),
    ],
    ids=["sum", "balance", "sum though topped up", "topped up"],
)
def test_spending_since_the_last_reading(
    own: Book, before: tuple[int, int | None], after: tuple[int, int | None], spent: int | None
) -> None:
    """By the sum of all spending where it is told, else by the balance; a top-up hides what the balance says."""
    readings.keep(own.ledger, "runware", ACCOUNT, Reading("2026-11-20T00:00:00.000Z", *before))
    own.received("S1")
    found = read_again(own, AccountReading(*after))
    assert (found.spent, found.booked, found.agrees) == (spent, 90_000, spent == 90_000)
    assert not read_again(own, AccountReading(*after), at="2026-11-20T12:00:00.000Z").agrees
