"""Lives of attempts on wires without a key, and of answers that the book could not take at first: told step by step."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from callsheet.buying.take_result import End
from callsheet.domain.attempt import Reason, State
from callsheet.store.project_folder import Project
from tests.crash import outside, weather
from tests.crash.disk import Disk
from tests.crash.simulation import World, ground, try_out
from tests.crash.speakers.base import Job


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    made = ground()
    yield made
    shutil.rmtree(made)


def states(world: World) -> list[str]:
    return [attempt.state.value for attempt in world.ended]


def told(world: World, words: str) -> list[str]:
    return [line for line in world.log if words in line]


def test_two_doubts_in_one_run_stop_a_lane_without_a_key(place: Path) -> None:
    """The rest is not sent in that run; a doubt blocks its own take only, so the next run buys the others."""
    world = try_out("blind", 1, place, script={("submit", 0): "lost-before", ("submit", 1): "lost-before"}, shots=6)
    assert sorted(states(world)).count("in_doubt") == 2
    first = [line for line in world.log if " p0 " in line]
    assert len([line for line in first if "submit: blind/reel" in line]) == 2
    assert sum(" p1 " in line and "submit: blind/reel" in line for line in world.log) == 4


def test_a_doubt_on_a_keyed_wire_stops_nothing(place: Path) -> None:
    """It is asked by key instead."""
    world = try_out("keyed", 1, place, script={("submit", 0): "lost-before", ("submit", 1): "lost-after"}, shots=4)
    assert states(world) == ["received"] * 4
    assert len(world.processes) == 2


def test_a_callback_brings_the_job_of_a_lost_answer(place: Path) -> None:
    """Within the run, while its inbox is looked at, nothing is ever in doubt."""
    world = try_out("tokened", 1, place, script={("submit", 0): "lost-after"}, shots=2)
    assert states(world) == ["received", "received"]
    assert told(world, "the service called back")
    assert len(world.vendor.jobs) == 2


def test_a_callback_after_a_death_clears_the_doubt(place: Path) -> None:
    """Late evidence: the doubt becomes submitted, is polled and fetched; nothing is sent again."""
    world = try_out("tokened", 1, place, script={("b4", 0): "kill"}, shots=1)
    assert (states(world), len(world.vendor.jobs)) == (["received"], 1)


def test_a_job_that_the_service_forgot_is_counted_as_paid(place: Path) -> None:
    """Known, and gone after a day: closed as expired, settled at what was held, and not bought again."""
    world = try_out("blind", 2, place, script={("b6", 0): "kill"}, shots=1, gap_s=2 * 86_400)
    [attempt] = world.ended
    assert (attempt.state, attempt.reason, attempt.settled) == (State.CLOSED, Reason.EXPIRED, 90_000)
    assert len(world.vendor.jobs) == 1
    assert told(world, "no longer knows job J0000: it counts as paid at its list price")


@pytest.mark.parametrize("kind", ["keyed", "tokened", "blind"])
def test_an_answer_is_kept_while_the_book_can_not_be_written(kind: str, place: Path) -> None:
    """The job's id is told at once, kept in memory, and written as soon as that is possible: no doubt, one job."""
    script = {("write:accepted", n): "full" for n in range(5)}
    world = try_out(kind, 3, place, script=script, shots=1)
    assert (states(world), len(world.vendor.jobs), len(world.processes)) == (["received"], 1, 2)
    job = world.ended[0].job
    assert f"accepted it as job {job}; the ledger ledger.db can't be used: database or disk is full. It is kept in memory" in "\n".join(
        world.log
    )


def test_a_clip_that_was_missing_before_is_not_given_up_at_one_more_404(place: Path) -> None:
    """Three dead addresses, then a download that hangs until its deadline, then one more dead address: not a quarter of an hour without a clip."""
    script = {**{("fetch", n): "expired" for n in (0, 1, 2, 4)}, ("fetch", 3): "dripped"}
    world = try_out("keyed", 1, place, script=script, shots=1)
    assert (states(world), len(world.vendor.jobs)) == (["received"], 1)


def test_a_lost_race_sends_nothing(place: Path) -> None:
    """A second process, the run lock bypassed, that finds the intent written leaves the take alone."""
    world = try_out("blind", 4, place, script={("b2", 0): "double"}, shots=3)
    assert (states(world), len(world.vendor.jobs)) == (["received"] * 3, 3)


def test_a_job_that_fails_when_its_quote_is_old_is_not_bought_again_unpriced(place: Path) -> None:
    """What is gone on with needs no price, so none was asked for: another attempt waits for a run that asks first."""

    def first_fails(patch: pytest.MonkeyPatch, _world: World) -> None:
        bought = outside.bought

        def failing(world: World, id: str, attempt: int) -> Job:
            return replace(bought(world, id, attempt), end="fail" if attempt == 1 else "ok")

        patch.setattr(outside, "bought", failing)
        patch.setattr(weather, "_JUMPS", (2 * 86_400.0,))  # longer than a quote is used

    script = {("b5", 0): "clock+", ("b6", 0): "kill"}
    world = try_out("deapi", 0, place, script=script, shots=1, plants=[first_fails])
    assert (states(world), len(world.vendor.jobs)) == (["closed"], 1)
    assert world.shown is not None
    assert world.shown.outcome is not None
    [take] = world.shown.outcome.takes
    assert (take.end, "no quote was requested for another attempt" in take.message) == (End.NOT_BOUGHT, True)


def test_the_projects_id_survives_a_power_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes and names: a project that forgot its id would not know what it has bought."""
    disk = Disk(tmp_path)
    disk.install(monkeypatch)
    project = Project(tmp_path)
    assert project.identity
    assert disk.survives(project.state / "project.json")
    project.record(ledger="another")
    assert disk.survives(project.state / "project.json")
