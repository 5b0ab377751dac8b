"""The ledger's lines as a table, for notebooks and spreadsheets: Parquet, one row per line of the book."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

from callsheet.budget.ledger.receipts import Line
from callsheet.domain.money import PER_USD, Micros
from callsheet.report.bookkeeping import Header
from callsheet.store import atomic_files

_TEXT = ("kind", "ref", "at", "take", "list", "shot", "sequence", "service", "model", "account", "key", "price_ref", "run")
_MONEY = ("held", "in_doubt", "settled", "price")
_BILLING = ("project", "client", "job", "purchase_order")


def write_entries(lines: Iterable[Line], header: Header, path: Path) -> None:
    """Write the lines to `path`. Money is decimal(18, 6) USD, so that sums are exact: held, in_doubt and settled are what the line moved."""
    pa, pq = import_module("pyarrow"), import_module("pyarrow.parquet")  # half a second to import, and without types
    table = pa.Table.from_pylist([_row(line, header) for line in lines], schema=_schema(pa))
    part = atomic_files.beside(path)
    pq.write_table(table, part, compression="zstd")
    atomic_files.replace(part, path)


def _row(line: Line, header: Header) -> dict[str, object]:
    return {
        "entry": line.entry,
        "n": line.n,
        **{name: getattr(line, name) for name in _TEXT if name not in ("take", "list", "shot")},
        "take": str(line.take),
        "list": line.take.list,
        "shot": line.take.shot,
        "held": _dollars(line.d_held),
        "in_doubt": _dollars(line.d_doubt),
        "settled": _dollars(line.d_settled),
        "price": _dollars(line.quote),
        "rehearsal": header.rehearsal,
        "project": header.project,
        **{name: header.billing.get(name) for name in _BILLING[1:]},
    }


def _schema(pa: Any) -> Any:
    usd, text = pa.decimal128(18, 6), pa.string()
    fields = {
        "entry": pa.int64(),
        "n": pa.int32(),
        **dict.fromkeys(_TEXT, text),
        **dict.fromkeys(_MONEY, usd),
        "rehearsal": pa.bool_(),
        **dict.fromkeys(_BILLING, text),
    }
    return pa.schema(list(fields.items()), metadata={"callsheet.schema": "callsheet.entries/1"})


def _dollars(micros: Micros) -> Decimal:
    return Decimal(micros) / PER_USD
