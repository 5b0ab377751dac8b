"""What some wires can do besides: small protocols, and a wire has the ability when it has the methods. All pure."""

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
    """A wire whose service reads the key from another header than `Authorization: Bearer KEY`."""

    def credentials(self, key: str) -> dict[str, str]:
        """The headers that carry the key. They are added when a request is sent, and never stored."""
        ...


@runtime_checkable
class TellsAccount(Protocol):
    """A wire whose service can be asked what the account has spent. Pure, and asking is free."""

    def account(self) -> Request:
        """The request that asks."""
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
    """A wire whose service can be asked to stop a job. A wish: only a poll tells what became of the job, and what it cost."""

    def cancel(self, job: str) -> Request:
        """The request that asks."""
        ...


@runtime_checkable
class CallsBack(Protocol):
    """A wire whose service calls back with the token that came with the purchase: our key."""

    def read_callback(self, body: str) -> str | None:
        """The job id that a callback names, None if it names none. It makes us look: only a poll of that id proves the job."""
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
        """What the answer is. Its body may be left empty if its content type is not JSON or text: status and headers decide then."""
        ...


@runtime_checkable
class LeavesSizeOut(Protocol):
    """A wire that can leave it to a first frame how large the film is."""

    def sized(self, written: bytes) -> bool | None:
        """Whether a purchase with a first frame names its size, from its written bytes; None if it has no first frame."""
        ...


@runtime_checkable
class Quotes(Protocol):
    """A wire whose service says what a purchase would cost, for nothing."""

    def quote_request(self, ask: Ask) -> Request:
        """The request that asks for the price. It buys nothing."""
        ...

    def read_quote(self, response: Response) -> Micros | Unread:
        """The price in micro-USD, rounded up; Unread if there is none."""
        ...


@runtime_checkable
class DryRuns(Protocol):
    """A wire whose service checks a purchase and tells what it would cost, without making it."""

    def dry_run(self, ask: Ask, key: str) -> Request:
        """The purchase as a dry run: the header that makes it one is part of the request."""
        ...

    def read_dry_run(self, response: Response) -> Micros | Unread | None:
        """The price in micro-USD, None if it would be taken and no price is told; Unread if it would not, or where nothing is said."""
        ...
