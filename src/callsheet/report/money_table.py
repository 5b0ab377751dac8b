"""Tables for notebooks and spreadsheets: Parquet, money as exact decimals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Literal

from callsheet.domain.money import PER_USD, Micros
from callsheet.store import atomic_files

Kind = Literal["text", "flag", "usd", "int32", "int64"]


def write_table(rows: Iterable[Mapping[str, object]], columns: Mapping[str, Kind], schema: str, path: Path) -> None:
    """Write `rows` to `path` as Parquet that names its `schema`. Money is decimal(18, 6) USD, so sums are exact."""
    pa, pq = import_module("pyarrow"), import_module("pyarrow.parquet")  # half a second to import, and without types
    types = {"text": pa.string(), "flag": pa.bool_(), "usd": pa.decimal128(18, 6), "int32": pa.int32(), "int64": pa.int64()}
    fields = [(name, types[kind]) for name, kind in columns.items()]
    table = pa.Table.from_pylist(list(rows), schema=pa.schema(fields, metadata={"callsheet.schema": schema}))
    part = atomic_files.part_path(path)
    with part.open("wb") as file:  # pyarrow can't open a path in another code page
        pq.write_table(table, file, compression="zstd")
    atomic_files.replace(part, path)


def dollars(micros: Micros) -> Decimal:
    """Micro-USD as USD."""
    return Decimal(micros) / PER_USD
