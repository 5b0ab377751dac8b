"""Opens a project's ledger: the existing one, or the one that its settings name."""

from __future__ import annotations

from callsheet.budget import ledger_identity
from callsheet.budget.ledger.store import Ledger, exists, open_ledger, open_to_read
from callsheet.settings.values import Settings
from callsheet.store.project_folder import Project


def open_existing(project: Project, settings: Settings) -> Ledger | None:
    """The project's ledger for reading, if it exists; nothing is created. In a folder that can't be written, it is read from a copy."""
    if settings.ledger is None and not project.exists:
        return None
    place = ledger_identity.ledger_location(project, settings)
    return open_to_read(place) if exists(place) else None


def open_named(project: Project, settings: Settings) -> Ledger:
    """The ledger named by `CALLSHEET_LEDGER`, otherwise the project's own; created if it doesn't exist."""
    return open_ledger(ledger_identity.ledger_location(project, settings))
