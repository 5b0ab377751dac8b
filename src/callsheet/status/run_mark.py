"""Whether a run is under way in a project, as seen from another process."""

from __future__ import annotations

import fcntl
import os

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
        descriptor = os.open(project.run_lock, os.O_RDONLY)
    except OSError:
        return None
    try:  # shared, so that those who look are not in each other's way; who locks at this moment waits for it
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return run
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return None
