"""What all wires need to read answers: JSON with exact numbers, amounts, words for a job's phase. Pure; nothing here knows a service."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction
from typing import Any, cast

from callsheet.domain.money import PER_USD, Micros, usd_up
from callsheet.services.protocol.request import Response

Json = dict[str, Any]

_RUNNING = frozenset({"", "pending", "queued", "in_queue", "waiting", "submitted", "started", "running", "processing", "in_progress"})
_DONE = frozenset({"success", "succeeded", "completed", "complete", "done"})
_OVER = frozenset({"error", "failed", "failure", "cancelled", "canceled", "aborted", "rejected", "expired"})
#: USD from which a number is no clip's cost
_NO_COST = 100_000
#: what a key looks like after the words that announce one
_SECRET = re.compile(r"(?i)(bearer|(?:api|access)[-_ ]?(?:key|token)s?)(\W+)(?!is\b|was\b|not\b)([^\s\"',;]{6,})")


class Phase(StrEnum):
    """Where a job is, whatever word its service has for it."""

    RUNNING = "running"
    DONE = "done"
    OVER = "over"  #: ended without a clip
    UNKNOWN = "unknown"  #: no word that is known: never success


def phase(status: object) -> Phase:
    """The phase that a status word means; a status that is missing is no end."""
    word = str(status or "").strip().casefold()
    if word in _DONE:
        return Phase.DONE
    if word in _OVER:
        return Phase.OVER
    return Phase.RUNNING if word in _RUNNING else Phase.UNKNOWN


def odd(status: object) -> str:
    """What to note of a status word that nobody knows."""
    return f"the service says {line(status)[:40]!r}, which is no status that is known"


def unfinished(stands: Phase, status: object) -> str:
    """What to note of a job that goes on: "" where that is plain. One that is done and names no clip goes on, too: called failed it would be bought again."""
    match stands:
        case Phase.UNKNOWN:
            return odd(status)
        case Phase.DONE:
            return "the service says it is done and names no clip"
        case _:
            return ""


def json_object(body: bytes) -> Json | None:
    """An answer's object with exact numbers; None where it is none (a web page, half a text, a bare list)."""
    try:
        found: object = json.loads(body, parse_float=Decimal)
    except (ValueError, RecursionError):
        return None
    return mapping(found)


def mapping(value: object) -> Json | None:
    """The value if it is an object."""
    return cast("Json", value) if isinstance(value, dict) else None


def canonical(value: object) -> bytes:
    """JSON with sorted keys and no spare space: the same bytes for the same value."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def plain(value: object) -> Any:
    """A value that `json_object` gave, as JSON writes it: exact numbers become whole numbers, or their text."""
    if isinstance(value, Decimal):
        return int(value) if value.is_finite() and value == value.to_integral_value() and abs(value) < 1 << 53 else str(value)
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in cast("Mapping[object, object]", value).items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [plain(inner) for inner in cast("Sequence[object]", value)]
    return value


def number(value: Fraction) -> int | float:
    """A whole number as JSON writes it, without a point."""
    return int(value) if value.denominator == 1 else float(value)


def decimal(value: object) -> Decimal | None:
    """An exact number from a number or its text; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        found = Decimal(value)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def cost(value: object) -> Micros | None:
    """A reported cost in USD, a fraction of a micro-dollar counting as one; None where it is absent, 0 or no cost that a clip can have."""
    found = decimal(value)
    return usd_up(found) if found is not None and 0 < found < _NO_COST else None


def amount(value: object) -> Micros | None:
    """USD as micro-dollars, from a number or from an object that holds one; None where there is none."""
    inner = mapping(value)
    if inner is not None:
        value = next((inner[name] for name in ("amount", "total", "value", "balance", "available", "credits") if name in inner), None)
    found = decimal(value)
    return None if found is None else round(found * PER_USD)


def percent(value: object) -> float | None:
    """Progress from 0 to 100, a number or its text; None where it is neither."""
    found = decimal(value)
    return float(found) if found is not None and 0 <= found <= 100 else None


def retry_after(response: Response) -> float | None:
    """Seconds from a Retry-After header; None where there is none, or a date."""
    text = response.headers.get("retry-after", "")
    return float(text) if text.isascii() and text.isdecimal() else None


def line(value: object) -> str:
    """Printable text on one line."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\s]+", " ", str(value or "")).strip()


def safe(text: str) -> str:
    """Text of a service that may be shown: what looks like a key is hidden."""
    return _SECRET.sub(r"\1\2[hidden]", text)
