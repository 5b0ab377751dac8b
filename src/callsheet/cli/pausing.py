"""A pause of all buying, in the name of the current user: by `pause` and `resume`, and by a key during a run."""

from __future__ import annotations

from callsheet.clock import Clock
from callsheet.domain.run_control import Control, ControlKind
from callsheet.domain.take import TakeId
from callsheet.settings.environment import user_name
from callsheet.status.run_controls import add_control, controls
from callsheet.store.project_folder import Project


def record_control(project: Project, kind: ControlKind, takes: tuple[TakeId, ...] = ()) -> None:
    """Record what the current user says."""
    add_control(project, Control(kind=kind, at=Clock().text(), who=user_name(), takes=takes))


def set_paused(project: Project, *, paused: bool) -> bool:
    """Pause or resume; False if nothing changed."""
    if (controls(project).paused is not None) == paused:
        return False
    record_control(project, ControlKind.PAUSE if paused else ControlKind.RESUME)
    return True


def toggle_pause(project: Project) -> None:
    """Resume if paused, otherwise pause."""
    set_paused(project, paused=controls(project).paused is None)
