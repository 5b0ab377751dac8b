"""Writes shots to a file. It writes what the author filled in, so reading it again gives the same shots."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from callsheet.domain.errors import UsageError
from callsheet.domain.shots.shot import Shot
from callsheet.shotlist.columns.column import Column
from callsheet.shotlist.columns.columns import COLUMNS, own
from callsheet.shotlist.files import parquet


def write(shots: Sequence[Shot], path: Path) -> None:
    """Write `shots` as .csv, .xlsx or .parquet, completely or not at all. UsageError for another ending."""
    rows = [dict(shot.cells) for shot in shots]
    columns = _columns(rows)
    kind = path.suffix.lower()
    if kind == ".parquet":
        data = parquet.store(columns, rows)
    elif kind == ".csv":
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([column.name for column in columns])
        writer.writerows([row.get(column.name, "") for column in columns] for row in rows)
        data = out.getvalue().encode()
    elif kind == ".xlsx":
        data = _workbook([column.name for column in columns], rows)
    else:
        raise UsageError(f"{path.name} is neither .csv, .xlsx nor .parquet", help="name the file .csv, .xlsx or .parquet")
    temporary = path.with_name(path.name + ".part")
    temporary.write_bytes(data)
    temporary.replace(path)


def _workbook(names: Sequence[str], rows: Sequence[Mapping[str, str]]) -> bytes:
    from callsheet.shotlist.files import workbook  # noqa: PLC0415  # openpyxl is slow to import

    try:
        return workbook.store(names, [[row.get(name, "") for name in names] for row in rows])
    except ValueError as error:
        raise UsageError(f"it can't be written as a workbook: {error}", help="write .csv or .parquet") from None


def _columns(rows: Sequence[Mapping[str, str]]) -> list[Column]:
    """The required columns and every other that some row fills, the author's own last."""
    filled = {name for row in rows for name in row}
    ours = [column for column in COLUMNS if column.required or column.name in filled]
    return [*ours, *(own(name) for name in sorted(filled - {column.name for column in COLUMNS}))]
