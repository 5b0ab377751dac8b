"""A wire: how to talk to a service, as pure functions. No I/O, no clock, no key. The engine sends what a wire writes and returns the
answers; the wire interprets them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from callsheet.services.protocol.answers import Absent, JobAnswer, SubmitAnswer, Unread
from callsheet.services.protocol.ask import Ask, Sold
from callsheet.services.protocol.request import Request, Response

#: keyed: the service can look up our own key; tokened: a webhook can bring the job id; blind: neither.
Recovery = Literal["keyed", "tokened", "blind"]


class Wire(Protocol):
    """What a service's file has to provide. All pure."""

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

    def essence(self, ask: Ask) -> bytes:
        """Canonical bytes of the request without what varies between attempts (key, webhook, upload URL, ttl, cost flag)."""
        ...

    def sold(self, written: bytes) -> Sold | None:
        """The order in a purchase written by `pack`; None if the bytes don't tell."""
        ...

    def read_submit(self, response: Response, key: str) -> SubmitAnswer:
        """The meaning of the answer to a submit. Anything that isn't proof of a refusal is Accepted or Lost."""
        ...

    def poll(self, jobs: Sequence[str]) -> Request:
        """One request that polls up to `jobs_per_poll` jobs."""
        ...

    def read_poll(self, response: Response, jobs: Sequence[str]) -> Sequence[JobAnswer] | Unread:
        """One answer for each of `jobs`, in their order; Unread if the response as a whole is no news."""
        ...

    def recall(self, key: str) -> Request | None:
        """A request for the archive of a past task by its key, if the wire is keyed."""
        ...

    def read_recall(self, response: Response, key: str) -> JobAnswer | Unread:
        """The archive's answer."""
        ...


class NoArchive:
    """The part of a wire whose service can't look up our keys."""

    __slots__ = ()

    def recall(self, key: str) -> Request | None:
        """None: there is no archive."""
        del key
        return None

    def read_recall(self, response: Response, key: str) -> JobAnswer | Unread:
        """No answer says anything about a key."""
        del response
        return Absent(key)
