"""A run that goes on without a terminal: a process of its own session, which buys a saved plan, and writes what it says into a log."""

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
from callsheet.store.project_folder import Project

#: how long a run may take to begin before the command that started it says so and ends, seconds
BEGINS_S = 20.0
_LOOK_S = 0.1


@dataclass(frozen=True, slots=True)
class Background:
    """A process that goes on by itself: its id, its log, and whether its run has begun (False: it is still starting, or had nothing to do)."""

    pid: int
    log: Path
    began: bool


def start_detached(project: Project, words: Sequence[str], log: Path) -> Background:
    """Start `callsheet WORDS` in the background, and wait until its run holds the project. SetupError if it ends in failure before."""
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
        if running(project):
            return Background(child.pid, log, began=True)
        time.sleep(_LOOK_S)
    if child.returncode:
        last = next(
            (line for line in reversed(log.read_text(encoding="utf-8", errors="replace").splitlines()) if line.strip()), "it said nothing"
        )
        raise SetupError(
            f"the run in the background ended with {child.returncode}: {last.strip()}", help=f"see {log}, then {typed('status')}"
        )
    return Background(child.pid, log, began=False)
