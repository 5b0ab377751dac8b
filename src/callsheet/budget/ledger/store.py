"""Opening the ledger: SQLite in WAL with every commit synced, writers queued by a kernel lock, the schema from numbered files.

Why so: synchronous=NORMAL loses committed intents at a power cut, and SQLite's own busy handler lets single writers wait for seconds.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, select
from sqlalchemy.exc import DatabaseError, DBAPIError

from callsheet.budget.ledger import tables
from callsheet.domain.errors import LedgerError

_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON", "recursive_triggers=ON")


@dataclass(frozen=True)
class Ledger:
    """An open ledger. `id` is its own random name, part of every key that is made from it."""

    file: Path
    engine: Engine
    id: str

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """A consistent view of the book."""
        with _explained(self.file), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """One transaction, alone: all of it is durable when this ends, or none of it happened."""
        with _explained(self.file), _queue(self.file), self.engine.execution_options(write=True).begin() as connection:
            yield connection

    def close(self) -> None:
        """Give the file back."""
        self.engine.dispose()


def open_ledger(file: Path) -> Ledger:
    """Open the ledger, making or migrating it as needed. LedgerError where it can't be used."""
    file.parent.mkdir(parents=True, exist_ok=True)
    engine = _engine(file)
    with _explained(file), _queue(file), engine.execution_options(write=True).begin() as connection:
        _migrate(connection)
        identity = _identity(connection)
    file.chmod(0o600)
    return Ledger(file, engine, identity)


def _engine(file: Path) -> Engine:
    engine = create_engine(f"sqlite:///{file}", connect_args={"isolation_level": None, "timeout": 30})

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: Any) -> None:  # pyright: ignore[reportUnusedFunction]  # registered by the decorator
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:  # pyright: ignore[reportUnusedFunction]  # registered by the decorator
        writing = connection.get_execution_options().get("write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


@contextmanager
def _queue(file: Path) -> Generator[None]:
    """Writers wait in the kernel's own queue: the longest wait falls from seconds to milliseconds."""
    descriptor = os.open(file.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _explained(file: Path) -> Generator[None]:
    """Errors of the storage as one kind of error that says what it means: nothing was written, so nothing was sent."""
    try:
        yield
    except DatabaseError as error:
        if _refusal(error):
            raise
        reason = str(error.orig)
        raise LedgerError(
            f"the ledger {file.name} can't be used: {reason}", help="free disk space, or restore the file from a backup; nothing was sent"
        ) from error


def _refusal(error: DBAPIError) -> bool:
    """Whether the schema itself said no, which callers handle."""
    return isinstance(error.orig, sqlite3.IntegrityError)


def _migrate(connection: Connection) -> None:
    """Bring the schema to the newest number, each file in one transaction. LedgerError where the book is newer than this program, or was altered."""
    connection.exec_driver_sql(
        "create table if not exists schema_version(n integer primary key, name text not null, sha256 text not null) strict"
    )
    done = {row.n: row for row in connection.exec_driver_sql("select n, name, sha256 from schema_version")}
    for n, (name, text) in enumerate(migrations(), start=1):
        digest = hashlib.sha256(text.encode()).hexdigest()
        if n not in done:
            _apply(connection, text)
            connection.exec_driver_sql("insert into schema_version(n, name, sha256) values (?, ?, ?)", (n, name, digest))
        elif done[n].sha256 != digest:
            raise LedgerError(f"the ledger's schema {name} is not the one that made it", help="use the version of callsheet that made this ledger")
    if len(done) > len(migrations()):
        raise LedgerError("the ledger was made by a newer callsheet", help="update callsheet")


def migrations() -> list[tuple[str, str]]:
    """Name and text of each numbered schema file, in order."""
    folder = resources.files("callsheet.budget.ledger") / "schema"
    return [(file.name, file.read_text()) for file in sorted(folder.iterdir(), key=lambda f: f.name) if file.name.endswith(".sqlite.sql")]


def _apply(connection: Connection, text: str) -> None:
    statement = ""
    for line in text.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            connection.exec_driver_sql(statement)
            statement = ""


def _identity(connection: Connection) -> str:
    found = connection.execute(select(tables.identity.c.value)).scalar()
    if found is None:
        found = secrets.token_hex(16)
        connection.execute(tables.identity.insert().values(name="id", value=found))
    return str(found)
