"""The state of a ledger as a few numbers: if two looks return the same, nothing in between can change a list's plan.

Rows are only ever added, so their number shows whether there are more. A list's events are counted; for the whole ledger, it is the newest
row of everything that moves money, decides or teaches.
"""

from __future__ import annotations

from sqlalchemy import bindparam, func, select

from callsheet.budget.ledger import tables
from callsheet.budget.ledger.direct import Direct
from callsheet.budget.ledger.store import Ledger

#: the newest attempt, entry, mark and prices, how many changes of limits, what caps were told of, and the list's events
Standing = tuple[int | None, ...]

_A = tables.attempt.c
_STANDS = Direct(
    select(
        select(func.max(_A.attempt)).scalar_subquery(),
        select(func.max(tables.entry.c.entry)).scalar_subquery(),
        select(func.max(tables.mark.c.mark)).scalar_subquery(),
        select(func.max(tables.price.c.price)).scalar_subquery(),
        select(func.max(tables.quoted.c.quoted)).scalar_subquery(),
        select(func.max(tables.lane_stop.c.lane_stop)).scalar_subquery(),
        select(func.count()).select_from(tables.cap_limit).scalar_subquery(),
        select(func.count()).select_from(tables.warned).scalar_subquery(),
        select(func.count())
        .select_from(tables.event.join(tables.attempt, tables.event.c.attempt == _A.attempt))
        .where(_A.project == bindparam("project"), _A.list == bindparam("list"))
        .scalar_subquery(),
    )
)


def standing(ledger: Ledger, project: str, list: str) -> Standing:
    """The ledger's current state for one of a project's lists."""
    with ledger.reading() as connection:
        [found] = _STANDS.rows(connection, {"project": project, "list": list})
        return tuple(found)
