"""Money on hold for a take that this run will not send: it is free for the takes that it does send."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from callsheet.buying import steering
from callsheet.buying.take_result import End, TakeResult
from callsheet.domain.errors import Exit
from callsheet.domain.run_control import ControlKind
from callsheet.domain.take import TakeId
from tests.project_stage import LIST, Stage
from tests.scripted_runware import Shop
from tests.scripted_runware_films import Stock
from tests.unit.runs.test_run import books_balance
from tests.unit.runs.test_steering import say, until

HEAD = LIST.splitlines()[0] + "\n"


def row(shot: str, model: str = "ltx-2", seconds: int = 3, size: str = "320x192") -> str:
    return f"{shot},a lighthouse called {shot},runware/{model},{seconds},{size},24\n"


def ends(takes: tuple[TakeResult, ...]) -> dict[str, End]:
    return {str(one.take): one.end for one in takes}


async def test_a_stopped_lane_keeps_no_money_from_another(stage: Stage, stock: Stock, monkeypatch: pytest.MonkeyPatch) -> None:
    """One model's first purchase finds no balance; what its other takes have on hold buys the other model's takes under the same cap."""
    submit = stock._submit

    def refused(key: str, word: str, request: httpx.Request) -> httpx.Response:
        return submit(key, "402" if b"called A" in request.content else word, request)

    monkeypatch.setattr(stock, "_submit", refused)
    stage.write(HEAD + row("A1") + row("A2") + row("A3") + row("B1", "ltx-2.3", 6, "1920x1080") + row("B2", "ltx-2.3", 6, "1920x1080"))
    outcome = await stage.render(cap=740_000)
    assert outcome.capped is None, outcome.capped
    assert (outcome.exit, outcome.counts.bought, outcome.money.held) == (Exit.SETUP, 2, 0)
    unsent = {"A1.t1": End.FAILED, "A2.t1": End.NOT_BOUGHT, "A3.t1": End.NOT_BOUGHT}
    assert ends(outcome.takes) == unsent | dict.fromkeys(("B1.t1", "B2.t1"), End.RECEIVED)


async def test_a_take_that_is_held_back_keeps_no_money_from_another(stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has money on hold, and is asked whether it may be sent before anybody else hears that a person holds it back: the last take has its money."""
    monkeypatch.setattr(steering, "LOOK_S", 60)
    stage.write(HEAD + row("S1") + row("S2") + row("S3"))
    shop.polls = ["running"]
    run = asyncio.create_task(stage.render(cap=180_000))
    await until(lambda: "getResponse" in shop.asked)
    say(stage, ControlKind.HOLD, TakeId("spot", "S2", 1))
    shop.polls = ["done"]
    outcome = await run
    assert ends(outcome.takes) == {"S1.t1": End.RECEIVED, "S2.t1": End.NOT_BOUGHT, "S3.t1": End.RECEIVED}
    assert (outcome.capped, outcome.money.held, outcome.money.settled) == (None, 0, 180_000)
    books_balance(stage, shop)
