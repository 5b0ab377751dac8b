"""ByteCompute's errors: an envelope with a type, recognised by its prefix; without one, the HTTP status decides."""

from __future__ import annotations

from callsheet.services.protocol.complaints import Complaint, Family, complaint_of, names_no_model, of_status
from callsheet.services.protocol.json_reading import Json, line, mapping

#: the first prefix that matches a type decides; the page shows `not_found`, while a service with the same envelope adds `_error` to its types
_TYPES: tuple[tuple[str, Family], ...] = (
    ("content", Family.CONTENT),
    ("moderation", Family.CONTENT),
    ("insufficient_funds", Family.FUNDS),
    ("payment", Family.FUNDS),
    ("quota", Family.FUNDS),
    ("authentication", Family.ACCESS),
    ("unauthorized", Family.ACCESS),
    ("permission", Family.ACCESS),
    ("forbidden", Family.ACCESS),
    ("rate_limit", Family.RATE),
    ("concurrency_limit", Family.RATE),
    ("too_many", Family.RATE),
    ("model", Family.MODEL),
    ("not_found", Family.NOT_FOUND),
    ("invalid", Family.INVALID),
    ("bad_request", Family.INVALID),
    ("unsupported", Family.INVALID),
    ("validation", Family.INVALID),
    ("conflict", Family.RETRY),
    ("api_error", Family.RETRY),
    ("internal", Family.RETRY),
    ("server_error", Family.RETRY),
    ("service_unavailable", Family.RETRY),
    ("overloaded", Family.RETRY),
    ("timeout", Family.RETRY),
    ("generation_failed", Family.RETRY),
)


def complaint(answer: Json | None, status: int) -> Complaint | None:
    """The complaint of an answer's envelope; None if it has none."""
    error = (answer or {}).get("error")
    if not error:
        return None
    words = mapping(error) or {"message": error}
    code, message = line(words.get("type") or words.get("code")), line(words.get("message") or words.get("detail"))
    return complaint_of(code or str(status), _family(code, message, status), message)


def _family(code: str, message: str, status: int) -> Family:
    kind = code.casefold()
    family = next((family for start, family in _TYPES if kind.startswith(start)), Family.UNKNOWN)
    if family is Family.UNKNOWN:
        family = of_status(status)
    return Family.MODEL if family in (Family.NOT_FOUND, Family.INVALID) and names_no_model(message) else family
