"""What stands on Prefect's page after a night of twelve shots with a bad row, a cap, a cancel and a doubt: what happened, why, what it cost, and where the film is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from callsheet.planning.plan import Action
from tests.flows.film import KEY, ask
from tests.flows.night import LOST, Night, night_studio, play_night
from tests.flows.studio import Studio

pytestmark = [pytest.mark.slow, pytest.mark.nightly, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Studio, Night]]:
    """The night, and its server while it still answers."""
    folder = tmp_path_factory.mktemp("night")
    with night_studio(folder / "prefect", folder / "films") as made:
        yield made, play_night(made, folder / "lighthouse")


def _log(made: Studio, run: dict[str, Any]) -> str:
    return "\n".join(line["message"] for line in made.logs(run))


def _tasks(made: Studio, run: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = ask(made.url, "task_runs/filter", {"flow_runs": {"id": {"any_": [run["id"]]}}})
    return {task["name"].partition(" ")[0] if ".t1" in task["name"] else task["name"]: task for task in found}


def test_each_run_says_how_it_ended_and_what_to_do(played: tuple[Studio, Night]) -> None:
    """The state's name, and in its message row and column, the cap and what would fit, the money on hold, or the doubt and its remedy."""
    _, night = played
    runs = (night.bad_row, night.capped, night.stopped, night.doubtful)
    assert [run["state"]["name"] for run in runs] == ["InvalidInput", "CapReached", "Cancelled", "NeedsDecision"]
    bad, capped, stopped, doubtful = (run["state"]["message"] for run in runs)
    assert bad.startswith("row 4, column duration_s: 'two' is not seconds")
    for said in (
        "6 bought",
        "6 not bought",
        "0.36 USD spent",
        "cap project 0.40",
        "6 of 12 takes fitted",
        "to buy all 6 that are left: give --cap",
    ):
        assert said in capped
    assert stopped.startswith("stopped: ")
    assert f"{LOST}.t1: 0.08 USD may have been spent -> `callsheet recover {LOST}.t1`" in doubtful


def test_no_log_holds_a_traceback_or_a_key(played: tuple[Studio, Night]) -> None:
    """Nor a crash that was none, nor the traceback of no exception."""
    made, night = played
    for run in (night.bad_row, night.capped, night.stopped, night.doubtful):
        said = _log(made, run)
        for word in ("Traceback", "NoneType: None", "Crash detected", KEY):
            assert word not in said, said


def test_a_takes_task_begins_when_it_is_sent_and_ends_as_what_happened(played: tuple[Studio, Night]) -> None:
    """None runs while it waits for one of the two slots; those that the cap left out end as NotBought without having run."""
    made, night = played
    tasks = {name: task for name, task in _tasks(made, night.capped).items() if ".t1" in name}
    assert sorted(task["state"]["name"] for task in tasks.values()) == ["NotBought"] * 6 + ["Received"] * 6
    sent = {line["message"].partition(" ")[0]: line["timestamp"] for line in made.logs(night.capped) if " submit: " in line["message"]}
    received = [name for name, task in tasks.items() if task["state"]["name"] == "Received"]
    assert set(received) == set(sent)
    for name in received:
        assert datetime.fromisoformat(tasks[name]["start_time"]) >= datetime.fromisoformat(sent[name])
    assert _tasks(made, night.doubtful)[f"{LOST}.t1"]["state"]["name"] == "InDoubt"


def test_the_tables_say_what_each_take_cost_and_where_the_films_are(played: tuple[Studio, Night]) -> None:
    """All twelve takes with their cost, whichever run bought them; three films, one with a hole; the folder; the sum."""
    made, night = played
    mine = {one["key"]: one for one in ask(made.url, "artifacts/filter") if one["flow_run_id"] == night.doubtful["id"]}
    takes = {row["take"]: row for row in json.loads(mine["lighthouse-takes"]["data"])}
    assert len(takes) == 12
    assert takes["A010.t1"]["end"] == Action.KEEP.value
    assert {row["cost"] for take, row in takes.items() if take != f"{LOST}.t1"} == {"0.06"}
    assert takes[f"{LOST}.t1"]["cost"] == "0.00 (0.08 in doubt)"
    films = {row["sequence"]: row["complete"] for row in json.loads(mine["lighthouse-films"]["data"])}
    assert films == {"storm": "yes", "rescue": "yes", "calm": f"missing {LOST}"}
    assert str(night.folder) in mine["lighthouse-films"]["description"]
    assert "**0.66 USD** spent of 5.00 USD · 0.00 on hold · 0.08 in doubt" in mine["lighthouse-money"]["data"]
    assert [name for name in ("lighthouse-progress", "lighthouse-cap") if name not in mine] == []
    assert all((night.folder / row["file"]).is_file() for row in json.loads(mine["lighthouse-films"]["data"]))
