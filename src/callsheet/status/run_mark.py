"""Whether a run is under way in a project, as seen from another process."""

from __future__ import annotations

from callsheet.domain.errors import LockedError
from callsheet.store.project_folder import Project

MARK = "running"


def running(project: Project) -> str | None:
    """The id of the run that has the project locked; None if none does. A mark left by a killed run doesn't count, because its lock ended
    with it.
    """
    try:
        run = (project.state / MARK).read_text().strip()
    except OSError:
        return None
    try:
        with project.lock():
            return None
    except LockedError:
        return run
