"""The inbox: evidence that came by itself, such as a callback. It only makes us look; it moves nothing."""

from __future__ import annotations

import hashlib

from sqlalchemy import select

from callsheet.budget.ledger import tables
from callsheet.budget.ledger.store import Ledger


def put_inbox(ledger: Ledger, *, service: str, token: str, body: str, at: str) -> None:
    """Keep what a service sent for a token. The same once more is not kept twice."""
    digest = hashlib.sha256(body.encode()).hexdigest()
    i = tables.inbox.c
    with ledger.writing() as connection:
        known = connection.execute(select(i.inbox).where(i.service == service, i.token == token, i.digest == digest)).first()
        if known is None:
            connection.execute(tables.inbox.insert().values(service=service, token=token, digest=digest, body=body, at=at))


def inbox_of(ledger: Ledger, service: str, token: str) -> list[str]:
    """What came for a token, as it was sent, oldest first."""
    i = tables.inbox.c
    with ledger.reading() as connection:
        rows = connection.execute(select(i.body).where(i.service == service, i.token == token).order_by(i.inbox))
        return [str(row.body) for row in rows]
