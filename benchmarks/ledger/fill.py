"""Fill a ledger with attempts that lived their whole life, through the real schema: its triggers check and count every row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Table, text

from callsheet.budget.ledger import tables, write
from callsheet.budget.ledger.store import Ledger
from callsheet.budget.rules.caps import Limit
from callsheet.domain.run_request import RunRequest
from callsheet.planning.project_plan import Prepared, prepare
from callsheet.services.protocol.request import pack
from callsheet.services.registry import SERVICES
from callsheet.store import clip_store
from callsheet.store.project_folder import Project

AT = "2026-11-21T09:00:00.000Z"
#: takes of one list, all of one shape
LIST = 1000
#: attempts written in one transaction
BATCH = 5000
PRICE = 90_000


def list_file(folder: Path, name: str, shots: int = LIST, sequences: int = 4) -> None:
    """A list of `shots` shots, dealt out to its sequences one by one."""
    rows = (f"S{n:04d},wave number {n} of {name},runware/ltx-2,3,320x192,24,part{n % sequences}" for n in range(shots))
    (folder / f"{name}.csv").write_text("shot_id,prompt,model,duration_s,resolution,fps,sequence\n" + "\n".join(rows) + "\n")


def fill(ledger: Ledger, project: Project, attempts: int, shots: int = LIST, sequences: int = 4) -> None:
    """`attempts` received ones, `shots` to a list (l0000, l0001, ...), and ten holds that a dead run left in the first list's project."""
    write.limit(ledger, project.identity, Limit(scope="project", name="", amount=10**15, source="command", origin="--cap"), at=AT)
    list_file(project.folder, "l0000", shots, sequences)
    first = prepare(RunRequest(folder=project.folder, list="l0000.csv"))
    for start in range(0, attempts, BATCH):
        _batch(ledger, _rows(first, project.identity, range(start, min(start + BATCH, attempts))))
    _left_by_a_dead_run(ledger, attempts)
    with ledger.writing() as connection:
        connection.execute(text("analyze"))
    _clips(first, project)


def _rows(first: Prepared, project: str, numbers: range) -> Iterator[dict[str, object]]:
    wire, shots = SERVICES["runware"].wire, len(first.priced)
    for number in numbers:
        name, place = f"l{number // shots:04d}", number % shots
        priced = first.priced[place]
        assert priced.ask is not None
        key = f"{number:032x}"
        same = name == "l0000"
        yield {
            "attempt": number + 1,
            "project": project,
            "run": f"r{number // shots}",
            "list": name,
            "shot": priced.shot.shot_id,
            "take": 1,
            "n": 1,
            "sequence": priced.shot.sequence,
            "service": "runware",
            "model": priced.model,
            "account": priced.account,
            "credential": "c0ffee",
            "rehearsal": 0,
            "author_print": priced.author_print if same else hashlib.sha256(b"a" + key.encode()).hexdigest(),
            "request_print": priced.request_print if same else hashlib.sha256(key.encode()).hexdigest(),
            "ordinal": 0,
            "wire_key": key,
            "quote": PRICE,
            "price_ref": "runware/ltx-2@2026-01-05",
            "request": pack(wire.submit(priced.ask, key)),
            "day": "2026-11-21",
            "month": "2026-11",
            "made_at": AT,
        }


def _batch(ledger: Ledger, attempts: Iterator[dict[str, object]]) -> None:
    rows = list(attempts)
    numbers = [int(str(row["attempt"])) for row in rows]
    events = [
        {"attempt": n, "seq": seq, "kind": kind, "at": AT, "body": body} for n in numbers for seq, (kind, body) in enumerate(_life(n))
    ]
    entries = [
        {"attempt": n, "seq": seq, "kind": kind, "ref": "", "d_held": held, "d_doubt": 0, "d_settled": settled}
        for n in numbers
        for seq, kind, held, settled in ((0, "hold", PRICE, 0), (3, "settle", -PRICE, PRICE))
    ]
    with ledger.writing() as connection:
        for table, values in ((tables.attempt, rows), (tables.event, events), (tables.entry, entries)):
            _insert(connection.connection.cursor(), table, values, connection.dialect.name)


def _insert(cursor: object, table: Table, values: list[dict[str, object]], dialect: str) -> None:
    names = list(values[0])
    mark = "?" if dialect == "sqlite" else "%s"
    statement = f"insert into {table.name} ({', '.join(names)}) values ({', '.join(mark for _ in names)})"
    cursor.executemany(statement, [tuple(row.values()) for row in values])  # type: ignore[attr-defined]


def _life(number: int) -> list[tuple[str, str]]:
    told = json.dumps({"url": f"https://im.example/{number}.mp4", "told": {"seed": number, "cost_reported": True}})
    received = json.dumps({"sha256": sha(number), "size": 16, "findings": []})
    return [
        ("hold", "{}"),
        ("intent", '{"run": "r"}'),
        ("accepted", json.dumps({"job": f"{number:032x}"})),
        ("ready", told),
        ("received", received),
    ]


def sha(number: int) -> str:
    """The made-up content hash of an attempt's clip."""
    return hashlib.sha256(b"clip %d" % number).hexdigest()


def _left_by_a_dead_run(ledger: Ledger, attempts: int) -> None:
    numbers = range(attempts + 1, attempts + 11)
    with ledger.reading() as connection:
        like = dict(connection.execute(tables.attempt.select().where(tables.attempt.c.attempt == 1)).mappings().one())
    with ledger.writing() as connection:
        for number in numbers:
            changed = {
                "attempt": number,
                "list": "gone",
                "wire_key": f"{number:031x}x",
                "shot": f"G{number}",
                "request_print": "x",
                "author_print": "x",
            }
            connection.execute(tables.attempt.insert().values({**like, **changed}))
            connection.execute(tables.event.insert().values(attempt=number, seq=0, kind="hold", at=AT, body="{}"))
            moved = {"kind": "hold", "ref": "", "d_held": PRICE, "d_doubt": 0, "d_settled": 0}
            connection.execute(tables.entry.insert().values(attempt=number, seq=0, **moved))


def _clips(first: Prepared, project: Project) -> None:
    """The first list's clips are in place, as far as a look at name and size can tell."""
    for number in range(1, len(first.priced) + 1):
        path = clip_store.clip_path(project, sha(number))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"0" * 16)
