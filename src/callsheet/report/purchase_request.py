"""The request that would buy a take, as it would be sent: address, headers and body, without the key. Pure."""

from __future__ import annotations

import json

from callsheet.planning.project_plan import Prepared
from callsheet.pricing.priced import Priced
from callsheet.services.protocol.abilities import Calls
from callsheet.services.protocol.callback import Callback
from callsheet.services.protocol.request import JSON
from callsheet.services.protocol.wire import Wire
from callsheet.services.registry import SERVICES
from callsheet.services.request_notes import described, noted
from callsheet.transport.account import Account
from callsheet.transport.api_client import ASKING, keyed_headers
from callsheet.transport.redact import without_secrets

#: placeholders for values that differ between attempts: its key, and the secret that authenticates callbacks about it
_KEY, _SECRET = "ATTEMPT_KEY", "ATTEMPT_SECRET"


def purchase_request(item: Priced, prepared: Prepared) -> dict[str, object] | None:
    """`{method, url, headers, body}`; the body as JSON if it is JSON, with files by kind, size and digest. None if nothing can be bought."""
    if item.ask is None or item.service not in prepared.accounts:
        return None
    place, vendor = prepared.accounts[item.service], SERVICES[item.service]
    request = _wire(vendor.wire, place, prepared).submit(noted(item.ask), _KEY)
    text = without_secrets(described(request.body, item.ask))
    return {
        "method": request.method,
        "url": without_secrets(place.url + request.path),
        "headers": {**ASKING, **keyed_headers(item.service, request, f"[{vendor.key_env}]")},
        "body": json.loads(text) if request.content_type == JSON else text,
    }


def _wire(wire: Wire, place: Account, prepared: Prepared) -> Wire:
    """The wire, with the project's callback address if the service would get it; the secret is created at the purchase."""
    address = prepared.settings.callback_url
    if address is None or not isinstance(wire, Calls):
        return wire
    callback = Callback(address.value, b"", _SECRET)
    return wire.calling(callback) if callback.local == place.rehearsal else wire
