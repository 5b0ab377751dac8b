"""Optional abilities of wires: small protocols; a wire has an ability if it has its methods. All pure."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from callsheet.domain.money import Micros
from callsheet.services.protocol.answers import AccountReading, FetchAnswer, Unread
from callsheet.services.protocol.ask import Ask
from callsheet.services.protocol.callback import Call, Callback
from callsheet.services.protocol.request import Request, Response
from callsheet.services.protocol.wire import Wire


@runtime_checkable
class Authorizes(Protocol):
    """A wire whose service expects the key in a header other than `Authorization: Bearer KEY`."""

    def credentials(self, key: str) -> dict[str, str]:
        """The headers that carry the key. They are added when a request is sent, and never stored."""
        ...


@runtime_checkable
class ReportsSpending(Protocol):
    """A wire whose service reports the account's spending. Pure, and the query is free."""

    def account(self) -> Request:
        """The query."""
        ...

    def read_account(self, response: Response) -> AccountReading | Unread:
        """What the answer says; Unread if it says neither a balance nor a sum spent."""
        ...


@runtime_checkable
class WithoutCosts(Protocol):
    """A wire whose service says nowhere what a job cost: it isn't asked for that once more when the clip has come."""

    @property
    def without_costs(self) -> bool:
        """Always true: that it is there says it."""
        ...


@runtime_checkable
class Cancels(Protocol):
    """A wire whose service can stop a job. It is only a request: a poll shows what happened to the job, and what it cost."""

    def cancel(self, job: str) -> Request:
        """The request to stop a job."""
        ...


@runtime_checkable
class CallsBack(Protocol):
    """A wire whose service calls back with the token that was sent with the purchase: our key."""

    def read_callback(self, body: str) -> str | None:
        """The job id in a callback, None if there is none. It only triggers a poll of that id, which proves the job."""
        ...


@runtime_checkable
class Calls(Protocol):
    """A wire whose service calls an address of ours about jobs. A call only triggers a poll: it buys, pays and fails nothing."""

    def calling(self, callback: Callback) -> Wire:
        """The wire whose purchases carry their callback address; the request itself stays the same."""
        ...

    def genuine(self, call: Call, callback: Callback, now_s: float) -> bool:
        """Whether a call comes from the service; `now_s` is seconds since 1970."""
        ...


@runtime_checkable
class HandsOver(Protocol):
    """A wire whose service gives a clip only to the key's owner, not at a public address."""

    def fetch(self, job: str, url: str) -> Request | None:
        """The request with the key for a job's clip; None if `url` is a public address, which is fetched without the key."""
        ...

    def read_fetch(self, response: Response, job: str) -> FetchAnswer:
        """The meaning of the answer. Its body may be empty if its content type is not JSON or text: then status and headers decide."""
        ...


@runtime_checkable
class LeavesSizeOut(Protocol):
    """A wire that can let a first frame determine the film's size."""

    def sized(self, written: bytes) -> bool | None:
        """Whether a purchase with a first frame states its size, from its written bytes; None if it has no first frame."""
        ...


@runtime_checkable
class Quotes(Protocol):
    """A wire whose service gives the price of a purchase for free."""

    def quote_request(self, ask: Ask) -> Request:
        """The request that asks for the price. It buys nothing."""
        ...

    def read_quote(self, response: Response) -> Micros | Unread:
        """The price in micro-USD, rounded up; Unread if there is none."""
        ...


@runtime_checkable
class DryRuns(Protocol):
    """A wire whose service checks and prices a purchase without making it."""

    def dry_run(self, ask: Ask, key: str) -> Request:
        """The purchase as a dry run: the header for that is part of the request."""
        ...

    def read_dry_run(self, response: Response) -> Micros | Unread | None:
        """The price in micro-USD, None if it would be accepted without a price; Unread if it would not, or the answer doesn't say."""
        ...
