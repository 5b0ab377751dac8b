"""What a sweep needs from the engine: the folder's new lists, one at a time, and their results."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from prefect import State
from prefect.states import Completed

from callsheet.clock import Clock
from callsheet.domain.errors import MoneyError
from callsheet.settings.load import load
from callsheet.store.house import house_root
from callsheet.store.list_inbox import Arrival, arrivals, dated_ahead, settle
from callsheet.store.project_folder import Project

#: ends after which a later sweep tries a list again: a cap ends with its day, the others with their cause
_AGAIN = frozenset({"CapReached", "CapRefused", "Interrupted", "Cancelled", "Crashed", "Held", "Environment", "Failed"})


@dataclass
class Inbox:
    """A folder that is being swept. `ends` has the lists of this sweep, by name, and how each ended."""

    project: Project
    quiet_s: float
    ends: dict[str, str] = field(default_factory=dict[str, str])


def inbox_of(folder: str, quiet_s: float) -> Inbox:
    """The folder. MoneyError if it has no daily cap: anyone who can drop a file there could spend without limit."""
    project = Project(Path(folder))
    settings = load(house_root() / "configs" / "defaults.toml", project.settings_file)
    if not any(cap.scope == "day" for cap in settings.caps):
        raise MoneyError("a sweep needs a daily cap", help='add [[cap]] with scope = "day" and usd = 5.00 to the folder\'s project.toml')
    return Inbox(project, quiet_s)


@contextmanager
def alone(inbox: Inbox) -> Generator[bool]:
    """Whether this is the only sweep of the folder; others then find that they aren't. A kernel lock: it ends with its process."""
    inbox.project.locks.mkdir(parents=True, exist_ok=True)
    lock = FileLock(inbox.project.locks / "sweep.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def next_list(inbox: Inbox) -> Arrival | None:
    """A list that this sweep hasn't rendered, as the folder is now; None if none is left."""
    found = arrivals(inbox.project, now=time.time(), quiet_s=inbox.quiet_s)
    return next((one for one in found if one.name not in inbox.ends), None)


def settled(inbox: Inbox, arrival: Arrival, end: str) -> None:
    """Record how a list ended; it is no longer new, unless something outside of it stopped it."""
    inbox.ends[arrival.name] = end
    if end not in _AGAIN:
        settle(inbox.project, arrival, end=end, at=Clock().text())


def swept(inbox: Inbox, *, at_work: bool) -> State[dict[str, Any]]:
    """The sweep's last state: each list with its end, in words; not `at_work`: another sweep is running."""
    if not at_work:
        return Completed(message="another sweep of this folder is running", data={})
    message = ", ".join(f"{name}: {end}" for name, end in inbox.ends.items()) or "no new list"
    ahead = dated_ahead(inbox.project, now=time.time(), quiet_s=inbox.quiet_s)
    waits = f"; dated in the future, and not taken before: {', '.join(ahead)} -> set the clock right, or `touch` the file" if ahead else ""
    return Completed(message=message + waits, data=dict(inbox.ends))


def ended_with(arrival: Arrival, state: State[Any]) -> State[dict[str, Any]]:
    """The sweep's last state if a list's run was stopped: the same end, with the list's name. The next sweep goes on with that list."""
    return State(type=state.type, name=state.name, message=f"{arrival.name}: {state.message}")
