"""The services that callsheet can buy from: their wires, their URLs, and their environment variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from callsheet.services.bytecompute.wire import ByteCompute
from callsheet.services.deapi.wire import DeApi
from callsheet.services.lightricks.wire import Lightricks
from callsheet.services.protocol.abilities import Authorizes
from callsheet.services.protocol.wire import Wire
from callsheet.services.runware.wire import Runware


@dataclass(frozen=True, slots=True)
class Service:
    """A company's API: its wire, its own base URL, and the environment variables for the key and for another base URL."""

    wire: Wire
    base_url: str
    key_env: str
    url_env: str

    @property
    def name(self) -> str:
        """The first part of its models' names."""
        return self.wire.service

    def credentials(self, key: str) -> dict[str, str]:
        """The headers that carry the key: the wire's own, or a bearer token."""
        return self.wire.credentials(key) if isinstance(self.wire, Authorizes) else {"Authorization": f"Bearer {key}"}


#: written here alone; everything else reads SERVICES. ByteCompute's page names no base URL: the company's first region stands in, not confirmed for video
KNOWN: dict[str, Service] = {
    service.name: service
    for service in (
        Service(Runware(), "https://api.runware.ai/v1", "RUNWARE_API_KEY", "RUNWARE_BASE_URL"),
        Service(ByteCompute(), "https://us-01.bytecompute.ai/v1", "BYTECOMPUTE_API_KEY", "BYTECOMPUTE_BASE_URL"),
        Service(DeApi(), "https://api.deapi.ai", "DEAPI_API_KEY", "DEAPI_BASE_URL"),
        Service(Lightricks(), "https://api.ltx.video", "LIGHTRICKS_API_KEY", "LIGHTRICKS_BASE_URL"),
    )
}
SERVICES: Mapping[str, Service] = MappingProxyType(KNOWN)
WIRES: Mapping[str, Wire] = MappingProxyType({name: service.wire for name, service in SERVICES.items()})
