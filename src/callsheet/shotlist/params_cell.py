"""A `params` cell: JSON, or pairs of names and values."""

from __future__ import annotations

import json
import re
from decimal import Decimal

from callsheet.domain.params import Params, flat
from callsheet.shotlist.cells import CellError, text


def params(cell: str) -> Params:
    """Parameters of the model: `steps = 30; safety.mode = fast`, one in a line or between semicolons, or a JSON object."""
    try:
        return flat(_object(text(cell)) if cell.startswith("{") else _pairs(text(cell)))
    except (ValueError, RecursionError) as error:
        why = "is no JSON object" if isinstance(error, json.JSONDecodeError | RecursionError) else f"can't be read: {error}"
        raise CellError("bad-params", why, 'write name = value; name = value, or JSON such as {"steps": 30}') from None


def _object(cell: str) -> dict[str, object]:
    """A JSON object with exact numbers; a name that stands twice is refused, not overwritten."""

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len(dict(pairs)) < len(pairs):
            raise ValueError("a name is there twice")
        return dict(pairs)

    return json.loads(cell, parse_float=Decimal, object_pairs_hook=once)


def _pairs(cell: str) -> dict[str, object]:
    found: dict[str, object] = {}
    for pair in filter(None, (part.strip() for part in re.split(r"[;\n]", cell))):
        name, mark, value = (part.strip() for part in pair.partition("="))
        if not mark or not value:
            raise ValueError(f"{pair[:40]!r} has no value")
        if name in found:
            raise ValueError(f"{name} is there twice")
        found[name] = _scalar(value)
    return found


def _scalar(value: str) -> object:
    """A number, true, false or a quoted text as in JSON; anything else is the text that it is."""
    try:
        found: object = json.loads(value, parse_float=Decimal)
    except (ValueError, RecursionError):
        return value
    return found if isinstance(found, bool | int | Decimal | str) else value
