"""The purchases whose clips were received on an account, and whether those clips passed their checks."""

from __future__ import annotations

import json

from sqlalchemy import exists, func, select

from callsheet.budget.ledger import tables
from callsheet.budget.ledger.store import Ledger
from callsheet.domain.attempt import Kind


def received(ledger: Ledger, account: str, model: str, last: int) -> list[tuple[bytes, bool]]:
    """Request bytes of a model's received clips, and whether nothing was wrong with each (no failing finding, no charge above the hold).
    Looks only at the ledger's last attempts, of any project.
    """
    a, e = tables.attempt.c, tables.event.c
    dearer = exists().where(tables.entry.c.attempt == a.attempt, tables.entry.c.kind == "overrun")
    tail = select(func.coalesce(func.max(a.attempt), 0) - last).scalar_subquery()
    here = (a.attempt > tail, a.account == account, a.model == model, e.kind == Kind.RECEIVED.value)
    facts = (a.request, e.body, dearer.label("dearer"))
    with ledger.reading() as connection:
        rows = connection.execute(select(*facts).select_from(tables.attempt.join(tables.event, e.attempt == a.attempt)).where(*here))
        clips: list[tuple[bytes, bool]] = []
        for row in rows:
            findings = json.loads(row.body).get("findings", ())
            good = not row.dearer and all(finding.get("severity") != "fail" for finding in findings)
            clips.append((bytes(row.request), good))
        return clips
