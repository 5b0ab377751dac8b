"""A request is sent again only if the service's silence about its key proves something."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from callsheet.clock import Clock
from callsheet.domain.errors import Exit
from tests.project_stage import LIST, Stage
from tests.scripted_runware import Shop
from tests.unit.runs.test_run import books_balance


async def lost(stage: Stage, shop: Shop) -> None:
    """A run whose purchase was not answered, and whose service was out of reach from then on."""
    shop.submits, shop.polls = ["lost", "ok"], ["502"]
    outcome = await stage.render()
    assert (outcome.exit, outcome.money.held, len(shop.bodies)) == (Exit.PARTIAL, 90_000, 1)
    shop.polls, shop.forgets = ["done"], True


async def test_another_accounts_silence_proves_nothing(stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The API key was changed meanwhile: the account that it belongs to may never have heard of the request. With the first key it is found."""
    await lost(stage, shop)
    monkeypatch.setenv("RUNWARE_API_KEY", "of-another-account")
    outcome = await stage.render()
    assert (outcome.exit, outcome.money.in_doubt, len(shop.bodies)) == (Exit.HUMAN, 90_000, 1)
    assert any("another API key" in told.text for told in stage.told)
    monkeypatch.setenv("RUNWARE_API_KEY", "canary-7c1e")
    shop.forgets = False
    outcome = await stage.render()
    assert (outcome.money.in_doubt, outcome.money.settled, len(shop.bodies)) == (0, 90_000, 1)
    books_balance(stage, shop)


async def test_a_clock_that_was_put_back_proves_nothing(stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sent tomorrow, by this machine's clock, whose system can't tell when it was started: how old the key is, nobody knows."""
    monkeypatch.setattr(Clock, "since_boot", lambda _clock: None)
    await lost(stage, shop)
    monkeypatch.setattr(Clock, "now", lambda _clock: datetime.now(UTC) - timedelta(days=1))
    outcome = await stage.render()
    assert (outcome.exit, outcome.money.in_doubt, len(shop.bodies)) == (Exit.HUMAN, 90_000, 1)
    assert any("its clock was put back" in told.text for told in stage.told)


async def test_the_time_since_the_machine_was_started_is_a_witness(stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sent tomorrow, by this machine's clock, and a moment ago by the one that never jumps: the key is young, and what the service doesn't know is sent again."""
    await lost(stage, shop)
    monkeypatch.setattr(Clock, "now", lambda _clock: datetime.now(UTC) - timedelta(days=1))
    shop.submits = ["ok"]
    assert (await stage.render()).money.in_doubt == 0
    assert (len(shop.bodies), len(shop.jobs)) == (2, 1)


async def test_after_a_new_start_this_machine_s_clock_alone_proves_nothing(
    stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have been a day ahead before: nobody can tell."""
    await lost(stage, shop)
    monkeypatch.setattr(Clock, "since_boot", lambda _clock: ("another start", 60.0))
    outcome = await stage.render()
    assert (outcome.exit, outcome.money.in_doubt, len(shop.bodies)) == (Exit.HUMAN, 90_000, 1)


async def test_our_own_time_is_no_witness_for_a_service_that_tells_none(stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service had answered before, without its time: where our clock was put back since, nothing says how old the key is."""
    monkeypatch.setattr(Clock, "since_boot", lambda _clock: None)
    stage.write(LIST + "S2,a boat in the rain,runware/ltx-2,3,320x192,24\n")
    shop.submits, shop.polls = ["ok", "lost"], ["done", "502"]
    assert (await stage.render()).money.held == 90_000
    shop.polls, shop.forgets = ["done"], True
    monkeypatch.setattr(Clock, "now", lambda _clock: datetime.now(UTC) - timedelta(days=1))
    outcome = await stage.render()
    assert (outcome.exit, outcome.money.in_doubt, len(shop.bodies)) == (Exit.HUMAN, 90_000, 2)


async def test_with_the_same_key_and_clock_it_is_sent_again(stage: Stage, shop: Shop) -> None:
    """Under its key, the same bytes: the service that has it says so."""
    await lost(stage, shop)
    shop.submits = ["ok"]
    outcome = await stage.render()
    assert (len(shop.bodies), len(set(shop.bodies)), len(shop.jobs)) == (2, 1, 1)
    assert outcome.money.in_doubt == 0


@pytest.mark.parametrize(("ahead_s", "words"), [(7200.0, "2.0 h behind runware's"), (-90_000.0, "25.0 h ahead of runware's"), (60.0, None)])
async def test_a_clock_that_is_far_from_the_service_s_is_told_once(stage: Stage, shop: Shop, ahead_s: float, words: str | None) -> None:
    """A cap of a day counts by this machine's."""
    shop.ahead_s = ahead_s
    await stage.render()
    told = [event.text for event in stage.told if "this machine's clock is" in event.text]
    assert len(told) == (words is not None)
    assert all(words and words in text for text in told)


async def test_a_job_is_given_up_for_no_clock_that_jumped(stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Accepted a moment ago, and a day ago by a time of day that was put on: it has its lane's patience still."""
    shop.polls = ["running"]
    assert (await stage.render()).exit is Exit.PARTIAL
    settings = stage.folder / "project.toml"
    settings.write_text(settings.read_text().replace("patience_s = 0.5", "patience_s = 30"))
    shop.polls = ["running"] * 12 + ["done"]
    now = Clock.now
    monkeypatch.setattr(Clock, "now", lambda clock: now(clock) + timedelta(days=1))
    assert (await stage.render()).exit is Exit.DONE
