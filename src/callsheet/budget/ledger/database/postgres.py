"""The ledger in a PostgreSQL database, which several folders and machines may share. Caps are locked row by row, without serializable
transactions: those are several times slower with many writers and have to be retried, while locks taken in one order neither wait long
nor deadlock.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection

from callsheet.domain.errors import LedgerError

_MIGRATION_LOCK = 0x63616C6C  # an arbitrary number that only callsheet uses


@dataclass(frozen=True)
class Postgres:
    """A ledger's location on a server."""

    url: URL
    name = "postgresql"
    help = "check that the server runs and accepts your login; nothing was sent"

    def __str__(self) -> str:
        return self.url.render_as_string(hide_password=True)

    def engine(self) -> Engine:
        """A pool of connections; a connection that the server has closed is replaced. LedgerError if the driver isn't installed."""
        try:
            engine = create_engine(
                self.url.set(drivername="postgresql+psycopg"),
                isolation_level="READ COMMITTED",
                pool_pre_ping=True,
                connect_args={"connect_timeout": 10, "application_name": "callsheet"},
            )
        except ModuleNotFoundError as error:
            raise LedgerError("the driver for a PostgreSQL ledger is not installed", help="install callsheet[postgres]") from error

        @event.listens_for(engine, "connect")
        def configure(connection: DBAPIConnection, _record: object) -> None:  # pyright: ignore[reportUnusedFunction]  # registered by the decorator
            cursor = connection.cursor()
            cursor.execute("select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'")
            cursor.close()
            connection.commit()

        return engine

    def reader(self, engine: Engine) -> Engine:
        """Connections that see one consistent state of the ledger."""
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    def writer(self, engine: Engine) -> Engine:
        """Connections that write."""
        return engine

    @contextmanager
    def turn(self) -> Generator[None]:
        """Writers work in parallel: the caps' rows are their queue."""
        yield

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
