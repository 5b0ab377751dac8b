"""The inbox: evidence that arrived unasked, such as a callback. It only triggers a poll; it moves no money."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from callsheet.budget.ledger import tables
from callsheet.budget.ledger.store import Ledger


@dataclass(frozen=True, slots=True)
class News:
    """A message that arrived: its service and its token (the attempt's key)."""

    service: str
    token: str


def put_inbox(ledger: Ledger, *, service: str, token: str, body: str, at: str) -> bool:
    """Store a service's message for a token, and return whether it is new. The same message is never stored twice, whichever process is
    first.
    """
    digest = hashlib.sha256(body.encode()).hexdigest()
    i = tables.inbox.c
    try:
        with ledger.writing() as connection:
            known = connection.execute(select(i.inbox).where(i.service == service, i.token == token, i.digest == digest)).first()
            if known is None:
                connection.execute(tables.inbox.insert().values(service=service, token=token, digest=digest, body=body, at=at))
            return known is None
    except IntegrityError:
        return False


def awaited(ledger: Ledger, project: str, service: str, token: str) -> bool:
    """Whether the token is the key of an attempt of this project at this service."""
    a = tables.attempt.c
    with ledger.reading() as connection:
        mine = select(a.attempt).where(a.wire_key == token, a.project == project, a.service == service)
        return connection.execute(mine).first() is not None


def news_after(ledger: Ledger, last: int | None) -> tuple[list[News], int]:
    """Messages after row `last`, and the number of the last row now; None asks only for the number."""
    i = tables.inbox.c
    with ledger.reading() as connection:
        if last is None:
            return [], int(connection.execute(select(func.max(i.inbox))).scalar() or 0)
        rows = connection.execute(select(i.inbox, i.service, i.token).where(i.inbox > last).order_by(i.inbox)).all()
    return [News(row.service, row.token) for row in rows], int(rows[-1].inbox) if rows else last


def inbox_of(ledger: Ledger, service: str, token: str) -> list[str]:
    """The messages for a token, as they were sent, oldest first."""
    i = tables.inbox.c
    with ledger.reading() as connection:
        rows = connection.execute(select(i.body).where(i.service == service, i.token == token).order_by(i.inbox))
        return [str(row.body) for row in rows]
