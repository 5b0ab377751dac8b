"""The hold queue: requests holds from the ledger strictly in the plan's order. A refused hold waits while an attempt that this run drives
can still free money; the first hold that nothing can help ends the buying. Later or cheaper takes don't overtake it. Only a shot's own
limit refuses just that shot, and a frozen model just its own takes.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from callsheet.budget.ledger.write import CapRefused
from callsheet.budget.rules.prices import ModelFrozen
from callsheet.domain.attempt import Attempt
from callsheet.domain.errors import CallsheetError
from callsheet.domain.run_control import HeldBack


@dataclass(order=True, slots=True)
class _Want:
    order: int
    ask: Callable[[], Awaitable[Attempt]] = field(compare=False)
    granted: asyncio.Future[Attempt | CallsheetError] = field(compare=False)


class HoldQueue:
    """Grants holds one at a time. `can_free` says whether an attempt under way may still free money."""

    def __init__(self, can_free: Callable[[], bool]) -> None:
        self._can_free = can_free
        self._wants: list[_Want] = []
        self._stir = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.refused: CallsheetError | None = None

    def want(self, order: int, ask: Callable[[], Awaitable[Attempt]]) -> asyncio.Future[Attempt | CallsheetError]:
        """Queue for a hold; the future is the attempt, or why there is none."""
        granted: asyncio.Future[Attempt | CallsheetError] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._wants, _Want(order, ask, granted))
        self._stir.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        return granted

    def freed(self) -> None:
        """Money may have been released, or no longer can be: try again."""
        self._stir.set()

    def end(self, why: CallsheetError) -> None:
        """Grant nothing more."""
        self.refused = self.refused or why
        self._stir.set()

    async def close(self) -> None:
        """Stop; everyone still waiting gets the reason."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        try:
            while self._wants:
                if self.refused:
                    for want in self._wants:
                        if not want.granted.done():
                            want.granted.set_result(self.refused)
                    self._wants.clear()
                    return
                self._stir.clear()
                if not await self._grant(self._wants[0]):
                    await self._stir.wait()
                await asyncio.sleep(0)  # what was granted starts meanwhile
        except Exception as defect:  # nobody may wait for ever for a queue that has ended
            for want in self._wants:
                if not want.granted.done():
                    want.granted.set_exception(defect)
            raise

    async def _grant(self, want: _Want) -> bool:
        """Try the first in line; False if it has to wait."""
        try:
            answer: Attempt | CallsheetError = await want.ask()
        except CapRefused as refused:
            if self._stir.is_set():  # something has moved since it was asked: the refusal is of a moment that is over
                return True
            if refused.cap.scope != "shot":
                if self._can_free():
                    return False
                self.refused = refused
                return True
            answer = refused
        except (ModelFrozen, HeldBack) as alone:  # others are bought on
            answer = alone
        except CallsheetError as error:
            self.refused = error
            return True
        self._wants.remove(want)  # one that goes before it may have come meanwhile
        heapq.heapify(self._wants)
        if not want.granted.done():
            want.granted.set_result(answer)
        return True
