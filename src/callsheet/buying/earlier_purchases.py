"""Earlier purchases: attempts that earlier runs left open and that the plan doesn't continue. They are collected alongside the new
purchases.
"""

from __future__ import annotations

import asyncio

from callsheet.budget.ledger import read
from callsheet.buying.buy_take import decide, drive, restored, result
from callsheet.buying.context import RunContext
from callsheet.buying.holds import Holds
from callsheet.buying.receive import fetch_closed
from callsheet.buying.take_result import End, TakeResult
from callsheet.domain.attempt import Attempt, State
from callsheet.domain.errors import CallsheetError, Problem
from callsheet.domain.take import TakeName
from callsheet.planning.plan import Action, PlannedTake
from callsheet.planning.project_plan import Prepared
from callsheet.qc.acceptance import ordered


class EarlierPurchases:
    """The earlier purchases that one run collects: their results and problems."""

    def __init__(self, prepared: Prepared, context: RunContext, holds: Holds) -> None:
        self._prepared, self._context, self._holds = prepared, context, holds
        self._tasks: list[asyncio.Task[None]] = []
        self._looks: list[asyncio.Task[None]] = []
        #: by the attempt's full name
        self._results: dict[str, TakeResult] = {}
        self.problems: list[Problem] = []

    @property
    def results(self) -> tuple[TakeResult, ...]:
        """The results of those that are over or can't continue now."""
        return tuple(self._results.values())

    def adopt(self) -> None:
        """Release holds that this run doesn't continue, and collect the rest."""
        prepared = self._prepared
        gone_on_with = {
            planned.attempt.id for planned in prepared.plan.takes if planned.attempt and planned.action in (Action.BUY, Action.WAIT)
        }
        wanted = [TakeName.parse(name) for name in prepared.order.takes]
        for attempt in read.open_attempts(self._context.log.ledger, prepared.project.identity):
            if wanted and not any(name.matches(attempt.take) for name in wanted):
                continue
            mine = attempt.id in gone_on_with
            if attempt.state is State.HELD:
                if not (mine and prepared.order.buy):
                    self._holds.give_back(attempt)
            elif not mine:
                self._look_after(attempt)
        received = {attempt.take for seen in prepared.view.takes for attempt in seen.attempts if attempt.state is State.RECEIVED}
        for attempt in read.closed_and_paid(self._context.log.ledger, prepared.project.identity):
            named = not wanted or any(name.matches(attempt.take) for name in wanted)
            if named and attempt.take not in received and not prepared.view.marks.retaken(attempt, attempt.take):
                self._look_again(attempt)
        if prepared.order.list is None:  # a list's plan fetches its own missing clips
            missing = [seen.chosen for seen in prepared.view.takes if seen.chosen and not seen.file]
            named = [attempt for attempt in missing if not wanted or any(name.matches(attempt.take) for name in wanted)]
            self._tasks += [asyncio.create_task(self._restore(attempt)) for attempt in named]

    def knows(self, planned: PlannedTake) -> bool:
        """Whether the take's attempt was collected here, so that its result gives its current state."""
        if planned.attempt is None:
            return any(ended.take == planned.take and ended.end is End.RECEIVED for ended in self._results.values())
        return planned.attempt.full_name in self._results

    async def closed_rechecked(self) -> None:
        """Wait until it is known which closed attempts have a clip after all: those are used in the cut."""
        await asyncio.gather(*self._looks)

    async def ended(self) -> None:
        """Wait for all of them."""
        await asyncio.gather(*self._tasks, *self._looks)

    async def close(self) -> None:
        """Stop collecting them; their jobs continue at the services."""
        for task in (*self._tasks, *self._looks):
            task.cancel()
        await asyncio.gather(*self._tasks, *self._looks, return_exceptions=True)

    def _look_after(self, attempt: Attempt) -> None:
        place = self._prepared.accounts.get(attempt.service)
        if place is None or place.label != attempt.account:
            where = f"{attempt.state.value} at {attempt.account}, an account that this run doesn't use"
            self._context.log.say("note", f"{where}; left as it is", attempt.take)
            return
        self._holds.take_on(attempt)
        self._tasks.append(asyncio.create_task(self._see_through(attempt)))

    def _look_again(self, attempt: Attempt) -> None:
        place = self._prepared.accounts.get(attempt.service)
        if place and place.label == attempt.account:
            self._looks.append(asyncio.create_task(self._adopt(attempt)))

    async def _restore(self, attempt: Attempt) -> None:
        """A received clip whose file is missing."""
        place = self._prepared.accounts.get(attempt.service)
        if place is None or place.label != attempt.account:
            where = f"its clip is missing on disk, and it was bought at {attempt.account}, an account that this run doesn't use"
            self._results[attempt.full_name] = TakeResult(take=attempt.take, end=End.WAITING, message=where, attempt=attempt)
            return
        try:
            self._results[attempt.full_name] = await restored(self._context, attempt)
        except CallsheetError as error:
            self.problems.extend(problem.at(take=str(attempt.take)) for problem in error.problems)

    async def _adopt(self, attempt: Attempt) -> None:
        try:
            ended = await fetch_closed(self._context, attempt, ordered(attempt, self._prepared.cards.get(attempt.model)))
        except CallsheetError as error:
            self.problems.extend(problem.at(take=str(attempt.take)) for problem in error.problems)
            return
        if ended.implausible is not None:
            self._context.safety.judge(ended)
        if ended.state is State.RECEIVED:
            said = "paid before; its clip was fetched after all"
            self._results[attempt.full_name] = TakeResult(take=attempt.take, end=End.RECEIVED, message=said, attempt=ended)

    async def _see_through(self, attempt: Attempt) -> None:
        try:
            ended = await drive(self._context, attempt, ordered(attempt, self._prepared.cards.get(attempt.model)))
            self._results[attempt.full_name] = result(ended, decide(ended, tried=1, per_run=1, buy=False))
        except CallsheetError as error:
            self.problems.extend(problem.at(take=str(attempt.take)) for problem in error.problems)
        finally:
            self._holds.let_go(attempt)
