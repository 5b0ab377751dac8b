"""What was paid for what: the frame of attempts grouped by sequence, shot, model, day and more, and the sums as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

from callsheet.domain.money import Micros, text

if TYPE_CHECKING:
    import pandas as pd

By = Literal["sequence", "shot", "list", "model", "service", "day", "week", "attempt", "client", "job"]
#: what a name in a cell that spreadsheets would calculate begins with
_CALCULATED = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The attempts that belong together, micro-USD: how many were sent, what those were quoted, and how many brought a clip."""

    name: str
    attempts: int
    received: int
    price: Micros
    settled: Micros
    held: Micros
    in_doubt: Micros


def groups(attempts: pd.DataFrame, by: By) -> tuple[Group, ...]:
    """One group per name, in the order in which the attempts come; days and weeks from the first on. What was never sent and holds nothing is left out."""
    frame = cast("Any", attempts)  # half of what the stubs say of pandas is unknown
    frame = frame[frame["sent"] | (frame["held"] > 0)]
    sums = frame.assign(price=frame["quote"].where(frame["sent"], 0)).groupby(by, sort=by in ("day", "week"))
    summed = sums.agg(attempts=("sent", "sum"), **{name: (name, "sum") for name in ("received", "price", "settled", "held", "in_doubt")})
    return tuple(Group(name=str(name), **{key: int(value) for key, value in row.items()}) for name, row in summed.iterrows())


def as_csv(summed: Iterable[Group], by: By) -> list[str]:
    """The groups as lines of CSV, money in USD. A name that a spreadsheet would calculate has a ' before it."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow([by, "tries", "clips", "list_usd", "spent_usd", "held_usd", "in_doubt_usd"])
    for one in summed:
        name = f"'{one.name}" if one.name.startswith(_CALCULATED) else one.name
        writer.writerow([name, one.attempts, one.received, *map(text, (one.price, one.settled, one.held, one.in_doubt))])
    return table.getvalue().splitlines()
