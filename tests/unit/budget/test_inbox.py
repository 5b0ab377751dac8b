"""The inbox keeps what came by itself, once, and only for who asks with its token."""

from __future__ import annotations

from pathlib import Path

from callsheet.budget.ledger.inbox import inbox_of, put_inbox
from callsheet.budget.ledger.store import open_ledger

AT = "2026-11-21T09:30:00.000Z"


def test_what_came_is_kept_once_and_in_order(tmp_path: Path) -> None:
    """A service sends its callback again until it is heard."""
    ledger = open_ledger(tmp_path / "ledger.db")
    for body in ("first", "second", "first"):
        put_inbox(ledger, service="deapi", token="T", body=body, at=AT)
    put_inbox(ledger, service="deapi", token="U", body="another's", at=AT)
    put_inbox(ledger, service="other", token="T", body="another service's", at=AT)
    assert inbox_of(ledger, "deapi", "T") == ["first", "second"]
    assert inbox_of(ledger, "deapi", "nobody") == []
    ledger.close()
