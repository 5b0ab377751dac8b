"""Money: whole micro-dollars inside, `Decimal` and decimal text at the edge, never a float.

A `Micros` is an integer count of 0.000001 USD. Text is USD with two to six decimals: "0.48", "0.001737".
"""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, Decimal, InvalidOperation

Micros = int

PER_USD = 1_000_000
#: an amount with its currency, or with a comma before its cents: three digits after a comma may as well be thousands
_MEANT = re.compile(r"\s*(?:US)?\$?\s*(?P<whole>[0-9]{1,12})(?:[.,](?P<cents>[0-9]{1,2}))?\s*(?:USD|US\$|\$)?\s*", re.IGNORECASE)


def usd(value: str | int | Decimal) -> Micros:
    """USD as micro-dollars, exactly; ValueError if it isn't a whole count of them or isn't a number."""
    micros = _scaled(value)
    if micros != micros.to_integral_value():
        raise ValueError(f"{value} USD is finer than a micro-dollar")
    return int(micros)


def corrected_amount(value: str) -> str | None:
    """An amount that isn't written as one (`$4.80`, `4,80`), as it should be; None where there is a doubt, such as three digits after a comma."""
    found = _MEANT.fullmatch(value)
    return found and f"{found['whole']}{'.' if found['cents'] else ''}{found['cents'] or ''}"


def usd_up(value: str | int | Decimal) -> Micros:
    """USD as micro-dollars, rounded up: a price is never held too low."""
    return int(_scaled(value).to_integral_value(ROUND_CEILING))


def text(micros: Micros) -> str:
    """Decimal text of USD, at least two decimals: 480000 is "0.48"."""
    sign, rest = ("-", -micros) if micros < 0 else ("", micros)
    whole, part = divmod(rest, PER_USD)
    return f"{sign}{whole}.{f'{part:06d}'.rstrip('0').ljust(2, '0')}"


def _scaled(value: str | int | Decimal) -> Decimal:
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ValueError(f"{value!r} is not an amount in USD, such as 25 or 0.48") from None
    if not number.is_finite():
        raise ValueError(f"{value!r} is not a finite amount in USD")
    return number * PER_USD
