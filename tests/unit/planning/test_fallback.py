"""Fallback to another model: only where it is listed, shown before, and under the same caps; each try is an attempt of the same take."""

from __future__ import annotations

from dataclasses import replace

import pytest

from callsheet.buying.take_result import End
from callsheet.domain.attempt import Attempt, Cause, Reason, State
from callsheet.domain.errors import Exit, InputError
from callsheet.planning.fallback import instead
from callsheet.planning.plan import PlannedTake
from tests.project_stage import Stage
from tests.project_steps import plan, prepared, row, rows, said, views
from tests.scripted_runware_films import Stock

FAST, SLOW = "runware/ltx-2-fast", "runware/ltx-2"
GONE = "lightricks:ltx@2-fast"


def listed(stage: Stage, *models: str) -> None:
    """Write the list of fallbacks into project.toml."""
    toml = stage.folder / "project.toml"
    toml.write_text(f"[project]\nfallback = {list(models)!r}\n".replace("'", '"') + toml.read_text())


@pytest.fixture
def gone(stage: Stage, stock: Stock) -> Stage:
    """A shot whose model the service does not sell any more."""
    stage.write(rows(row("S1", "a lighthouse", model=FAST)))
    prepared(stage)
    stock.gone = {prepared(stage).cards[FAST].model}
    return stage


async def test_without_a_list_there_is_no_fallback(gone: Stage, stock: Stock) -> None:
    """The model is gone: the take has failed, and nothing else is tried."""
    outcome = await gone.render()
    assert (len(stock.bodies), outcome.exit, outcome.takes[0].end) == (1, Exit.PARTIAL, End.FAILED)


async def test_a_model_that_is_gone_is_replaced_by_the_listed_one(gone: Stage, stock: Stock) -> None:
    """Told in the plan, bought as the take's second attempt, kept from then on though the row still names the first model."""
    listed(gone, SLOW)
    assert (
        "fallback: if runware/ltx-2-fast is unavailable, runware/ltx-2 is tried: at most 0.09 USD instead of 0.24 for 1 take"
        in prepared(gone).plan.notes
    )
    outcome = await gone.render()
    assert (outcome.exit, outcome.money.settled, outcome.money.held) == (Exit.DONE, 90_000, 0)
    [take] = views(gone)
    assert [(a.n, a.model, a.state) for a in take.attempts] == [(1, FAST, State.CLOSED), (2, SLOW, State.RECEIVED)]
    assert any("with runware/ltx-2 after" in told.text for told in gone.told if told.kind == "retry")
    assert said(gone)["S1.t1"] == ("keep", "bought before, unchanged")
    assert (await gone.render()).counts.bought == 0
    assert len(stock.bodies) == 2
    assert [shot.stale for shot in outcome.sequences[0].shots] == [False]


async def test_a_fallback_asks_the_caps_again(stage: Stage, stock: Stock) -> None:
    """Dearer than what is left: not bought, the cap is named, nothing stays held."""
    stage.write(rows(row("S1", "a lighthouse", model=SLOW)))
    listed(stage, FAST)
    stock.gone = {prepared(stage).cards[SLOW].model}
    outcome = await stage.render(cap=200_000)
    assert (outcome.exit, outcome.money.settled, outcome.money.held, len(stock.bodies)) == (Exit.MONEY, 0, 0, 1)
    assert outcome.capped is not None
    assert "0.24" in outcome.capped.message


async def test_after_two_provider_errors_the_last_try_is_the_fallbacks(stage: Stage, stock: Stock) -> None:
    """Three attempts in a run in all: the fallback is no way round that."""
    stage.write(rows(row("S1", "a lighthouse", model=FAST)))
    listed(stage, SLOW)
    stock.polls = ["fail", "fail", "done"]
    outcome = await stage.render()
    assert outcome.exit is Exit.DONE
    assert [a.model for a in views(stage)[0].attempts] == [FAST, FAST, SLOW]


async def test_a_stopped_account_is_no_fallback_for_itself(stage: Stage, stock: Stock) -> None:
    """No balance: another model of the same account would be refused as well."""
    stage.write(rows(row("S1", "a lighthouse", model=FAST)))
    listed(stage, SLOW)
    stock.submits = ["402"]
    outcome = await stage.render()
    assert (len(stock.bodies), outcome.exit) == (1, Exit.SETUP)


async def test_content_and_wrong_requests_are_no_reason(stage: Stage, stock: Stock) -> None:
    """What the author has to change is not taken elsewhere."""
    stage.write(rows(row("S1", "a lighthouse", model=FAST)))
    listed(stage, SLOW)
    for word in ("refuse", "400"):
        stock.submits = [word]
        await stage.render()
    assert len(set(stock.models)) == 1


def test_what_a_fallback_cannot_make_is_told(stage: Stage, stock: Stock) -> None:
    """It is not offered for that take, and the plan says so."""
    stage.write(rows(row("S1", "a lighthouse", model=SLOW, seconds="15"), row("S2", "a boat", model=SLOW)))
    listed(stage, FAST)
    assert "fallback: runware/ltx-2-fast can't make S1.t1" in prepared(stage).plan.notes
    assert {take: [other.model for other in planned.priced.fallbacks] for take, planned in plan(stage).items()} == {
        "S1.t1": [],
        "S2.t1": [FAST],
    }


@pytest.mark.parametrize(
    ("line", "said"), [('fallback = ["runware/nope"]', "runware/nope"), ('fallback = "runware/ltx-2"', "is not a list of models")]
)
def test_a_wrong_list_is_refused_before_anything(stage: Stage, stock: Stock, line: str, said: str) -> None:
    toml = stage.folder / "project.toml"
    toml.write_text(f"[project]\n{line}\n" + toml.read_text())
    with pytest.raises(InputError, match=said):
        prepared(stage)


def test_a_changed_model_is_bought_though_its_clip_would_do_as_a_fallback(stage: Stage, stock: Stock) -> None:
    """The author names another model: only what was bought as its fallback is kept for it."""
    listed(stage, SLOW)
    stage.write(rows(row("S1", "a lighthouse", model=FAST)))
    planned = plan(stage)["S1.t1"]
    other = planned.priced.fallbacks[0]
    assert other.author_print == planned.priced.author_print
    assert other.request_print != planned.priced.request_print
    stage.write(rows(row("S1", "a lighthouse", model=SLOW)))
    assert plan(stage)["S1.t1"].priced.author_print != other.author_print


@pytest.fixture
def planned(stage: Stage, stock: Stock) -> PlannedTake:
    """A take with a fallback of its own account and, after it, one of another."""
    stage.write(rows(row("S1", "a lighthouse", model=FAST)))
    listed(stage, SLOW)
    take = plan(stage)["S1.t1"]
    near = take.priced.fallbacks[0]
    return replace(take, priced=replace(take.priced, fallbacks=(near, replace(near, model="other/film", account="other"))))


def ended(planned: PlannedTake, **facts: object) -> Attempt:
    """An attempt at the take that came to nothing."""
    made = Attempt(
        id="1", project="p", run="r", take=planned.take, n=1, sequence="s", service="runware", model=planned.model, account=planned.priced.account,
        author_print="a", request_print="b", ordinal=0, key="k", quote=240_000, price_ref="p", request=b"", made_at="t", state=State.CLOSED,
        reason=Reason.FAILED, cause=Cause.RETRY,
    )  # fmt: skip
    return replace(made, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "tried", "stopped", "model"),
    [
        ({"cause": Cause.UNAVAILABLE, "reason": Reason.REFUSED}, 1, False, SLOW),
        ({}, 1, False, None),
        ({}, 2, False, SLOW),
        ({}, 3, False, None),
        ({"state": State.HELD, "reason": None, "cause": None, "held": 240_000}, 0, True, "other/film"),
        ({"state": State.HELD, "reason": None, "cause": None, "held": 240_000}, 0, False, None),
        ({"settled": 240_000, "cause": Cause.UNAVAILABLE}, 1, False, None),
        ({"state": State.IN_DOUBT, "reason": None, "cause": None, "doubt": 240_000}, 1, True, None),
        ({"state": State.SUBMITTED, "reason": None, "cause": None, "held": 240_000}, 1, True, None),
        ({"state": State.RECEIVED, "reason": None, "cause": None}, 1, True, None),
    ],
    ids=["gone", "first error", "two errors", "none left", "lane stopped", "not stopped", "billed", "in doubt", "under way", "received"],
)
def test_when_a_fallback_is_tried(planned: PlannedTake, facts: dict[str, object], tried: int, stopped: bool, model: str | None) -> None:
    """Only for the service's own reasons, never where money was or may have been spent, and never at an account that has stopped."""
    other = instead(planned, ended(planned, **facts), tried=tried, per_run=3, stopped=stopped)
    assert (other.model if other else None) == model
