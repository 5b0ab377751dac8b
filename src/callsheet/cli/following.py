"""Looking at a run of another process until it ends: what `attach` and `status --watch` share."""

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
    """Call `look` now, then again and again while a run holds the project, and once more behind it. False where Ctrl-C ended the looking: the run goes on."""
    try:
        look()
        while running(project):
            pause()
            look()
    except KeyboardInterrupt:
        return False
    return True
