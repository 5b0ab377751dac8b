"""The log of pauses is read again whenever it has grown."""

from __future__ import annotations

import os
from pathlib import Path

from callsheet.domain.run_control import Control, ControlKind
from callsheet.status.run_controls import add_control, log_stamp
from callsheet.store.project_folder import Project


def test_a_disk_with_coarse_times_hides_no_change(tmp_path: Path) -> None:
    """A pause and its end within the two seconds that exFAT counts by: the log is another one."""
    project = Project(tmp_path)
    log, stamps = project.state / "controls.json", set[object]()
    for kind in (ControlKind.PAUSE, ControlKind.RESUME):
        add_control(project, Control(kind=kind, at="2026-11-29T21:00:00.000Z", who="anna", takes=()))
        os.utime(log, (1_000, 1_000))
        stamps.add((log_stamp(project)[0], *log_stamp(project)[2:]))  # the number of a file may be given again
    assert len(stamps) == 2
