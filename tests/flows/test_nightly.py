"""A worker's runs as an operator sees them: many films on one deployment, a sweep, a cancel, a bad list, and redeploying."""

from __future__ import annotations

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml

from callsheet.domain.run_request import RunRequest
from callsheet.settings.load import load
from callsheet.standin.jobs.config import Config
from callsheet.standin.serve import running
from callsheet.status.project_view import read_view
from callsheet.store.house import house_root
from callsheet.store.project_folder import Project
from tests.flows.film import KEY, LIST, ask, film
from tests.flows.studio import Studio, soon, studio
from tests.house.sources import ROOT

#: a worker's run takes six CPU seconds to begin, so that most are left to the night
pytestmark = pytest.mark.slow
HEARTBEAT, LAST_WORD = "prefect.flow-run.heartbeat", "callsheet.run.suspended"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, films: Path) -> Iterator[Studio]:
    """A studio whose worker buys at a stand-in that takes a while for each clip."""
    with running(Config(speed=5, palette=1, films=films)) as url:
        places = {"RUNWARE_BASE_URL": f"{url}/v1", "RUNWARE_API_KEY": KEY}
        with studio(tmp_path_factory.mktemp("prefect"), **places) as found:
            found.deploy(Path("/films/keeper"))
            yield found


def _ended(made: Studio, run: dict[str, Any]) -> dict[str, Any]:
    return made.ended(lambda one: one["id"] == run["id"])


def _films(order: RunRequest) -> list[str]:
    return sorted(file.name for file in (order.folder / "out").glob("*.mp4"))


def test_an_interval_fires_and_its_run_is_followed_on_its_page_alone(made: Studio, tmp_path: Path) -> None:
    """Nobody starts anything: the server's scheduler makes the run, the worker takes it, and both sequences are there.

    Each take's events stand in the log, the films and their places in a table, and the key nowhere.
    """
    folder = film(tmp_path / "followed").folder
    made.schedule("nightly", {"interval": 3600, "anchor_date": soon()}, {"folder": str(folder), "list": "keeper.csv", "cap": "1.00"})
    run = made.ended(lambda one: bool(one["auto_scheduled"]))
    assert (run["state"]["name"], run["created_by"]["type"]) == ("Completed", "SCHEDULE"), made.logs(run)
    said = made.until(
        lambda: (found := [line["message"] for line in made.logs(run)]) and "3 bought, 0 kept" in str(found) and found, "its log"
    )
    artifacts = {one["key"]: one for one in ask(made.url, "artifacts/filter") if one["flow_run_id"] == run["id"]}
    for take in ("A010.t1", "A020.t1", "B010.t1"):
        kinds = [line.removeprefix(f"{take} ").partition(":")[0] for line in said if line.startswith(take)]
        assert kinds == ["submit", "accepted", "received", "price"], said
    assert {"followed-takes", "followed-films", "followed-money", "followed-progress", "followed-cap"} <= artifacts.keys()
    rows = json.loads(artifacts["followed-films"]["data"])
    assert {(row["sequence"], row["complete"], row["file"]) for row in rows} == {
        ("storm", "yes", "out/storm_web_v001.mp4"),
        ("calm", "yes", "out/calm_web_v001.mp4"),
    }
    assert KEY not in json.dumps([said, artifacts, run])
    assert sorted(file.name for file in (folder / "out").glob("*.mp4")) == ["calm_web_v001.mp4", "storm_web_v001.mp4"]


def test_of_two_films_one_stops_at_its_cap_and_the_other_goes_on(made: Studio, tmp_path: Path) -> None:
    """Both on one deployment, at once and again: the capped film ends as CapReached with the cap in words, and nothing is paused."""
    short, whole = film(tmp_path / "short"), film(tmp_path / "whole")
    runs = [
        made.start_run("nightly", folder=str(short.folder), list="keeper.csv", cap=0.13),
        made.start_run("nightly", folder=str(whole.folder), list="keeper.csv", cap="1.00"),
    ]
    capped, done = (_ended(made, run) for run in runs)
    assert (capped["state"]["name"], done["state"]["name"]) == ("CapReached", "Completed"), made.logs(capped)
    assert "2 bought" in capped["state"]["message"]
    assert "0.13" in capped["state"]["message"]
    assert not made.deployment("nightly")["paused"]
    again = _ended(made, made.start_run("nightly", folder=str(whole.folder), list="keeper.csv"))
    assert again["state"]["name"] == "Completed"
    assert again["state"]["message"].startswith("0 bought, 3 kept, ")
    assert _films(whole) == ["calm_web_v001.mp4", "storm_web_v001.mp4"]
    tomorrow = _ended(made, made.start_run("nightly", folder=str(short.folder), list="keeper.csv"))
    assert (tomorrow["state"]["name"], _sent(short.folder)) == ("CapReached", {"keeper": 2}), "its own cap still holds, and nobody else's"


@pytest.mark.nightly
def test_a_bad_list_is_told_in_the_state(made: Studio, tmp_path: Path) -> None:
    """Row, column and fix stand in the state's message; nothing was bought, and there is no traceback."""
    order = film(tmp_path / "bad")
    (order.folder / "keeper.csv").write_text(
        LIST.replace("lighthouse in the storm,runware/ltx-2,2", "lighthouse in the storm,runware/ltx-2,two")
    )
    run = _ended(made, made.start_run("nightly", folder=str(order.folder), list="keeper.csv", cap="1.00"))
    assert (run["state"]["type"], run["state"]["name"]) == ("FAILED", "InvalidInput"), made.logs(run)
    assert "row 2, column duration_s: " in run["state"]["message"]
    assert "Traceback" not in str(made.logs(run))


def test_a_cancel_is_ctrl_c(made: Studio, tmp_path: Path, films: Path) -> None:
    """Cancelled on the page, the run ends in good order: as Cancelled with its sums, without a crash in the log; the next run collects what was under way."""
    order = film(tmp_path / "stopped")
    with running(Config(speed=0.02, palette=1, films=films)) as url:
        run = made.start_run("nightly", {"RUNWARE_BASE_URL": f"{url}/v1"}, folder=str(order.folder), list="keeper.csv", cap="1.00")
        made.until(lambda: any("accepted" in line["message"] for line in made.logs(run)), "an accepted job")
        ask(made.url, f"flow_runs/{run['id']}/set_state", {"state": {"type": "CANCELLING", "name": "Cancelling"}})
        stopped = _ended(made, run)
        said = [line["message"] for line in made.logs(run)]
    assert (stopped["state"]["type"], stopped["state"]["name"]) == ("CANCELLED", "Cancelled"), said
    assert not [line for line in said if "Crash detected" in line], "\n".join(said)
    assert (order.folder / ".callsheet").is_dir()
    assert not (order.folder / ".callsheet" / "running").exists(), "the run has closed"


@pytest.mark.nightly
def test_a_suspended_run_goes_on_when_it_is_resumed(made: Studio, tmp_path: Path) -> None:
    """Suspended in mid-run, it sends nothing more, its process ends, and nothing is called a crash; resumed, the same run collects and buys the rest."""
    order = film(tmp_path / "paused")
    (order.folder / "project.toml").write_text("[lanes.runware]\nslots = 1\n")
    run = made.start_run("nightly", folder=str(order.folder), list="keeper.csv", cap="1.00")
    made.until(lambda: any("accepted" in line["message"] for line in made.logs(run)), "an accepted job")
    _suspend(made, run)
    made.until(lambda: not any(_is_of(path, run) for path in Path("/proc").glob("[0-9]*/environ")), "the end of its process")
    (paused,) = [one for one in ask(made.url, "flow_runs/filter") if one["id"] == run["id"]]
    assert paused["state"]["name"] == "Suspended", made.logs(run)
    made.until(lambda: LAST_WORD in _events(made, run), "its last word")
    assert _events(made, run)[-1] == LAST_WORD, "after the last sign of life"
    assert sum(_sent(order.folder).values()) < 3
    ask(made.url, f"flow_runs/{run['id']}/resume")
    done = _ended(made, run)
    assert done["state"]["name"] == "Completed", made.logs(run)
    assert _sent(order.folder) == {"keeper": 3}
    assert not [line for line in made.logs(run) if "Crash detected" in line["message"]], made.logs(run)


@pytest.mark.nightly
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_run_that_died_is_started_again_and_picks_up_what_was_bought(number: signal.Signals, made: Studio, tmp_path: Path) -> None:
    """Killed in mid-run, or told to end by its machine: Prefect calls it Crashed, the shipped automation starts another, and that fetches what was under way and buys only the rest."""
    order = film(tmp_path / "died")
    (order.folder / "project.toml").write_text("[lanes.runware]\nslots = 1\n")
    automations = yaml.safe_load((ROOT / "deployments/automations.yaml").read_text())["automations"]
    (restart,) = [one for one in automations if one["name"] == "callsheet-restart"]
    kept: Any = ask(made.url, "automations/", restart)
    run = made.start_run("nightly", folder=str(order.folder), list="keeper.csv", cap="1.00")
    made.until(lambda: any("accepted" in line["message"] for line in made.logs(run)), "an accepted job")
    (process,) = [int(path.parent.name) for path in Path("/proc").glob("[0-9]*/environ") if _is_of(path, run)]
    os.kill(process, number)
    assert _ended(made, run)["state"]["name"] == "Crashed"

    def again(one: dict[str, Any]) -> bool:
        return one["id"] != run["id"] and one["parameters"].get("folder") == str(order.folder)

    second = made.ended(again)
    ask(made.url, f"automations/{kept['id']}", method="DELETE")
    assert (second["state"]["name"], second["created_by"]["type"]) == ("Completed", "AUTOMATION"), made.logs(second)
    assert _films(order) == ["calm_web_v001.mp4", "storm_web_v001.mp4"]
    assert _sent(order.folder) == {"keeper": 3}, "nothing was bought twice"


def test_only_the_dead_are_started_again_and_as_they_were(made: Studio) -> None:
    """Of three runs without a sign of life, one is suspended, with a sign of life that came late, and one another team's: only the third is called
    crashed. What is started for it buys nothing where it was to buy nothing, and the cap in force stays."""
    shipped = {one["name"]: one for one in yaml.safe_load((ROOT / "deployments/automations.yaml").read_text())["automations"]}
    watch, restart = shipped["callsheet-zombies"], shipped["callsheet-restart"]
    watch["trigger"]["within"] = 45  # the least that Prefect takes is ten: too few where other tests take the processor
    kept: list[Any] = [ask(made.url, "automations/", one) for one in (watch, restart)]
    ours = ["callsheet", "nightly"]
    suspended, theirs, dead = (_running(made, folder) for folder in ("/films/suspended", "/films/theirs", "/films/dead"))
    _suspend(made, suspended)
    _told(made, suspended, ours, HEARTBEAT, LAST_WORD)
    for run, tags in ((theirs, ["theirs"]), (dead, ours)):
        _told(made, run, tags, HEARTBEAT)
    assert _ended(made, dead)["state"]["message"] == watch["actions"][0]["message"]
    states = {run["parameters"]["folder"]: run["state"]["name"] for run in ask(made.url, "flow_runs/filter")}
    assert (states["/films/suspended"], states["/films/theirs"]) == ("Suspended", "Running")
    (again,) = made.until(lambda: [run for run in ask(made.url, "flow_runs/filter") if _restarted(run, "/films/dead")], "a second run")
    assert again["parameters"] == {"folder": "/films/dead", "list": "keeper.csv", "cap": "", "buy": False, "wait": False}
    for gone in kept:
        ask(made.url, f"automations/{gone['id']}", method="DELETE")
    for gone in (suspended, theirs, dead, again):
        ask(made.url, f"flow_runs/{gone['id']}", method="DELETE")


def _running(made: Studio, folder: str) -> dict[str, Any]:
    """A run of `nightly` that is said to run, so that no worker takes it."""
    parameters = {"folder": folder, "list": "keeper.csv", "cap": "9.00", "buy": False, "wait": False}
    question = {"parameters": parameters, "state": {"type": "RUNNING", "name": "Running"}}
    run: Any = ask(made.url, f"deployments/{made.deployment('nightly')['id']}/create_flow_run", question)
    return run


def _told(made: Studio, run: dict[str, Any], tags: list[str], *events: str) -> None:
    """Events that a run emits about itself, each of which the server is to handle after the one before."""
    related = [{"prefect.resource.id": f"prefect.tag.{tag}", "prefect.resource.role": "tag"} for tag in tags]
    whose = {"resource": {"prefect.resource.id": f"prefect.flow-run.{run['id']}"}, "related": related, "payload": {}}
    sent: Any = [{"id": str(uuid4()), "occurred": datetime.now(UTC).isoformat(), "event": event, **whose} for event in events]
    for one, after in pairwise(sent):
        after["follows"] = one["id"]
    ask(made.url, "events", sent)


def _suspend(made: Studio, run: dict[str, Any]) -> None:
    details = {"pause_reschedule": True, "pause_timeout": (datetime.now(UTC) + timedelta(hours=1)).isoformat()}
    ask(made.url, f"flow_runs/{run['id']}/set_state", {"state": {"type": "PAUSED", "name": "Suspended", "state_details": details}})


def _events(made: Studio, run: dict[str, Any]) -> list[str]:
    """What a run that is tagged as ours said of itself, in the order in which the server had it."""
    asked = {"filter": {"resource": {"id": [f"prefect.flow-run.{run['id']}"]}, "order": "ASC"}, "limit": 50}
    found = ask(made.url, "events/filter", asked)["events"]
    ours = [one["event"] for one in found if "prefect.tag.callsheet" in [about["prefect.resource.id"] for about in one["related"]]]
    return [event for event in ours if event in (HEARTBEAT, LAST_WORD)]


def _restarted(run: dict[str, Any], folder: str) -> bool:
    return run["parameters"].get("folder") == folder and (run["created_by"] or {}).get("type") == "AUTOMATION"


def _is_of(environ: Path, run: dict[str, Any]) -> bool:
    """Whether a process plays this flow run itself."""
    try:
        ours = f"PREFECT__FLOW_RUN_ID={run['id']}".encode() in environ.read_bytes().split(b"\0")
        return ours and b"prefect" in environ.with_name("cmdline").read_bytes()
    except OSError:
        return False


@pytest.mark.nightly
def test_a_key_may_come_from_a_secret_block(made: Studio, tmp_path: Path) -> None:
    """Where the worker's environment has none, the block `runware-api-key` is read; its value stands in no parameter, log, artifact or environment of the run."""
    order = film(tmp_path / "blocks")
    nightly = {"folder": str(order.folder), "list": "keeper.csv", "cap": "1.00"}
    without = {"RUNWARE_API_KEY": ""}
    refused = _ended(made, made.start_run("nightly", without, **nightly))
    assert (refused["state"]["name"], "RUNWARE_API_KEY is not set" in refused["state"]["message"]) == ("Environment", True)
    (kind,) = [one for one in ask(made.url, "block_types/filter") if one["slug"] == "secret"]
    (schema, *_) = ask(made.url, "block_schemas/filter", {"block_schemas": {"block_type_id": {"any_": [kind["id"]]}}})
    block = {"name": "runware-api-key", "block_type_id": kind["id"], "block_schema_id": schema["id"], "data": {"value": KEY}}
    ask(made.url, "block_documents/", block)
    run = _ended(made, made.start_run("nightly", without, **nightly))
    assert run["state"]["name"] == "Completed", made.logs(run)
    left = [run, made.logs(run), [one for one in ask(made.url, "artifacts/filter") if one["flow_run_id"] == run["id"]]]
    assert KEY not in json.dumps(left)


def _sent(folder: Path) -> dict[str, int]:
    """How many purchases were sent for each list."""
    project = Project(folder)
    settings = load(house_root() / "configs" / "defaults.toml", project.settings_file)
    attempts = (attempt for take in read_view(project, settings).takes for attempt in take.attempts)
    return dict(Counter(attempt.take.list for attempt in attempts if attempt.intent_at))


@pytest.mark.nightly
def test_a_sweep_renders_each_new_list_once(made: Studio, tmp_path: Path) -> None:
    """A folder without a cap of the day is refused. Three lists come while the sweep runs: one is rendered by it, one is the first under another name, one is still
    being written and waits for the next sweep. Two sweeps at once see to each list once."""
    folder = film(tmp_path / "inbox").folder
    parameters = {"folder": str(folder), "cap": 2.0, "quiet_s": 3}
    refused = _ended(made, made.start_run("sweep", **parameters))
    assert (refused["state"]["name"], "daily cap" in refused["state"]["message"]) == ("CapRefused", True)
    (folder / "project.toml").write_text('[[cap]]\nscope = "day"\nusd = 1.50\n')
    both = [made.start_run("sweep", **parameters) for _ in range(2)]
    made.until(lambda: any("submit" in line["message"] for run in _renders(made, folder) for line in made.logs(run)), "a purchase")
    (folder / "second.csv").write_text(LIST.replace("The keeper climbs", "The keeper sleeps"))
    (folder / "copy.csv").write_text(LIST)
    growing = folder / "third.csv"
    growing.write_text(LIST.replace("Morning", "Evening"))
    ended = _while_written(made, growing, both)
    said = sorted(run["state"]["message"] for run in ended)
    assert "another sweep of this folder is running" in said
    (worked,) = [one for one in said if one.startswith("keeper.csv")]
    assert "third.csv" not in worked
    assert "copy.csv" not in worked
    (folder / "keeper.csv").rename(folder / "renamed.csv")
    made.until(lambda: time.time() - growing.stat().st_mtime > 3, "a list that rests")
    last = _ended(made, made.start_run("sweep", **parameters))
    assert last["state"]["message"].split(", ")[-1] == "third.csv: Completed"
    assert _sent(folder) == {"keeper": 3, "second": 1, "third": 1}, "what was bought for another list is kept"
    assert _ended(made, made.start_run("sweep", **parameters))["state"]["message"] == "no new list"


def _renders(made: Studio, folder: Path) -> list[dict[str, Any]]:
    runs = ask(made.url, "flow_runs/filter")
    return [run for run in runs if run["parameters"].get("folder") == str(folder) and "list" in run["parameters"]]


def _while_written(made: Studio, growing: Path, runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The runs, once they have ended; as long as they go on, a list goes on being written."""

    def ended() -> list[dict[str, Any]] | None:
        with growing.open("a") as list:
            list.write("\n")
        found = [one for one in ask(made.url, "flow_runs/filter") if one["id"] in {run["id"] for run in runs}]
        return found if all(one["state"]["type"] in ("COMPLETED", "FAILED", "CRASHED") for one in found) else None

    return made.until(ended, "both sweeps' end")


@pytest.mark.nightly
def test_costs_are_summed_by_week(made: Studio, tmp_path: Path) -> None:
    """The table is the ledger's, and the state says the last week's sum."""
    order = film(tmp_path / "costly")
    _ended(made, made.start_run("nightly", folder=str(order.folder), list="keeper.csv", cap="1.00"))
    run = _ended(made, made.start_run("weekly-costs", folder=str(order.folder)))
    assert run["state"]["message"].endswith(": 0.18 USD"), made.logs(run)
    (page,) = [one["data"] for one in ask(made.url, "artifacts/filter") if one["key"] == "costly-weeks"]
    assert "| 3 | 3 | 0.18 | 0.00 |" in page


@pytest.mark.nightly
def test_redeploying_keeps_what_an_operator_switched_on(made: Studio) -> None:
    """Schedules of the page, each with its film, one on and one off: both are as before after another deploy."""
    for name, active in (("on", True), ("off", False)):
        made.schedule(
            "finish", {"interval": 86400, "anchor_date": soon()}, {"folder": f"/films/{name}", "list": "shots.csv"}, active=active
        )
    made.deploy(Path("/films/keeper"))
    kept = {one["parameters"]["folder"]: one["active"] for one in made.deployment("finish")["schedules"]}
    assert kept == {"/films/on": True, "/films/off": False}


@pytest.mark.nightly
@pytest.mark.parametrize("missing", ["CALLSHEET_FILM", "CALLSHEET_HOUSE"])
def test_a_missing_folder_fails_the_deploy(missing: str, made: Studio) -> None:
    """At once, by name, and nothing is deployed with a hole in it."""
    places = {"CALLSHEET_FILM": "/films/keeper", "CALLSHEET_HOUSE": str(ROOT)} | {missing: ""}
    done = made.command("deploy", "--prefect-file", "deployments/prefect.yaml", "--all", **places)
    assert done.returncode != 0
    assert missing in done.stdout + done.stderr
    assert made.deployment("nightly")["parameters"]["folder"] == "/films/keeper"
