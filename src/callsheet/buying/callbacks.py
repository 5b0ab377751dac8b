"""Services that call back: which address they are told, and what is believed of a call.

A call can never make, pay for or end an attempt: what is believed lies in the ledger's inbox, and makes us look. Polling goes on all the same.
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


class Heard(StrEnum):
    """What became of a call."""

    KEPT = "kept"
    KNOWN = "known"  #: it came before
    STRANGE = "strange"  #: not from the service, too old, or about nothing of ours


def callback_of(project: Project, settings: Settings, service: str) -> Callback | None:
    """Where a service calls this project; None if the project names no address. Makes the project's secret where it has none."""
    if settings.callback_url is None:
        return None
    signing = api_key(f"{service.upper()}_WEBHOOK_SECRET")
    return Callback(settings.callback_url.value, project.hook_secret, signing.get_secret_value() if signing else "")


def wire_at(project: Project, settings: Settings, place: Account | None, service: str) -> Wire:
    """How a service talks at an account: it is told the project's address where it can reach it. Nobody but a rehearsal can call this machine."""
    wire = SERVICES[service].wire
    if place is None or not isinstance(wire, Calls):
        return wire
    callback = callback_of(project, settings, service)
    return wire.calling(callback) if callback and callback.local == place.rehearsal else wire


def hear(project: Project, settings: Settings, ledger: Ledger, service: str, call: Call) -> Heard:
    """Keep a call in the inbox if it is the service's own, and about an attempt of this project. What proves it is looked at before the ledger is."""
    wire = SERVICES[service].wire if service in SERVICES else None
    callback = callback_of(project, settings, service) if isinstance(wire, Calls) else None
    if callback is None or not isinstance(wire, Calls):
        return Heard.STRANGE
    clock = Clock()
    if not wire.genuine(call, callback, clock.now().timestamp()) or not awaited(ledger, project.known_id, service, call.key):
        return Heard.STRANGE
    body = call.body.decode(errors="replace")
    return Heard.KEPT if put_inbox(ledger, service=service, token=call.key, body=body, at=clock.text()) else Heard.KNOWN
