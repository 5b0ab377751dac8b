"""What all wires need to read answers: JSON with exact numbers, amounts, words for a job's phase. Pure; nothing here knows a service."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from enum import StrEnum
from fractions import Fraction
from typing import Any, cast

from callsheet.domain.money import PER_USD, Micros, usd_up
from callsheet.domain.shots.foreign_text import clean_all
from callsheet.services.protocol.request import Response

Json = dict[str, Any]

_RUNNING = frozenset({"", "pending", "queued", "in_queue", "waiting", "submitted", "started", "running", "processing", "in_progress"})
_DONE = frozenset({"success", "succeeded", "completed", "complete", "done"})
_OVER = frozenset({"error", "failed", "failure", "cancelled", "canceled", "aborted", "rejected", "expired"})
#: USD that no clip costs: a higher number counts as this one
_NO_COST = 100_000
#: what an amount of money is called in an object, and a sum within words
_AMOUNTS = ("usd", "amount", "total", "value", "cost", "price")
_SUM = re.compile(r"-?\d[\d.,'\u2019 \u00a0\u202f]*")
#: USD from which a number is no balance
_NO_AMOUNT = 10**12
#: of a number of seconds
_MOST_DIGITS, _YEAR_S = 12, 366 * 86_400
#: an answer may be nested this deep, and a whole number have so many digits
_DEPTH, _DIGITS = 64, 400
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
    """The note for an unknown status."""
    return f"the service says {line(status)[:40]!r}, which is not a known status"


def unfinished(stands: Phase, status: object) -> str:
    """The note for a job that is still running; "" if none is needed. A job that is done but names no clip counts as running: as failed, it would be bought again."""
    match stands:
        case Phase.UNKNOWN:
            return odd(status)
        case Phase.DONE:
            return "the service reports success but names no clip"
        case _:
            return ""


def json_object(body: bytes) -> Json | None:
    """An answer's object with exact numbers and clean words; None if it is none (a web page, half a text, a bare list)."""
    try:
        found: object = json.loads(body, parse_float=Decimal, parse_int=_whole)
    except (ValueError, RecursionError, ArithmeticError):
        return None
    return mapping(clean_all(found)) if _flat_enough(found) else None


def _whole(text: str) -> int:
    if len(text) > _DIGITS:
        raise ValueError("a number of too many digits")
    return int(text)


def _flat_enough(value: object) -> bool:
    """Whether a value is nested no deeper than an answer may be: seen a level at a time, so that no depth is too much for the look itself."""
    level: list[object] = [value]
    for _ in range(_DEPTH):
        deeper: list[object] = []
        for one in level:
            if isinstance(one, dict):
                deeper += cast("Json", one).values()
            elif isinstance(one, list):
                deeper += cast("list[object]", one)
        level = deeper
        if not level:
            return True
    return False


def mapping(value: object) -> Json | None:
    """The value if it is an object."""
    return cast("Json", value) if isinstance(value, dict) else None


def job_id(value: object) -> str:
    """A job's id as its service names it: a text, or a whole number. "" if it is neither."""
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def about(job: str, *names: object) -> bool:
    """Whether an answer may be about a job: one of the ids in it is the job's, or it has none."""
    ids = {found.casefold() for value in names if (found := job_id(value))}
    return not ids or job.casefold() in ids


def canonical(value: object) -> bytes:
    """JSON with sorted keys and no spare space: the same bytes for the same value."""
    return _write(value).encode()


_write = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


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
    """An exact number from a number or its text; None if it is none."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        found = Decimal(value)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def cost(value: object) -> Micros | None:
    """A reported cost in USD, a fraction of a micro-dollar counting as one; None if it is absent, 0 or less, or holds no digit.

    However it is spelled: a number, its text with a currency or a decimal comma (`"$0,60"`), or an object or a list of them, of which the largest counts:
    a cost that was told and overlooked would exceed a cap.

    A cost that no clip can have counts at the most that is read as one: it is beyond any hold, so its lane stops and a person is asked.
    """
    found = _spelled(value)
    return usd_up(min(found, Decimal(_NO_COST))) if found is not None and found > 0 else None


def _spelled(value: object) -> Decimal | None:
    if isinstance(value, Mapping):
        inner = cast("Mapping[str, object]", value)
        named = [inner[name] for name in _AMOUNTS if name in inner]
        return _largest(named or [*inner.values()])
    if isinstance(value, list):
        return _largest(cast("list[object]", value))
    found = decimal(value)
    if found is None and isinstance(value, str) and (spelled := _SUM.search(value)):
        return decimal(_with_point(spelled[0]))
    return found


def _largest(values: Sequence[object]) -> Decimal | None:
    found = (_spelled(value) for value in values)
    return max((one for one in found if one is not None), default=None)


def _with_point(text: str) -> str:
    """A sum as Python reads it. A single comma or point is the decimal one, but for a comma before exactly three digits: that may be thousands, the dearer."""
    digits = re.sub(r"[^0-9.,-]", "", text)
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return digits
    whole, rest = re.sub(r"[.,]", "", digits[:last]), digits[last + 1 :]
    alone = digits.count(digits[last]) == 1
    thousands = digits[last] == "," and len(rest) == 3 and whole.strip("-0") and not {".", ","} <= set(digits)
    return f"{whole}{rest}" if thousands or not alone else f"{whole}.{rest}"


def amount(value: object) -> Micros | None:
    """USD as micro-dollars, from a number or from an object that holds one; None if there is none."""
    inner = mapping(value)
    if inner is not None:
        value = next((inner[name] for name in ("amount", "total", "value", "balance", "available", "credits") if name in inner), None)
    found = decimal(value)
    return None if found is None or abs(found) >= _NO_AMOUNT else round(found * PER_USD)


def percent(value: object) -> float | None:
    """Progress from 0 to 100, a number or its text; None if it is neither."""
    found = decimal(value)
    return float(found) if found is not None and 0 <= found <= 100 else None


def retry_after(response: Response) -> float | None:
    """Seconds from a Retry-After header, at most a year; None if there is none. A date counts from the answer's own, because only the service knows its clock; from
    this machine's time if it has none.
    """
    text = response.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return float(min(int(text[:_MOST_DIGITS]), _YEAR_S)) if len(text) <= _MOST_DIGITS else float(_YEAR_S)
    until, now = moment(text), moment(response.headers.get("date") or response.came)
    return None if until is None or now is None else min(max(0.0, (until - now).total_seconds()), float(_YEAR_S))


def moment(text: str) -> datetime | None:
    """An instant from an HTTP date; None if it is none."""
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def line(value: object) -> str:
    """Printable text on one line."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\s]+", " ", str(value or "")).strip()


def safe(text: str) -> str:
    """Text of a service that may be shown: what looks like a key is hidden."""
    return _SECRET.sub(r"\1\2[hidden]", text)
