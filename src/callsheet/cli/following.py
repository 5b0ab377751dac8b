"""Following a run of another process until it ends: shared by `attach` and `status --watch`."""

from __future__ import annotations

import time
from collections.abc import Callable

from callsheet.status.run_mark import running
from callsheet.store.project_folder import Project

#: seconds between two looks at the ledger
LOOK_S = 1.0


def pause() -> None:
    """Wait until the next look."""
    time.sleep(LOOK_S)


def until_it_ends(project: Project, look: Callable[[], None]) -> bool:
    """Call `look` now, then repeatedly while a run has the project locked, and once more afterwards. False if Ctrl-C ended the following:
    the run continues.
    """
    try:
        look()
        while running(project):
            pause()
            look()
    except KeyboardInterrupt:
        return False
    return True
