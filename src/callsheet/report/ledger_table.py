"""The ledger's lines as a table, for notebooks and spreadsheets: Parquet, one row per line of the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from callsheet.budget.ledger.receipts import Line
from callsheet.report.bookkeeping import Header
from callsheet.report.money_table import Kind, dollars, write_table

_TEXT = ("kind", "ref", "at", "take", "list", "shot", "sequence", "service", "model", "account", "key", "price_ref", "run")
_MONEY = ("held", "in_doubt", "settled", "price")
_BILLING = ("project", "client", "job", "purchase_order")

_COLUMNS: dict[str, Kind] = {
    "entry": "int64",
    "n": "int32",
    **dict.fromkeys(_TEXT, "text"),
    **dict.fromkeys(_MONEY, "usd"),
    "rehearsal": "flag",
    **dict.fromkeys(_BILLING, "text"),
}


def write_entries(lines: Iterable[Line], header: Header, path: Path) -> None:
    """Write the lines to `path`. Money is decimal(18, 6) USD, so sums are exact: held, in_doubt and settled are what the line moved."""
    write_table((_row(line, header) for line in lines), _COLUMNS, "callsheet.entries/1", path)


def _row(line: Line, header: Header) -> dict[str, object]:
    return {
        "entry": line.entry,
        "n": line.n,
        **{name: getattr(line, name) for name in _TEXT if name not in ("take", "list", "shot")},
        "take": str(line.take),
        "list": line.take.list,
        "shot": line.take.shot,
        "held": dollars(line.d_held),
        "in_doubt": dollars(line.d_doubt),
        "settled": dollars(line.d_settled),
        "price": dollars(line.quote),
        "rehearsal": header.rehearsal,
        "project": header.project,
        **{name: header.billing.get(name) for name in _BILLING[1:]},
    }
