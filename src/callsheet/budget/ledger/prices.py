"""The price tables: prices learned from overruns and recorded by people, by account and model; and services' quotes, by question."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement, Connection, select

from callsheet.budget.ledger import tables
from callsheet.budget.ledger.store import Ledger
from callsheet.budget.rules.prices import CurrentPrice, ModelFrozen, PriceHistory, PriceMoved, Quoted, Row, current_price, overrun
from callsheet.domain.attempt import Attempt
from callsheet.domain.money import Micros


def read_prices(ledger: Ledger, quoted_since: str = "") -> PriceHistory:
    """All prices learned from overruns or recorded by people: a row exists only if a price differed from its list. Quotes only after
    `quoted_since`.
    """
    found: dict[tuple[str, str], tuple[Row, ...]] = {}
    last = 0
    with ledger.reading() as connection:
        for row in connection.execute(select(tables.price).order_by(tables.price.c.price)):
            place, last = (row.account, row.model), int(row.price)
            found[place] = (*found.get(place, ()), Row(row.kind, row.value, row.origin, row.at))
        q = tables.quoted.c
        newest_last = connection.execute(select(tables.quoted).where(q.at > quoted_since).order_by(q.quoted))
        quotes = {(row.account, row.question): Quoted(int(row.micros), row.at) for row in newest_last}
    return PriceHistory(found, last, quotes)


def record_quotes(ledger: Ledger, account: str, model: str, answers: Mapping[str, Micros], *, at: str) -> None:
    """Store a service's quotes: micro-USD by the question's digest."""
    rows = [{"account": account, "model": model, "question": question, "micros": micros, "at": at} for question, micros in answers.items()]
    if rows:
        with ledger.writing() as connection:
            connection.execute(tables.quoted.insert(), rows)


def record(ledger: Ledger, account: str, model: str, per_second: Micros, *, source: str, at: str) -> None:
    """Store a list price that a person looked up, micro-USD per second at the card's default size. It ends a freeze and discards what
    receipts taught before.
    """
    with ledger.writing() as connection:
        _add(connection, account, model, Row("recorded", per_second, source, at))


def refuse_frozen(connection: Connection, account: str, model: str, after: int, *, quoted: bool = False) -> None:
    """Raise ModelFrozen if the model was frozen after row `after`, the last that the plan had read. `quoted`: it has no list price."""
    now = current_price(_rows(connection, account, model, tables.price.c.price > after))
    if now.frozen:
        raise ModelFrozen(model, now.frozen, quoted=quoted)


def refuse_moved(connection: Connection, account: str, model: str, after: int) -> None:
    """Raise PriceMoved if a price of the model was learned or recorded after row `after`: a hold would use an old price."""
    if _rows(connection, account, model, tables.price.c.price > after):
        raise PriceMoved(model)


def learn(connection: Connection, before: Attempt, attempt: Attempt, at: str) -> None:
    """In the transaction that books a charge above its hold: the next hold is higher, or refused. An implausible charge teaches nothing
    until a person has confirmed it.
    """
    confirmed = before.implausible is not None and attempt.implausible is None
    if attempt.implausible is not None or attempt.settled <= (attempt.quote if confirmed else max(attempt.quote, before.settled)):
        return
    now = current_price(_rows(connection, attempt.account, attempt.model))
    taught = overrun(now, attempt.quote, attempt.settled, attempt.name, quoted_at=_quoted_at(connection, attempt, now))
    if taught:
        _add(connection, attempt.account, attempt.model, Row(taught.kind, taught.value, taught.origin, at))


def _quoted_at(connection: Connection, attempt: Attempt, now: CurrentPrice) -> int:
    """The parts per million of the list at which an attempt was quoted: others of its model may have taught more while it was under way."""
    a, p = tables.attempt.c, tables.price.c
    read = connection.execute(select(a.prices_read).where(a.attempt == int(attempt.id))).scalar_one()
    if read is None:
        return now.ppm
    then = current_price(_rows(connection, attempt.account, attempt.model, p.price <= read))
    return then.ppm if then.recorded == now.recorded else now.ppm


def _rows(connection: Connection, account: str, model: str, *which: ColumnElement[bool]) -> list[Row]:
    p = tables.price.c
    found = connection.execute(select(tables.price).where(p.account == account, p.model == model, *which).order_by(p.price))
    return [Row(row.kind, row.value, row.origin, row.at) for row in found]


def _add(connection: Connection, account: str, model: str, row: Row) -> None:
    connection.execute(
        tables.price.insert().values(account=account, model=model, kind=row.kind, value=row.value, origin=row.origin, at=row.at)
    )
