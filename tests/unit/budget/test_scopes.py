"""What a scope has used, by the attempts' own columns and by the schema's view: the same for every scope."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from callsheet.budget.ledger import audit, read, tables
from callsheet.budget.ledger.store import Ledger
from callsheet.settings.tables.money import SCOPES as KNOWN
from tests.ledger_bids import bid, cap, hold


@pytest.fixture
def book(ledger: Ledger) -> Ledger:
    """Holds of two projects, lists, shots, days and models."""
    cap(ledger, 100_000_000)
    cap(ledger, 100_000_000, project="q")
    for project, list, shot, take, day, model in (
        ("p", "spot", "S1", 1, "2026-11-21", "runware/ltx-2"),
        ("p", "spot", "S1", 2, "2026-11-22", "runware/ltx-2"),
        ("p", "spot", "S2", 1, "2026-12-01", "runware/ltx-2.3"),
        ("p", "a:b", "S1", 1, "2026-11-21", "runware/ltx-2"),
        ("q", "spot", "S1", 1, "2026-11-21", "runware/ltx-2"),
    ):
        hold(ledger, bid(shot, take, project=project, list=list, day=day, model=model))
    return ledger


SCOPES = [
    ("project", "p", ""),
    ("project", "q", ""),
    ("run", "p", "r1"),
    ("list", "p", "spot"),
    ("shot", "p", "spot:S1"),
    ("shot", "p", "a:b:S1"),
    ("sequence", "p", "spot:q"),
    ("day", "p", "2026-11-21"),
    ("month", "p", "2026-11"),
    ("service", "", "runware"),
    ("model", "", "runware/ltx-2"),
    ("ledger", "", ""),
]


@pytest.mark.parametrize(("scope", "owner", "name"), SCOPES)
def test_both_ways_find_the_same(book: Ledger, scope: str, owner: str, name: str) -> None:
    """The sum that opens a counter is the sum that the triggers then go on with."""
    s, e = tables.scope_of.c, tables.entry.c
    here = (s.scope == scope, s.owner == owner, s.name == name, s.rehearsal == 0)
    viewed = (
        select(func.coalesce(func.sum(e.d_held), 0)).select_from(tables.entry.join(tables.scope_of, s.attempt == e.attempt)).where(*here)
    )
    with book.reading() as connection:
        assert read.used(connection, scope, owner, name, rehearsal=False) == (int(connection.execute(viewed).scalar_one()), 0)
        assert read.used(connection, scope, owner, name, rehearsal=False)[0] > 0
        assert read.used(connection, scope, owner, name, rehearsal=True) == (0, 0)


def test_a_counter_of_every_scope_is_its_sum(book: Ledger) -> None:
    """Counters that are opened late, and go on with what comes after, agree with the audit's own sums; one that doesn't is seen."""
    assert {scope for scope, _, _ in SCOPES} == set(KNOWN)
    for scope, owner, name in SCOPES:
        cap(book, 100_000_000, scope=scope, name=name, source="file", project=owner or "p")
    hold(book, bid("S1", 3))
    assert audit.audit(book) == []
    with book.reading() as connection:
        sums = {place: used for scope in KNOWN for place, used in audit._sums(connection, scope).items()}
        counters = connection.execute(select(tables.cap).where(tables.cap.c.source == "file", tables.cap.c.rehearsal == 0)).all()
    assert len(counters) == len(SCOPES)
    assert [row.used for row in counters] == [sums[row.scope, row.owner, row.name, 0] for row in counters]
