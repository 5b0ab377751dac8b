"""deAPI's error words: a message, errors by field or as a list, and an HTTP status. Its catalog of a job's errors is not published."""

from __future__ import annotations

import re
from typing import cast

from callsheet.services.protocol.complaints import Complaint, Family, complaint_of, names_no_model, of_status
from callsheet.services.protocol.json_reading import Json, line, mapping

#: the first that is found in a failed job's code, else in its message, decides
_WORDS: tuple[tuple[Family, re.Pattern[str]], ...] = tuple(
    (family, re.compile(words, re.IGNORECASE))
    for family, words in (
        (Family.CONTENT, r"nsfw|moderation|content.?polic|policy.?violation|safety|prohibited"),
        (Family.FUNDS, r"balance|insufficient.?(fund|credit)|quota"),
        (
            Family.RETRY,
            r"time.?out|timed.?out|worker|out.?of.?memory|\boom\b|internal|unavailable|inference|generation.?failed|processing.?(error|failed)",
        ),
        (
            Family.MODEL,
            r"(unknown|unsupported|invalid|deprecated|retired).?model|model.?\w*.?(not.?found|not.?available|deprecated|retired)",
        ),
        (Family.RATE, r"rate.?limit|too.?many"),
        (Family.ACCESS, r"unauthori|unauthenticated|forbidden|suspended|api.?key"),
        (Family.INVALID, r"invalid|unsupported|validation|corrupt|too.?(long|short|large|small)|required"),
    )
)


def complaint(answer: Json | None, status: int) -> Complaint | None:
    """What a refusal says; None if the answer is no refusal of the service's own."""
    answer = answer or {}
    fields = _fields(answer.get("errors"))
    message = line(answer.get("message"))
    if not message and not fields:
        return None
    text = "; ".join(dict.fromkeys(part for part in (message, *fields.values()) if part))
    return complaint_of(str(status), _family(status, fields, text), text, ", ".join(name for name in fields if name))


def job_complaint(code: object, message: object) -> Complaint:
    """Why a job failed: its code decides, else its message."""
    word, text = line(code), line(message)
    for said in (word, text):
        for family, words in _WORDS:
            if words.search(said):
                return complaint_of(word, family, text)
    return complaint_of(word, Family.UNKNOWN, text or "the service failed without giving a reason")


def _family(status: int, fields: dict[str, str], text: str) -> Family:
    if "balance" in fields:
        return Family.FUNDS
    content = _WORDS[0][1]
    if status in (400, 403, 422) and content.search(text):
        return Family.CONTENT
    if set(fields) == {"model"} or (status in (404, 422) and names_no_model(text)):
        return Family.MODEL
    return of_status(status)


def _fields(errors: object) -> dict[str, str]:
    """The sentences of `errors` by field; those of a bare list have no field."""
    named = mapping(errors)
    if named is None:
        named = {"": errors} if errors else {}
    sentences: dict[str, str] = {}
    for name, said in named.items():
        parts = cast("list[object]", said) if isinstance(said, list) else [said]
        sentences[name] = " ".join(line(part) for part in parts)
    return sentences
