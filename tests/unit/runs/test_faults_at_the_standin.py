"""The two services without a key of ours, as the stand-in plays them with its faults: every clip comes that can come, each is paid once, the book is the bill."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from callsheet.domain.attempt import Attempt, State
from callsheet.domain.errors import Exit
from callsheet.domain.money import usd
from callsheet.domain.run_request import RunRequest
from callsheet.planning.project_plan import prepare
from callsheet.runs.cut_room import CutRoom
from callsheet.runs.outcome import Outcome
from callsheet.runs.session import direct
from callsheet.standin.jobs.config import Config
from callsheet.standin.serve import running
from callsheet.status.project_view import read_view
from callsheet.store.project_folder import Project

ROWS = {"bytecompute": "bytecompute/ltx-2.3,0.4,512x512,25", "deapi": "deapi/ltx-2.3,0.4,896x512,24"}
PROJECT = (
    "".join(f"[lanes.{name}]\npoll_first_s = 0.01\npoll_max_s = 0.05\noutage_s = 30.0\ncharge_lag_s = 0.02\n" for name in ROWS)
    + "[attempts]\nunavailable_wait_s = 0.01\nsettle_s = 0.05\n"
)
#: what delays a clip and takes none
MILD = {
    "bytecompute": [
        "busy*2",
        "status-synonyms",
        "progress-string",
        "poll-502*2",
        "download-503*1",
        "truncate*1",
        "bad-length*1",
        "expired-url*1",
    ],
    "deapi": [
        "busy*1",
        "status-synonyms",
        "progress-string",
        "poll-502*2",
        "download-503*1",
        "truncate*1",
        "expired-url*1",
        "balance-object",
    ],
}
each = pytest.mark.parametrize("service", ROWS)


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film cache for all stand-ins of this module."""
    return tmp_path_factory.mktemp("films")


@pytest.fixture
def url(films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A stand-in, and a project beside it that cuts nothing: these runs are about buying."""

    async def nothing(*_args: object) -> None:
        """Not here."""

    monkeypatch.setattr(CutRoom, "_normalize", nothing)
    monkeypatch.setattr(CutRoom, "_finish", nothing)
    (tmp_path / "project.toml").write_text(PROJECT)
    with running(Config(speed=0, palette=1, films=films)) as address:
        for name, path in (("BYTECOMPUTE", "/v1"), ("DEAPI", "")):
            monkeypatch.setenv(f"{name}_BASE_URL", address + path)
            monkeypatch.setenv(f"{name}_API_KEY", "made-up")
        yield address


@pytest.fixture
def render(tmp_path: Path) -> Callable[..., Any]:
    """A run of a list with one shot for each of some faults; without any, the same list again."""

    async def made(service: str, *faults: str, row: str = "") -> Outcome:
        rows = [f"S{n},wave {n} [[fault:{fault}]],{row or ROWS[service]}" for n, fault in enumerate(faults)]
        if rows:
            (tmp_path / "spot.csv").write_text("\n".join(["shot_id,prompt,model,duration_s,resolution,fps", *rows, ""]))
        return await direct(RunRequest(folder=tmp_path, list="spot.csv", cap=20_000_000))

    return made


def attempts(folder: Path) -> list[Attempt]:
    view = read_view(Project(folder), prepare(RunRequest(folder=folder, list="spot.csv")).settings)
    return [attempt for take in view.takes for attempt in take.attempts]


def bill(url: str) -> tuple[int, int]:
    """What the stand-in has charged, and for how many jobs."""
    with urllib.request.urlopen(f"{url}/standin/bill", timeout=10) as answer:
        told = json.load(answer)
    return usd(told["total"]), len(told["jobs"])


@each
async def test_faults_that_only_delay(url: str, render: Any, tmp_path: Path, service: str) -> None:
    """One shot for each: all are received, each bought once, and the book is the bill to the micro-dollar."""
    outcome = await render(service, *MILD[service])
    assert (outcome.exit, outcome.counts.bought) == (Exit.DONE, len(MILD[service]))
    assert (outcome.money.settled, len(MILD[service])) == bill(url)
    assert all(attempt.state is State.RECEIVED and not attempt.findings for attempt in attempts(tmp_path))


@each
@pytest.mark.parametrize("fault", ["lost-ack", "unavailable-after"])
async def test_an_answer_that_is_lost_is_a_doubt_and_paid_once(url: str, render: Any, service: str, fault: str) -> None:
    """The job is there and billed, and nobody can ask for it: its money stays counted, no later run sends it again. deAPI's balance says that it was charged."""
    first = await render(service, fault)
    again = await render(service)
    assert (first.exit, again.exit) == (Exit.HUMAN, Exit.HUMAN)
    assert (again.money.in_doubt + again.money.settled, 1) == bill(url)
    assert bool(again.money.settled) == (service == "deapi")


@each
async def test_a_job_that_is_forgotten_is_booked_as_paid(url: str, render: Any, service: str) -> None:
    """The service billed it and knows it no more."""
    outcome = await render(service, "forgotten")
    assert (outcome.money.settled, 1) == bill(url)


@each
async def test_failures_that_cost_nothing(url: str, render: Any, service: str) -> None:
    """Refused content ends at one attempt, a failed job is tried again as often as a run allows; nothing is held or settled."""
    outcome = await render(service, "refuse", "fail")
    assert (outcome.money.settled, outcome.money.held) == (0, 0)
    assert bill(url)[0] == 0


@pytest.mark.parametrize(
    ("row", "applied"),
    [
        ("bytecompute/ltx-2.3,4,512x512,50", "fps: 50 became 25"),
        ("bytecompute/ltx-2.3,8,640x512,25", "duration: 8 became 4"),
        ("bytecompute/ltx-2.3,4,1280x800,25", "resolution: 1280x800 became"),
    ],
)
async def test_an_adjustment_is_booked_as_it_was_billed(url: str, render: Any, tmp_path: Path, row: str, applied: str) -> None:
    """Frame rate, length, size: the list price of what came is the bill, and the clip fails its checks with the service's own words."""
    outcome = await render("bytecompute", "adjust", row=row)
    assert (outcome.money.settled, 1) == bill(url)
    [attempt] = attempts(tmp_path)
    assert attempt.failing
    assert applied in str(attempt.findings[0]["message"])


@pytest.mark.parametrize("fault", ["overcharge", "no-cost", "zero-cost"])
async def test_deapi_tells_what_it_charged(url: str, render: Any, fault: str) -> None:
    """A charge above the quote is an overrun, booked as it is; a cost that is not told, or told as 0, settles the hold."""
    outcome = await render("deapi", fault)
    assert (outcome.money.settled, 1) == bill(url)
