"""Two looks at a ledger give the same only where nothing was written between them that a list's plan is made from; on SQLite and on PostgreSQL."""

from __future__ import annotations

from callsheet.budget.ledger import prices, write
from callsheet.budget.ledger.marks import put_mark
from callsheet.budget.ledger.standing import standing
from callsheet.budget.ledger.store import Ledger
from callsheet.domain.attempt import Kind, Reason
from callsheet.domain.mark import Mark, MarkKind
from tests.ledger_bids import AT, accepted, bid, cap, hold


def test_whatever_is_written_moves_it(ledger: Ledger) -> None:
    """A limit, a hold, each event, a mark and a price; a run that begins and another list's events change no plan."""
    cap(ledger, 5_000_000)
    seen = [standing(ledger, "p", "spot")]
    held = hold(ledger, bid("S1", quote=100_000))
    seen.append(standing(ledger, "p", "spot"))
    taken = accepted(ledger, held)
    seen.append(standing(ledger, "p", "spot"))
    write.move(ledger, taken, Kind.CLOSED, {}, at=AT, cost=0, reason=Reason.FAILED)
    seen.append(standing(ledger, "p", "spot"))
    put_mark(ledger, "p", Mark(kind=MarkKind.RETAKE, list="spot", shot="S1"), at=AT)
    seen.append(standing(ledger, "p", "spot"))
    prices.record(ledger, taken.account, taken.model, 90_000, source="a person", at=AT)
    seen.append(standing(ledger, "p", "spot"))
    cap(ledger, 6_000_000)
    seen.append(standing(ledger, "p", "spot"))
    assert len(set(seen)) == len(seen)
    write.begin_run(ledger, run="r9", project="p", list="spot", at=AT)
    assert standing(ledger, "p", "spot") == seen[-1]
