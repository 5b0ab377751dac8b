"""A model's price on an account, from receipts and people: pure folding of the ledger's price rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from callsheet.domain.errors import MoneyError
from callsheet.domain.money import Micros, text
from callsheet.domain.typed import typed

#: parts per million: a price exactly as listed
LISTED = 1_000_000
#: an overrun up to this much above the list price re-prices the model; beyond it, the price is unknown
TOLERANCE = 50_000


class ModelFrozen(MoneyError):
    """A service charged so far above its list price that a model's price is no longer known: no new hold until a person records one."""

    code = "frozen"

    def __init__(self, model: str, why: str, *, quoted: bool = False) -> None:
        how = "ask the service why" if quoted else "look up its price"
        super().__init__(f"{model} is frozen: {why}", help=f"{how}, then: {thaw(model, quoted=quoted)}")


class PriceMoved(MoneyError):
    """A model's price differs from the one of a hold, which has to be made again."""

    code = "price_moved"

    def __init__(self, model: str) -> None:
        super().__init__(f"the price of {model} has changed since the hold", help="run again to hold today's price")


def thaw(model: str, *, quoted: bool = False) -> str:
    """The command that ends a freeze, also for a model that has quotes instead of a list price."""
    return f"`{typed('cards', 'price', model)} {'--as-quoted' if quoted else '--usd-per-s X'} --source WHERE`"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the ledger's price table. `value` is parts per million (learned, frozen) or micro-USD per second (recorded)."""

    kind: str
    value: int
    origin: str
    at: str


@dataclass(frozen=True, slots=True)
class Quoted:
    """A service's quote for one purchase, micro-USD, and its time (ISO 8601 UTC)."""

    micros: Micros
    at: str


@dataclass(frozen=True, slots=True)
class CurrentPrice:
    """How a model is priced now. `recorded` is micro-USD per second at the card's default size, None if the card's list price applies."""

    ppm: int = LISTED
    recorded: Micros | None = None
    origin: str = ""
    frozen: str = ""

    def hold(self, listed: Micros) -> Micros:
        """The amount to hold for the list price `listed`: never less than receipts taught."""
        return -(-listed * self.ppm // LISTED)


def current_price(rows: Iterable[Row], since: date | None = None) -> CurrentPrice:
    """The fold of a model's rows, oldest first. Rows before `since`, the day of a newer card, no longer count."""
    now = CurrentPrice()
    for row in rows:
        if since is not None and row.at[:10] < since.isoformat():
            continue
        match row.kind:
            case "recorded":
                now = CurrentPrice(recorded=row.value, origin=row.origin)
            case "frozen":
                now = replace(now, frozen=row.origin)
            case _:
                now = replace(now, ppm=max(now.ppm, row.value))
    return now


def overrun(now: CurrentPrice, quote: Micros, settled: Micros, who: str, *, quoted_at: int | None = None) -> Row | None:
    """What a charge above the hold teaches: a higher price if it is within the tolerance of the list, a freeze beyond it; None if nothing
    new. `quoted_at` is the price of the hold in parts per million, if it isn't today's.
    """
    ppm = -(-(now.ppm if quoted_at is None else quoted_at) * settled // quote)
    if settled <= quote or now.frozen or ppm <= now.ppm:
        return None
    if ppm <= LISTED + TOLERANCE:
        return Row("learned", ppm, f"{who} was charged {text(settled)} for {text(quote)}", "")
    return Row("frozen", ppm, f"{who} was quoted {text(quote)} USD and charged {text(settled)}", "")


_AS_LISTED = CurrentPrice()


@dataclass(frozen=True, slots=True)
class PriceHistory:
    """All known prices: rows by (account, model), oldest first, and the number of the last row read; quotes by (account, question)."""

    rows: Mapping[tuple[str, str], tuple[Row, ...]] = field(default_factory=dict[tuple[str, str], tuple[Row, ...]])
    last: int = 0
    quotes: Mapping[tuple[str, str], Quoted] = field(default_factory=dict[tuple[str, str], Quoted])

    def current(self, account: str, model: str, since: date) -> CurrentPrice:
        """How a model is priced on an account, from the rows written since the day of its card."""
        rows = self.rows.get((account, model))
        return current_price(rows, since) if rows else _AS_LISTED
