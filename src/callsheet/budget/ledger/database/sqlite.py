"""The ledger in a SQLite file: WAL with every commit synced, and a kernel lock as the writers' queue. synchronous=NORMAL would lose
committed intents at a power cut, and SQLite's own busy handler lets some writers wait for seconds.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError

from callsheet.budget.ledger.database.statements import Statements
from callsheet.domain.errors import LedgerError

_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON", "recursive_triggers=ON")
#: all engines here use the one SQLite library of this process
_COMPILED = Statements()


@dataclass(frozen=True)
class Sqlite:
    """A ledger's path."""

    file: Path
    name = "sqlite"
    help = "free disk space, or restore the file from a backup; nothing is sent that isn't recorded first"

    def __str__(self) -> str:
        return self.file.name

    def engine(self) -> Engine:
        """A pool of connections; a writer takes its lock before it reads."""
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LedgerError(f"the ledger {self} can't be used: {error.strerror}", help=self.help) from error
        engine = create_engine(
            URL.create("sqlite", database=str(self.file)),  # in a URL that is written out, a folder's ? would end the path
            connect_args={"isolation_level": None, "timeout": 30},
            execution_options={"compiled_cache": _COMPILED},
            pool_reset_on_return=None,  # each use of a connection is one transaction, which ends with it
        )

        @event.listens_for(engine, "connect")
        def configure(connection: sqlite3.Connection, _record: Any) -> None:  # pyright: ignore[reportUnusedFunction]  # registered by the decorator
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")

        @event.listens_for(engine, "begin")
        def begin(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]  # registered by the decorator
            options = connection.get_execution_options()
            if options.get("begun"):  # its keeper has begun it
                return
            driver = connection.connection.driver_connection
            assert driver is not None, "a connection in use has a driver"
            try:
                driver.execute("BEGIN IMMEDIATE" if options.get("write") else "BEGIN")
            except sqlite3.Error as error:
                raise DBAPIError.instance("BEGIN", None, error, sqlite3.Error, dialect=connection.dialect) from error

        return engine

    def reader(self, engine: Engine) -> Engine:
        """Connections that see one consistent state of the ledger."""
        return engine

    def writer(self, engine: Engine) -> Engine:
        """Connections that write."""
        return engine.execution_options(write=True)

    def begin(self, driver: DBAPIConnection) -> None:
        """Begin a writer's transaction by the driver's own words. sqlite3.Error if it can't be."""
        _sqlite(driver).execute("BEGIN IMMEDIATE")

    def stands(self, driver: DBAPIConnection, idle_s: float) -> bool:  # noqa: ARG002 # the same signature as for a server
        """Whether a connection that was idle so long can be used: nobody else closes it."""
        return True

    def turn(self) -> AbstractContextManager[object]:
        """Writers wait in the kernel's own queue, which reduces the longest wait from seconds to milliseconds."""
        return _Turn(self)

    def lock_file(self) -> int:
        """The open lock file. LedgerError if it can't be opened, as when a process has too many files open: an answer is kept until it can."""
        try:
            return os.open(self._lock_name, os.O_RDWR | os.O_CREAT, 0o600)
        except FileNotFoundError:
            raise  # the folder is gone: no waiting brings it back
        except OSError as error:
            raise LedgerError(f"the ledger {self} can't be used: {error.strerror}", help=self.help) from error

    @cached_property
    def _lock_name(self) -> str:
        return str(self.file.with_suffix(".lock"))

    #: how many lines of a run are committed together, at most
    together = 64

    def goes_on(self, connection: Connection) -> bool:
        """Whether a transaction can be gone on with after an error: a full disk may have ended it."""
        driver = connection.connection.driver_connection
        return driver is not None and bool(driver.in_transaction)

    def alone(self, connection: Connection) -> None:
        """Nothing: a migration already has the writer's turn."""

    def lane_turn(self, connection: Connection, lane: str) -> None:
        """One process at a time counts a lane's slots: it already has the writer's turn."""

    def now_ms(self, connection: Connection, here: datetime) -> int:  # noqa: ARG002 # the same signature as for a server
        """Milliseconds since 1970, by the one clock that all users of the ledger share: this machine's, given as `here`."""
        return int(here.timestamp() * 1000)

    def has(self, table: str) -> bool:
        """Whether the file exists and has a table. sqlite3.Error if it can't be read."""
        if not self.file.is_file():
            return False
        with closing(sqlite3.connect(f"{self.file.absolute().as_uri()}?mode=ro", uri=True, timeout=30)) as raw:
            return raw.execute("select 1 from sqlite_master where name = ?", (table,)).fetchone() is not None

    def apply(self, connection: Connection, script: str) -> None:
        """Run a schema file within the transaction, statement by statement."""
        statement = ""
        for line in script.splitlines(keepends=True):
            statement += line
            if sqlite3.complete_statement(statement):
                connection.exec_driver_sql(statement)
                statement = ""

    def backup(self, before: str) -> None:
        """Copy the ledger to the same folder before a migration; a number keeps earlier copies."""
        n = 1
        while (target := self.file.with_name(f"{self.file.name}.before-{before}.{n}")).exists():
            n += 1
        with closing(sqlite3.connect(self.file, timeout=30)) as raw:
            raw.execute("vacuum into ?", (str(target),))
        target.chmod(0o600)

    def damage(self, connection: Connection) -> list[str]:
        """What SQLite's own check reports; nothing if the file is sound."""
        said = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check(5)")]
        return [line for line in said if line != "ok"]

    def ready(self) -> None:
        """Nobody else on the machine reads a new ledger, where the file system can say so. An older one is read by whom its owner lets."""
        with suppress(OSError):
            self.file.chmod(0o600)


def _sqlite(driver: DBAPIConnection) -> sqlite3.Connection:
    assert isinstance(driver, sqlite3.Connection), "the driver of a SQLite ledger is Python's own"
    return driver


class _Turn:
    """A writer's turn: the lock file is locked."""

    __slots__ = ("_descriptor", "_place")

    def __init__(self, place: Sqlite) -> None:
        self._place = place

    def __enter__(self) -> None:
        descriptor = self._place.lock_file()
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except BaseException as error:
            os.close(descriptor)
            if not isinstance(error, OSError):
                raise
            help = "put it on a local disk: CALLSHEET_LEDGER=sqlite:////FOLDER/ledger.db; nothing was sent"
            raise LedgerError(f"the ledger {self._place} can't be locked: {error.strerror}", help=help) from error
        self._descriptor = descriptor

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        os.close(self._descriptor)
