"""Accounts: a service at a base URL. Lanes, reuse and learned prices belong to one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from pydantic import SecretStr

from callsheet.domain.errors import ServiceError
from callsheet.domain.hosts import loopback
from callsheet.services.protocol.address import host_of, web
from callsheet.services.registry import SERVICES
from callsheet.settings.environment import api_key, base_url


@dataclass(frozen=True, slots=True)
class Account:
    """A service's address and key. `label` is its name in the ledger; `own_url` says that the user set the base URL."""

    service: str
    url: str
    label: str
    own_url: bool

    @property
    def rehearsal(self) -> bool:
        """Whether it is on this machine: counted apart from real money."""
        return loopback(host_of(self.url))

    @property
    def demo(self) -> bool:
        """Whether it is the demo's own stand-in, which is contacted directly whatever proxies the environment has."""
        return self.label == _demo(self.service)

    def key(self) -> SecretStr:
        """The account's API key, read where it is used. ServiceError if it isn't set, or its address is invalid."""
        vendor = SERVICES[self.service]
        if not web(self.url):
            raise ServiceError(
                f"{vendor.url_env} is not a valid http(s) URL", help=f"write it as {vendor.base_url}, or unset it, then run again"
            )
        found = api_key(vendor.key_env)
        if found is None:
            help = f"export {vendor.key_env}=... with your key from {self.service}, then run again"
            raise ServiceError(f"{vendor.key_env} is not set", help=help)
        return found

    def credential(self) -> str:
        """A short digest of the key, recorded with each attempt; it decides nothing."""
        found = api_key(SERVICES[self.service].key_env)
        return hashlib.sha256(found.get_secret_value().encode()).hexdigest()[:12] if found else ""


def account(service: str, *, demo: bool = False) -> Account:
    """The account of a service according to the environment."""
    vendor = SERVICES[service]
    url = base_url(vendor.url_env, vendor.base_url)
    return Account(service, url, _demo(service) if demo else f"{service} {url}", own_url=url != vendor.base_url)


def _demo(service: str) -> str:
    return f"{service} demo"


@lru_cache(maxsize=64)
def loopback_label(label: str) -> bool:
    """Whether an account, by its label in the ledger, is on this machine."""
    _, _, place = label.partition(" ")
    return place == "demo" or loopback(host_of(place))
