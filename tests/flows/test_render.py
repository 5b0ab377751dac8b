"""The render flow on a real Prefect server, with the real engine, against the stand-in."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from callsheet.budget.ledger import read
from callsheet.budget.project_ledger import open_named
from callsheet.buying import steering
from callsheet.cli.prefect import play_flow
from callsheet.cli.prefect.play_flow import run_flow
from callsheet.cli.prefect.server import Host, start_early
from callsheet.domain.errors import Exit, LockedError
from callsheet.domain.money import usd
from callsheet.domain.run_control import Control, ControlKind
from callsheet.domain.run_request import RunEvent, RunRequest, silent
from callsheet.domain.take import TakeId
from callsheet.planning.project_plan import prepare
from callsheet.runs.outcome import Outcome
from callsheet.runs.session import after_preview, direct
from callsheet.settings.load import load
from callsheet.standin.jobs.config import Config
from callsheet.standin.serve import running
from callsheet.status import run_mark
from callsheet.status.run_controls import add_control
from callsheet.store.house import house_root
from callsheet.store.project_folder import Project
from tests.flows.film import KEY, ask, film, flow_run_of, later, task_runs_of
from tests.unit.cli.calling import call


def played(server: Host, order: RunRequest) -> Outcome:
    """The render flow for a plan that was shown."""
    with after_preview(prepare(order), silent) as shown:
        return run_flow(server, order, shown)


def test_a_run_can_be_read_on_the_server(server: Host, standin: str, tmp_path: Path) -> None:
    """Runs, tasks, tags and artifacts say what was made, in names for people; the key is nowhere."""
    folder = tmp_path / "Leuchtturm Süd"
    outcome = played(server, film(folder))
    assert (outcome.exit, outcome.counts.bought, len(outcome.sequences)) == (Exit.DONE, 3, 2)
    run = flow_run_of(server.url, folder)
    assert (run["name"], run["state"]["name"]) == ("keeper 3 takes cap 1.00", "Completed")
    assert set(run["tags"]) == {"project:Leuchtturm Sud", "list:keeper", "model:runware/ltx-2"}
    tasks = {task["name"]: (task["state"]["name"], task["tags"]) for task in task_runs_of(server.url, run)}
    bought = {f"{shot}.t1 runware-ltx-2": ("Received", []) for shot in ("A010", "A020", "B010")}
    assert tasks == bought | {"finish storm": ("Completed", []), "finish calm": ("Completed", []), "report": ("Completed", [])}
    artifacts = {
        artifact["key"]: artifact["data"] for artifact in ask(server.url, "artifacts/filter") if artifact["flow_run_id"] == run["id"]
    }
    rows = json.loads(artifacts["leuchtturm-sud-takes"])
    assert [(row["take"], row["end"], row["cost"]) for row in rows] == [
        (f"{shot}.t1", "received", "0.06") for shot in ("A010", "A020", "B010")
    ]
    assert "**0.18 USD** spent of 1.00 USD" in artifacts["leuchtturm-sud-money"]
    assert KEY not in json.dumps([run, tasks, artifacts])


def test_a_reached_cap_is_a_name_and_an_event(server: Host, standin: str, tmp_path: Path) -> None:
    """A cap is an outcome: the flow run completes as CapReached, the event is there to act on, and the rest waits for a higher cap."""
    outcome = played(server, film(tmp_path / "short", cap="0.13"))
    assert (outcome.exit, outcome.counts.bought, outcome.counts.not_bought) == (Exit.MONEY, 2, 1)
    run = flow_run_of(server.url, tmp_path / "short")
    assert (run["state"]["type"], run["state"]["name"]) == ("COMPLETED", "CapReached")
    assert run["state"]["message"].startswith("2 bought, 0 kept, 0 failed, 0 in doubt, 1 not bought, 0.12 USD spent in all. ")
    assert outcome.capped
    assert outcome.capped.message in run["state"]["message"]
    states = {task["name"]: task["state"]["name"] for task in task_runs_of(server.url, run)}
    assert states["B010.t1 runware-ltx-2"] == "NotBought"
    assert _event(server.url, "callsheet.cap.reached")["payload"] == {
        "cap": "0.13",
        "settled": "0.12",
        "not_bought": 1,
        "why": outcome.capped and outcome.capped.message,
    }
    assert played(server, film(tmp_path / "short", cap="1.00")).counts.bought == 1


def _event(url: str, name: str) -> dict[str, Any]:
    """The one event of that name."""

    def written() -> list[dict[str, Any]] | None:
        found: Any = ask(url, "events/filter", {"filter": {"event": {"name": [name]}}})
        return found["events"] or None

    (event,) = later(written, f"the event {name}")
    return event


def test_the_ledger_is_the_same_with_and_without_prefect(server: Host, standin: str, tmp_path: Path) -> None:
    """Prefect shows a run; it has no part in it."""
    played(server, film(tmp_path / "with"))
    asyncio.run(direct(film(tmp_path / "without")))
    assert _book(tmp_path / "with") == _book(tmp_path / "without")
    assert len(_book(tmp_path / "with")) == 3


def test_drafts_and_what_is_bought_after_them_are_two_runs_of_one_list(server: Host, standin: str, tmp_path: Path) -> None:
    """The second is a run with `final`, which the server shows; both leave the ledger that they leave without Prefect."""
    books: list[object] = []
    for name in ("with", "without"):
        order = film(tmp_path / name)
        (order.folder / "project.toml").write_text('[draft]\nresolution = "192x128"\n')
        final = replace(order, final=True)
        each: list[Outcome] = []
        for step in (order, final):
            each.append(played(server, step) if name == "with" else asyncio.run(direct(step)))
            assert call("pick", "A020", "-C", str(order.folder)).code == 0
        assert [(one.exit, one.counts.bought) for one in each] == [(Exit.DONE, 3), (Exit.DONE, 1)]
        assert [film.drafts for film in each[1].sequences] == [("A010",), ("B010",)]
        books.append(_book(order.folder))
    assert books[0] == books[1]
    runs = [run for run in ask(server.url, "flow_runs/filter") if run["parameters"].get("folder") == str(tmp_path / "with")]
    assert sorted((run["parameters"].get("final", False), run["name"]) for run in runs) == [
        (False, "keeper 3 takes cap 1.00"),
        (True, "keeper 1 take cap 1.00"),
    ]


def _book(folder: Path) -> list[tuple[object, ...]]:
    """What the ledger knows of each attempt, less what is each project's own."""
    project = Project(folder)
    ledger = open_named(project, load(house_root() / "configs" / "defaults.toml", project.settings_file))
    try:
        found = read.attempts(ledger, project.identity, list="keeper")
    finally:
        ledger.close()
    return sorted(
        (
            str(a.take),
            a.n,
            a.draft,
            bool(a.final_of),
            a.state,
            a.seq,
            a.account,
            a.request_print,
            a.author_print,
            a.ordinal,
            a.quote,
            a.settled,
            a.held,
        )
        for a in found
    )


@pytest.mark.slow
async def test_a_stop_of_a_sweep_begins_no_other_list(server: Host, films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGTERM while the first of two lists is bought: the sweep ends with it, in good order, and nothing of the second is sent."""
    from prefect.context import refresh_global_settings_context

    from flows.sweep import sweep

    folder = film(tmp_path / "inbox").folder
    (folder / "later.csv").write_text((folder / "keeper.csv").read_text().replace("lighthouse", "harbour"))
    (folder / "project.toml").write_text('[lanes.runware]\nslots = 1\n[[cap]]\nscope = "day"\nusd = 1.50\n')
    refresh_global_settings_context()
    with running(Config(speed=0.02, palette=1, films=films)) as url:
        monkeypatch.setenv("RUNWARE_BASE_URL", f"{url}/v1")
        monkeypatch.setenv("RUNWARE_API_KEY", KEY)
        over = threading.Event()
        stopping = asyncio.create_task(asyncio.to_thread(_terminate_once_bought, url, over))
        swept: Any = sweep(folder=str(folder), cap="2.00", quiet_s=0, return_state=True)
        state = await swept
        over.set()
        await stopping
        assert (state.name, state.message.startswith("keeper.csv: "), len(_jobs(url))) == ("Crashed", True, 1)


def _jobs(url: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{url}/standin/jobs") as answer:
        return json.loads(answer.read())["jobs"]


def _terminate_once_bought(url: str, over: threading.Event) -> None:
    """SIGTERM to this process as soon as the service has a job, unless the run is over before."""
    while not over.wait(0.2):
        if _jobs(url):
            os.kill(os.getpid(), signal.SIGTERM)
            return


@pytest.mark.slow
def test_a_server_that_dies_in_mid_run_costs_no_take(cache: Path, films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed with the first clip in place, while two takes wait for the only slot: both are bought and finished, and the lost record is told."""
    order = film(tmp_path / "film")
    (order.folder / "project.toml").write_text("[lanes.runware]\nslots = 1\n")
    monkeypatch.setattr(play_flow, "TEARDOWN_S", 1.0)
    environment = dict(os.environ)
    try:
        with running(Config(speed=5, palette=1, films=films)) as url:
            os.environ |= {"RUNWARE_BASE_URL": f"{url}/v1", "RUNWARE_API_KEY": KEY, "XDG_CACHE_HOME": str(cache)}
            with start_early() as own, after_preview(prepare(order), lambda told: _kill_once_received(own, told)) as shown:
                outcome = run_flow(own, order, shown)
    finally:
        os.environ.clear()
        os.environ.update(environment)
    assert (outcome.counts.bought, len(outcome.sequences)) == (3, 2)
    assert [problem.code for problem in outcome.problems] == ["prefect"]


def _kill_once_received(host: Host, told: RunEvent) -> None:
    if told.kind == "received" and host.child and host.child.poll() is None:
        host.child.kill()
        host.child.wait()


def test_a_run_on_a_server_is_paused_and_held_back_like_any_other(
    server: Host, standin: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pause sends nothing new until somebody resumes; a take that is held back meanwhile is told as not bought, and bought once it is let go."""
    monkeypatch.setattr(steering, "LOOK_S", 0.005)
    order, left = film(tmp_path / "steered"), TakeId("keeper", "B010", 1)
    project, told = Project(order.folder), list[str]()

    def say(kind: ControlKind, *takes: TakeId) -> None:
        add_control(project, Control(kind=kind, at="2026-11-29T21:00:00.000Z", who="anna", takes=takes))

    def steer(event: RunEvent) -> None:
        told.append(event.kind)
        if told.count("accepted") == 1 and event.kind == "accepted":
            say(ControlKind.PAUSE)
            say(ControlKind.HOLD, left)
        elif "pause" in told and "received" in told and "resumed" not in told:
            told.append("resumed")
            say(ControlKind.RESUME)

    with after_preview(prepare(order), steer) as shown:
        outcome = run_flow(server, order, shown)
    assert (outcome.exit, outcome.counts.bought, outcome.counts.not_bought) == (Exit.PARTIAL, 2, 1)
    assert told.index("received") < told.index("resumed") < len(told) - 1 - told[::-1].index("accepted"), told
    tasks = {task["name"]: task["state"]["name"] for task in task_runs_of(server.url, flow_run_of(server.url, order.folder))}
    assert tasks["B010.t1 runware-ltx-2"] == "NotBought"
    say(ControlKind.RELEASE, left)
    assert played(server, order).counts.bought == 1


def test_a_detached_run_can_be_read_on_the_server(server: Host, standin: str, tmp_path: Path) -> None:
    """A process of its own buys what was agreed, as a flow run of the server in reach."""
    order = film(tmp_path / "left")
    said = call("render", "keeper.csv", "--detach", "--cap", "1", "--yes", "-C", str(order.folder), "--json")
    assert said.code == 0, said.err
    project = Project(order.folder)
    until = time.monotonic() + 60
    while run_mark.running(project):
        assert time.monotonic() < until, (order.folder / said.json["log"]).read_text()
        time.sleep(0.1)
    os.waitpid(said.json["pid"], 0)
    assert "completed: 3 bought" in (order.folder / said.json["log"]).read_text()
    assert flow_run_of(server.url, order.folder)["state"]["name"] == "Completed"


def test_a_finish_can_be_read_on_the_server(server: Host, standin: str, tmp_path: Path) -> None:
    """The finish flow cuts what is there, asks no service, and leaves its name and its table."""
    order = film(tmp_path / "again")
    asyncio.run(direct(order))
    shutil.rmtree(order.folder / "out")
    asyncio.run(_finish(order))
    assert len(list((order.folder / "out").glob("*.mp4"))) == 2
    run = flow_run_of(server.url, order.folder)
    assert (run["name"], run["state"]["name"], set(run["parameters"])) == ("keeper", "Completed", {"folder", "list", "wait"})
    assert {task["name"] for task in task_runs_of(server.url, run)} == {"recut", "report"}


async def _finish(order: RunRequest) -> None:
    """The finish flow as a worker runs it, its records waited for."""
    from flows._host import play
    from flows.finish import finish

    await play(finish, order.parameters(), drain_s=30.0)


def test_an_error_of_the_run_is_raised_as_it_is(server: Host, standin: str, tmp_path: Path) -> None:
    """A project that another run holds is told as without Prefect, and nothing is bought."""
    order = film(tmp_path / "held")
    with Project(order.folder).lock(), pytest.raises(LockedError):
        played(server, order)
    assert flow_run_of(server.url, order.folder)["state"]["name"] == "Held"


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_run_in_good_order(number: signal.Signals, server: Host, films: Path, tmp_path: Path) -> None:
    """Ctrl-C and SIGTERM leave with 130 while jobs are under way; what was bought is in the ledger."""
    order = film(tmp_path / "stopped")
    with running(Config(speed=0.001, palette=1, films=films)) as url:
        places = {"RUNWARE_BASE_URL": f"{url}/v1", "RUNWARE_API_KEY": KEY, "PREFECT_API_URL": server.url}
        command = [sys.executable, "-m", "callsheet", "-C", str(order.folder), "render", "keeper.csv", "--cap", "1.00", "--yes"]
        with subprocess.Popen(command, env=os.environ | places, stderr=subprocess.PIPE, text=True) as run:
            said = _until(run, "accepted")
            run.send_signal(number)
            _, rest = run.communicate(timeout=60)
    assert run.returncode == Exit.INTERRUPTED, said + rest
    assert "Traceback" not in rest
    assert usd("0.06") in {row[-1] for row in _book(order.folder)}


def _until(run: subprocess.Popen[str], word: str) -> str:
    """What the command says up to the line with `word`."""
    said = ""
    assert run.stderr is not None
    for line in run.stderr:
        said += line
        if word in line:
            return said
    raise AssertionError(said)
