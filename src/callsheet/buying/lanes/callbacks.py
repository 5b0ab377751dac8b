"""Services that call back: the address that they are given, and which calls are trusted. A call can never create, pay for or end an
attempt: a trusted call goes to the ledger's inbox and triggers a poll. Polling continues in any case.
"""

from __future__ import annotations

from enum import StrEnum

from callsheet.budget.ledger.inbox import awaited, put_inbox
from callsheet.budget.ledger.store import Ledger
from callsheet.clock import Clock
from callsheet.services.protocol.abilities import Calls
from callsheet.services.protocol.callback import Call, Callback
from callsheet.services.protocol.wire import Wire
from callsheet.services.registry import SERVICES
from callsheet.settings.environment import api_key
from callsheet.settings.values import Settings
from callsheet.store.project_folder import Project
from callsheet.transport.account import Account


class CallReceipt(StrEnum):
    """What was done with a call."""

    KEPT = "kept"
    KNOWN = "known"  #: it was received before
    STRANGE = "strange"  #: not from the service, too old, or not about a purchase of ours


def callback_of(project: Project, settings: Settings, service: str) -> Callback | None:
    """The address at which a service calls this project; None if the project has none. Creates the project's secret if necessary."""
    if settings.callback_url is None:
        return None
    signing = api_key(f"{service.upper()}_WEBHOOK_SECRET")
    return Callback(settings.callback_url.value, project.hook_secret, signing.get_secret_value() if signing else "")


def wire_at(project: Project, settings: Settings, place: Account | None, service: str) -> Wire:
    """The wire of an account, with the project's callback address if the service can reach it. Only a rehearsal's stand-in can call this
    machine.
    """
    wire = SERVICES[service].wire
    if place is None or not isinstance(wire, Calls):
        return wire
    callback = callback_of(project, settings, service)
    return wire.calling(callback) if callback and callback.local == place.rehearsal else wire


def store_call(project: Project, settings: Settings, ledger: Ledger, service: str, call: Call) -> CallReceipt:
    """Store a call in the inbox if it comes from the service and is about an attempt of this project. Its signature is checked before the
    ledger is read.
    """
    wire = SERVICES[service].wire if service in SERVICES else None
    callback = callback_of(project, settings, service) if isinstance(wire, Calls) else None
    if callback is None or not isinstance(wire, Calls):
        return CallReceipt.STRANGE
    clock = Clock()
    if not wire.genuine(call, callback, clock.now().timestamp()) or not awaited(ledger, project.known_id, service, call.key):
        return CallReceipt.STRANGE
    body = call.body.decode(errors="replace")
    return CallReceipt.KEPT if put_inbox(ledger, service=service, token=call.key, body=body, at=clock.text()) else CallReceipt.KNOWN
