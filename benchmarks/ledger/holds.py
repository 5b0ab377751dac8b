"""How fast the ledger grants holds: 1 and 16 writers, five nested caps, on SQLite and PostgreSQL, beside the raw driver doing the same inserts.

    uv run python benchmarks/ledger/holds.py [--holds N] [sqlite] [postgresql]

The raw driver writes the same rows into the same schema, so the triggers check its holds too; what differs is our code and SQLAlchemy. PostgreSQL is the
one that the tests' wheel carries, with fsync on.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.report import table, write  # noqa: E402  # the folder above must be found first
from callsheet.budget.ledger import write as ledger_write  # noqa: E402
from callsheet.budget.ledger.store import open_ledger  # noqa: E402
from callsheet.budget.rules.caps import Limit, Names  # noqa: E402
from callsheet.domain.take import TakeId  # noqa: E402

AT = "2026-11-21T09:00:00.000Z"
PRICE = 90_000
ROUNDS = 3
NAMES = Names(run="r", list="l", shot="s", sequence="q", day="2026-11-21", service="runware", model="runware/ltx-2")
SCOPES = ("project", "list", "day", "service", "model")
CAPS = [
    Limit(scope=scope, name=NAMES.of(scope), amount=10**15, source="command" if scope == "project" else "file", origin="bench")
    for scope in SCOPES
]
COLUMNS = (
    "project", "run", "list", "shot", "take", "n", "sequence", "service", "model", "account", "credential", "rehearsal", "author_print", "request_print",
    "ordinal", "wire_key", "quote", "price_ref", "request", "day", "month", "made_at",
)  # fmt: skip

Hold = Callable[[str], None]


def main() -> None:
    """Each database: ours and the raw driver, 1 and 16 writers, in turn; medians of three rounds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--holds", type=int, default=1600)
    parser.add_argument("places", nargs="*", default=["sqlite", "postgresql"])
    asked = parser.parse_args()
    rows: list[dict[str, object]] = []
    for place in asked.places:
        for writers in (1, 16):
            rounds: dict[str, list[dict[str, float]]] = {"callsheet": [], "raw driver": []}
            for _ in range(ROUNDS):
                for who, found in rounds.items():
                    found.append(race(place, who, writers, asked.holds))
            rows += [{"on": place, "writers": writers, "who": who, **middle(found)} for who, found in rounds.items()]
            rows[-2]["of raw"] = f"{float(str(rows[-2]['holds/s'])) / float(str(rows[-1]['holds/s'])):.2f}"
            print(json.dumps(rows[-2:]), flush=True)
    write(
        "ledger-holds",
        f"uv run python benchmarks/ledger/holds.py --holds {asked.holds}",
        rows,
        table([{"of raw": "", **row} for row in rows]),
    )


def middle(found: list[dict[str, float]]) -> dict[str, float]:
    """The median of each figure."""
    return {name: round(median(one[name] for one in found), 2) for name in found[0]}


def race(place: str, who: str, writers: int, holds: int) -> dict[str, float]:
    """`holds` holds by `writers` processes on a new ledger: holds a second over all, and waits in ms."""
    with fresh(place) as url:
        ledger = open_ledger(url)
        for limit in CAPS:
            ledger_write.limit(ledger, "p", limit, at=AT)
        ledger.close()
        start = multiprocessing.get_context("spawn")
        barrier, answers = start.Barrier(writers), start.Queue()
        racers = [start.Process(target=work, args=(url, who, n, holds // writers, barrier, answers)) for n in range(writers)]
        for racer in racers:
            racer.start()
        told = [answers.get(timeout=600) for _ in racers]
        for racer in racers:
            racer.join()
    waits = sorted(wait for _, _, some in told for wait in some)
    seconds = max(end for _, end, _ in told) - min(begin for begin, _, _ in told)
    return {
        "holds/s": len(waits) / seconds,
        "p50 ms": waits[len(waits) // 2] * 1000,
        "p99 ms": waits[int(len(waits) * 0.99)] * 1000,
        "longest ms": waits[-1] * 1000,
    }


@contextmanager
def fresh(place: str) -> Iterator[str]:
    """The URL of an empty database."""
    if place == "sqlite":
        with tempfile.TemporaryDirectory(prefix="callsheet-bench-") as folder:
            yield f"sqlite:///{folder}/ledger.db"
        return
    import psycopg  # noqa: PLC0415  # only where PostgreSQL is measured

    from tests import postgres  # noqa: PLC0415  # starts a server

    url = postgres.fresh()
    with psycopg.connect(url, autocommit=True) as connection:  # the tests' server forgets at a power cut; a ledger must not
        connection.execute("alter system set fsync = on")
        connection.execute("select pg_reload_conf()")
    yield url
    postgres.drop(url)


def work(url: str, who: str, writer: int, holds: int, barrier: Any, answers: Any) -> None:
    """One writer: all start together; it tells when it began and ended, and how long each hold took."""
    with opened(url, who) as hold:
        hold(f"warm-{writer}")
        barrier.wait(120)
        begin, waits = time.time(), []
        for n in range(holds):
            before = time.perf_counter()
            hold(f"w{writer}-{n}")
            waits.append(time.perf_counter() - before)
        answers.put((begin, time.time(), waits))


@contextmanager
def opened(url: str, who: str) -> Iterator[Hold]:
    """Something that grants one hold for a shot."""
    if who == "callsheet":
        ledger = open_ledger(url)
        yield lambda shot: ours(ledger, shot)
        ledger.close()
    elif url.startswith("sqlite"):
        yield raw_sqlite(url.removeprefix("sqlite:///"))
    else:
        yield raw_postgres(url)


def ours(ledger: Any, shot: str) -> None:
    """A hold as a run asks for it, its limits with it."""
    ledger_write.hold(ledger, made_bid(shot), lambda key: b"[%s]" % key.encode(), CAPS[1:], at=AT)


def made_bid(shot: str) -> ledger_write.Bid:
    """A take of a list, as a run bids for it."""
    return ledger_write.Bid(
        project="p",
        take=TakeId("l", shot, 1),
        names=NAMES,
        account="runware https://api.example/v1",
        credential="c0ffee",
        rehearsal=False,
        author_print="a",
        request_print=f"r-{shot}",
        ordinal=0,
        quote=PRICE,
        price_ref="runware/ltx-2@2026-01-05",
        prices_read=0,
    )


def values(shot: str) -> tuple[object, ...]:
    """The attempt's row."""
    return (
        "p", "r", "l", shot, 1, 1, "q", "runware", "runware/ltx-2", "runware https://api.example/v1", "c0ffee", 0, "a", f"r-{shot}",
        0, f"k-{shot}", PRICE, "runware/ltx-2@2026-01-05", b"[]", "2026-11-21", "2026-11", AT,
    )  # fmt: skip


def raw_sqlite(file: str) -> Hold:
    """sqlite3 itself: BEGIN IMMEDIATE, three inserts, COMMIT."""
    connection = sqlite3.connect(file, isolation_level=None, timeout=60)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=60000", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    attempt = f"insert into attempt ({', '.join(COLUMNS)}) values ({', '.join('?' * len(COLUMNS))})"

    def hold(shot: str) -> None:
        connection.execute("BEGIN IMMEDIATE")
        number = connection.execute(attempt, values(shot)).lastrowid
        connection.execute("insert into event (attempt, seq, kind, at, body) values (?, 0, 'hold', ?, '{}')", (number, AT))
        connection.execute(
            "insert into entry (attempt, seq, kind, d_held, d_doubt, d_settled) values (?, 0, 'hold', ?, 0, 0)", (number, PRICE)
        )
        connection.execute("COMMIT")

    return hold


def raw_postgres(url: str) -> Hold:
    """psycopg itself: three inserts in one transaction."""
    import psycopg  # noqa: PLC0415  # only where PostgreSQL is measured

    connection = psycopg.connect(url)
    attempt = f"insert into attempt ({', '.join(COLUMNS)}) values ({', '.join(['%s'] * len(COLUMNS))}) returning attempt"

    def hold(shot: str) -> None:
        with connection.transaction():
            row = connection.execute(attempt, values(shot)).fetchone()
            assert row
            connection.execute("insert into event (attempt, seq, kind, at, body) values (%s, 0, 'hold', %s, '{}')", (row[0], AT))
            connection.execute(
                "insert into entry (attempt, seq, kind, ref, d_held, d_doubt, d_settled) values (%s, 0, 'hold', '', %s, 0, 0)",
                (row[0], PRICE),
            )

    return hold


if __name__ == "__main__":
    main()
