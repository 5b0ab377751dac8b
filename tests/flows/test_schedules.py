"""Schedules fire on a Prefect server that is started from our own lock, and what they start finishes films."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.flows.film import film
from tests.flows.prefects_postgres import prefects_postgres
from tests.flows.studio import Studio, studio

#: waits for minutes to begin; test_nightly.py has an interval
pytestmark = [pytest.mark.slow, pytest.mark.nightly, pytest.mark.timeout(600)]


def _scheduled(run: dict[str, Any]) -> bool:
    return bool(run["auto_scheduled"])


def _films(folder: Path) -> list[str]:
    return sorted(file.name for file in (folder / "out").glob("*.mp4"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """Where the server keeps its records: in its own SQLite file, or in a real PostgreSQL."""
    if request.param == "sqlite":
        yield None
        return
    with prefects_postgres() as url:
        yield url


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
