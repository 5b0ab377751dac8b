"""Runware's errors, by family. The catalog is officially unstable, so a code is recognised by parts of it, ignoring case."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from callsheet.services.protocol.complaints import Complaint, Family, complaint_of
from callsheet.services.protocol.json_reading import line

#: the first part found in the code decides
_WORDS: tuple[tuple[Family, re.Pattern[str]], ...] = tuple(
    (family, re.compile(words, re.IGNORECASE))
    for family, words in (
        (Family.CONFLICT, r"^conflictTaskUUID$"),
        (Family.CONTENT, r"policy|nsfw|moderation|(prompt|image|content)Blocked|unsafe|sensitive|invalidProviderContent"),
        (Family.RATE, r"rate_?limit|tooMany|queueCapacity|concurrency"),
        (
            Family.ACCESS,
            r"api_?key|^auth|unauthori|authenticat|credentials|forbidden|permission|accessDenied|^token|Disabled(?<!modelDisabled)$",
        ),
        (Family.FUNDS, r"credit|quota|balance|fund|payment|environmentPaused|suspended"),
        (Family.NOT_FOUND, r"task\w*(NotFound|Expired)|^notFound$"),
        (Family.MODEL, r"(invalid|unsupported|unknown|missing)Model$|^model\w*(NotFound|Disabled|Deprecated|Retired)"),
        (
            Family.RETRY,
            r"^provider|time_?out|timedOut|inferenceError|(task|processing|download|upload)Failed|(service|server)Unavailable|internal",
        ),
        (
            Family.RETRY,
            r"noAvailableServer|overloaded|^model(Unavailable|NotReady)|CouldNotBeMoved|^(standard|unknown|undefined|default)Error$",
        ),
        (Family.RETRY, r"^unrecognizedResponse$|^errorRetrieving"),
        (Family.INVALID, r"^(invalid|missing|unsupported|value|array|max|min|duplicate|unknown|incompatible|mismatch)|conflict|mismatch"),
        (Family.INVALID, r"(NotFound|Expired|AlreadyExists|ValidationError)$|^validationFailed$"),
    )
)


def complaint(error: Mapping[str, Any]) -> Complaint:
    """Read an error object; any of its fields may be missing, and `parameter` may be one or several."""
    code = line(error.get("code") or error.get("errorCode") or error.get("type"))
    parameters = _parameters(error.get("parameter"))
    family = next((family for family, words in _WORDS if words.search(code)), Family.UNKNOWN)
    if family is Family.INVALID and parameters == ["model"]:
        family = Family.MODEL
    return complaint_of(code, family, line(error.get("message")), ", ".join(parameters))


def _parameters(value: object) -> list[str]:
    values = cast("list[object]", value) if isinstance(value, list) else [value]
    return [line(item) for item in values if item]
