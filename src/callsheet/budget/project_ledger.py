"""Opens a project's ledger: the existing one, or the one that its settings name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callsheet.budget import ledger_identity, on_demand
from callsheet.settings.values import Settings
from callsheet.store.project_folder import Project

if TYPE_CHECKING:
    from callsheet.budget.ledger.store import Ledger


def open_existing(project: Project, settings: Settings) -> Ledger | None:
    """The project's ledger for reading, if it exists; nothing is created. In a folder that can't be written, it is read from a copy."""
    if settings.ledger is None and not project.exists:
        return None
    place = ledger_identity.ledger_location(project, settings)
    return on_demand.store.open_to_read(place) if on_demand.store.exists(place) else None


def open_named(project: Project, settings: Settings) -> Ledger:
    """The ledger named by `CALLSHEET_LEDGER`, otherwise the project's own; created if it doesn't exist."""
    return on_demand.store.open_ledger(ledger_identity.ledger_location(project, settings))
