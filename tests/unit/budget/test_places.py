"""Where a ledger can be, how it comes to its schema, and what differs between a file and a server."""

from __future__ import annotations

import fcntl
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from callsheet.budget.ledger import read, write
from callsheet.budget.ledger.audit import audit
from callsheet.budget.ledger.database import migrate
from callsheet.budget.ledger.database.migrate import migrations
from callsheet.budget.ledger.database.postgres import Postgres
from callsheet.budget.ledger.store import Ledger, exists, open_ledger, place_of
from callsheet.budget.rules.caps import Limit
from callsheet.domain.attempt import Kind, State
from callsheet.domain.errors import LedgerError, LockedError
from tests import postgres
from tests.ledger_bids import AT, bid, cap, hold


def older(place: str | Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """A ledger as the first schema made it."""
    with monkeypatch.context() as before:
        before.setattr(migrate, "migrations", lambda dialect="sqlite": migrations(dialect)[:1])
        return open_ledger(place)


def old_hold(ledger: Ledger) -> None:
    """A hold of 0.40 as the first schema had it."""
    rows = (
        (
            "insert into attempt(attempt, project, run, list, shot, take, n, sequence, service, model, account, credential, rehearsal, author_print,"
            " request_print, ordinal, wire_key, quote, price_ref, request, day, month, made_at) values (1, 'p', 'r', 'spot', 'S1', 1, 1, 'q', 'runware',"
            " 'runware/ltx-2', 'a', 'c', 0, 'a', 'r', 0, 'k1', 400000, 'x', :request, '2026-11-21', '2026-11', 't')"
        ),
        "insert into event values (1, 0, 'hold', 't', :body)",
        "insert into entry(attempt, seq, kind, d_held, d_doubt, d_settled) values (1, 0, 'hold', 400000, 0, 0)",
    )
    with ledger.writing() as connection:
        for row in rows:
            connection.execute(text(row), {"request": b"[]"} if ":request" in row else {"body": "{}"} if ":body" in row else {})


def test_both_kinds_of_ledger_have_the_same_numbered_files() -> None:
    """A migration of one is a migration of the other."""
    names = [[name.replace(f".{dialect}.", ".") for name, _ in migrations(dialect)] for dialect in ("sqlite", "postgresql")]
    assert names[0] == names[1]
    assert names[0][0] == "0001_init.sql"


def test_an_older_ledger_is_migrated_with_its_rows(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every attempt, its money and the ledger's id are what they were; the new tables are there."""
    with closing(older(place, monkeypatch)) as old:
        with pytest.raises(Exception, match="warned"), old.reading() as connection:
            connection.execute(text("select 1 from warned"))
        identity = old.id
        with old.writing() as connection:
            connection.execute(
                text("insert into cap(scope, owner, name, source, rehearsal, amount) values ('project', 'p', '', 'command', 0, 1000000)")
            )
        old_hold(old)
    with closing(open_ledger(place)) as new:
        assert new.id == identity
        [before] = read.attempts(new, "p")
        assert (before.name, before.state, before.held, before.key) == ("S1.t1.a1", State.HELD, 400_000, "k1")
        assert write.move(new, before, Kind.INTENT, at=AT).state is State.SUBMITTING
        assert audit(new) == []
        assert read.caps(new, "p", rehearsal=False)[0].used == 400_000


def test_a_filled_file_is_saved_before_it_is_migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The copy beside it is a whole ledger of the older schema; an empty one is migrated without."""
    file = tmp_path / "ledger.db"
    older(file, monkeypatch).close()
    open_ledger(file).close()
    assert [path.name for path in tmp_path.iterdir() if "before" in path.name] == []
    file.unlink()
    with closing(older(file, monkeypatch)) as old, old.writing() as connection:
        connection.execute(
            text("insert into cap(scope, owner, name, source, rehearsal, amount) values ('project', 'p', '', 'command', 0, 1000000)")
        )
    with closing(older(file, monkeypatch)) as old:
        old_hold(old)
    open_ledger(file).close()
    open_ledger(file).close()
    [saved] = [path for path in tmp_path.iterdir() if "before" in path.name]
    assert saved.name == "ledger.db.before-0002.1"
    assert saved.stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(saved)) as raw:
        assert raw.execute(
            "select (select count(*) from attempt), (select count(*) from entry), (select max(n) from schema_version)"
        ).fetchone() == (1, 1, 1)


def test_a_migration_that_fails_changes_nothing(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it is one transaction, on both."""
    older(place, monkeypatch).close()
    with monkeypatch.context() as broken:
        broken.setattr(
            migrate,
            "migrations",
            lambda dialect="sqlite": [*migrations(dialect), ("0003_broken.sql", "create table half(n integer);\nnot sql;\n")],
        )
        with pytest.raises(LedgerError, match="can't be used"):
            open_ledger(place)
    with closing(older(place, monkeypatch)) as still, still.reading() as connection:
        assert connection.execute(text("select count(*) from schema_version")).scalar() == 1


def test_a_ledger_exists_once_it_was_opened(place: str) -> None:
    """An empty file or database is none; asking makes nothing."""
    assert not exists(place)
    open_ledger(place).close()
    assert exists(place)


def test_an_empty_file_is_no_ledger(tmp_path: Path) -> None:
    """A file of no bytes, and another program's database, are not taken for one."""
    (tmp_path / "ledger.db").touch()
    assert not exists(tmp_path / "ledger.db")
    with closing(sqlite3.connect(tmp_path / "other.db")) as raw:
        raw.execute("create table notes(n)")
    assert not exists(tmp_path / "other.db")


@settings(max_examples=25, deadline=None)
@given(
    st.text(st.characters(exclude_characters="/\0", exclude_categories=("Cs",)), min_size=1, max_size=30).filter(
        lambda name: name.strip(".")
    )
)
@example("Ad #3")
@example("a?mode=memory")
@example("50%20")
def test_the_file_is_where_it_was_named(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    """Whatever signs a folder's name has, its ledger is in it, and is read there."""
    parent = tmp_path_factory.mktemp("films")
    file = parent / name / "ledger.db"
    assert not exists(file)
    with closing(open_ledger(file)):
        assert file.is_file()
    assert exists(file)
    assert [path.name for path in parent.iterdir()] == [name]


@pytest.mark.parametrize("url", ["mysql://host/db", "sqlite://", "sqlite:///:memory:", "ledger.db", ""])
def test_a_ledger_that_can_not_be_is_refused_with_what_to_write(url: str) -> None:
    with pytest.raises(LedgerError) as wrong:
        place_of(url)
    assert "postgresql://" in wrong.value.problems[0].help


def test_a_servers_password_is_never_shown() -> None:
    """An error names the place, not the secret in its URL."""
    url = "postgresql://someone:hidden-5e1f@127.0.0.1:1/nowhere"
    with pytest.raises(LedgerError) as wrong:
        open_ledger(url)
    said = f"{wrong.value} {wrong.value.problems}"
    assert "hidden-5e1f" not in said
    assert "someone:***@127.0.0.1:1" in said


def test_replace_does_not_rewrite_a_row(tmp_path: Path) -> None:
    """SQLite's REPLACE deletes first; the schema hears of that too."""
    with closing(open_ledger(tmp_path / "ledger.db")) as ledger:
        cap(ledger, 1_000_000)
        hold(ledger, bid())
        for statement in (
            "replace into event(attempt, seq, kind, at, body) values (1, 0, 'hold', 'x', '{}')",
            "replace into entry select * from entry",
        ):
            with pytest.raises(IntegrityError, match=r"append_only|UNIQUE|FOREIGN"), ledger.writing() as connection:
                connection.exec_driver_sql(statement)


@pytest.fixture
def served() -> str:
    return postgres.emptied()


@pytest.mark.parametrize("table", ["identity", "run", "attempt", "event", "entry", "cap", "cap_limit", "mark", "warned", "price", "inbox"])
def test_truncate_does_not_empty_a_table(table: str, shared: Ledger) -> None:
    """TRUNCATE fires no row's trigger; the schema refuses it all the same."""
    with pytest.raises(IntegrityError, match="append_only"), shared.writing() as connection:
        connection.exec_driver_sql(f"truncate {table} cascade")


def test_upserts_do_not_rewrite_a_row(shared: Ledger) -> None:
    with pytest.raises(IntegrityError, match="append_only"), shared.writing() as connection:
        connection.exec_driver_sql("insert into identity values ('id', 'x') on conflict (name) do update set value = 'x'")


def test_refusals_have_states_of_their_own(shared: Ledger) -> None:
    """Whoever speaks to the server directly can tell a cap's no from any other."""
    with pytest.raises(IntegrityError) as refused, shared.writing() as connection:
        connection.exec_driver_sql("delete from entry")
    assert getattr(refused.value.orig, "sqlstate", "") == "23UAO"


@pytest.fixture(scope="module")
def shared() -> Ledger:
    """One ledger on a server, for tests that leave nothing in it."""
    return open_ledger(postgres.fresh())


def test_a_project_is_held_on_one_machine_at_a_time(served: str) -> None:
    """The lock is a session's: it ends with it, and other projects of the ledger are free."""
    with closing(open_ledger(served)) as one, closing(open_ledger(served)) as other:
        with one.locked("p"):
            with other.locked("q"):
                pass
            with pytest.raises(LockedError, match="another machine"), other.locked("p"):
                pass
        with other.locked("p"):
            pass


def test_a_lock_dies_with_its_connection(served: str) -> None:
    """A machine that goes away holds nothing: the server sees its session end."""
    with closing(open_ledger(served)) as one, closing(open_ledger(served)) as other, one.locked("p"):
        with other.writing() as connection:
            ended = "select pg_terminate_backend(pid, 2000) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())"
            assert connection.exec_driver_sql(ended).scalars().all() == [True]
        with other.locked("p"):
            pass


def test_a_cap_that_is_opened_amid_holds_misses_none(served: str) -> None:
    """A new counter starts from a sum; holds of others that are not committed yet are waited for, so nothing drifts."""
    each = Limit(scope="model", name="", amount=100_000_000, source="file", origin="project.toml")
    with closing(open_ledger(served)) as ledger:
        cap(ledger, 100_000_000)

        def buy(worker: int) -> None:
            with closing(open_ledger(served)) as mine:
                for n in range(8):
                    wanted = [each] if n == worker else []
                    hold(mine, bid(f"S{worker}-{n}", model=f"runware/m{n}"), wanted)

        workers = [threading.Thread(target=buy, args=(worker,)) for worker in range(4)]
        [worker.start() for worker in workers]
        [worker.join() for worker in workers]
        assert len(read.attempts(ledger, "p")) == 32
        assert audit(ledger) == []
        assert {state.used for state in read.caps(ledger, "p", rehearsal=False) if state.scope == "model"} == {1_600_000}


def test_a_server_that_comes_back_is_used_again(served: str) -> None:
    """A connection that the server closed is replaced; what was committed is there."""
    with closing(open_ledger(served)) as ledger, closing(open_ledger(served)) as other:
        cap(ledger, 1_000_000)
        attempt = hold(ledger, bid())
        with other.writing() as connection:
            connection.exec_driver_sql(
                "select pg_terminate_backend(pid, 2000) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()"
            )
        assert read.reread(ledger, attempt).state is State.HELD


def test_commits_are_synced_where_the_server_would_not(served: str) -> None:
    """synchronous_commit = off could lose a committed intent at a power cut: our sessions turn it on."""
    with closing(open_ledger(served)) as ledger, ledger.writing() as connection:
        name = connection.exec_driver_sql("select current_database()").scalar()
        connection.exec_driver_sql(f'alter database "{name}" set synchronous_commit = off')
    with closing(open_ledger(served)) as ledger, ledger.reading() as connection:
        assert connection.exec_driver_sql("show synchronous_commit").scalar() == "on"


def test_without_the_driver_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> None:
        raise ModuleNotFoundError("psycopg")

    monkeypatch.setattr("callsheet.budget.ledger.database.postgres.create_engine", missing)
    with pytest.raises(LedgerError) as wrong:
        place = place_of("postgresql://host/db")
        assert isinstance(place, Postgres)
        place.engine()
    assert "callsheet[postgres]" in wrong.value.problems[0].help


def test_a_refused_hold_leaves_no_trace(ledger: Ledger) -> None:
    """On both: the refusal is explained from the same state of the book, and nothing of the try is left."""
    cap(ledger, 500_000)
    hold(ledger, bid("S1"))
    with pytest.raises(write.CapRefused) as refused:
        hold(ledger, bid("S2"))
    assert refused.value.cap.headroom == 100_000
    with ledger.reading() as connection:
        counts = connection.execute(
            text("select (select count(*) from attempt), (select count(*) from event), (select count(*) from entry)")
        ).one()
    assert tuple(counts) == (1, 1, 1)
    assert read.attempts(ledger, "p")[0].made_at == AT


def test_a_new_ledger_is_its_owners_alone_and_an_older_one_is_whose_its_owner_says(tmp_path: Path) -> None:
    """Two people of a group share a project: what one has opened to the group stays open."""
    file = tmp_path / "ledger.db"
    open_ledger(file).close()
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(0o660)
    open_ledger(file).close()
    assert file.stat().st_mode & 0o777 == 0o660


def test_a_disk_that_knows_no_owners_has_a_ledger_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An external disk that another user has mounted: files can be written there, and their modes can't."""

    def refused(*_args: object, **_named: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "chmod", refused)
    ledger = open_ledger(tmp_path / "ledger.db")
    cap(ledger, 1_000_000)
    assert hold(ledger, bid()).held == 400_000
    ledger.close()


def test_a_disk_without_locks_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written where two writers would not be kept apart."""

    def none_left(*_args: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", none_left)
    with pytest.raises(LedgerError, match=r"ledger\.db can't be locked: No locks available") as told:
        open_ledger(tmp_path / "ledger.db")
    assert "CALLSHEET_LEDGER" in told.value.problems[0].help


def test_two_who_buy_the_same_take_at_once_are_told_apart(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both read the same number before either writes: the second has been overtaken, and nothing of it is written."""
    cap(ledger, 10_000_000)
    hold(ledger, bid())
    monkeypatch.setattr(write, "_looked", lambda *_: (1, []))
    with pytest.raises(write.Raced):
        hold(ledger, bid())
    assert len(read.attempts(ledger, "p")) == 1
