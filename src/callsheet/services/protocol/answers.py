"""The meanings of a service's answers, as values: to a purchase, to a poll, to a request for a clip, to a query about the account. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from callsheet.domain.attempt import Cause
from callsheet.domain.money import Micros


@dataclass(frozen=True, slots=True)
class Accepted:
    """The service accepted the request: a job exists there, and money may be spent. `told` is the rest of its answer, such as adjustments."""

    job: str
    told: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Refused:
    """The service did not accept the request: nothing was charged."""

    cause: Cause
    message: str
    #: the service's own word for it, such as `invalidApiKey`
    code: str = ""
    #: not in the service's own words: something at its address says that it isn't there, perhaps a proxy that had passed the request on
    by_address: bool = False


@dataclass(frozen=True, slots=True)
class Busy:
    """Not accepted, but worth another try later (429): nothing was charged."""

    message: str
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """No usable answer: whether the service accepted the request is unknown."""

    message: str


@dataclass(frozen=True, slots=True)
class Running:
    """The job is known and not finished. `progress` is in percent, None if not reported; `note` is anything unusual, such as an unknown
    status.
    """

    job: str
    progress: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The job is done and billed. `cost` is None if the service did not report one (absent or 0).

    `url` is a public address, or `handed_over(path)` where the service hands its clips over to the key's owner alone.
    """

    job: str
    url: str
    cost: Micros | None
    #: what else was told: seed, nsfw, asset id
    told: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Failed:
    """The job ended without a clip. `cost` is what was billed for it, 0 if nothing is known to be."""

    job: str
    cause: Cause
    message: str
    cost: Micros = 0
    code: str = ""


@dataclass(frozen=True, slots=True)
class Absent:
    """The service doesn't mention this job. That doesn't prove that it doesn't exist."""

    job: str


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The service says that it does not know this job id, which it issued itself: whatever happened to it, it is no longer available."""

    job: str


@dataclass(frozen=True, slots=True)
class Unread:
    """The answer to a poll could not be read (401, 429, 5xx, garbage): no news of any job."""

    message: str
    status: int | None = None
    retry_after_s: float | None = None

    @property
    def outage(self) -> bool:
        """Whether the connection, or the service as a whole, fails, which passes by itself."""
        return self.status is None or self.status >= 500


@dataclass(frozen=True, slots=True)
class AccountReading:
    """A service's report on the account: its balance, and the total spent if reported. Micro-USD."""

    balance: Micros | None
    spent: Micros | None


@dataclass(frozen=True, slots=True)
class Here:
    """The body of the answer is the clip."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The clip is at another address, to be fetched without the key and by the rules of downloads."""

    url: str


SubmitAnswer = Accepted | Refused | Busy | Lost
JobAnswer = Running | Succeeded | Failed | Absent | Forgotten
#: the possible answers of a service that hands over clips
FetchAnswer = Here | Elsewhere | Forgotten | Unread

_HANDED_OVER = "service:"


def handed_over(path: str) -> str:
    """The address of a clip that the service hands over itself, at `path` below the account's base URL."""
    return _HANDED_OVER + path


def path_of(url: str) -> str | None:
    """The path of an address that `handed_over` made; None for a public one."""
    return url.removeprefix(_HANDED_OVER) if url.startswith(_HANDED_OVER) else None
