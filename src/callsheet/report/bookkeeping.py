"""The ledger as double-entry text for beancount: what is held and in doubt as liabilities, what is spent as expenses. Pure.

Every line of the book becomes one transaction. A hold sets money aside on both sides (an asset that is reserved, a liability that is held), so that only
what was charged is ever an expense, and the sums of the three kinds of account are the ledger's own totals.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from callsheet.budget.ledger.receipts import Line
from callsheet.budget.rules.purse import Money
from callsheet.domain.errors import LedgerError
from callsheet.domain.money import Micros, text

_WORDS = {
    "hold": "hold",
    "doubt": "in doubt: no answer came",
    "clear": "the doubt is cleared",
    "settle": "charged",
    "release": "released, not charged",
    "write_off": "given up: counted as charged",
    "overrun": "charged beyond the hold",
    "correction": "corrected from the bill",
}


@dataclass(frozen=True, slots=True)
class Header:
    """What every transaction carries: the project's name and who pays for it. Days are those of `zone`."""

    project: str
    billing: Mapping[str, str]
    zone: ZoneInfo
    rehearsal: bool = False


def beancount(lines: Iterable[Line], header: Header) -> Iterator[str]:
    """The whole text, piece by piece: options, accounts opened on their first day, transactions in order of day."""
    dated = [(datetime.fromisoformat(line.at).astimezone(header.zone).date(), line) for line in lines]
    dated.sort(key=lambda pair: (pair[0], pair[1].entry))
    title = f"{header.project}{' (rehearsal: nothing was paid)' if header.rehearsal else ''}"
    yield f'option "title" {_quoted(title)}\noption "operating_currency" "USD"\n'
    opened: dict[str, date] = {}
    for day, line in dated:
        for name, _ in _postings(line):
            opened.setdefault(name, day)
    yield "".join(f"\n{day} open {name} USD" for name, day in sorted(opened.items())) + "\n"
    for day, line in dated:
        yield "\n" + _transaction(day, line, header)


def check(lines: Iterable[Line], money: Money) -> tuple[Line, ...]:
    """The lines, after checking that their sum is the ledger's total. LedgerError if it isn't: such a ledger is not exported."""
    kept = tuple(lines)
    sums = tuple(sum(getattr(line, bucket) for line in kept) for bucket in ("d_held", "d_doubt", "d_settled"))
    if sums != (money.held, money.in_doubt, money.settled):
        told = ", ".join(text(one) for one in sums)
        raise LedgerError(
            f"the ledger's lines add up to {told} USD held, in doubt and settled, which is not its total", help="run `callsheet doctor`"
        )
    return kept


def _transaction(day: date, line: Line, header: Header) -> str:
    head = f"{day} * {_quoted(line.service)} {_quoted(f'{line.take}.a{line.n}: {_WORDS[line.kind]}')}"
    facts = {
        "project": header.project,
        **{name.replace("_", "-"): value for name, value in header.billing.items()},
        "list": line.take.list,
        "sequence": line.sequence,
        "shot": line.take.shot,
        "take": str(line.take),
        "model": line.model,
        "key": line.key,
        "price-ref": line.price_ref,
        "run": line.run,
        "entry": str(line.entry),
        "ref": line.ref,
    }
    meta = [f"  {name}: {_quoted(value)}" for name, value in facts.items() if value]
    posts = [f"  {name}  {text(micros)} USD" for name, micros in _postings(line)]
    return "\n".join([head, *meta, *posts]) + "\n"


def _postings(line: Line) -> list[tuple[str, Micros]]:
    """Two postings for each bucket that the line moves; they cancel out."""
    place = f"Services:{_component(line.service)}"
    moves = (
        (line.d_held, f"Assets:{place}:Reserved", f"Liabilities:{place}:Held"),
        (line.d_doubt, f"Assets:{place}:Reserved", f"Liabilities:{place}:InDoubt"),
        (
            line.d_settled,
            f"Expenses:Video:{_component(line.service)}:{_component(line.model.partition('/')[2])}",
            f"Assets:{place}:Balance",
        ),
    )
    return [posting for micros, to, of in moves if micros for posting in ((to, micros), (of, -micros))]


def _component(name: str) -> str:
    """A part of an account's name: letters, digits and dashes, beginning with a capital or a digit."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-") or "Unnamed"
    return plain[0].upper() + plain[1:]


def _quoted(value: str) -> str:
    """A string of beancount: one line, quotes and backslashes escaped."""
    plain = " ".join(value.split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{plain}"'
