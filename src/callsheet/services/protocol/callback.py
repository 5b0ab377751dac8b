"""Callbacks: the address that a service calls when a job has news, and what proves that a call comes from it. Pure.

Every purchase has an address of its own, with the attempt's key in it, and a secret of its own that is made from the project's: whoever learns one can
only make us look at one job.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field

from callsheet.domain.hosts import loopback
from callsheet.services.protocol.address import host_of


@dataclass(frozen=True, slots=True)
class Callback:
    """Where one service calls a project: the receiver's public address and the project's secret.

    `account_secret` is what the service signs all of the account's calls with, where the user named it; else each purchase brings its own.
    """

    url: str
    secret: bytes = field(repr=False)
    account_secret: str = field(default="", repr=False)

    @property
    def local(self) -> bool:
        """Whether the address is on this machine: nobody but a stand-in can call it."""
        return loopback(host_of(self.url))

    def address(self, service: str, key: str) -> str:
        """Where `service` calls about the attempt with this key."""
        return f"{self.url.rstrip('/')}/hooks/{service}/{key}"

    def token(self, key: str) -> str:
        """The secret of one attempt: 64 hex digits."""
        return hmac.digest(self.secret, f"callback {key}".encode(), "sha256").hex()

    def signed_with(self, key: str) -> str:
        """What the service signs its calls about one attempt with."""
        return self.account_secret or self.token(key)


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it came: the key and the token of its address, headers with lower-case names, the whole body."""

    key: str
    token: str
    headers: Mapping[str, str]
    body: bytes


def same(given: str, secret: str) -> bool:
    """Whether two secrets are equal, in a time that tells nothing of either."""
    return hmac.compare_digest(given.encode(errors="replace"), secret.encode())
