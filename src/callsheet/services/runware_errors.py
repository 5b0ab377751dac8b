"""Runware's error words, by family. The catalog is officially unstable, so a word is known by its parts, whatever its case."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

from callsheet.domain.attempt import Cause

_LONGEST = 400
#: what a key looks like after the words that announce one
_SECRET = re.compile(r"(?i)(bearer|(?:api|access)[-_ ]?(?:key|token)s?)(\W+)(?!is\b|was\b|not\b)([^\s\"',;]{6,})")


class Family(StrEnum):
    """What kind of trouble a word belongs to."""

    CONFLICT = "conflict"  #: the key is in use: the task exists
    ACCESS = "access"  #: the key or its permission
    FUNDS = "funds"  #: the balance or a quota
    RATE = "rate"  #: too much at once
    CONTENT = "content"  #: refused content
    NOT_FOUND = "not_found"  #: the service finds no such task: no proof that there is none
    MODEL = "model"  #: the model is gone
    RETRY = "retry"  #: the service's or its provider's own trouble
    INVALID = "invalid"  #: the request is wrong
    UNKNOWN = "unknown"


#: the first that is found in the word decides
_WORDS: tuple[tuple[Family, re.Pattern[str]], ...] = tuple(
    (family, re.compile(words, re.IGNORECASE))
    for family, words in (
        (Family.CONFLICT, r"^conflictTaskUUID$"),
        (Family.CONTENT, r"policy|nsfw|moderation|promptBlocked|imageBlocked|unsafe|invalidProviderContent"),
        (Family.RATE, r"rate_?limit|tooMany|queueCapacity|concurrency"),
        (Family.ACCESS, r"api_?key|unauthori|authenticat|forbidden|permission|accessDenied"),
        (Family.FUNDS, r"credit|quota|balance|fund|payment|environmentPaused|suspended"),
        (Family.NOT_FOUND, r"task\w*NotFound|^notFound$"),
        (Family.MODEL, r"(invalid|unsupported|unknown|missing)Model$|^model\w*(NotFound|Unavailable|Deprecated|Retired)"),
        (Family.RETRY, r"^provider|timeout|timedOut|inferenceError|taskFailed|serviceUnavailable|internal|noAvailableServer|overloaded"),
        (Family.INVALID, r"^(invalid|missing|unsupported|value|array|max|min|conflict|unknown)|NotFound$"),
    )
)

_CAUSES: Mapping[Family, Cause] = {
    Family.ACCESS: Cause.STOP_LANE,
    Family.FUNDS: Cause.STOP_LANE,
    Family.RATE: Cause.RETRY,
    Family.CONTENT: Cause.CONTENT,
    Family.MODEL: Cause.UNAVAILABLE,
    Family.RETRY: Cause.RETRY,
    Family.INVALID: Cause.FIX_SHOT,
}


@dataclass(frozen=True, slots=True)
class Complaint:
    """One error of the service: its word, its family, and a sentence that is safe to show."""

    code: str
    family: Family
    message: str

    @property
    def cause(self) -> Cause:
        """What it asks for."""
        return _CAUSES.get(self.family, Cause.UNKNOWN)


def complaint(error: Mapping[str, Any]) -> Complaint:
    """Read an error object; any of its fields may be missing, and `parameter` may be one or several."""
    code = _line(error.get("code") or error.get("errorCode") or error.get("type"))
    parameters = _parameters(error.get("parameter"))
    family = next((family for family, words in _WORDS if words.search(code)), Family.UNKNOWN)
    if family is Family.INVALID and parameters == ["model"]:
        family = Family.MODEL
    return Complaint(code, family, _message(code, family, _line(error.get("message")), parameters))


def _parameters(value: object) -> list[str]:
    values = cast("list[object]", value) if isinstance(value, list) else [value]
    return [_line(item) for item in values if item]


def _message(code: str, family: Family, text: str, parameters: list[str]) -> str:
    """Words about a key are ours alone: the service may quote the key that it refuses."""
    said = "the key is not accepted" if family is Family.ACCESS else _SECRET.sub(r"\1\2[hidden]", text)
    named = f" (parameter {', '.join(parameters)})" if parameters and family is not Family.ACCESS else ""
    return ": ".join(part for part in (code or "an error without a name", said + named) if part)[:_LONGEST]


def _line(value: object) -> str:
    """Printable text on one line."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\s]+", " ", str(value or "")).strip()
