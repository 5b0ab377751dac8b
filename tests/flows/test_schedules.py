"""Schedules fire on a Prefect server that is started from our own lock, and what they start finishes films."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.flows.film import KEY, ask, film
from tests.flows.prefects_postgres import prefects_postgres
from tests.flows.studio import Studio, soon, studio


def _scheduled(run: dict[str, Any]) -> bool:
    return bool(run["auto_scheduled"])


def _films(folder: Path) -> list[str]:
    return sorted(file.name for file in (folder / "out").glob("*.mp4"))


def test_an_interval_fires_and_its_run_is_followed_on_its_page_alone(standin: str, tmp_path: Path) -> None:
    """Nobody starts anything: the server's scheduler makes the run, the worker takes it, and both sequences are there.

    Each take's events stand in the log, the films and their places in a table, and the key nowhere.
    """
    folder = film(tmp_path / "followed").folder
    with studio(tmp_path / "prefect") as made:
        made.deploy(folder)
        made.schedule("nightly", {"interval": 600, "anchor_date": soon()}, {"list": "keeper.csv", "cap": "1.00"})
        run = made.ended(_scheduled)
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
    assert _films(folder) == ["calm_web_v001.mp4", "storm_web_v001.mp4"]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """Where the server keeps its records: in its own SQLite file, or in a real PostgreSQL."""
    if request.param == "sqlite":
        yield None
        return
    with prefects_postgres() as url:
        yield url


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_cron_fires_at_its_minute_also_after_a_restart(database: str | None, standin: str, tmp_path: Path) -> None:
    """Each minute a run: the first finishes the film; server and worker stop and start again, and a later one finds the shot that came to the list."""
    order = film(tmp_path / "keeper")
    with studio(tmp_path / "prefect", database) as made:
        made.deploy(order.folder)
        made.schedule("nightly", {"cron": "* * * * *", "timezone": "UTC"}, {"list": "keeper.csv", "cap": "1.00"})
        _fired(made, at_second="00")
        assert len(_films(order.folder)) == 2
        made.stop()
        with (order.folder / "keeper.csv").open("a") as list:
            list.write("C010,night,The lamp goes out,runware/ltx-2,2,320x192,24\n")
        made.start()
        made.until(lambda: len(_films(order.folder)) == 3, "the third sequence")


def _fired(made: Studio, at_second: str) -> None:
    run = made.ended(_scheduled)
    assert run["state"]["name"] == "Completed", made.logs(run)
    assert run["expected_start_time"][17:19] == at_second
