"""What receipts and people say of a model's price on an account: pure folding of the ledger's price rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from callsheet.domain.errors import MoneyError
from callsheet.domain.money import Micros, text
from callsheet.domain.typed import typed

#: parts per million: a price exactly as listed
LISTED = 1_000_000
#: an overrun up to this much above the list re-prices the model; beyond it nobody knows the price any more
TOLERANCE = 50_000


class ModelFrozen(MoneyError):
    """A service charged a model so far above its list that its price is no longer known: no new hold until a person records one."""

    code = "frozen"

    def __init__(self, model: str, why: str, *, quoted: bool = False) -> None:
        how = "ask the service why" if quoted else "look up its price"
        super().__init__(f"{model} is frozen: {why}", help=f"{how}, then: {thaw(model, quoted=quoted)}")


class PriceMoved(MoneyError):
    """A model's price is another than the one that something was held at: it has to be held anew."""

    code = "price_moved"

    def __init__(self, model: str) -> None:
        super().__init__(f"the price of {model} has changed since the hold", help="run again: it is put on hold at today's price")


def thaw(model: str, *, quoted: bool = False) -> str:
    """The command that ends a freeze; of a model that has no list price, but quotes."""
    return f"{typed('cards', 'price', model)} {'--as-quoted' if quoted else '--usd-per-s X'} --source WHERE"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the ledger's price table. `value` is parts per million (learned, frozen) or micro-USD per second (recorded)."""

    kind: str
    value: int
    origin: str
    at: str


@dataclass(frozen=True, slots=True)
class Quoted:
    """What a service itself said that one purchase would cost, micro-USD, and when (ISO 8601 UTC)."""

    micros: Micros
    at: str


@dataclass(frozen=True, slots=True)
class CurrentPrice:
    """How a model is priced now. `recorded` is micro-USD per second at the card's default size, None if the card's list holds."""

    ppm: int = LISTED
    recorded: Micros | None = None
    origin: str = ""
    frozen: str = ""

    def hold(self, listed: Micros) -> Micros:
        """What is held where the list says `listed`: never less than receipts taught."""
        return -(-listed * self.ppm // LISTED)


def current_price(rows: Iterable[Row], since: date | None = None) -> CurrentPrice:
    """The fold of a model's rows, oldest first. Rows from before `since`, the day of a newer card, no longer count."""
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


def overrun(now: CurrentPrice, quote: Micros, settled: Micros, who: str) -> Row | None:
    """What a charge above the hold teaches: a dearer price within the tolerance of the list, a freeze beyond it; None if it teaches nothing new."""
    ppm = -(-now.ppm * settled // quote)
    if settled <= quote or now.frozen:
        return None
    if ppm <= LISTED + TOLERANCE:
        return Row("learned", ppm, f"{who} was charged {text(settled)} for {text(quote)}", "")
    return Row("frozen", ppm, f"{who} was quoted {text(quote)} USD and charged {text(settled)}", "")
