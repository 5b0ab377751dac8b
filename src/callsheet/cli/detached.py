"""A run without a terminal: a process in its own session, which buys a saved plan and logs its output."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from callsheet.domain.errors import SetupError
from callsheet.domain.typed import typed
from callsheet.status.run_mark import running
from callsheet.store.project_folder import Project, locked

#: how long the starting command waits for the run to begin, seconds
BEGINS_S = 20.0
_LOOK_S = 0.1


@dataclass(frozen=True, slots=True)
class Background:
    """A background process: its id, its log, and whether its run has begun (False: it is still starting, or had nothing to do)."""

    pid: int
    log: Path
    began: bool


def start_detached(project: Project, words: Sequence[str], log: Path) -> Background:
    """Start `callsheet WORDS` in the background, and wait until its run has the project locked. LockedError if another run has it, unless the words queue
    behind it; SetupError if it fails before.
    """
    before = running(project)
    if before and "--wait" not in words:
        raise locked()
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as sink:
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "callsheet", *words],
            cwd=project.folder,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,  # a terminal that closes, or Ctrl-C there, is not for it
            env=dict(os.environ),
        )
    deadline = time.monotonic() + BEGINS_S
    while time.monotonic() < deadline and child.poll() is None:
        if running(project) not in (None, before):
            return Background(child.pid, log, began=True)
        time.sleep(_LOOK_S)
    if child.returncode:
        last = next(
            (line for line in reversed(log.read_text(encoding="utf-8", errors="replace").splitlines()) if line.strip()), "it said nothing"
        )
        raise SetupError(f"the background run ended with {child.returncode}: {last.strip()}", help=f"see {log}, then {typed('status')}")
    return Background(child.pid, log, began=False)
