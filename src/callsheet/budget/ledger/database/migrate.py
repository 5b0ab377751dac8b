"""Brings a ledger's schema to the newest version: numbered files, each with a checksum, all in one transaction."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources

from sqlalchemy import Connection, text

from callsheet.budget.ledger.database.postgres import Postgres
from callsheet.budget.ledger.database.sqlite import Sqlite
from callsheet.domain.errors import LedgerError

Place = Sqlite | Postgres


@cache
def migrations(dialect: str = "sqlite") -> tuple[tuple[str, str], ...]:
    """Name and text of each numbered schema file, in order. They are read once: a command opens its ledger several times."""
    folder = resources.files("callsheet.budget.ledger.database") / "schema"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(f".{dialect}.sql")), key=lambda file: file.name)
    return tuple((file.name, file.read_text()) for file in files)


def migrate(connection: Connection, place: Place) -> None:
    """Bring the schema to the newest version. LedgerError if the ledger is newer than this program, or was altered."""
    place.alone(connection)
    connection.execute(text("create table if not exists schema_version(n integer primary key, name text not null, sha256 text not null)"))
    done = {int(row.n): row for row in connection.execute(text("select n, name, sha256 from schema_version"))}
    known = migrations(place.name)
    if len(done) > len(known):
        raise LedgerError("the ledger was made by a newer version of callsheet", help="update callsheet")
    for n, (name, script) in enumerate(known, start=1):
        digest = hashlib.sha256(script.encode()).hexdigest()
        if n not in done:
            place.apply(connection, script)
            row = {"n": n, "name": name, "sha256": digest}
            connection.execute(text("insert into schema_version(n, name, sha256) values (:n, :name, :sha256)"), row)
        elif done[n].sha256 != digest:
            raise LedgerError(
                f"the ledger's schema {name} differs from the file that created it",
                help="use the version of callsheet that made this ledger",
            )


def outdated(connection: Connection, place: Place) -> str | None:
    """The number of the first schema file that a ledger with attempts still needs; None if it needs no backup."""
    done = int(connection.execute(text("select count(*) from schema_version")).scalar_one())
    if not done or done >= len(migrations(place.name)):
        return None
    filled = connection.execute(text("select 1 from attempt limit 1")).first()
    return migrations(place.name)[done][0].partition("_")[0] if filled else None
