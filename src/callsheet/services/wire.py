"""A wire: how a service talks, as pure functions. No I/O, no clock, no key.

The engine sends what a wire writes and hands back what came; the wire says what it means. A `Request` names a path below the account's base URL,
so that the same wire talks to the vendor and to a stand-in; the engine adds the credentials.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal, Protocol, runtime_checkable

from callsheet.domain.attempt import Cause
from callsheet.domain.money import Micros
from callsheet.domain.shot import Size
from callsheet.services.callback import Call, Callback
from callsheet.services.mediaref import MediaRef

#: keyed: asked again by our own key; tokened: a webhook can bring the job id; blind: neither.
Recovery = Literal["keyed", "tokened", "blind"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What is bought, in words that the card has already made legal. Lengths in seconds, `frames` as the service will make them."""

    #: the vendor's own name of the model
    model: str
    prompt: str
    size: Size
    fps: Fraction
    duration_s: Decimal
    frames: int
    sound: bool
    negative_prompt: str | None = None
    seed: int | None = None
    first_frame: MediaRef | None = None
    last_frame: MediaRef | None = None
    #: a sound that drives the picture
    audio: MediaRef | None = None
    #: further parameters of the model by the card's own names
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])
    #: parameters that say how the clip is delivered and not what is filmed: they are no part of the essence
    delivery: Mapping[str, Any] = field(default_factory=dict[str, Any])


#: the content type of most requests
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request below the account's base URL; `body` is the exact bytes to send."""

    method: str
    path: str
    body: bytes = b""
    content_type: str = JSON
    #: further headers; a request that has some is a question, and no purchase
    headers: tuple[tuple[str, str], ...] = ()


#: how a written-down request begins that is more than a body of JSON for the base URL itself
_PACKED = b"callsheet-request/1 "


def pack(request: Request) -> bytes:
    """A request as it is written down: a line with method, path and content type, then the body. JSON for the base URL itself is its body alone."""
    assert not request.headers, "what has headers of its own is asked, never bought"
    if request == Request("POST", "", request.body) and not request.body.startswith(_PACKED):
        return request.body
    head = {"content_type": request.content_type, "method": request.method, "path": request.path}
    return _PACKED + json.dumps(head, sort_keys=True).encode() + b"\n" + request.body


def unpack(written: bytes) -> Request:
    """The request that `pack` wrote down. ValueError where its first line is damaged."""
    if not written.startswith(_PACKED):
        return Request("POST", "", written)
    line, newline, body = written.removeprefix(_PACKED).partition(b"\n")
    try:
        head = json.loads(line)
        request = Request(head["method"], head["path"], body, head["content_type"])
    except (ValueError, KeyError, TypeError):
        raise ValueError("a request was written down and can't be read any more") from None
    if not newline:
        raise ValueError("a request was written down and its body is missing")
    return request


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP answer: status, headers with lower-case names, the whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    #: the path of the request that it answers, for a service whose ids mean something only there
    path: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The service took the request: a job exists there, and money may be spent. `told` is what else it said, such as adjustments."""

    job: str
    told: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Refused:
    """The service did not take the request: nothing was charged."""

    cause: Cause
    message: str
    #: the service's own word for it, such as `invalidApiKey`
    code: str = ""


@dataclass(frozen=True, slots=True)
class Busy:
    """Not taken, and worth another try later (429): nothing was charged."""

    message: str
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """No usable answer: whether the service took the request is unknown."""

    message: str


@dataclass(frozen=True, slots=True)
class Running:
    """The job is known and not finished. `progress` is percent, None where not told; `note` is what was odd, such as a status nobody knows."""

    job: str
    progress: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The job is done and billed. `cost` is None where the service did not report one (absent or 0).

    `url` is a public address, or `handed_over(path)` where the service hands its clips over to the key's owner alone.
    """

    job: str
    url: str
    cost: Micros | None
    #: what else was told: seed, nsfw, asset id
    told: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Failed:
    """The job ended without a clip. `cost` is what was billed for it, 0 where nothing is known to be."""

    job: str
    cause: Cause
    message: str
    cost: Micros = 0
    code: str = ""


@dataclass(frozen=True, slots=True)
class Absent:
    """The service says nothing of this job. Not a proof that it doesn't exist."""

    job: str


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The service says that it does not know this job id, which it gave us itself: whatever became of it, it can't be had there any more."""

    job: str


@dataclass(frozen=True, slots=True)
class Unread:
    """The answer to a look could not be read (401, 429, 5xx, garbage): no news of any job."""

    message: str
    status: int | None = None
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Sold:
    """What a purchase asked for, read back from its written bytes: enough to tell which purchases are of one kind."""

    size: Size
    fps: Fraction
    seconds: Fraction


@dataclass(frozen=True, slots=True)
class AccountReading:
    """What a service says of the account: what is left on it, and what was ever spent where that is told. Micro-USD."""

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
#: what a service that hands its clips over says when it is asked for one
FetchAnswer = Here | Elsewhere | Forgotten | Unread

_HANDED_OVER = "service:"


def handed_over(path: str) -> str:
    """The address of a clip that the service hands over itself, at `path` below the account's base URL."""
    return _HANDED_OVER + path


def path_of(url: str) -> str | None:
    """The path of an address that `handed_over` made; None for a public one."""
    return url.removeprefix(_HANDED_OVER) if url.startswith(_HANDED_OVER) else None


class Wire(Protocol):
    """What a service's file has to offer. All pure."""

    #: the service's name, first part of a model's name
    @property
    def service(self) -> str: ...

    @property
    def recovery(self) -> Recovery: ...

    #: most jobs that one poll may carry
    @property
    def jobs_per_poll(self) -> int: ...

    def submit(self, ask: Ask, key: str) -> Request:
        """The request that buys; the same bytes for the same arguments."""
        ...

    def resend(self, written: bytes) -> Request:
        """The purchase that was written down by `pack`, to be sent as those very bytes."""
        ...

    def essence(self, ask: Ask) -> bytes:
        """Canonical bytes of the request less what varies from attempt to attempt (key, webhook, upload URL, ttl, cost flag)."""
        ...

    def sold(self, written: bytes) -> Sold | None:
        """What a purchase that was written down by `pack` asked for; None where the bytes don't tell."""
        ...

    def read_submit(self, response: Response, key: str) -> SubmitAnswer:
        """What the answer to a submit means. Anything that isn't a proof of refusal is Accepted or Lost."""
        ...

    def poll(self, jobs: Sequence[str]) -> Request:
        """One request that asks after up to `jobs_per_poll` jobs."""
        ...

    def read_poll(self, response: Response, jobs: Sequence[str]) -> Sequence[JobAnswer] | Unread:
        """One answer for each of `jobs`, in their order; Unread where the response as a whole is no news."""
        ...

    def recall(self, key: str) -> Request | None:
        """A request for the archive of a past task by its key, where the wire is keyed."""
        ...

    def read_recall(self, response: Response, key: str) -> JobAnswer | Unread:
        """What the archive says."""
        ...


class NoArchive:
    """The part of a wire whose service can't be asked by a key of ours: nothing is ever said of one."""

    __slots__ = ()

    def recall(self, key: str) -> Request | None:
        """There is no archive to ask."""
        del key
        return None

    def read_recall(self, response: Response, key: str) -> JobAnswer | Unread:
        """No answer says anything of a key."""
        del response
        return Absent(key)


@runtime_checkable
class TellsAccount(Protocol):
    """A wire whose service can be asked what the account has spent. Pure, and asking is free."""

    def account(self) -> Request:
        """The request that asks."""
        ...

    def read_account(self, response: Response) -> AccountReading | Unread:
        """What the answer says; Unread where it says neither a balance nor a sum spent."""
        ...


@runtime_checkable
class Cancels(Protocol):
    """A wire whose service can be asked to stop a job. A wish: only a poll tells what became of the job, and what it cost."""

    def cancel(self, job: str) -> Request:
        """The request that asks."""
        ...


@runtime_checkable
class CallsBack(Protocol):
    """A wire whose service calls back with the token that came with the purchase: our key."""

    def read_callback(self, body: str) -> str | None:
        """The job id that a callback names, None where it names none. It makes us look: only a poll of that id proves the job."""
        ...


@runtime_checkable
class Calls(Protocol):
    """A wire whose service calls an address of ours when a job has news. A call only makes us look: nothing is bought, paid or failed by one."""

    def calling(self, callback: Callback) -> Wire:
        """The wire whose purchases name their address; what is asked for stays the same."""
        ...

    def genuine(self, call: Call, callback: Callback, now_s: float) -> bool:
        """Whether a call comes from the service; `now_s` is seconds since 1970."""
        ...


@runtime_checkable
class HandsOver(Protocol):
    """A wire whose service hands a clip over to the key's owner alone, not at a public address."""

    def fetch(self, job: str, url: str) -> Request | None:
        """The keyed request that asks for a job's clip; None where `url` is a public address, which is fetched without the key."""
        ...

    def read_fetch(self, response: Response, job: str) -> FetchAnswer:
        """What the answer is. Its body may be left empty where its content type is not JSON or text: status and headers decide then."""
        ...


@runtime_checkable
class Quotes(Protocol):
    """A wire whose service says what a purchase would cost, for nothing."""

    def quote_request(self, ask: Ask) -> Request:
        """The request that asks for the price. It buys nothing."""
        ...

    def read_quote(self, response: Response) -> Micros | Unread:
        """The price in micro-USD, rounded up; Unread where there is none."""
        ...


@runtime_checkable
class DryRuns(Protocol):
    """A wire whose service checks a purchase and tells what it would cost, without making it."""

    def dry_run(self, ask: Ask, key: str) -> Request:
        """The purchase as a dry run: the header that makes it one is part of the request."""
        ...

    def read_dry_run(self, response: Response) -> Micros | Unread | None:
        """The price in micro-USD, None where it would be taken and no price is told; Unread where it would not, or where nothing is said."""
        ...
