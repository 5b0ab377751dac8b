"""Parquet, with exact types in both directions. pyarrow is imported only here and only when needed, so that reading a CSV stays fast."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from importlib import import_module
from math import isfinite
from typing import Any

from callsheet.domain.errors import InputError, Problem
from callsheet.shotlist.columns.column import Column, Stored
from callsheet.shotlist.columns.columns import is_open, meant_by
from callsheet.shotlist.files.table import Grid, Row, clean

#: above this, a double can't represent every whole number
_EXACT = 1 << 53
#: the same for a single
_EXACT_SINGLE = 1 << 24
#: pyarrow's names of the types that have a text
_PLAIN = ("string", "large_string", "bool", "int", "uint", "float", "double", "decimal", "dictionary")
_Value = str | bool | int | float | Decimal | None
_SCHEMA = "shotlist/1"


def load(data: bytes, file: str, mapped: Collection[str] = ()) -> Grid:
    """The header and rows of a Parquet file's bytes, values as their text. `mapped` are headers that are read in addition to ours.
    InputError if it isn't one.
    """
    pyarrow, parquet = _arrow()
    try:
        # one thread: pyarrow's pools may abort the process while it exits
        read = parquet.ParquetFile(io.BytesIO(data), pre_buffer=False).read(use_threads=False)
        header = Row(1, None, tuple(clean(str(name)) for name in read.column_names))
    except (pyarrow.ArrowException, OSError, ValueError, MemoryError) as error:  # in a damaged file, names may not be text
        message = f"this is not a readable Parquet file: {(str(error).splitlines() or [''])[0][:200]}"
        raise InputError.of([Problem(code="encoding", message=message, help="write it again, or use the CSV", file=file)]) from None
    problems: list[Problem] = []
    columns: list[list[str]] = []
    for index, name in enumerate(header.cells):
        ours = meant_by(name) is not None or name in mapped
        columns.append(_texts(name, read.column(index), problems, file, ours=ours))
    rows = tuple(Row(number, None, cells) for number, cells in enumerate(zip(*columns, strict=True), start=2) if any(cells))
    return Grid(rows=(header, *rows), problems=tuple(problems), notes=_notes(header, read.schema), addressed=False)


def store(columns: Sequence[Column], rows: Sequence[Mapping[str, str]]) -> bytes:
    """A Parquet file's bytes: one row for each mapping of canonical column to cell text; missing cells are null."""
    pyarrow, parquet = _arrow()
    types: dict[Stored, Any] = {
        "string": pyarrow.string(),
        "int64": pyarrow.int64(),
        "seconds": pyarrow.decimal128(9, 3),
        "usd": pyarrow.decimal128(18, 6),
    }
    arrays = [pyarrow.array([_value(column, row.get(column.name)) for row in rows], type=types[column.stored]) for column in columns]
    fields = [(column.name, types[column.stored]) for column in columns]
    schema = pyarrow.schema(fields, metadata={"callsheet.schema": _SCHEMA})
    out = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_arrays(arrays, schema=schema), out, compression="zstd")
    return out.getvalue()


def _arrow() -> tuple[Any, Any]:
    """pyarrow, which is untyped, and its Parquet module."""
    return import_module("pyarrow"), import_module("pyarrow.parquet")


def _value(column: Column, cell: str | None) -> str | int | Decimal | None:
    if cell is None:
        return None
    convert: dict[Stored, Callable[[str], Any]] = {"string": str, "int64": int, "seconds": Decimal, "usd": Decimal}
    return convert[column.stored](cell)


def _texts(name: str, column: Any, problems: list[Problem], file: str, *, ours: bool) -> list[str]:
    """A column as cell texts; for a type that can't be a cell, one problem at the first filled row. In other columns, only whether they are
    filled.
    """
    if str(column.type).startswith(_PLAIN):
        try:
            values: list[object] = column.to_pylist()
        except (
            ArithmeticError,
            ValueError,
            LookupError,
        ):  # such as moments before the year 1, or a place that a damaged dictionary doesn't have
            values = [b""]
        if all(isinstance(value, _Value) for value in values):
            single = str(column.type) in ("float", "halffloat")
            return [_text(value, single=single) for value in values]
    filled: list[bool] = column.is_valid().to_pylist()
    if ours and any(filled):
        message, help = f"column {name} has the type {column.type}", "store it as text or as a number"
        problems.append(Problem(code="bad-type", message=message, help=help, file=file, row=filled.index(True) + 2, column=name))
    return ["(not read)" if one and not ours and not is_open(name) else "" for one in filled]


def _text(value: object, *, single: bool = False) -> str:
    """A value's text as a CSV would have it; a whole double loses its decimal point only while that is exact, and 3.299999952316284 is 3.3."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        exact = _EXACT_SINGLE if single else _EXACT
        if value.is_integer():
            return str(int(value)) if abs(value) < exact else repr(value)
        return f"{Decimal(f'{value:.{7 if single else 15}g}'):f}" if isfinite(value) else repr(value)
    return f"{value:f}" if isinstance(value, Decimal) else clean(str(value))


def _notes(header: Row, schema: Any) -> tuple[str, ...]:
    """A warning that names stored as numbers may have been changed."""
    types = [str(field.type) for field in schema]
    return tuple(
        f"column '{name}' contains numbers, so leading zeros of shot ids are lost"
        for name, kind in zip(header.cells, types, strict=True)
        if meant_by(name) == "shot_id" and kind.startswith(("int", "uint", "float", "double"))
    )
