"""The book as double entry: beancount itself reads it, and its sums are the ledger's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest
from beancount import loader
from beancount.core import data, inventory, realization

from callsheet.budget.ledger import read, receipts, write
from callsheet.budget.ledger.receipts import Line
from callsheet.budget.ledger.store import open_ledger
from callsheet.budget.rules.purse import Money
from callsheet.domain.attempt import Kind, Reason
from callsheet.domain.errors import LedgerError
from callsheet.domain.money import PER_USD
from callsheet.report.bookkeeping import Header, beancount, check
from callsheet.report.ledger_table import write_entries
from callsheet.report.takes_frame import entries
from tests.ledger_attempts import AT, Book

HEADER = Header("Lighthouse", {"client": 'Ost "Nord" \\ KG', "job": "J-1042", "purchase_order": "PO 7/26"}, ZoneInfo("Asia/Tokyo"))


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """Every kind of entry: hold, settle, overrun, correction, release, doubt, clear, write-off."""
    ledger = open_ledger(tmp_path / "ledger.db")
    made = Book(ledger)
    made.received("S1")
    made.received("S2", 93_000)
    write.correct(ledger, made.received("S3"), -10_000, ref="invoice:1", body={}, at="2026-12-01T16:00:00.000Z")
    made.failed("S4")
    made.held("S5")
    made.doubtful("S6")
    write.move(ledger, made.doubtful("S7"), Kind.ACCEPTED, {"job": "j"}, at=AT)
    write.move(ledger, made.doubtful("S8"), Kind.CLOSED, at=AT, reason=Reason.WRITTEN_OFF)
    yield made
    ledger.close()


def lines(book: Book) -> tuple[Line, ...]:
    return tuple(receipts.lines(book.ledger, book.project, rehearsal=False))


def money(book: Book) -> Money:
    held, doubt, settled = read.totals(book.ledger, book.project, rehearsal=False)
    return Money(cap=None, settled=settled, held=held, in_doubt=doubt, headroom=None)


def loaded(text: str) -> list[data.Directive]:
    found, errors, _ = loader.load_string(text)
    assert errors == []
    return found


def test_beancount_accepts_the_book_and_sums_it_as_the_ledger_does(book: Book) -> None:
    """Expenses are what is settled, liabilities what is held and in doubt, to the micro-dollar."""
    assert {line.kind for line in lines(book)} == {"hold", "settle", "overrun", "correction", "release", "doubt", "clear", "write_off"}
    read_back = loaded("".join(beancount(lines(book), HEADER)))
    tree, total = realization.realize(read_back), money(book)
    assert _usd(tree, "Expenses:Video:Runware:Ltx-2") == total.settled == 90_000 + 93_000 + 80_000 + 90_000
    assert _usd(tree, "Liabilities:Services:Runware:Held") == -total.held == -180_000
    assert _usd(tree, "Liabilities:Services:Runware:InDoubt") == -total.in_doubt == -90_000
    assert _usd(tree, "Assets:Services:Runware:Balance") == -total.settled
    assert _usd(tree, "Assets:Services:Runware:Reserved") == total.held + total.in_doubt


def _usd(tree: realization.RealAccount, name: str) -> int:
    account = realization.get(tree, name)
    assert account is not None, name
    balance: inventory.Inventory = realization.compute_balance(account)
    return int(balance.get_currency_units("USD").number * PER_USD)


def test_every_transaction_names_who_pays(book: Book) -> None:
    """Client, job and purchase order of the project stand on each, quotes and all; the attempt's own facts beside."""
    found = [one for one in loaded("".join(beancount(lines(book), HEADER))) if isinstance(one, data.Transaction)]
    assert len(found) == len(lines(book))
    for one in found:
        assert (one.meta["client"], one.meta["job"], one.meta["purchase-order"]) == ('Ost "Nord" \\ KG', "J-1042", "PO 7/26")
        assert (one.meta["project"], one.meta["sequence"], one.meta["model"]) == ("Lighthouse", "one", "runware/ltx-2")
    assert [one.narration for one in found if one.meta["shot"] == "S2"] == [
        "S2.t1.a1: hold",
        "S2.t1.a1: charged",
        "S2.t1.a1: charged beyond the hold",
    ]


def test_days_are_those_of_the_project(book: Book) -> None:
    """A correction of 16:00 UTC is the next day's in Tokyo; accounts are opened on the first day that they are used."""
    read_back = loaded("".join(beancount(lines(book), HEADER)))
    days = {one.date.isoformat() for one in read_back if isinstance(one, data.Transaction)}
    assert days == {"2026-11-21", "2026-12-02"}
    assert {one.date.isoformat() for one in read_back if isinstance(one, data.Open)} == {"2026-11-21"}


def test_an_empty_book_is_a_valid_one() -> None:
    """Nothing bought, nothing to say."""
    assert loaded("".join(beancount([], Header("x", {}, ZoneInfo("UTC"), rehearsal=True)))) == []


def test_an_odd_model_name_makes_a_legal_account(book: Book) -> None:
    """Dots, small letters and other scripts don't stop bean-check."""
    odd = [replace(line, model="runware/été.9:x", service="b-2") for line in lines(book)]
    assert loaded("".join(beancount(odd, HEADER)))


def test_a_book_that_is_not_its_total_is_not_exported(book: Book) -> None:
    """The sum is held against the ledger's own."""
    assert check(lines(book), money(book)) == lines(book)
    with pytest.raises(LedgerError, match="which is not its total"):
        check(lines(book)[:-1], money(book))


def test_the_lines_as_a_table(book: Book, tmp_path: Path) -> None:
    """One row per line, money exact, who pays in columns; pandas sums it to the ledger's totals."""
    write_entries(lines(book), HEADER, tmp_path / "entries.parquet")
    table = pq.read_table(tmp_path / "entries.parquet")
    assert (table.num_rows, table.schema.metadata[b"callsheet.schema"]) == (len(lines(book)), b"callsheet.entries/1")
    frame, total = entries(tmp_path / "entries.parquet"), money(book)
    sums = [int(frame[name].sum() * PER_USD) for name in ("held", "in_doubt", "settled")]
    assert sums == [total.held, total.in_doubt, total.settled]
    assert set(frame["purchase_order"]) == {"PO 7/26"}
    assert frame["settled"].iloc[1] == Decimal("0.09")
