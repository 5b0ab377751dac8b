"""Services' complaints: families of trouble, and what each requires. How a service words them is in its own file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from callsheet.domain.attempt import Cause
from callsheet.services.protocol.answers import Busy, Lost, Refused, SubmitAnswer, Unread
from callsheet.services.protocol.json_reading import line, retry_after, safe
from callsheet.services.protocol.request import Response

_LONGEST = 400
#: as it seems nobody took the request: there is no such address, or it is elsewhere and the method is to be kept. A gateway may say so of one that it passed on
NOT_HERE = frozenset({307, 308, 404, 405})
_NO_ACCESS = frozenset({401, 402, 403})
#: a web server's own refusal of the request's form: the service behind it never saw it
_NOT_READ = frozenset({411, 413, 414, 415, 431})
#: a 429 that asks for more patience than this is a limit of the day: nothing more in this run
_LONG_S = 3600
#: sentences about a model that can't be had
_NO_MODEL = re.compile(
    r"model\b.*(not exist|no longer|not available|unavailable|unknown|unsupported|not (be )?found|retired|deprecated|invalid)",
    re.IGNORECASE,
)
#: statuses for a failure on the way, not for a refusal
_UNSURE = frozenset({408, 409, 425, 499})


class Family(StrEnum):
    """The kind of trouble that an error code belongs to."""

    CONFLICT = "conflict"  #: the key is in use: the task exists
    ACCESS = "access"  #: the key or its permission
    FUNDS = "funds"  #: the balance or a quota
    RATE = "rate"  #: too much at once
    CONTENT = "content"  #: refused content
    NOT_FOUND = "not_found"  #: the service can't find such a task, which doesn't prove that there is none
    MODEL = "model"  #: the model is gone
    RETRY = "retry"  #: the service or its provider failed
    INVALID = "invalid"  #: the request is wrong
    UNKNOWN = "unknown"


_CAUSES: Mapping[Family, Cause] = {
    Family.ACCESS: Cause.STOP_LANE,
    Family.FUNDS: Cause.STOP_LANE,
    Family.RATE: Cause.RETRY,
    Family.CONTENT: Cause.CONTENT,
    Family.MODEL: Cause.UNAVAILABLE,
    Family.RETRY: Cause.RETRY,
    Family.INVALID: Cause.FIX_SHOT,
}
#: the family of an HTTP status alone
_STATUSES: Mapping[int, Family] = {
    400: Family.INVALID,
    401: Family.ACCESS,
    402: Family.FUNDS,
    403: Family.ACCESS,
    404: Family.NOT_FOUND,
    409: Family.RETRY,
    413: Family.INVALID,
    415: Family.INVALID,
    422: Family.INVALID,
    429: Family.RATE,
}


@dataclass(frozen=True, slots=True)
class Complaint:
    """One error of a service: its code, its family, and a sentence that is safe to show."""

    code: str
    family: Family
    message: str

    @property
    def cause(self) -> Cause:
        """What it requires."""
        return _CAUSES.get(self.family, Cause.UNKNOWN)


def complaint_of(code: str, family: Family, text: str, parameters: str = "") -> Complaint:
    """A complaint with its sentence. For errors about a key, the sentence is ours: the service may quote the key that it refuses."""
    said = "the key is not accepted" if family is Family.ACCESS else safe(line(text))
    named = f" (parameter {parameters})" if parameters and family is not Family.ACCESS else ""
    return Complaint(code, family, ": ".join(part for part in (code or "an unnamed error", said + named) if part)[:_LONGEST])


def of_status(status: int) -> Family:
    """The family of an HTTP status, if the service gives nothing better."""
    return _STATUSES.get(status, Family.RETRY if status >= 500 else Family.UNKNOWN)


def names_no_model(text: str) -> bool:
    """Whether a sentence says that the model is unavailable."""
    return _NO_MODEL.search(text) is not None


def unaccepted(response: Response, said: Complaint | None, url_env: str) -> SubmitAnswer:
    """The meaning of an answer without a job id from a service that can't look up our key. `said` is its complaint, None if it made none.

    Refused and Busy prove that nothing was accepted; anything that could have happened after the service accepted the request is Lost. So
    is a redirect, and a 404 that is not in the service's own words: a gateway may have passed the request on, and nobody can be asked.
    """
    status = response.status
    if status == 429:
        return too_many(response, said)
    if status in _NO_ACCESS:
        cause = said.cause if said and said.family in (Family.CONTENT, Family.MODEL) else Cause.STOP_LANE
        return Refused(cause, said.message if said else f"no access (HTTP {status})", said.code if said else "")
    if status in NOT_HERE and not (said and said.family is Family.MODEL):
        message = f"the service's address is wrong (HTTP {status}); see {url_env}"
        if said and status >= 400:  # the service itself says it of its own address: it passed nothing on
            return Refused(Cause.STOP_LANE, message, said.code, by_address=True)
        return Lost(f"perhaps {message}")
    if status in _NOT_READ:
        return Refused(
            Cause.FIX_SHOT,
            said.message if said else f"the request is too large or of a wrong kind (HTTP {status})",
            said.code if said else "",
        )
    if said and 400 <= status < 500 and status not in _UNSURE:
        return Refused(said.cause, said.message, said.code)
    return Lost(said.message if said else f"the answer (HTTP {status}) doesn't say whether the request was accepted")


def too_many(response: Response, said: Complaint | None) -> Busy | Refused:
    """What a 429 requires: a wait, or the end of the lane for a daily limit."""
    wait = retry_after(response)
    if (wait or 0) > _LONG_S:
        return Refused(Cause.STOP_LANE, said.message if said else "the account's daily limit is reached", said.code if said else "")
    return Busy(said.message if said else "the service is busy (HTTP 429)", wait)


def of_another(response: Response, job: str) -> Unread:
    """An answer that names another job, as a cache or a gateway may give: no news of this one, whatever it says."""
    return Unread(f"the service was asked about job {job} and answered about another one", response.status, retry_after(response))


def unread(response: Response, said: Complaint | None) -> Unread:
    """An answer to a question that is no news of any job, with what the service complains of."""
    why = f": {said.message}" if said else ""
    return Unread(f"the service did not answer the question (HTTP {response.status}){why}", response.status, retry_after(response))
