"""A `params` cell: JSON, or pairs of names and values."""

from __future__ import annotations

import json
import re
from decimal import Decimal

from callsheet.domain.shots.params import Params, flat
from callsheet.shotlist.columns.cells import CellError, text


def params(cell: str) -> Params:
    """Parameters of the model: `steps = 30; safety.mode = fast`, one in a line or between semicolons, or a JSON object."""
    try:
        if text(cell, 1 << 24).startswith("{"):
            return flat(json.loads(cell, parse_float=Decimal, object_pairs_hook=_each_once))
        return flat(_pairs(cell))
    except (ValueError, RecursionError) as error:
        why = "is not a JSON object" if isinstance(error, json.JSONDecodeError | RecursionError) else f"can't be read: {error}"
        raise CellError("bad-params", why, 'write name = value; name = value, or JSON such as {"steps": 30}') from None


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """A JSON object in which a repeated name is refused instead of overwritten."""
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a name is used twice")
    return dict(pairs)


def _pairs(cell: str) -> dict[str, object]:
    """Names and values; a value is a number, true, false or a quoted text as in JSON, otherwise the text as written."""
    found: dict[str, object] = {}
    for pair in filter(None, (part.strip() for part in re.split(r"[;\n]", cell))):
        name, mark, value = (part.strip() for part in pair.partition("="))
        if not mark or not value:
            raise ValueError(f"{pair[:40]!r} has no value")
        if name in found:
            raise ValueError(f"{name} is there twice")
        try:
            scalar: object = json.loads(value, parse_float=Decimal)
        except (ValueError, RecursionError):
            scalar = value
        found[name] = scalar if isinstance(scalar, bool | int | Decimal | str) else value
    return found
