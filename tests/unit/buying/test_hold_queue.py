"""Holds in order: the purser grants, waits, and ends the buying."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from callsheet.budget.ledger.write import CapRefused
from callsheet.budget.rules.caps import CapState
from callsheet.buying.hold_queue import HoldQueue
from callsheet.domain.attempt import Attempt
from callsheet.domain.errors import CallsheetError, LedgerError


class Till:
    """Money that may come back: `left` of it, and whether something under way can still free more."""

    def __init__(self, left: int) -> None:
        self.left, self.busy = left, False
        self.asked: list[str] = []

    def ask(self, name: str, price: int, scope: str = "project") -> Any:
        async def hold() -> Attempt:
            self.asked.append(name)
            if price > self.left:
                raise CapRefused(CapState(scope=scope, name="", amount=10, used=10 - self.left), price)
            self.left -= price
            return cast("Attempt", name)

        return hold


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_holds_are_asked_in_the_plans_order() -> None:
    """Whoever asks first, the plan's order decides."""
    till = Till(10)
    purser = HoldQueue(lambda: till.busy)
    granted = [purser.want(order, till.ask(f"take {order}", 1)) for order in (2, 0, 1)]
    assert await asyncio.gather(*granted) == ["take 2", "take 0", "take 1"]
    assert till.asked == ["take 0", "take 1", "take 2"]


async def test_a_refused_hold_waits_while_money_may_come_back() -> None:
    """Nothing later or cheaper is skipped to meanwhile."""
    till = Till(3)
    till.busy = True
    purser = HoldQueue(lambda: till.busy)
    dear, cheap = purser.want(0, till.ask("dear", 5)), purser.want(1, till.ask("cheap", 1))
    await settled()
    assert not dear.done()
    assert not cheap.done()
    till.left = 6
    purser.freed()
    assert await asyncio.gather(dear, cheap) == ["dear", "cheap"]


async def test_the_first_refusal_that_nothing_can_help_ends_the_buying() -> None:
    """All that wait are told the same reason."""
    till = Till(3)
    purser = HoldQueue(lambda: till.busy)
    one, two, three = (purser.want(n, till.ask(f"{n}", price)) for n, price in enumerate((2, 5, 1)))
    assert await one == "0"
    assert isinstance(await two, CapRefused)
    assert isinstance(await three, CapRefused)
    assert till.asked == ["0", "1"]
    assert isinstance(await purser.want(9, till.ask("late", 1)), CapRefused)


async def test_a_doubt_can_not_free_money() -> None:
    """When the last thing that could free money ends, waiting ends too."""
    till = Till(0)
    till.busy = True
    purser = HoldQueue(lambda: till.busy)
    waiting = purser.want(0, till.ask("take", 1))
    await settled()
    till.busy = False
    purser.freed()
    assert isinstance(await waiting, CapRefused)


async def test_a_shots_own_limit_refuses_that_shot_alone() -> None:
    till = Till(3)
    purser = HoldQueue(lambda: till.busy)
    capped, fine = purser.want(0, till.ask("capped", 9, scope="shot")), purser.want(1, till.ask("fine", 1))
    assert isinstance(await capped, CapRefused)
    assert await fine == "fine"
    assert purser.refused is None


async def test_a_ledger_that_fails_ends_the_buying() -> None:
    """Nothing is held on a book that can't be written."""

    async def broken() -> Attempt:
        raise LedgerError("disk full")

    purser = HoldQueue(lambda: False)
    waiting = purser.want(0, broken)
    answer: Attempt | CallsheetError = await waiting
    assert isinstance(answer, LedgerError)
    await purser.close()


async def test_a_refusal_of_a_moment_that_is_over_decides_nothing() -> None:
    """Money that came back while a hold was being refused is asked for again, though nothing more can come."""
    till, purser = Till(3), HoldQueue(lambda: False)
    ask = till.ask("take", 5)

    async def overtaken() -> Attempt:
        try:
            return await ask()
        finally:
            if till.left == 3:
                till.left = 6
                purser.freed()

    assert await purser.want(0, overtaken) == "take"
    assert till.asked == ["take", "take"]
