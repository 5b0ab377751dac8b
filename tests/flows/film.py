"""A small film to render, and what a Prefect server knows of its run."""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from callsheet.domain.money import usd
from callsheet.domain.run_request import RunRequest

#: made up, and looked for where no key may be
KEY = "not-a-key-0123456789abcdef"
T = TypeVar("T")
_ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
LIST = """\
shot_id,sequence,prompt,model,duration_s,resolution,fps
A010,storm,A lighthouse in the storm,runware/ltx-2,2,320x192,24
A020,storm,The keeper climbs,runware/ltx-2,2,320x192,24
B010,calm,Morning over the bay,runware/ltx-2,2,320x192,24
"""


def film(folder: Path, cap: str = "1.00") -> RunRequest:
    """A project with one list of three shots at 0.06 USD in two sequences, and the order to render it."""
    folder.mkdir(exist_ok=True)
    (folder / "keeper.csv").write_text(LIST)
    return RunRequest(folder=folder, list="keeper.csv", cap=usd(cap))


def ask(url: str, what: str, question: dict[str, Any] | None = None, method: str = "POST") -> list[dict[str, Any]]:
    """A list from the server's API: `flow_runs/filter`, `task_runs/filter`."""
    headers = {"Content-Type": "application/json"}
    if auth := os.environ.get("PREFECT_API_AUTH_STRING"):
        headers["Authorization"] = f"Basic {b64encode(auth.encode()).decode()}"
    request = urllib.request.Request(f"{url}/{what}", json.dumps(question or {}).encode(), headers, method=method)
    until = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(request) as answer:
                return json.loads(answer.read() or "[]")
        except urllib.error.HTTPError as error:
            if error.code != 503 or time.monotonic() > until:  # 503: its SQLite is busy with records, and it asks to be asked again
                raise
        time.sleep(0.2)


def flow_run_of(url: str, folder: Path) -> dict[str, Any]:
    """The one flow run that was given `folder`."""
    (run,) = [run for run in ask(url, "flow_runs/filter") if run["parameters"].get("folder") == str(folder)]
    return run


def task_runs_of(url: str, flow_run: dict[str, Any]) -> list[dict[str, Any]]:
    """Its task runs, of which the report is the last, each with how it ended: the server writes that down a little later than the flow run's end."""

    def ended() -> list[dict[str, Any]] | None:
        found = ask(url, "task_runs/filter", {"flow_runs": {"id": {"any_": [flow_run["id"]]}}})
        names = {task["name"] for task in found if task["state"] and task["state"]["type"] in _ENDED}
        return found if "report" in names and len(names) == len(found) else None

    return later(ended, f"the end of each task of {flow_run['name']}")


def later(look: Callable[[], T | None], what: str) -> T:
    """What the server says as soon as it says it: much of it is written down a little later than it happened."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found = look()
        if found is not None:
            return found
        time.sleep(0.2)
    raise AssertionError(f"nothing of {what}")


def descendants(root: int) -> set[int]:
    """The process ids below `root`, as they are at this moment."""
    parents: dict[int, int] = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents[int(file.parent.name)] = int(file.read_text().rpartition(")")[2].split()[1])
    found: set[int] = {root}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {root}
