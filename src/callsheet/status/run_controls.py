"""The log of pauses and of takes held back, in `.callsheet/controls.json`: written by commands, followed by the run that is under way."""

from __future__ import annotations

from callsheet.domain.run_control import Control, ControlKind, Controls
from callsheet.domain.take import TakeId
from callsheet.store.decision_log import Row, add_rows, read_log, unreadable
from callsheet.store.project_folder import Project

_LOG = "controls"


def controls(project: Project) -> Controls:
    """What is in force. SetupError if the log can't be read."""
    try:
        return Controls.of(map(_control, read_log(project, _LOG)))
    except (ValueError, KeyError, TypeError) as error:
        raise unreadable(_LOG, error) from None


def add_control(project: Project, control: Control) -> None:
    """Record what a person says."""
    takes = [[take.list, take.shot, take.n] for take in control.takes]
    add_rows(project, _LOG, [{"kind": control.kind.value, "at": control.at, "who": control.who, "takes": takes}])


def log_stamp(project: Project) -> tuple[int, int, int]:
    """A value that changes with the log and is cheap to read: its size grows with each row, where a file system's times are coarse."""
    try:
        found = (project.state / f"{_LOG}.json").stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_mtime_ns, found.st_ino, found.st_size)


def _control(row: Row) -> Control:
    takes = tuple(TakeId(str(list), str(shot), int(n)) for list, shot, n in row["takes"])
    return Control(kind=ControlKind(row["kind"]), at=str(row["at"]), who=str(row["who"]), takes=takes)
