"""A worker's runs as an operator sees them: many films on one deployment, a sweep, a cancel, a bad list, and redeploying."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from callsheet.domain.run_request import RunRequest
from callsheet.standin.jobs.config import Config
from callsheet.standin.serve import running
from tests.flows.film import KEY, LIST, ask, film
from tests.flows.studio import Studio, soon, studio
from tests.house.sources import ROOT


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


def test_a_run_is_followed_on_its_page_alone(made: Studio, tmp_path: Path) -> None:
    """Each take's events stand in the log, the films and their places in a table, and the key nowhere."""
    order = film(tmp_path / "followed")
    run = _ended(made, made.start_run("nightly", folder=str(order.folder), list="keeper.csv", cap="1.00"))
    assert run["state"]["name"] == "Completed", made.logs(run)
    said = made.until(
        lambda: (found := [line["message"] for line in made.logs(run)]) and "3 bought, 0 kept" in str(found) and found, "its log"
    )
    for take in ("A010.t1", "A020.t1", "B010.t1"):
        kinds = [line.removeprefix(f"{take} ").partition(":")[0] for line in said if line.startswith(take)]
        assert kinds == ["submit", "accepted", "received", "price"], said
    artifacts = {one["key"]: one for one in ask(made.url, "artifacts/filter") if one["flow_run_id"] == run["id"]}
    assert {"followed-takes", "followed-films", "followed-money", "followed-progress", "followed-cap"} <= artifacts.keys()
    rows = json.loads(artifacts["followed-films"]["data"])
    assert {(row["sequence"], row["complete"], row["file"]) for row in rows} == {
        ("storm", "yes", "out/storm_web_v001.mp4"),
        ("calm", "yes", "out/calm_web_v001.mp4"),
    }
    assert KEY not in json.dumps([said, artifacts, run])


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


def test_a_cancel_is_ctrl_c(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, films: Path) -> None:
    """Cancelled on the page, the run ends in good order: as Cancelled with its sums, without a crash in the log; the next run collects what was under way."""
    order = film(tmp_path / "stopped")
    with running(Config(speed=0.02, palette=1, films=films)) as url:
        places = {"RUNWARE_BASE_URL": f"{url}/v1", "RUNWARE_API_KEY": KEY}
        with studio(tmp_path_factory.mktemp("prefect"), **places) as made:
            made.deploy(order.folder)
            run = made.start_run("nightly", list="keeper.csv", cap="1.00")
            made.until(lambda: any("accepted" in line["message"] for line in made.logs(run)), "an accepted job")
            ask(made.url, f"flow_runs/{run['id']}/set_state", {"state": {"type": "CANCELLING", "name": "Cancelling"}})
            stopped = _ended(made, run)
            said = [line["message"] for line in made.logs(run)]
    assert (stopped["state"]["type"], stopped["state"]["name"]) == ("CANCELLED", "Cancelled"), said
    assert not [line for line in said if "Crash detected" in line], said
    assert (order.folder / ".callsheet").is_dir()
    assert not (order.folder / ".callsheet" / "running").exists(), "the run has closed"


def test_a_sweep_renders_each_new_list_once(made: Studio, tmp_path: Path) -> None:
    """Of three lists one is still being written and one was rendered under another name; the folder's cap of the day is a must."""
    folder = film(tmp_path / "inbox").folder
    parameters = {"folder": str(folder), "cap": 1.0, "quiet_s": 0}
    refused = _ended(made, made.start_run("sweep", **parameters))
    assert (refused["state"]["name"], "cap of the day" in refused["state"]["message"]) == ("CapRefused", True)
    (folder / "project.toml").write_text('[[cap]]\nscope = "day"\nusd = 0.50\n')
    (folder / "second.csv").write_text(LIST.replace("The keeper climbs", "The keeper sleeps"))
    swept = _ended(made, made.start_run("sweep", **parameters))
    assert swept["state"]["message"] == "keeper.csv: Completed, second.csv: Completed", made.logs(swept)
    (folder / "keeper.csv").rename(folder / "renamed.csv")
    (folder / "third.csv").write_text(LIST.replace("Morning", "Evening"))
    later = _ended(made, made.start_run("sweep", **parameters | {"quiet_s": 3600}))
    assert later["state"]["message"] == "no new list"
    last = _ended(made, made.start_run("sweep", **parameters))
    assert last["state"]["message"] == "third.csv: Completed"


def test_costs_are_summed_by_week(made: Studio, tmp_path: Path) -> None:
    """The table is the ledger's, and the state says the last week's sum."""
    order = film(tmp_path / "costly")
    _ended(made, made.start_run("nightly", folder=str(order.folder), list="keeper.csv", cap="1.00"))
    run = _ended(made, made.start_run("weekly-costs", folder=str(order.folder)))
    assert run["state"]["message"].endswith(": 0.18 USD"), made.logs(run)
    (page,) = [one["data"] for one in ask(made.url, "artifacts/filter") if one["key"] == "costly-weeks"]
    assert "| 3 | 3 | 0.18 | 0.00 |" in page


def test_redeploying_keeps_what_an_operator_switched_on(made: Studio) -> None:
    """Schedules of the page, each with its film, one on and one off: both are as before after another deploy."""
    for name, active in (("on", True), ("off", False)):
        made.schedule(
            "finish", {"interval": 86400, "anchor_date": soon()}, {"folder": f"/films/{name}", "list": "shots.csv"}, active=active
        )
    made.deploy(Path("/films/keeper"))
    kept = {one["parameters"]["folder"]: one["active"] for one in made.deployment("finish")["schedules"]}
    assert kept == {"/films/on": True, "/films/off": False}


@pytest.mark.parametrize("missing", ["CALLSHEET_FILM", "CALLSHEET_HOUSE"])
def test_a_missing_folder_fails_the_deploy(missing: str, made: Studio) -> None:
    """At once, by name, and nothing is deployed with a hole in it."""
    places = {"CALLSHEET_FILM": "/films/keeper", "CALLSHEET_HOUSE": str(ROOT)} | {missing: ""}
    done = made.command("deploy", "--prefect-file", "deployments/prefect.yaml", "--all", **places)
    assert done.returncode != 0
    assert missing in done.stdout + done.stderr
    assert made.deployment("nightly")["parameters"]["folder"] == "/films/keeper"
