"""Whether a run is under way in a project, seen from outside it."""

from __future__ import annotations

from callsheet.domain.errors import LockedError
from callsheet.store.project_folder import Project

MARK = "running"


def running(project: Project) -> str | None:
    """The id of the run that holds the project; None if none does. A mark that a killed run left says nothing: its lock went with it."""
    try:
        run = (project.state / MARK).read_text().strip()
    except OSError:
        return None
    try:
        with project.lock():
            return None
    except LockedError:
        return run
