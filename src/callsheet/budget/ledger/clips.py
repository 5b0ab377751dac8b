"""What was received so far on an account: the purchases behind it, with whether their clips passed the checks."""

from __future__ import annotations

import json

from sqlalchemy import func, select

from callsheet.budget.ledger import tables
from callsheet.budget.ledger.store import Ledger
from callsheet.domain.attempt import Kind


def received(ledger: Ledger, account: str, model: str, last: int) -> list[tuple[bytes, bool]]:
    """Request bytes and "no failing finding" of the clips of a model among the ledger's last attempts, of any project: a bounded look."""
    a, e = tables.attempt.c, tables.event.c
    tail = select(func.coalesce(func.max(a.attempt), 0) - last).scalar_subquery()
    here = (a.attempt > tail, a.account == account, a.model == model, e.kind == Kind.RECEIVED.value)
    with ledger.reading() as connection:
        rows = connection.execute(
            select(a.request, e.body).select_from(tables.attempt.join(tables.event, e.attempt == a.attempt)).where(*here)
        )
        clips: list[tuple[bytes, bool]] = []
        for row in rows:
            findings = json.loads(row.body).get("findings", ())
            clips.append((bytes(row.request), all(finding.get("severity") != "fail" for finding in findings)))
        return clips
