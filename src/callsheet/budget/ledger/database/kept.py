"""A connection that one thread keeps from one transaction to the next: to take one from a pool, to begin by SQLAlchemy, and to give it back takes the processor
longer than an event. Its transactions begin and end with the driver's own words.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import TracebackType

from sqlalchemy import Connection, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection

from callsheet.budget.ledger.database.explained import explain
from callsheet.budget.ledger.database.migrate import Place
from callsheet.clock import Clock


class KeptConnection:
    """One thread's connection, taken from the pool at its first transaction and after any error. Each `with` is a transaction, which ends with the block."""

    def __init__(self, place: Place, engine: Engine) -> None:
        self._place, self._engine, self._clock = place, engine.execution_options(begun=True), Clock()
        self._kept: tuple[Connection, DBAPIConnection] | None = None
        self._turn: AbstractContextManager[object] = place.turn()
        self._used_at = 0.0

    def __enter__(self) -> Connection:
        self._turn = turn = self._place.turn()
        turn.__enter__()
        try:
            return self._begun()
        except BaseException as error:
            self._drop()
            turn.__exit__(None, None, None)
            explain(self._place, error)
            raise

    def _begun(self) -> Connection:
        now = self._clock.monotonic()
        if self._kept is not None and not self._place.stands(self._kept[1], now - self._used_at):
            self._drop()
        if self._kept is None:
            connection = self._engine.connect()
            self._kept = connection, _driver(connection)
        connection, driver = self._kept
        self._used_at = now
        self._place.begin(driver)
        return connection

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if error is None:
                self._commit()
            else:
                self._drop()
                explain(self._place, error)
        finally:
            self._turn.__exit__(None, None, None)

    def _commit(self) -> None:
        assert self._kept is not None, "a transaction has a connection"
        connection, driver = self._kept
        try:
            if connection.in_transaction():  # a rare statement went through SQLAlchemy, which has to know that it is over
                connection.commit()
            else:
                driver.commit()
        except BaseException as error:
            self._drop()
            explain(self._place, error)
            raise

    def let_go(self) -> None:
        """Give the connection back; it has no transaction."""
        kept, self._kept = self._kept, None
        if kept is not None:
            kept[0].close()

    def _drop(self) -> None:
        """Take back what was written, and have nothing more to do with this connection."""
        kept, self._kept = self._kept, None
        if kept is None:
            return
        connection, driver = kept
        try:
            if not connection.invalidated:
                driver.rollback()
        except Exception:  # noqa: BLE001  # it can't be taken back here: the database does so where the connection ends
            connection.invalidate()
        finally:
            connection.close()


def _driver(connection: Connection) -> DBAPIConnection:
    driver = connection.connection.dbapi_connection
    assert driver is not None, "a connection in use has a driver"
    return driver
