"""The takes as a table, for notebooks and spreadsheets: Parquet, one row per take."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

from callsheet.domain.attempt import State
from callsheet.domain.money import PER_USD, Micros
from callsheet.status.project_view import TakeView
from callsheet.store import atomic_files
from callsheet.store.project_folder import Project


def write_takes(takes: Iterable[TakeView], project: Project, path: Path) -> None:
    """Write the takes to `path`. Money is decimal(18, 6) USD, so that sums are exact; paths are relative to the project folder."""
    pa, pq = _arrow()
    table = pa.Table.from_pylist([row(take, project) for take in takes], schema=_schema(pa))
    part = atomic_files.beside(path)
    pq.write_table(table, part, compression="zstd")
    atomic_files.replace(part, path)


def row(take: TakeView, project: Project) -> dict[str, object]:
    """A take as a row."""
    last = take.attempts[-1] if take.attempts else None
    got = next((attempt for attempt in reversed(take.attempts) if attempt.state is State.RECEIVED), None)
    return {
        "take": str(take.take),
        "list": take.take.list,
        "shot": take.take.shot,
        "n": take.take.n,
        "sequence": take.sequence,
        "service": take.service,
        "model": take.model,
        "state": take.state,
        "picked": take.picked,
        "stale": take.stale,
        "attempts": len(take.attempts),
        "price": _dollars(last.quote if last else 0),
        "settled": _dollars(take.settled),
        "held": _dollars(take.held),
        "in_doubt": _dollars(sum(attempt.doubt for attempt in take.attempts)),
        "file": project.relative(take.file) if take.file else None,
        "sha256": take.sha256,
        "bytes": got.size if got else None,
        "seed": _seed(got.told.get("seed")) if got else None,
        "message": last.message if last else None,
        "bought_at": last.made_at if last else None,
        "ended_at": last.ended_at if last else None,
    }


def _arrow() -> tuple[Any, Any]:
    """pyarrow has no types; and it takes half a second to import, so only where a table is written."""
    return import_module("pyarrow"), import_module("pyarrow.parquet")


def _schema(pa: Any) -> Any:
    usd, text, flag = pa.decimal128(18, 6), pa.string(), pa.bool_()
    fields = {
        **dict.fromkeys(("take", "list", "shot"), text),
        "n": pa.int32(),
        **dict.fromkeys(("sequence", "service", "model", "state"), text),
        **dict.fromkeys(("picked", "stale"), flag),
        "attempts": pa.int32(),
        **dict.fromkeys(("price", "settled", "held", "in_doubt"), usd),
        **dict.fromkeys(("file", "sha256"), text),
        **dict.fromkeys(("bytes", "seed"), pa.int64()),
        **dict.fromkeys(("message", "bought_at", "ended_at"), text),
    }
    return pa.schema(list(fields.items()), metadata={"callsheet.schema": "callsheet.takes/1"})


def _dollars(micros: Micros) -> Decimal:
    return Decimal(micros) / PER_USD


def _seed(told: object) -> int | None:
    return told if isinstance(told, int) and not isinstance(told, bool) and abs(told) < 1 << 63 else None
