"""A service's invoice as CSV: one charge (or credit) per line, by job or by our own key. Only reads."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from callsheet.domain.errors import InputError, Problem
from callsheet.domain.fingerprint import digest
from callsheet.domain.money import Micros, usd_up

#: accepted column names, ours first
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "job": ("job", "key", "jobid", "taskuuid", "taskid", "requestid", "request", "uuid", "id"),
    "usd": ("usd", "amount", "amountusd", "usdamount", "cost", "costusd", "charge", "charged", "total", "price", "credits"),
    "date": ("date", "day", "time", "createdat", "created", "timestamp", "chargedat"),
    "line": ("line", "lineid", "invoiceline", "item", "itemid", "entry", "transactionid", "chargeid"),
}


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One charge. `job` is as on the invoice, `ref` is the same in every copy of the invoice, `line` counts as a text editor does."""

    job: str
    usd: Micros
    day: date | None
    ref: str
    line: int


@dataclass(frozen=True, slots=True)
class _Read:
    line: int
    job: str
    usd: Micros
    day: date | None
    id: str


def read_invoice(content: bytes, file: str) -> tuple[InvoiceLine, ...]:
    """All charges of an invoice. InputError with every line that can't be read, its number and the reason."""
    problems: list[Problem] = []
    rows = _rows(_text(content, file), file, problems)
    _, header = next(rows, (1, ()))
    if problems:
        raise InputError.of(problems)
    places = _places(header, file)
    read = [found for line, cells in rows if any(cell.strip() for cell in cells) and (found := _line(cells, line, places, file, problems))]
    if problems:
        raise InputError.of(problems)
    seen: Counter[str] = Counter()
    charges: list[InvoiceLine] = []
    for (
        one
    ) in read:  # named by its own id, otherwise by its content and its index among equal lines: the same in another copy of the invoice
        said = f"{one.job}|line {one.id}" if one.id else f"{one.job}|{one.usd}|{one.day or ''}"
        seen[said] += 1
        name = digest(f"{said}|{seen[said]}".encode())[:16]
        charges.append(InvoiceLine(one.job, one.usd, one.day, f"invoice:{name}", one.line))
    return tuple(charges)


def _text(content: bytes, file: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError.of([_problem(file, line, None, "this is not UTF-8 text", "save the invoice as CSV in UTF-8")]) from None


def _rows(text: str, file: str, problems: list[Problem]) -> Iterator[tuple[int, Sequence[str]]]:
    """Every row with its first line; a row that csv can't read ends the invoice, because the rows after it can't be told apart."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            message = f"this line is not valid CSV ({error}); the lines after it were not read"
            problems.append(_problem(file, line, None, message, 'a cell with quotes in it is written "like ""this"""'))
            return
        yield line, cells


def _places(header: Sequence[str], file: str) -> dict[str, int]:
    """The index of each column; names are compared without case, blanks and punctuation."""
    plain = ["".join(c for c in name.casefold() if c.isalnum()) for name in header]
    found = {ours: plain.index(name) for ours, names in COLUMNS.items() for name in reversed(names) if name in plain}
    missing = [ours for ours in ("job", "usd") if ours not in found]
    if missing:
        said = [_problem(file, 1, name, f"no column {name}", f"name it one of: {', '.join(COLUMNS[name])}") for name in missing]
        raise InputError.of(said)
    return found


def _line(cells: Sequence[str], line: int, places: Mapping[str, int], file: str, problems: list[Problem]) -> _Read | None:
    def cell(name: str) -> str:
        at = places.get(name)
        return cells[at].strip() if at is not None and at < len(cells) else ""

    before = len(problems)
    if not cell("job"):
        problems.append(_problem(file, line, "job", "the job is missing", "give the job or the key that was charged, or remove the line"))
    charged = _amount(cell("usd"))
    if isinstance(charged, str):
        problems.append(_problem(file, line, "usd", charged, "write an amount of USD such as 0.09"))
    day = None
    try:
        day = date.fromisoformat(cell("date")[:10]) if cell("date") else None
    except ValueError:
        problems.append(_problem(file, line, "date", f"{cell('date')!r} is not a date", "write a date such as 2026-11-21"))
    if len(problems) > before or isinstance(charged, str):
        return None
    return _Read(line, cell("job"), charged, day, cell("line"))


def _amount(cell: str) -> Micros | str:
    """Micro-USD, with fractions rounded up as for receipts; a message if it isn't an amount."""
    plain = cell.removesuffix("USD").removeprefix("USD").replace("$", "").strip()
    try:
        return usd_up(plain) if "_" not in plain else f"{cell!r} is not an amount"
    except ValueError as error:
        return str(error) if cell else "the amount is missing"


def _problem(file: str, line: int, column: str | None, message: str, help: str) -> Problem:
    return Problem(code="invoice", message=message, help=help, file=file, line=line, column=column)
