"""Invoices as services write them: many names for the same columns, and every line that can't be read told at once."""

from __future__ import annotations

from datetime import date

import pytest

from callsheet.accounting.invoice import read_invoice
from callsheet.domain.errors import InputError


@pytest.mark.parametrize("header", ["job,usd", "Task UUID,Amount (USD)", "TASKUUID,cost", "key,charged", "\ufeffrequest_id,Cost USD"])
def test_columns_go_by_many_names(header: str) -> None:
    """Case, blanks and marks don't matter, nor does a byte order mark."""
    [line] = read_invoice(f"{header}\nj1,0.09\n".encode(), "bill.csv")
    assert (line.job, line.usd, line.line) == ("j1", 90_000, 2)


def test_our_own_name_outweighs_an_alias() -> None:
    """An invoice with an `id` and a `job` means the job."""
    [line] = read_invoice(b"id,job,total,usd\n7,j1,9.99,0.09\n", "bill.csv")
    assert (line.job, line.usd) == ("j1", 90_000)


def test_amounts_are_exact_and_never_too_low() -> None:
    """Marks of the currency are left out; a fraction of a micro-dollar counts as one; a credit is below nothing."""
    content = b"job,usd\na,$0.48\nb,0.0000001\nc,-0.09\nd,USD 12\ne,1.5e-1\n"
    assert [line.usd for line in read_invoice(content, "bill.csv")] == [480_000, 1, -90_000, 12_000_000, 150_000]


def test_days_are_read_from_dates_and_times() -> None:
    """An empty one is none."""
    content = b"job,usd,date\na,1,2026-11-21\nb,1,2026-11-21T23:30:00Z\nc,1,\n"
    assert [line.day for line in read_invoice(content, "bill.csv")] == [date(2026, 11, 21), date(2026, 11, 21), None]


def test_every_unreadable_line_is_told_with_its_number() -> None:
    """All at once, and with what was read; blank lines are no lines, and a quoted line break counts."""
    content = b'job,usd,date,note\na,0.09,2026-11-21,"two\nlines"\n\n,0.09,,\nb,nine,,\nc,,,\nd,1,21.11.26,\n'
    with pytest.raises(InputError) as wrong:
        read_invoice(content, "bill.csv")
    said = [(problem.line, problem.column, problem.message) for problem in wrong.value.problems]
    assert said == [
        (5, "job", "the job is missing"),
        (6, "usd", "'nine' is not an amount in USD, such as 25 or 0.48"),
        (7, "usd", "the amount is missing"),
        (8, "date", "'21.11.26' is not a date"),
    ]


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "no column job"), (b"job,when\n", "no column usd"), (b"job,usd\n\xff,1\n", "not UTF-8")]
)
def test_a_file_that_is_no_invoice_is_refused(content: bytes, said: str) -> None:
    """The names that would do are in the help."""
    with pytest.raises(InputError) as wrong:
        read_invoice(content, "bill.csv")
    assert any(said in problem.message for problem in wrong.value.problems)


@pytest.mark.parametrize(
    ("content", "line"),
    [('"', 1), ('job,usd\n"a,0.09\nb,0.09\n', 2), ('job,usd\na,0.09\nb,"0.09"x\nc,0.09\n', 3), ('job,usd\na,"' + "9" * 200_000, 2)],
)
def test_broken_quotes_swallow_no_charge(content: str, line: int) -> None:
    """A quote that is never closed would take the lines after it into its cell: told at its line, and no charge is read."""
    with pytest.raises(InputError) as wrong:
        read_invoice(content.encode(), "bill.csv")
    [problem] = [problem for problem in wrong.value.problems if "quotes" in problem.help]
    assert (problem.file, problem.line) == ("bill.csv", line)


def test_another_copy_of_an_invoice_has_the_same_refs() -> None:
    """Order, blank lines and other columns don't matter; equal charges of one job are told apart by their count."""
    first = read_invoice(b"job,usd\na,0.09\nb,0.09\na,0.09\n", "one.csv")
    again = read_invoice(b"note,usd,job\nx,0.09,b\n\ny,0.090,a\nz,0.09,a\n", "two.csv")
    assert {line.ref for line in first} == {line.ref for line in again}
    assert len({line.ref for line in first}) == 3


def test_a_lines_own_id_names_it() -> None:
    """Two charges of one amount with ids of their own are two; the id counts for its job only."""
    lines = read_invoice(b"job,usd,line_id\na,0.09,1\na,0.09,2\nb,0.09,1\n", "bill.csv")
    assert len({line.ref for line in lines}) == 3
    assert read_invoice(b"job,usd,line_id\na,0.10,1\n", "bill.csv")[0].ref == lines[0].ref
