"""How fast a run's pen writes: holds and events a second with 1 and 16 takes that wait at once, beside the raw driver writing the same rows in the same groups.

    uv run python -m benchmarks pen [--takes N] [sqlite] [postgresql]

The pen is the product's own, in its thread, its writers are asyncio tasks. The raw driver writes the same rows, of the same columns and lengths, in transactions
of as many as the pen is left at once: 16 on SQLite, one on PostgreSQL. It does what a hold must: one look (the number of the take's newest attempt, that of the
newest price, the amounts in force) and three inserts. Its keys and requests are made before; it waits for nobody, and tells nobody. The schema, its triggers and its caps are the same; fsync is on. Python looks for garbage as seldom as in
the command. CPU is the process's own, of the loop and the thread together.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import sqlite3
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.ledger.holds import AT, CAPS, COLUMNS, PRICE, fresh, made_bid, values  # noqa: E402  # the folder above must be found first
from benchmarks.report import table, write  # noqa: E402
from callsheet import cli  # noqa: E402
from callsheet.budget.ledger import write as ledger_write  # noqa: E402
from callsheet.budget.ledger.pen import Line, Pen  # noqa: E402
from callsheet.budget.ledger.store import Ledger, open_ledger  # noqa: E402
from callsheet.budget.rules.caps import OWNED  # noqa: E402
from callsheet.domain.attempt import Attempt, Kind  # noqa: E402

T = TypeVar("T")

ROUNDS = 3
#: a take's events after its hold: kind, body, and what the service charged
LIFE: tuple[tuple[Kind, dict[str, object], int | None], ...] = (
    (Kind.INTENT, {"run": "r"}, None),
    (Kind.ACCEPTED, {"job": "j", "told": {}, "answer": "{}"}, None),
    (Kind.READY, {"url": "https://im.example/1.mp4", "told": {"cost_reported": True}, "answer": "{}"}, PRICE),
    (Kind.RECEIVED, {"sha256": "ab" * 32, "size": 1000, "findings": []}, None),
)

Figures = dict[str, float]


def main() -> None:
    """Each database: the pen and the raw driver in turn, 1 and 16 at once; medians of three rounds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--takes", type=int, default=800)
    parser.add_argument("places", nargs="*", default=["sqlite", "postgresql"])
    asked = parser.parse_args()
    gc.set_threshold(cli.LOOK_EVERY)
    rows: list[dict[str, object]] = []
    for place in asked.places:
        for at_once in (1, 16):
            found: dict[str, list[Figures]] = {"pen": [], "raw driver": []}
            for _ in range(ROUNDS):
                found["pen"].append(measured(place, lambda url, n=at_once: asyncio.run(by_pen(url, asked.takes, n))))
                found["raw driver"].append(measured(place, lambda url, n=at_once: by_driver(url, asked.takes, n)))
            middle = {who: {name: median(one[name] for one in some) for name in some[0]} for who, some in found.items()}
            for who, figures in middle.items():
                of_raw = {
                    f"{what} of raw": round(figures[f"{what}/s"] / middle["raw driver"][f"{what}/s"], 2) for what in ("holds", "events")
                }
                rows.append(
                    {"on": place, "at once": at_once, "who": who, **{name: round(value) for name, value in figures.items()}, **of_raw}
                )
            print(json.dumps(rows[-2:]), flush=True)
    write("ledger-pen", f"uv run python -m benchmarks pen --takes {asked.takes}", rows, table(rows))


def measured(place: str, work: Callable[[str], Figures]) -> Figures:
    """What `work` tells of a new ledger with its caps in force."""
    with fresh(place) as url:
        ledger = open_ledger(url)
        for limit in CAPS:
            ledger_write.limit(ledger, "p", limit, at=AT)
        ledger.close()
        return work(url)


class Watch:
    """Seconds on the clock, and of the processor, for so many of something."""

    def __init__(self, what: str) -> None:
        self._what, self._began, self._cpu = what, time.perf_counter(), time.process_time()

    def told(self, count: int) -> Figures:
        """How many a second, and microseconds of processor for each."""
        return {
            f"{self._what}/s": count / (time.perf_counter() - self._began),
            f"us of CPU a {self._what.removesuffix('s')}": 1e6 * (time.process_time() - self._cpu) / count,
        }


async def by_pen(url: str, takes: int, at_once: int) -> Figures:
    """So many takes, each held and seen through, so many at once."""
    ledger = open_ledger(url)
    pen, held = Pen(ledger), list[Attempt]()
    await pen.write(Line(Kind.HOLD, lambda book: _hold(book, "warm")))

    async def hold(shots: Sequence[str]) -> None:
        for shot in shots:
            held.append(await pen.write(Line(Kind.HOLD, lambda book, shot=shot: _hold(book, shot))))

    async def live(attempts: Sequence[Attempt]) -> None:
        for attempt in attempts:
            now = attempt
            for kind, body, cost in LIFE:
                now = await pen.write(_moving(now, kind, body, cost))

    watch = Watch("holds")
    await asyncio.gather(*(hold([f"w{n}-{i}" for i in range(takes // at_once)]) for n in range(at_once)))
    holds = watch.told(len(held))
    watch = Watch("events")
    await asyncio.gather(*(live(held[n::at_once]) for n in range(at_once)))
    events = watch.told(len(held) * len(LIFE))
    await pen.close()
    ledger.close()
    return {**holds, **events}


def _moving(attempt: Attempt, kind: Kind, body: dict[str, object], cost: int | None) -> Line[Attempt]:
    return Line(kind, lambda book: ledger_write.move(book, attempt, kind, body, at=AT, cost=cost))


def _hold(ledger: Ledger, shot: str) -> Attempt:
    return ledger_write.hold(ledger, made_bid(shot), lambda key: b"[%s]" % key.encode(), CAPS[1:], at=AT)


def by_driver(url: str, takes: int, at_once: int) -> Figures:
    """The same rows by the driver itself."""
    with driver(url) as (connection, mark, begin):
        group = at_once if url.startswith("sqlite") else 1
        columns = (*COLUMNS, "canary", "prices_read")
        attempt = f"insert into attempt ({', '.join(columns)}) values ({', '.join([mark] * len(columns))}) returning attempt"
        event = f"insert into event (attempt, seq, kind, at, body) values ({', '.join([mark] * 5)})"
        entry = f"insert into entry (attempt, seq, kind, ref, d_held, d_doubt, d_settled) values ({', '.join([mark] * 7)})"
        numbers: list[int] = []
        amount = f"(select amount from cap where scope = {mark} and owner = {mark} and name = {mark} and source = {mark} and rehearsal = 0)"
        newest = f"(select max(n) from attempt where project = {mark} and list = {mark} and shot = {mark} and take = {mark})"
        price = f"(select max(price) from price where account = {mark} and model = {mark})"
        look = f"select {newest}, {price}, {', '.join([amount] * len(CAPS[1:]))}"
        places = [part for limit in CAPS[1:] for part in (limit.scope, "p" if limit.scope in OWNED else "", limit.name, limit.source)]

        def hold(shot: str, row: tuple[object, ...]) -> None:
            [known] = connection.execute(look, ("p", "l", shot, 1, "runware https://api.example/v1", "runware/ltx-2", *places)).fetchall()
            assert known == (None, None, *(limit.amount for limit in CAPS[1:])), "the look sees what is in force"
            [(number,)] = connection.execute(attempt, row).fetchall()
            connection.execute(event, (number, 0, "hold", AT, "{}"))
            connection.execute(entry, (number, 0, "hold", "", PRICE, 0, 0))
            numbers.append(number)

        def move(number: int, seq: int) -> None:
            kind, body, cost = LIFE[seq - 1]
            connection.execute(event, (number, seq, kind.value, AT, json.dumps(body)))
            if cost:
                connection.execute(entry, (number, seq, "settle", "", -PRICE, 0, PRICE))

        bought = [(shot, keyed(shot)) for shot in (f"w{n}" for n in range(takes))]
        watch = Watch("holds")
        for some in groups(bought, group):
            connection.execute(begin)
            for shot, row in some:
                hold(shot, row)
            connection.execute("commit")
        holds = watch.told(takes)
        watch = Watch("events")
        for some in groups(numbers, group):
            for seq in range(1, len(LIFE) + 1):
                connection.execute(begin)
                for number in some:
                    move(number, seq)
                connection.execute("commit")
        return {**holds, **watch.told(takes * len(LIFE))}


def keyed(shot: str) -> tuple[object, ...]:
    """An attempt's row as the pen writes it: its key is a UUID, which is in its request, and it knows the prices."""
    key = str(uuid.uuid4())
    row = dict(zip(COLUMNS, values(shot), strict=True)) | {"wire_key": key, "request": b"[%s]" % key.encode()}
    return (*row.values(), None, 0)


def groups(items: Sequence[T], size: int) -> Iterable[Sequence[T]]:
    """So many at a time."""
    return (items[start : start + size] for start in range(0, len(items), size))


@contextmanager
def driver(url: str) -> Iterator[tuple[Any, str, str]]:
    """The driver's own connection, its mark for a value, and how a writer's transaction begins."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=60)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=60000", "foreign_keys=ON", "recursive_triggers=ON"):
            connection.execute(f"PRAGMA {pragma}")
        yield connection, "?", "BEGIN IMMEDIATE"
        connection.close()
        return
    import psycopg  # noqa: PLC0415  # only where PostgreSQL is measured

    with psycopg.connect(url, autocommit=True) as postgres:
        yield postgres, "%s", "begin"


if __name__ == "__main__":
    main()
