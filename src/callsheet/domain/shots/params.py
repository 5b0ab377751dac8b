"""Parameters by dotted name: plain values, flat, each with one text that means it. Whether a model has them is for its card to say."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import cast

#: what one parameter may be
Plain = bool | int | Decimal | str
#: in the order of their names, each once
Params = tuple[tuple[str, Plain], ...]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*")
#: beyond these a number is a slip
_LARGEST, _MOST_DECIMALS = Decimal(10) ** 15, 18


def flat(table: Mapping[str, object]) -> Params:
    """Nested tables as dotted names. ValueError, with the name, for an invalid name or value, and for a duplicate."""
    found: dict[str, Plain] = {}
    for name, value in _walk(table, ""):
        if name in found:
            raise ValueError(f"{name} is there twice")
        found[name] = value
    return tuple(sorted(found.items()))


def shown(params: Params) -> str:
    """The one text that means them: a JSON object of dotted names."""
    return "{" + ", ".join(f"{json.dumps(name)}: {value_text(value)}" for name, value in params) + "}"


def value_text(value: Plain) -> str:
    """A value as JSON writes it, numbers exactly."""
    return f"{value:f}" if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)


def _walk(table: Mapping[str, object], above: str) -> Iterator[tuple[str, Plain]]:
    for key, value in table.items():
        name = above + key.strip()
        if isinstance(value, dict):
            yield from _walk(cast("dict[str, object]", value), f"{name}.")
        else:
            if not _NAME.fullmatch(name):
                raise ValueError(f"{name[:80]!r} is not a valid parameter name")
            yield name, _plain(name, value)


def _plain(name: str, value: object) -> Plain:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        text = unicodedata.normalize("NFC", value)
        if not text.isprintable():
            raise ValueError(f"{name} contains an invisible character")
        return text
    if isinstance(value, int | float | Decimal):
        return _number(name, Decimal(str(value)))
    raise ValueError(f"{name} is not a number, a text, true or false")


def _number(name: str, value: Decimal) -> int | Decimal:
    """A whole number where it is one, so that 4.0 and 4 are one value."""
    exponent = value.as_tuple().exponent
    if not value.is_finite() or abs(value) >= _LARGEST or not isinstance(exponent, int) or -exponent > _MOST_DECIMALS:
        raise ValueError(f"{name} is not a number that a parameter can have")
    return int(value) if value == value.to_integral_value() else value.normalize()
