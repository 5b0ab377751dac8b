"""A first list: rows by our columns, with the source's content."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from callsheet.domain.errors import InputError, Problem
from callsheet.domain.shots.shot import Status
from callsheet.shotlist.columns.cells import MAX_ID, CellError, shot_id
from callsheet.shotlist.columns.columns import COLUMNS

#: characters that an id can't contain
_UNFIT = re.compile(r"[^A-Za-z0-9._-]+")
_TAKE_END = re.compile(r"\.(?=t[0-9]+$)")
#: texts by our column names
Cells = dict[str, str]


@dataclass(frozen=True, slots=True)
class Draft:
    """The rows of a first list, and notes on them."""

    rows: tuple[Cells, ...]
    notes: tuple[str, ...] = ()

    def csv(self) -> bytes:
        """The list as CSV: with distinct ids, and every row on hold."""
        ids = apart([row.get("shot_id", "") for row in self.rows])
        rows = [{**row, "shot_id": id, "status": Status.HOLD.value} for row, id in zip(self.rows, ids, strict=True)]
        filled = {name for row in rows for name, text in row.items() if text}
        own = sorted(name for name in filled if name.startswith("x_"))
        names = [*(column.name for column in COLUMNS if column.required or column.name in filled), *own]
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([row.get(name, "") for name in names] for row in rows)
        return out.getvalue().encode()


def apart(wanted: Sequence[str]) -> Iterator[str]:
    """Distinct ids from names: their legal characters, a number if there are none, and another number if a name repeats, regardless of
    case.
    """
    seen: set[str] = set()
    for number, name in enumerate(wanted, start=1):
        base = _TAKE_END.sub("-", _UNFIT.sub("-", name).strip("-._")[: MAX_ID - 7]) or f"S{number * 10:04}"
        try:
            shot_id(base)
        except CellError:  # a word for nothing, or a name that Windows reserves
            base = f"S-{base}".rstrip(".")
        id, again = base, 1
        while id.casefold() in seen:
            again += 1
            id = f"{base}-{again}"
        seen.add(id.casefold())
        yield id


def unread(file: str, why: str, help: str) -> InputError:
    """The error that no list can be made from a file."""
    return InputError.of([Problem(code="no-draft", message=f"no list can be made from it: {why}", help=help, file=file)])
