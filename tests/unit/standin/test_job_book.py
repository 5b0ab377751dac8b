"""The book: what was accepted and charged outlives any kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx

from callsheet.standin.app import create_app
from callsheet.standin.jobs.config import Config
from callsheet.standin.jobs.job_book import Book
from tests.unit.standin.plain_client import Desk, desk, video

_SERVE = """
import sys
from pathlib import Path
from functools import partial
from callsheet.cli.serving import serve
from callsheet.standin.jobs.config import Config
from callsheet.standin.serve import server
config = Config(state=Path(sys.argv[1]), films=Path(sys.argv[2]), speed=float(sys.argv[3]))
serve(partial(server, config), "127.0.0.1", 0, lambda url: print(url, flush=True))
"""


def served(state: Path, films: Path, speed: float) -> tuple[subprocess.Popen[str], Desk]:
    """A stand-in in a process of its own."""
    child = subprocess.Popen([sys.executable, "-c", _SERVE, str(state), str(films), str(speed)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    url = child.stdout.readline().strip()
    return child, Desk(url, httpx.Client(headers={"Authorization": "Bearer key"}, timeout=20, trust_env=False))


def test_entries_are_read_again_in_order(tmp_path: Path) -> None:
    """Across two books on one file."""
    path = tmp_path / "new" / "book.jsonl"
    Book(path).write([{"n": 1}, {"n": 2}])
    Book(path).write([{"n": 3}])
    assert list(Book(path).read()) == [{"n": 1}, {"n": 2}, {"n": 3}]


def test_a_line_cut_short_is_dropped_for_good(tmp_path: Path) -> None:
    """What a kill left of a line goes, and the next line starts clean."""
    path = tmp_path / "book.jsonl"
    path.write_bytes(b'{"n":1}\n{"n":2')
    assert list(Book(path).read()) == [{"n": 1}]
    Book(path).write([{"n": 3}])
    assert list(Book(path).read()) == [{"n": 1}, {"n": 3}]


def test_without_a_path_nothing_is_kept() -> None:
    """And nothing fails."""
    book = Book(None)
    book.write([{"n": 1}])
    assert list(book.read()) == []


def test_bill_jobs_and_conflicts_outlive_a_restart(tmp_path: Path, films: Path) -> None:
    """A second stand-in on the same state gives the same results, the same bytes and the same bill."""
    good, bad = video(numberResults=2), video(positivePrompt="x [[fault:fail-billed]]")
    with desk(films, state=tmp_path) as first:
        first.post(good, bad)
        results = [first.ended(task["taskUUID"]) for task in (good, bad)]
        bill, clip = first.tell("bill"), first.http.get(results[0]["data"][0]["videoURL"]).content
    with desk(films, state=tmp_path) as second:
        again = second.ended(good["taskUUID"])["data"]
        assert [item["videoUUID"] for item in again] == [item["videoUUID"] for item in results[0]["data"]]
        assert second.ended(bad["taskUUID"]) == results[1]
        assert second.tell("bill") == bill
        assert second.http.get(again[0]["videoURL"]).content == clip
        assert second.post(good).json()["errors"][0]["code"] == "conflictTaskUUID"


def test_a_killed_stand_in_takes_up_its_jobs(tmp_path: Path, films: Path) -> None:
    """Killed while a job runs: not billed yet, and finished by the next process, once."""
    task = video()
    child, service = served(tmp_path, films, 0.001)
    assert service.post(task).status_code == 200
    assert service.tell("bill")["jobs"] == []
    os.kill(child.pid, signal.SIGKILL)
    child.wait(10)
    if child.stdout:
        child.stdout.close()
    with desk(films, state=tmp_path) as second:
        assert second.ended(task["taskUUID"])["data"][0]["status"] == "success"
        assert second.tell("bill")["total"] == "0.03"


def test_a_lost_film_cache_is_filmed_again(tmp_path: Path, films: Path) -> None:
    """The state alone is enough to hand a clip out."""
    with desk(films, state=tmp_path) as first:
        name = first.bought()["videoURL"].rpartition("/")[2]
    with desk(tmp_path / "fresh", state=tmp_path) as second:
        assert second.http.get(f"{second.url}/standin/films/{name}").content[4:8] == b"ftyp"


async def test_in_process_the_first_request_takes_up_what_was_left(tmp_path: Path, films: Path) -> None:
    """Without a server's start: a poll is enough for a job of an earlier process to run."""
    task = video()
    child, service = served(tmp_path, films, 0.001)
    assert service.post(task).status_code == 200
    child.terminate()
    child.communicate(timeout=10)
    transport = httpx.ASGITransport(create_app(Config(speed=0, films=films, state=tmp_path)))
    async with httpx.AsyncClient(transport=transport, base_url="http://standin", headers={"Authorization": "Bearer k"}) as http:
        item = {"status": "processing"}
        while item["status"] == "processing":
            item = (await http.post("/v1", json=[{"taskType": "getResponse", "taskUUID": task["taskUUID"]}])).json()["data"][0]
        assert item["status"] == "success"
