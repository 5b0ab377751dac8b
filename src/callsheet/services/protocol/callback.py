"""Callbacks: the address that a service calls about jobs, and what proves that a call comes from it. Pure. Every purchase has its own
address, which contains the attempt's key, and its own secret, derived from the project's: anyone who learns one can only make us poll
one job.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from callsheet.domain.hosts import loopback
from callsheet.services.protocol.address import host_of


@dataclass(frozen=True, slots=True)
class Callback:
    """The address at which one service calls a project, and the project's secret. `account_secret` signs all of the account's calls, if the
    user set it; otherwise each purchase has its own.
    """

    url: str
    secret: bytes = field(repr=False)
    account_secret: str = field(default="", repr=False)

    @property
    def local(self) -> bool:
        """Whether the address is on this machine: only a stand-in can call it."""
        return loopback(host_of(self.url))

    def address(self, service: str, key: str) -> str:
        """The address that `service` calls about the attempt with this key."""
        return f"{self.url.rstrip('/')}/hooks/{service}/{key}"

    def token(self, key: str) -> str:
        """The secret of one attempt: 64 hex digits."""
        return hmac.digest(self.secret, f"callback {key}".encode(), "sha256").hex()

    def signed_with(self, key: str) -> str:
        """The secret with which the service signs its calls about one attempt."""
        return self.account_secret or self.token(key)


@dataclass(frozen=True, slots=True)
class Call:
    """A call as received: the key and the token of its address, headers with lower-case names, the whole body."""

    key: str
    token: str
    headers: Mapping[str, str]
    body: bytes


def same(given: str, secret: str) -> bool:
    """Whether two secrets are equal, in constant time."""
    return hmac.compare_digest(given.encode(errors="replace"), secret.encode())
