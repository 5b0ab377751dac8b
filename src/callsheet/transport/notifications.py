"""Sends notifications through apprise, an optional extra that only this module imports. A failure is a sentence, never an error, and names
no address.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from pydantic import SecretStr

#: longest time to connect to an address and to get its answer, seconds
_CONNECT_S, _READ_S = 4, 6
_UNKNOWN = "not an address that apprise knows"


def notify(addresses: Sequence[SecretStr], title: str, body: str) -> list[str]:
    """Send to every address. Returns what could not be sent, in words without the address."""
    return _each(addresses, lambda apprise, address: _sent(apprise, address, title, body))


def unusable(addresses: Sequence[SecretStr]) -> list[str]:
    """The addresses to which nothing can be sent, in words without the address; nobody is contacted."""
    return _each(addresses, lambda apprise, address: None if _added(apprise, address) else _UNKNOWN)


def _each(addresses: Sequence[SecretStr], why_not: Callable[[Any, SecretStr], str | None]) -> list[str]:
    """Why something could not be done with some of the addresses, each by its number."""
    if not addresses:
        return []
    try:
        apprise: Any = import_module("apprise")
    except ImportError:
        return ["notifications are set, but the package apprise is not installed: pip install 'callsheet[notify]'"]
    logging.getLogger("apprise").disabled = True  # it would log addresses
    failed = [(number, why_not(apprise, address)) for number, address in enumerate(addresses, start=1)]
    return [f"notification address {number} of {len(addresses)}: {why}" for number, why in failed if why]


def _added(apprise: Any, address: SecretStr) -> Any:
    """A sender to this address; None if apprise doesn't know it."""
    sender = apprise.Apprise(asset=apprise.AppriseAsset(app_id="callsheet", app_desc="callsheet", plugin_paths=[]))
    return sender if sender.add(_timed(address.get_secret_value())) else None


def _sent(apprise: Any, address: SecretStr, title: str, body: str) -> str | None:
    """Why it was not sent; None if it was."""
    kind = address.get_secret_value().partition(":")[0]
    try:
        sender = _added(apprise, address)
        if sender is None:
            return _UNKNOWN
        return None if sender.notify(title=title, body=body) else f"{kind} could not be reached, or refused it"
    except Exception as error:  # noqa: BLE001  # a plugin's defect must not end a run
        return f"{kind} failed ({type(error).__name__})"


def _timed(address: str) -> str:
    """The address with time limits, unless it sets its own."""
    if "cto=" in address or "rto=" in address:
        return address
    return f"{address}{'&' if '?' in address else '?'}cto={_CONNECT_S}&rto={_READ_S}"
