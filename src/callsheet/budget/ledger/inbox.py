"""The inbox: evidence that came by itself, such as a callback. It only makes us look; it moves nothing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from callsheet.budget.ledger import tables
from callsheet.budget.ledger.store import Ledger


@dataclass(frozen=True, slots=True)
class News:
    """That something came: from which service, for which token (the attempt's key)."""

    service: str
    token: str


def put_inbox(ledger: Ledger, *, service: str, token: str, body: str, at: str) -> bool:
    """Keep what a service sent for a token, and say whether it is new. The same once more is not kept twice, whoever is first."""
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
    """What came after row `last`, and the number of the last row now; None asks for the number alone."""
    i = tables.inbox.c
    with ledger.reading() as connection:
        if last is None:
            return [], int(connection.execute(select(func.max(i.inbox))).scalar() or 0)
        rows = connection.execute(select(i.inbox, i.service, i.token).where(i.inbox > last).order_by(i.inbox)).all()
    return [News(row.service, row.token) for row in rows], int(rows[-1].inbox) if rows else last


def inbox_of(ledger: Ledger, service: str, token: str) -> list[str]:
    """What came for a token, as it was sent, oldest first."""
    i = tables.inbox.c
    with ledger.reading() as connection:
        rows = connection.execute(select(i.body).where(i.service == service, i.token == token).order_by(i.inbox))
        return [str(row.body) for row in rows]
