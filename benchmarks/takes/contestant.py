"""One way to buy a list's takes, in a process of its own; the last line of stdout says what it took. Run by run.py.

    python contestant.py bare|plain|callsheet|prefect URL FOLDER TAKES SLOTS

`bare`: asyncio and httpx, forty lines, no ledger. `plain`: a Prefect flow with one async task for each take around the same lines. `callsheet` and `prefect`:
the command `render`, without and through Prefect, up to the received clip (what finishing costs, and what is kept of a clip for it, is another benchmark's). All
look at a job after 1, 1.5, 2.25 ... at most 10 seconds, as callsheet ships, and none is told beforehand how long it lasts.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import resource
import sqlite3
import sys
import time
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import psutil

FIRST_S, FACTOR, MOST_S = 1.0, 1.5, 10.0
ORDER = {
    "taskType": "videoInference",
    "model": "lightricks:ltx@2",
    "width": 320,
    "height": 192,
    "duration": 2,
    "fps": 24,
    "outputType": "URL",
    "outputFormat": "MP4",
    "deliveryMethod": "async",
    "numberResults": 1,
    "includeCost": True,
}


class Bare:
    """Submit, poll, download, by hand."""

    def __init__(self, url: str, folder: Path, slots: int) -> None:
        self.url, self.folder, self.slots = f"{url}/v1", folder, asyncio.Semaphore(slots)
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=64, keepalive_expiry=2)  # the stand-in closes them after 5 s
        self.client = httpx.AsyncClient(headers={"Authorization": "Bearer made-up"}, timeout=60, limits=limits)

    async def take(self, n: int) -> None:
        """One clip."""
        async with self.slots:
            key, wait = str(uuid.uuid4()), FIRST_S
            await self._post({**ORDER, "taskUUID": key, "positivePrompt": f"S{n:05d}: a wave against the rocks"})
            while True:
                await asyncio.sleep(wait)
                answer = await self._post({"taskType": "getResponse", "taskUUID": key})
                films = [item["videoURL"] for item in answer["data"] if item.get("status") == "success"]
                if films:
                    break
                wait = min(wait * FACTOR, MOST_S)
        digest = hashlib.sha256()
        async with self.client.stream("GET", films[0]) as film:
            with (self.folder / f"{key}.mp4").open("wb") as file:
                async for piece in film.aiter_bytes():
                    file.write(piece)
                    digest.update(piece)

    async def _post(self, task: dict[str, Any]) -> Any:
        return (await self.client.post(self.url, json=[task])).raise_for_status().json()


def bare(url: str, folder: Path, takes: int, slots: int) -> float:
    """Seconds from the first request to the last clip."""

    async def run() -> float:
        made, began = Bare(url, folder, slots), time.monotonic()
        await asyncio.gather(*(made.take(n) for n in range(takes)))
        return time.monotonic() - began

    return asyncio.run(run())


def plain(url: str, folder: Path, takes: int, slots: int) -> float:
    """The same in a Prefect flow, a task for each take."""
    from prefect import flow, task  # noqa: PLC0415  # the other ways don't pay for it

    async def run() -> float:
        made = Bare(url, folder, slots)

        @task(retries=3)
        async def take(n: int) -> None:
            await made.take(n)

        @flow
        async def film() -> float:
            began = time.monotonic()
            await asyncio.gather(*(take(n) for n in range(takes)))
            return time.monotonic() - began

        return await film()

    return asyncio.run(run())


def callsheet(url: str, folder: Path, takes: int, slots: int, *more: str) -> float:
    """The command, and what its ledger says of first request and last clip."""
    from callsheet import cli  # noqa: PLC0415
    from callsheet.buying import receive  # noqa: PLC0415
    from callsheet.runs.cut_room import CutRoom  # noqa: PLC0415

    async def nothing(*_args: object) -> None:
        """Clips are bought here; none is cut, or made ready for it."""

    for owner, name in ((CutRoom, "_normalize"), (CutRoom, "_finish"), (receive, "_noted")):
        setattr(owner, name, nothing)
    os.environ.update(RUNWARE_API_KEY="made-up", RUNWARE_BASE_URL=f"{url}/v1")
    header = "shot_id,prompt,model,duration_s,resolution\n"
    rows = [f"S{n:05d},S{n:05d}: a wave against the rocks,runware/ltx-2,2,320x192" for n in range(takes)]
    (folder / "sea.csv").write_text(header + "\n".join(rows) + "\n")
    (folder / "first.csv").write_text(f"{header}F1,the first of its kind,runware/ltx-2,2,320x192\n")
    settings = f'[project]\nfps = "24"\n[lanes.runware]\nslots = {slots}\n[qc]\nclip-same = "pass"\n'
    (folder / "project.toml").write_text(settings)
    out, sys.stdout = sys.stdout, sys.stderr
    known = ("first.csv", *more, "--no-prefect") if "--no-prefect" not in more else ("first.csv", *more)
    for list_ in (
        known,
        ("sea.csv", *more),
    ):  # the first of a kind goes alone, whatever follows: that is a rule about money, and not what is measured
        sys.argv = ["callsheet", "-C", str(folder), "render", *list_, "--cap", "100000", "--yes"]
        code = cli.run()
    sys.stdout = out
    with sqlite3.connect(folder / ".callsheet" / "ledger.db") as book:
        mine = "from event join attempt using (attempt) where list = 'sea' and kind ="
        first = book.execute(f"select min(at) {mine} 'intent'").fetchone()[0]
        last, count = book.execute(f"select max(at), count(*) {mine} 'received'").fetchone()
    assert count == takes, f"exit {code}: {count} of {takes} came"
    return (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds()


def alive() -> float:
    """Processor seconds of the children that still run: a Prefect server that was started for the flow isn't waited for."""
    times = [child.cpu_times() for child in psutil.Process().children(recursive=True)]
    return sum(one.user + one.system + one.children_user + one.children_system for one in times)


def main() -> None:
    """Run one way."""
    way, url, folder, takes, slots = sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])
    match way:
        case "bare":
            seconds = bare(url, folder, takes, slots)
        case "plain":
            seconds = plain(url, folder, takes, slots)
        case "callsheet":
            seconds = callsheet(url, folder, takes, slots, "--no-prefect")
        case _:
            seconds = callsheet(url, folder, takes, slots)
    me, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    told = {
        "seconds": seconds,
        "own": me.ru_utime + me.ru_stime,
        "children": children.ru_utime + children.ru_stime + alive(),
        "mb": me.ru_maxrss / 1024,
    }
    print(json.dumps(told), flush=True)
    os._exit(0)  # Prefect's threads keep a process whose server is gone


if __name__ == "__main__":
    main()
