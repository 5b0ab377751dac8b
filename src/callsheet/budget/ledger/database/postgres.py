"""The ledger in a PostgreSQL database, which several folders and machines may share. Caps are locked row by row, without serializable
transactions: those are several times slower with many writers and have to be retried, while locks taken in one order neither wait long
nor deadlock.
"""

from __future__ import annotations

import hashlib
import select
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

from callsheet.clock import Clock
from callsheet.domain.errors import LedgerError

#: a connection that was used this recently isn't asked whether it still stands, seconds
_SURE_S = 1.0
_MIGRATION_LOCK = 0x63616C6C  # an arbitrary number that only callsheet uses


@dataclass(frozen=True)
class Postgres:
    """A ledger's location on a server."""

    url: URL
    name = "postgresql"
    file = None
    help = "check that the server runs and accepts your login; nothing is sent that isn't recorded first"

    def __str__(self) -> str:
        return self.url.render_as_string(hide_password=True)

    def engine(self) -> Engine:
        """A pool of connections; one that the server has closed is replaced. LedgerError if the driver isn't installed."""
        try:
            engine = create_engine(
                self.url.set(drivername="postgresql+psycopg"),
                isolation_level="READ COMMITTED",
                connect_args={"connect_timeout": 10, "application_name": "callsheet"},
            )
        except ModuleNotFoundError as error:
            raise LedgerError("the driver for a PostgreSQL ledger is not installed", help="install callsheet[postgres]") from error

        @event.listens_for(engine, "connect")
        def configure(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:  # pyright: ignore[reportUnusedFunction]  # registered by the decorator
            cursor = connection.cursor()
            cursor.execute("select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'")
            cursor.close()
            connection.commit()
            note(connection, record)

        @event.listens_for(engine, "checkin")
        def note(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
            record.info["used_at"] = Clock().monotonic()

        @event.listens_for(engine, "checkout")
        def ask(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: object) -> None:  # pyright: ignore[reportUnusedFunction]  # as above
            if not self.stands(connection, Clock().monotonic() - record.info["used_at"]):
                raise InvalidatePoolError

        return engine

    def reader(self, engine: Engine) -> Engine:
        """Connections that see one consistent state of the ledger."""
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def writer(self, engine: Engine) -> Engine:
        """Connections that write."""
        return engine

    def begin(self, driver: DBAPIConnection) -> None:
        """Nothing: the driver begins a transaction with its first statement."""

    def stands(self, driver: DBAPIConnection, idle_s: float) -> bool:
        """Whether a connection that was idle so long can be used. It is asked only if it wasn't used a moment ago: the question takes as long as a statement."""
        connection: Any = driver
        if idle_s < _SURE_S and not _has_ended(connection):
            return True
        try:
            connection.execute("select 1")
            connection.rollback()
        except Exception:  # noqa: BLE001 # whatever it says, another one is needed
            return False
        return True

    def turn(self) -> AbstractContextManager[object]:
        """Writers work in parallel: the caps' rows are their queue."""
        return nullcontext()

    #: lines of a run are committed one by one: together they would lock the caps' rows in another order than others do
    together = 1

    def goes_on(self, connection: Connection) -> bool:
        """Whether a transaction can be gone on with after an error: not where its connection is lost."""
        return not connection.invalidated

    def alone(self, connection: Connection) -> None:
        """One migration at a time, until the transaction ends."""
        connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})

    def lane_turn(self, connection: Connection, lane: str) -> None:
        """One process at a time counts a lane's slots, until the transaction ends."""
        connection.execute(text("select pg_advisory_xact_lock(hashtextextended(:lane, 0))"), {"lane": lane})

    def now_ms(self, connection: Connection, here: datetime) -> int:  # noqa: ARG002 # the machines' clocks may differ
        """Milliseconds since 1970, by the one clock that all users of the ledger share: the server's."""
        return int(connection.execute(text("select extract(epoch from clock_timestamp()) * 1000")).scalar_one())

    def has(self, table: str) -> bool:
        """Whether the database has a table."""
        engine = self.engine()
        try:
            with engine.connect() as connection:
                return connection.execute(text("select to_regclass(:table)"), {"table": table}).scalar() is not None
        finally:
            engine.dispose()

    def apply(self, connection: Connection, script: str) -> None:
        """Run a schema file within the transaction, as a whole: only the driver itself accepts several statements at once. LedgerError if
        it can't.
        """
        cursor = connection.connection.cursor()
        try:
            cursor.execute(script)
        except connection.dialect.loaded_dbapi.Error as error:
            raise LedgerError(f"the ledger {self} can't be used: {error}", help=self.help) from error
        finally:
            cursor.close()

    def damage(self, _connection: Connection) -> list[str]:
        """Nothing: the server checks its own files."""
        return []

    def ready(self) -> None:
        """Nothing: the server decides who may read it."""

    @contextmanager
    def locked(self, engine: Engine, project: str) -> Generator[bool]:
        """Lock the project for all machines, on a session of its own that ends with its process. False if another has it."""
        number = int.from_bytes(hashlib.sha256(project.encode()).digest()[:8], "big", signed=True)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as session:
            got = bool(session.execute(text("select pg_try_advisory_lock(:number)"), {"number": number}).scalar())
            try:
                yield got
            finally:
                session.invalidate()  # a pooled connection would keep the lock


def _has_ended(connection: Any) -> bool:
    """Whether a connection is closed, or has something to say though it was asked nothing: its end."""
    if connection.closed:
        return True
    watch = select.poll()
    watch.register(connection.fileno(), select.POLLIN)
    return bool(watch.poll(0))
