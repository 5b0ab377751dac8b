"""The ledger's pen: lines that wait are committed together, each stands or falls alone, and nobody is told of what is not durable. On SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import errno
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from callsheet.budget.ledger import pen, read, tables, write
from callsheet.budget.ledger.audit import audit
from callsheet.budget.ledger.pen import Line, Pen
from callsheet.budget.ledger.store import Ledger, open_ledger
from callsheet.domain.attempt import Attempt, Kind, State
from callsheet.domain.errors import LedgerError
from tests.ledger_bids import AT, bid, cap, hold


def holding(shot: str, quote: int = 100_000) -> Line[Attempt]:
    return Line(Kind.HOLD, lambda ledger: hold(ledger, bid(shot, quote=quote)))


def moving(attempt: Attempt, kind: Kind, body: Mapping[str, Any] | None = None, cost: int | None = None) -> Line[Attempt]:
    return Line(kind, lambda ledger: write.move(ledger, attempt, kind, body, at=AT, cost=cost))


def raced_of(group: Sequence[pen.Result]) -> list[str]:
    return [type(why).__name__ if why else "written" for _, why in group]


def test_each_line_of_a_group_stands_or_falls_alone(ledger: Ledger) -> None:
    """What a cap or another process refuses to one is granted to the next; those that spend are written last, and see what the others have brought."""
    cap(ledger, 300_000)
    first, second = hold(ledger, bid("S1", quote=100_000)), hold(ledger, bid("S2", quote=100_000))
    write.move(ledger, second, Kind.INTENT, at=AT)
    group = pen.written(
        ledger, [moving(first, Kind.INTENT), moving(second, Kind.INTENT), holding("S3", 150_000), holding("S4"), holding("S5")]
    )
    assert raced_of(group) == ["written", "Raced", "CapRefused", "written", "CapRefused"]
    kept = {attempt.take.shot: attempt for attempt in read.attempts(ledger, "p")}
    assert {shot: attempt.state for shot, attempt in kept.items()} == {
        "S1": State.SUBMITTING,
        "S2": State.SUBMITTING,
        "S4": State.HELD,
    }
    assert [kept["S1"], kept["S4"]] == [group[0][0], group[3][0]]
    assert audit(ledger) == []


def test_a_charge_guards_an_intent_of_its_own_group(ledger: Ledger) -> None:
    """A cap that a line passes refuses the intent that waited before it."""
    cap(ledger, 250_000)
    first, second = (hold(ledger, bid(shot, quote=100_000)) for shot in ("S1", "S2"))
    sent = write.move(ledger, write.move(ledger, first, Kind.INTENT, at=AT), Kind.ACCEPTED, {"job": "j"}, at=AT)
    charge = Line(Kind.READY, lambda ledger: write.move(ledger, sent, Kind.READY, {}, at=AT, cost=200_000))
    group = pen.written(ledger, [moving(second, Kind.INTENT), charge])
    assert raced_of(group) == ["CapPassed", "written"]


def test_a_lock_that_cant_be_opened_is_a_ledger_that_cant_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process with too many files open keeps a service's answer in memory, as with a full disk; it is no defect that ends the run."""
    ledger = open_ledger(tmp_path / "ledger.db")
    cap(ledger, 1_000_000)

    def no_more(*_args: object) -> int:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", no_more)
        assert raced_of(pen.written(ledger, [holding("S1")])) == ["LedgerError"]
        assert raced_of(pen.written(ledger, [holding("S1"), holding("S2")])) == ["LedgerError"] * 2
    assert raced_of(pen.written(ledger, [holding("S1")])) == ["written"]
    ledger.close()


def test_a_group_that_cant_be_committed_is_told_to_everyone(tmp_path: Path) -> None:
    """None of it was written where a full disk ended the transaction in the middle; the next group is."""
    ledger = open_ledger(tmp_path / "ledger.db")
    cap(ledger, 1_000_000)
    lines = [holding(f"S{n}") for n in range(3)]

    def ended(group: Ledger) -> None:
        assert group.within is not None
        group.within.connection.driver_connection.execute("rollback")  # type: ignore[union-attr]  # as SQLite does where the disk is full
        raise LedgerError("database or disk is full")

    found = pen.written(ledger, [lines[0], Line(Kind.LATE, ended), *lines[1:]])
    assert raced_of(found) == ["LedgerError"] * 4
    assert read.attempts(ledger, "p") == []
    assert raced_of(pen.written(ledger, lines)) == ["written"] * 3
    ledger.close()


async def test_takes_that_wait_are_committed_together(ledger: Ledger) -> None:
    """Forty writers, some of whom give up waiting: as few transactions as the place allows, everything is in the book, and the thread is not the loop's."""
    cap(ledger, 100_000_000)
    sizes: list[int] = []
    threads: set[int] = set()
    one, heard = Pen(ledger), list[str]()
    grouped = pen.written

    def counted(book: Ledger, lines: Sequence[Line[Any]]) -> list[pen.Result]:
        sizes.append(len(lines))
        threads.add(threading.get_ident())
        return grouped(book, lines)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pen, "written", counted)
        lines = [replace(holding(f"S{n}"), heard=lambda made: heard.append(made.take.shot)) for n in range(40)]
        writers = [asyncio.create_task(one.write(line)) for line in lines]
        await asyncio.sleep(0)
        for writer in writers[::4]:
            writer.cancel()
        held = await asyncio.gather(*writers, return_exceptions=True)
        await one.close()
    assert sum(sizes) == len(read.attempts(ledger, "p")) == len(heard) == 40
    assert sum(isinstance(each, asyncio.CancelledError) for each in held) == 10
    assert threading.get_ident() not in threads
    assert len(threads) == 1
    assert max(sizes) <= ledger.place.together
    assert ledger.place.together == 1 or len(sizes) <= 3
    assert audit(ledger) == []


async def test_a_writer_is_told_after_the_commit(ledger: Ledger) -> None:
    """When `heard` is called, another connection sees the row."""
    cap(ledger, 1_000_000)
    one, seen = Pen(ledger), list[bool]()

    def look(made: Attempt) -> None:
        seen.append(read.reread(ledger, made) == made)

    await asyncio.gather(*(one.write(replace(holding(f"S{n}"), heard=look)) for n in range(5)))
    await one.close()
    assert seen == [True] * 5


async def test_a_defect_is_its_writers_alone(ledger: Ledger) -> None:
    """An error that is none of the ledger's takes back its own line, and the pen writes on."""
    cap(ledger, 1_000_000)
    one = Pen(ledger)

    def broken(book: Ledger) -> None:
        with book.writing() as connection:
            connection.execute(tables.run.insert().values(run="r9", project="p", list="spot", at=AT))
            raise ZeroDivisionError

    found = await asyncio.gather(
        *(one.write(line) for line in (holding("S1"), Line(Kind.HOLD, broken), holding("S2"))), return_exceptions=True
    )
    await one.write(holding("S3"))
    await one.close()
    assert isinstance(found[1], ZeroDivisionError)
    assert {attempt.take.shot for attempt in read.attempts(ledger, "p")} == {"S1", "S2", "S3"}
    with ledger.reading() as connection:
        assert connection.execute(tables.run.select()).all() == []


async def test_the_pens_connection_serves_after_an_error_and_for_rare_statements(ledger: Ledger) -> None:
    """What is refused, a charge that stops its lane (a statement of another kind), and what follows: each is durable, or nothing of it is."""
    cap(ledger, 100_000_000)
    one = Pen(ledger)
    with pytest.raises(write.CapRefused):
        await one.write(holding("S1", 200_000_000))
    held = await one.write(holding("S2"))
    sent = await one.write(moving(await one.write(moving(held, Kind.INTENT)), Kind.ACCEPTED, {"job": "j"}))
    await one.write(moving(sent, Kind.READY, cost=90_000_000))
    with ledger.reading() as connection:
        assert connection.execute(tables.lane_stop.select()).one().code == "implausible"
    assert (await one.write(holding("S3", 1))).n == 1
    await one.close()
    assert audit(ledger) == []


@pytest.mark.parametrize("ledger", ["postgresql"], indirect=True)
async def test_a_connection_that_the_server_ended_is_replaced(ledger: Ledger) -> None:
    """A server that was restarted between two lines has none of them fail."""
    cap(ledger, 1_000_000)
    one = Pen(ledger)
    await one.write(holding("S1"))
    with ledger.reading() as connection:
        others = (
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()"
        )
        assert (
            True in connection.exec_driver_sql(others).scalars().all()
        )  # there may be the server's own, and one of an earlier test that is just ending
    await one.write(holding("S2"))
    await one.close()
    assert [attempt.take.shot for attempt in read.attempts(ledger, "p")] == ["S1", "S2"]


async def test_a_pen_that_is_closed_in_the_middle_of_a_group_writes_it_to_its_end(ledger: Ledger) -> None:
    """A run that is broken off while its thread writes takes nothing back: a service's answer would be lost."""
    cap(ledger, 1_000_000)
    one, begun, go_on = Pen(ledger), threading.Event(), threading.Event()

    def slowly(book: Ledger) -> Attempt:
        with book.writing() as connection:
            made = hold(replace(book, within=connection), bid("S1"))
            begun.set()
            assert go_on.wait(60)
            return made

    writer = asyncio.create_task(one.write(Line(Kind.HOLD, slowly)))
    assert await asyncio.to_thread(begun.wait, 60)
    assert one._task is not None
    one._task.cancel()
    await asyncio.gather(one._task, writer, return_exceptions=True)
    closing = asyncio.create_task(one.close())
    await asyncio.sleep(0)
    go_on.set()
    await closing
    assert [attempt.take.shot for attempt in read.attempts(ledger, "p")] == ["S1"]
