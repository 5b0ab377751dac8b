"""The inbox keeps what came by itself, once, and only for who asks with its token."""

from __future__ import annotations

from pathlib import Path

from callsheet.budget.ledger.inbox import News, awaited, inbox_of, news_after, put_inbox
from callsheet.budget.ledger.store import open_ledger
from tests.ledger_bids import bid, cap, hold

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


def test_news_are_told_once_from_a_row_on(tmp_path: Path) -> None:
    """Who asks first hears nothing of what came before; then each row once."""
    ledger = open_ledger(tmp_path / "ledger.db")
    assert news_after(ledger, None) == ([], 0)
    assert put_inbox(ledger, service="deapi", token="T", body="old", at=AT)
    _, last = news_after(ledger, None)
    assert news_after(ledger, last) == ([], last)
    assert put_inbox(ledger, service="deapi", token="T", body="new", at=AT)
    assert not put_inbox(ledger, service="deapi", token="T", body="new", at=AT)
    news, last = news_after(ledger, last)
    assert news == [News("deapi", "T")]
    assert news_after(ledger, last) == ([], last)
    ledger.close()


def test_only_a_projects_own_attempts_are_awaited(tmp_path: Path) -> None:
    """By key, at their own service, in their own project."""
    ledger = open_ledger(tmp_path / "ledger.db")
    cap(ledger, 10_000_000)
    attempt = hold(ledger, bid())
    assert awaited(ledger, "p", "runware", attempt.key)
    assert not any(
        awaited(ledger, *other) for other in (("q", "runware", attempt.key), ("p", "deapi", attempt.key), ("p", "runware", "unknown"))
    )
    ledger.close()
