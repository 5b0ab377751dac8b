"""Opens the ledger, in a SQLite file or on a PostgreSQL server, and provides its two kinds of transaction."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from sqlalchemy import Connection, Engine, make_url, select
from sqlalchemy.exc import ArgumentError

from callsheet.budget.ledger import tables
from callsheet.budget.ledger.database.explained import Explained
from callsheet.budget.ledger.database.kept import KeptConnection
from callsheet.budget.ledger.database.migrate import Place, migrate, outdated
from callsheet.budget.ledger.database.postgres import Postgres
from callsheet.budget.ledger.database.sqlite import Sqlite
from callsheet.domain.errors import LedgerError, LockedError

T = TypeVar("T")

_PORTION = 400


@dataclass(frozen=True)
class Ledger:
    """An open ledger. `id` is its random name, part of every key made from it; `place` is its location as people know it."""

    place: Place
    engine: Engine
    id: str
    #: the copy that is read instead of a ledger that can't be written; it is deleted with the ledger
    copy: TemporaryDirectory[str] | None = None
    #: a transaction that others write in, too; None begins one for each time of writing
    within: Connection | None = None
    #: the connection that its transactions have in turn; None takes one from the pool for each
    kept: KeptConnection | None = None

    @property
    def file(self) -> Path | None:
        """The file that it is in; None on a server."""
        return self.place.file

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """A consistent view of the ledger."""
        with Explained(self.place, None), self._reader.begin() as connection:
            yield connection

    def writing(self) -> AbstractContextManager[Connection]:
        """One transaction: either all of it is durable when this ends, or none of it happened. A refusal by the schema is an
        IntegrityError. Within another transaction it is a part of that one, and becomes durable with it.
        """
        return self._part or self.kept or self._transaction()

    @cached_property
    def _part(self) -> Explained[Connection] | None:
        return None if self.within is None else Explained(self.place, self.within)

    @contextmanager
    def _transaction(self) -> Generator[Connection]:
        with Explained(self.place, None), self.place.turn(), self._writer.begin() as connection:
            yield connection

    def keeping(self) -> Ledger:
        """The same ledger for one thread, whose transactions have one connection in turn until it lets it go."""
        return replace(self, kept=KeptConnection(self.place, self._writer))

    def let_go(self) -> None:
        """Give back the connection that it keeps, if it does. Between two transactions, or in the thread that has them."""
        if self.kept is not None:
            self.kept.let_go()

    @cached_property
    def _reader(self) -> Engine:
        return self.place.reader(self.engine)

    @cached_property
    def _writer(self) -> Engine:
        return self.place.writer(self.engine)

    @contextmanager
    def locked(self, project: str) -> Generator[None]:
        """Lock the project for all machines that share this ledger. LockedError if another run has it; the lock ends with its process. A
        ledger in a file is used by one machine, where the kernel's lock on the project is enough.
        """
        if isinstance(self.place, Sqlite):
            yield
            return
        with Explained(self.place, None), self.place.locked(self.engine, project) as got:
            if not got:
                raise LockedError(
                    "another run has this project locked on another machine", help="wait for it to end, or add --wait to queue behind it"
                )
            yield

    def close(self) -> None:
        """Release the file or the connections."""
        self.engine.dispose()
        if self.copy:
            self.copy.cleanup()


def place_of(named: Path | str) -> Place:
    """A ledger's location from a file's path or a SQLAlchemy URL. LedgerError if it is neither."""
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
    """Whether the ledger exists; an empty file or database doesn't count. Creates nothing. LedgerError if that can't be determined."""
    if isinstance(named, Path) and read_only(named):
        return named.stat().st_size > 0
    place = place_of(named)
    with Explained(place, None):
        return place.has("identity")


def open_ledger(named: Path | str) -> Ledger:
    """Open the ledger in a file or at a URL, creating or migrating it as needed. LedgerError if it can't be used."""
    place = place_of(named)
    engine = place.engine()
    try:
        with Explained(place, None), place.turn():
            if isinstance(place, Sqlite):
                _save(engine, place)
            with place.writer(engine).begin() as connection:
                migrate(connection, place)
                identity = connection.execute(select(tables.identity.c.value)).scalar()
                new = identity is None
                if new:
                    identity = secrets.token_hex(16)
                    connection.execute(tables.identity.insert().values(name="id", value=identity))
    except BaseException:
        engine.dispose()
        raise
    if new:
        place.ready()
    return Ledger(place, engine, str(identity))


def read_only(file: Path) -> bool:
    """Whether a ledger exists but can't be written, because of its file or its folder. SQLite then can't even read it, because of its log."""
    return file.is_file() and not (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK))


def open_to_read(named: Path | str) -> Ledger:
    """Like `open_ledger`, but for reading; a ledger in a file that can't be written is read from a copy."""
    return open_copy(named) if isinstance(named, Path) and read_only(named) else open_ledger(named)


def open_copy(file: Path) -> Ledger:
    """A ledger that can't be written, read from a copy of its file and its log. The copy, with anything written to it, is deleted when it
    is closed. LedgerError if it can't be read.
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
            f"the ledger {file.name} can't be read: {error.strerror}",
            help="run it as a user with permission, or restore the ledger from a backup",
        ) from error
    except BaseException:
        copy.cleanup()
        raise


def portions(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Lists no longer than one statement's parameters may be."""
    return (items[start : start + _PORTION] for start in range(0, len(items), _PORTION))


def _save(engine: Engine, place: Sqlite) -> None:
    """Back up a filled ledger before it is migrated. A server has its own backups."""
    if not place.has("schema_version"):
        return
    with place.reader(engine).begin() as connection:
        before = outdated(connection, place)
    if before:
        place.backup(before)
