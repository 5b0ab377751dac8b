"""Opening the ledger, in a SQLite file or on a PostgreSQL server, and the two kinds of transaction on it."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from sqlalchemy import Connection, Engine, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError

from callsheet.budget.ledger import tables
from callsheet.budget.ledger.migrate import Place, migrate, outdated
from callsheet.budget.ledger.postgres import Postgres
from callsheet.budget.ledger.sqlite import Sqlite
from callsheet.domain.errors import LedgerError, LockedError

T = TypeVar("T")

_PORTION = 400


@dataclass(frozen=True)
class Ledger:
    """An open ledger. `id` is its own random name, part of every key that is made from it; `place` is what people know it by."""

    place: Place
    engine: Engine
    id: str
    #: where a copy stands that is read in place of a ledger that can't be written; it goes with the ledger
    copy: TemporaryDirectory[str] | None = None

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """A consistent view of the book."""
        with _explained(self.place), self.place.reader(self.engine).begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """One transaction: all of it is durable when this ends, or none of it happened. What the schema refuses is an IntegrityError."""
        with _explained(self.place), self.place.turn(), self.place.writer(self.engine).begin() as connection:
            yield connection

    @contextmanager
    def locked(self, project: str, *, wait: bool = False) -> Generator[None]:
        """Hold the project for all machines that share this ledger. LockedError if another run has it; it dies with its process.

        A file is seen by one machine only, where the kernel's lock on the project does.
        """
        if isinstance(self.place, Sqlite):
            yield
            return
        with _explained(self.place), self.place.locked(self.engine, project, wait=wait) as got:
            if not got:
                raise LockedError(
                    "another run holds this project on another machine", help="wait for it to end, or give --wait to queue behind it"
                )
            yield

    def close(self) -> None:
        """Give the file or the connections back."""
        self.engine.dispose()
        if self.copy:
            self.copy.cleanup()


def place_of(named: Path | str) -> Place:
    """A ledger's place from a file's path or a SQLAlchemy URL. LedgerError if it is neither."""
    if isinstance(named, Path):
        return Sqlite(named)
    try:
        url = make_url(named)
    except ArgumentError:
        raise LedgerError(
            "CALLSHEET_LEDGER is not a URL", help="write sqlite:////folder/ledger.db or postgresql://user@host/database"
        ) from None
    if url.get_backend_name() == "postgresql":
        return Postgres(url)
    if url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:"):
        return Sqlite(Path(str(url.database)).resolve())
    raise LedgerError(
        f"CALLSHEET_LEDGER names a {url.drivername} ledger", help="write sqlite:////folder/ledger.db or postgresql://user@host/database"
    )


def exists(named: Path | str) -> bool:
    """Whether a ledger stands there, which an empty file or database is not. Nothing is made. LedgerError if it can't be told."""
    if isinstance(named, Path) and read_only(named):
        return named.stat().st_size > 0
    place = place_of(named)
    with _explained(place):
        return place.has("identity")


def open_ledger(named: Path | str) -> Ledger:
    """Open the ledger in a file or at a URL, making or migrating it as needed. LedgerError if it can't be used."""
    place = place_of(named)
    engine = place.engine()
    try:
        with _explained(place), place.turn():
            if isinstance(place, Sqlite):
                _save(engine, place)
            with place.writer(engine).begin() as connection:
                migrate(connection, place)
                identity = connection.execute(select(tables.identity.c.value)).scalar()
                if identity is None:
                    identity = secrets.token_hex(16)
                    connection.execute(tables.identity.insert().values(name="id", value=identity))
    except BaseException:
        engine.dispose()
        raise
    place.ready()
    return Ledger(place, engine, str(identity))


def read_only(file: Path) -> bool:
    """Whether a ledger is there and can't be written, for its own sake or its folder's: SQLite then can't even read it beside its log."""
    return file.is_file() and not (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK))


def open_to_read(named: Path | str) -> Ledger:
    """As `open_ledger`, to be read; one in a file that can't be written is read in a copy."""
    return open_copy(named) if isinstance(named, Path) and read_only(named) else open_ledger(named)


def open_copy(file: Path) -> Ledger:
    """A ledger that can't be written, read in a copy of its file and its log, which goes when it is closed: nothing that is written there is kept.

    LedgerError if it can't be read.
    """
    copy = TemporaryDirectory(prefix="callsheet-")
    try:
        for ending in ("", "-wal"):
            source = file.with_name(file.name + ending)
            if source.is_file():
                shutil.copyfile(source, Path(copy.name) / source.name)
        return replace(open_ledger(Path(copy.name) / file.name), copy=copy)
    except OSError as error:
        copy.cleanup()
        raise LedgerError(
            f"the ledger {file.name} can't be read: {error.strerror}", help="read it as a user who may, or restore it from a backup"
        ) from error
    except BaseException:
        copy.cleanup()
        raise


def portions(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """As many at a time as one statement may name."""
    return (items[start : start + _PORTION] for start in range(0, len(items), _PORTION))


def _save(engine: Engine, place: Sqlite) -> None:
    """A backup of a filled ledger that is about to be migrated. A server has backups of its own."""
    if not place.has("schema_version"):
        return
    with place.reader(engine).begin() as connection:
        before = outdated(connection, place)
    if before:
        place.backup(before)


@contextmanager
def _explained(place: Place) -> Generator[None]:
    """Errors of the storage as one kind of error that says what it means: nothing was written, so nothing was sent."""
    try:
        yield
    except IntegrityError:
        raise
    except (DBAPIError, sqlite3.Error) as error:
        reason = str(error.orig if isinstance(error, DBAPIError) else error).strip().partition("\n")[0]
        raise LedgerError(f"the ledger {place} can't be used: {reason}", help=place.help) from error
