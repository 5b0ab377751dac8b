"""The ledger's laws, tried against the real schema."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError

from callsheet.budget.ledger import read, tables, write
from callsheet.budget.ledger.audit import audit
from callsheet.budget.ledger.database.migrate import migrations
from callsheet.budget.ledger.store import Ledger, open_ledger
from callsheet.budget.rules.caps import Limit
from callsheet.domain.attempt import Kind, Reason, State
from callsheet.domain.errors import LedgerError, MoneyError
from tests.ledger_bids import AT, accepted, bid, cap, hold


def test_nothing_is_held_without_a_project_cap(ledger: Ledger) -> None:
    """Without a project cap in force nothing is bought."""
    with pytest.raises(MoneyError, match="no cap is in force"):
        hold(ledger, bid())
    assert read.attempts(ledger, "p") == []


def test_a_hold_past_the_cap_is_refused_and_names_what_would_do(ledger: Ledger) -> None:
    """A refusal names the tightest cap, its headroom, and the cap that would fit."""
    cap(ledger, 1_000_000)
    hold(ledger, bid("S1"))
    hold(ledger, bid("S2"))
    with pytest.raises(write.CapRefused) as refused:
        hold(ledger, bid("S3"))
    assert refused.value.cap.headroom == 200_000
    assert "--cap 1.20" in refused.value.problems[0].help
    assert [attempt.take.shot for attempt in read.attempts(ledger, "p")] == ["S1", "S2"]


def test_a_cap_may_be_used_to_the_last_micro_dollar(ledger: Ledger) -> None:
    """Exactly what fits is granted."""
    cap(ledger, 800_000)
    hold(ledger, bid("S1"))
    hold(ledger, bid("S2"))
    with pytest.raises(write.CapRefused):
        hold(ledger, bid("S3", quote=1))


@pytest.mark.parametrize("scope", ["run", "list", "shot", "sequence", "day", "month", "service", "model", "ledger"])
def test_every_scope_binds(ledger: Ledger, scope: str) -> None:
    """A limit on each of something binds that something, whatever room the project's cap leaves."""
    cap(ledger, 100_000_000)
    each = Limit(scope=scope, name="", amount=500_000, source="file", origin="project.toml")
    hold(ledger, bid("S1"), [each])
    with pytest.raises(write.CapRefused) as refused:
        hold(ledger, bid("S1", take=2), [each])
    assert refused.value.cap.scope == scope


def test_a_shot_limit_leaves_other_shots_alone(ledger: Ledger) -> None:
    """A limit on each shot counts each shot by itself."""
    cap(ledger, 100_000_000)
    each = Limit(scope="shot", name="", amount=500_000, source="file", origin="project.toml")
    hold(ledger, bid("S1"), [each])
    hold(ledger, bid("S2"), [each])


def test_a_cap_that_is_set_late_counts_what_went_before(ledger: Ledger) -> None:
    """A new limit's counter starts from the book."""
    cap(ledger, 100_000_000)
    hold(ledger, bid("S1"))
    each = Limit(scope="model", name="", amount=700_000, source="file", origin="project.toml")
    with pytest.raises(write.CapRefused):
        hold(ledger, bid("S2"), [each])
    assert audit(ledger) == []


def test_rehearsals_are_counted_apart(ledger: Ledger) -> None:
    """A loopback account has a counter of its own under a cap of the same size."""
    cap(ledger, 500_000)
    hold(ledger, bid("S1", rehearsal=True))
    hold(ledger, bid("S2"))
    with pytest.raises(write.CapRefused):
        hold(ledger, bid("S3"))
    assert read.totals(ledger, "p", rehearsal=True) == read.totals(ledger, "p", rehearsal=False) == (400_000, 0, 0)


def test_projects_of_one_ledger_have_caps_of_their_own(ledger: Ledger) -> None:
    """The same list name in another project is another list."""
    cap(ledger, 500_000, project="p")
    cap(ledger, 500_000, project="q")
    hold(ledger, bid("S1", project="p"))
    hold(ledger, bid("S1", project="q"))


def test_settling_below_the_hold_gives_the_rest_back(ledger: Ledger) -> None:
    """A hold of 0.40 that settles at 0.30 leaves 0.10 more."""
    cap(ledger, 400_000)
    done = write.move(ledger, accepted(ledger, hold(ledger, bid())), Kind.READY, {"url": "u"}, at=AT, cost=300_000)
    assert (done.held, done.settled) == (0, 300_000)
    assert read.caps(ledger, "p", rehearsal=False)[0].headroom == 100_000


def test_an_overrun_is_booked_and_blocks_new_holds(ledger: Ledger) -> None:
    """What the service took beyond the hold is owed: it is in the book, and the cap is passed for all to see."""
    cap(ledger, 500_000)
    done = write.move(ledger, accepted(ledger, hold(ledger, bid())), Kind.READY, {}, at=AT, cost=600_000)
    assert done.settled == 600_000
    state = read.caps(ledger, "p", rehearsal=False)[0]
    assert (state.used, state.over, state.headroom) == (600_000, 200_000, -100_000)
    with pytest.raises(write.CapRefused):
        hold(ledger, bid("S2", quote=1))


def test_a_cost_that_is_not_reported_settles_the_hold(ledger: Ledger) -> None:
    """No cost told: the list price is taken as paid."""
    cap(ledger, 500_000)
    done = write.move(ledger, accepted(ledger, hold(ledger, bid())), Kind.READY, {}, at=AT, cost=None)
    assert done.settled == 400_000


def test_doubt_stays_counted_until_it_is_cleared(ledger: Ledger) -> None:
    """Money in doubt counts in full; late evidence turns it into a hold again."""
    cap(ledger, 400_000)
    lost = write.move(ledger, write.move(ledger, hold(ledger, bid()), Kind.INTENT, at=AT), Kind.LOST, at=AT)
    assert (lost.state, lost.held, lost.doubt) == (State.IN_DOUBT, 0, 400_000)
    with pytest.raises(write.CapRefused):
        hold(ledger, bid("S2"))
    found = write.move(ledger, lost, Kind.ACCEPTED, {"job": "j"}, at=AT)
    assert (found.held, found.doubt) == (400_000, 0)


def test_writing_off_a_doubt_counts_it_as_paid(ledger: Ledger) -> None:
    """A doubt that a person gives up is presumed paid."""
    cap(ledger, 400_000)
    lost = write.move(ledger, write.move(ledger, hold(ledger, bid()), Kind.INTENT, at=AT), Kind.LOST, at=AT)
    closed = write.move(ledger, lost, Kind.CLOSED, at=AT, reason=Reason.WRITTEN_OFF)
    assert (closed.doubt, closed.settled) == (0, 400_000)


def test_late_evidence_corrects_an_ended_attempt_once(ledger: Ledger) -> None:
    """The same invoice line is booked once; the end stays the end."""
    cap(ledger, 1_000_000)
    refused = write.move(ledger, write.move(ledger, hold(ledger, bid()), Kind.INTENT, at=AT), Kind.CLOSED, at=AT, reason=Reason.REFUSED)
    late = write.correct(ledger, refused, 300_000, ref="invoice 7 line 2", body={"from": "invoice"}, at=AT)
    assert (late.state, late.settled) == (State.CLOSED, 300_000)
    with pytest.raises(LedgerError):
        write.correct(ledger, late, 300_000, ref="invoice 7 line 2", body={}, at=AT)


def test_the_second_of_two_that_know_the_same_state_loses(ledger: Ledger) -> None:
    """Two processes that both read event n cannot both write n + 1."""
    cap(ledger, 1_000_000)
    known = hold(ledger, bid())
    write.move(ledger, known, Kind.INTENT, at=AT)
    with pytest.raises(write.Raced):
        write.move(ledger, known, Kind.CLOSED, at=AT, reason=Reason.CANCELLED)
    assert read.reread(ledger, known).state is State.SUBMITTING


def test_forbidden_moves_are_refused(ledger: Ledger) -> None:
    """What was never sent can't be accepted."""
    cap(ledger, 1_000_000)
    with pytest.raises(ValueError, match="accepted can't follow held"):
        write.move(ledger, hold(ledger, bid()), Kind.ACCEPTED, {"job": "j"}, at=AT)


def test_a_key_is_the_same_for_the_same_attempt_and_another_for_the_next(ledger: Ledger) -> None:
    """The key is a digest of the ledger's id and the attempt's; request bytes carry it and are durable with the hold."""
    cap(ledger, 10_000_000)
    one, two = hold(ledger, bid()), hold(ledger, bid())
    assert (one.n, two.n) == (1, 2)
    assert one.key == write.key_of(ledger.id, bid(), 1) != two.key
    other = replace(bid(), request_print="of other words")
    assert write.key_of(ledger.id, other, 1) != one.key, (
        "a ledger from a backup numbers anew, and takes no other request's clip for this one's"
    )
    assert one.request == f"[{one.key}]".encode()
    keys = [write.key_of("c0ffee", bid(), n) for n in range(1, 100)]
    assert keys == [str(UUID(key, version=4)) for key in keys], "each is a UUID of version 4, as services expect it"
    assert write.key_of("c0ffee", bid(), 1) == "8e64f7bc-470f-40e3-b902-7a7500533aa7", "a ledger of an earlier version has the same keys"


@pytest.mark.parametrize(
    "statement",
    [
        "update attempt set quote = 1",
        "delete from attempt",
        "update event set kind = 'late'",
        "delete from event",
        "update entry set d_held = 0",
        "delete from entry",
        "delete from cap",
        "update cap_limit set amount = 1",
        "update identity set value = 'x'",
    ],
)
def test_rows_are_never_rewritten(ledger: Ledger, statement: str) -> None:
    """No statement can change or remove a fact."""
    cap(ledger, 1_000_000)
    hold(ledger, bid())
    with pytest.raises(IntegrityError, match="append_only"), ledger.writing() as connection:
        connection.exec_driver_sql(statement)


def test_no_code_path_can_insert_a_hold_past_a_cap(ledger: Ledger) -> None:
    """The check is in the schema: an entry written by hand is refused too."""
    cap(ledger, 400_000)
    hold(ledger, bid())
    with pytest.raises(IntegrityError, match="cap_refused"), ledger.writing() as connection:
        connection.exec_driver_sql(
            "insert into attempt(attempt, project, run, list, shot, take, n, sequence, service, model, account, credential, rehearsal, author_print,"
            " request_print, ordinal, wire_key, quote, price_ref, request, day, month, made_at) select 99, project, run, list, 'S9', take, n, sequence, service, model, account, credential, rehearsal, author_print,"
            " request_print, ordinal, 'k9', quote, price_ref, request, day, month, made_at from attempt"
        )
        connection.exec_driver_sql("insert into event values (99, 0, 'hold', 'x', '{}')")
        connection.exec_driver_sql("insert into entry(attempt, seq, kind, d_held, d_doubt, d_settled) values (99, 0, 'hold', 400000, 0, 0)")


def test_a_drifted_counter_is_found(ledger: Ledger) -> None:
    """`audit` sums again and compares."""
    cap(ledger, 1_000_000)
    hold(ledger, bid())
    assert audit(ledger) == []
    with ledger.writing() as connection:
        connection.exec_driver_sql("update cap set used = used - 1 where rehearsal = 0")
    [problem] = audit(ledger)
    assert "counts 0.399999 USD and its entries sum to 0.40" in problem.message


def test_limits_are_recorded_and_lifted(ledger: Ledger) -> None:
    """A limit that project.toml no longer has binds no more; its history stays."""
    cap(ledger, 1_000_000)
    each = Limit(scope="sequence", name="", amount=100_000, source="file", origin="project.toml")
    with pytest.raises(write.CapRefused):
        hold(ledger, bid(), [each])
    cap(ledger, 100_000, scope="sequence", name="spot:q", source="file")
    write.lift(ledger, "p", source="file", keep=[], at=AT)
    hold(ledger, bid())
    with ledger.reading() as connection:
        amounts = [
            row[0]
            for row in connection.exec_driver_sql(
                "select l.amount from cap_limit l join cap c using (cap) where c.source = 'file' and rehearsal = 0"
            )
        ]
    assert amounts == [100_000, None]


def test_the_tables_are_the_schema(ledger: Ledger) -> None:
    """Core's tables have exactly the migrated columns, in order."""
    found = inspect(ledger.engine)
    for table in tables.metadata.sorted_tables:
        assert [column["name"] for column in found.get_columns(table.name)] == [column.name for column in table.columns], table.name
    for view in (tables.scope_of, tables.cap_of):
        assert {column["name"] for column in found.get_columns(view.name)} >= {column.name for column in view.columns}


def test_every_commit_is_synced(tmp_path: Path) -> None:
    """synchronous=FULL and WAL: a power cut loses no committed intent."""
    with closing(open_ledger(tmp_path / "ledger.db")) as ledger, ledger.reading() as connection:
        assert connection.exec_driver_sql("pragma synchronous").scalar() == 2
        assert connection.exec_driver_sql("pragma journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("pragma recursive_triggers").scalar() == 1


def test_an_altered_or_newer_schema_is_refused(tmp_path: Path) -> None:
    """A book whose schema isn't the one that made it is not written to."""
    file = tmp_path / "ledger.db"
    open_ledger(file).close()
    with sqlite3.connect(file) as raw:
        raw.execute("insert into schema_version values (?, 'x', 'y')", (len(migrations()) + 1,))
    with pytest.raises(LedgerError, match="newer version of callsheet"):
        open_ledger(file)


def test_a_damaged_file_is_a_ledger_error(tmp_path: Path) -> None:
    """A file that is no database is told as what it is: nothing was sent."""
    file = tmp_path / "ledger.db"
    file.write_bytes(b"not a database, whatever its name says" * 40)
    with pytest.raises(LedgerError, match="can't be used"):
        open_ledger(file)


def test_the_ledger_is_private_to_its_owner(tmp_path: Path) -> None:
    """Nobody else on the machine reads it."""
    open_ledger(tmp_path / "ledger.db").close()
    assert (tmp_path / "ledger.db").stat().st_mode & 0o077 == 0
