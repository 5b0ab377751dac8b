"""A lane's slots as one run has them: leased in the ledger, so that all processes on it together never have more jobs at the service than it has slots.

A slot that is free goes to the take here whose turn it is, without the ledger, unless another process has less than its part and waits. Jobs that nobody looks after
(their run was killed) take slots, too: while somebody waits here the service is asked whether they have ended.

The ledger's pen renews the lease, and takes go on meanwhile. Until it has, no more slots are used than it was told of: it may leave the run no others.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import count

from callsheet.budget.ledger.lanes import leases
from callsheet.budget.ledger.pen import Line, Pen
from callsheet.budget.ledger.store import Ledger
from callsheet.clock import Clock
from callsheet.domain.backoff import LONGEST_WAIT_S
from callsheet.domain.errors import LedgerError
from callsheet.planning.lane_order import UNPLANNED, Turn

#: a lease is renewed this often, seconds: it may fail once before the lease runs out
BEAT_S = 5.0
#: while others have slots that are waited for here, seconds: theirs may be free by now
LOOK_S = 0.5
#: between two looks at jobs that nobody looks after, seconds
ASK_S = 2.0
#: a ledger that can't be written so often in a row is given up, by all that wait
_TRIES = 3


async def _none_ended(_attempts: Collection[int]) -> Collection[int]:
    """Nothing is known of them."""
    return ()


@dataclass(order=True, slots=True)
class _Waiting:
    """A take that waits for a slot: by its turn, then by when it came."""

    turn: Turn
    came: int
    granted: asyncio.Future[None] = field(compare=False)


@dataclass(slots=True)
class Slots:
    """One lane's slots for one run. `closed` is told for how long the service wants nothing more (0: a pace is kept), as another process has heard; `ended` says which of some
    attempts that nobody looks after have no job at the service any more; `longest_s`: a job that began longer ago has ended."""

    pen: Pen
    lane: leases.Lane
    owner: str
    most: int
    clock: Clock
    closed: Callable[[float], None]
    ended: Callable[[Collection[int]], Awaitable[Collection[int]]] = _none_ended
    longest_s: float = LONGEST_WAIT_S
    _uses: int = 0
    _mine: set[int] = field(default_factory=set[int])
    _over: set[int] = field(default_factory=set[int])
    _asked_at: float | None = None
    _asking: asyncio.Task[None] | None = None
    _share: leases.Share = leases.NOTHING
    #: jobs that were left since the ledger was told of them
    _left: int = 0
    #: a heap
    _waiting: list[_Waiting] = field(default_factory=list[_Waiting])
    _came: count[int] = field(default_factory=count)
    _stir: asyncio.Event = field(default_factory=asyncio.Event)
    _beat: asyncio.Task[None] | None = None
    _closed: bool = False
    _failed: int = 0

    @asynccontextmanager
    async def slot(self, attempt: int, *, at_service: bool, turn: Turn = UNPLANNED) -> AsyncGenerator[None]:
        """An attempt's place, from before it is sent until the service is done with it. `at_service`: it may be there already, so it counts and needn't wait; the others
        wait for their `turn`.
        """
        if at_service:
            self._uses += 1
            self._tell()
        else:
            await self._wait(turn)
        self._mine.add(attempt)
        try:
            yield
        except BaseException:
            self.leave(attempt)
            raise
        finally:
            self._uses -= 1
            if attempt in self._mine:
                self._mine.discard(attempt)
                self._hand_on()

    def leave(self, attempt: int) -> None:
        """The run looks after an attempt no longer, and its job may go on: its slot stays taken until the ledger or the service says that it has ended."""
        if attempt in self._mine and not self._closed:
            self._mine.discard(attempt)
            self._left += 1
            self._share = replace(self._share, held=max(self._share.held - 1, 0))
            self._tell()

    async def close(self) -> None:
        """Give back what is left: nothing is sent any more."""
        self._closed = True
        if self._asking:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)
        if self._beat:
            self._beat.cancel()
            await asyncio.gather(self._beat, return_exceptions=True)
            self._uses = 0
            self._waiting.clear()
            with suppress(LedgerError):  # it runs out by itself
                await self._settle()

    async def _wait(self, turn: Turn) -> None:
        granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, _Waiting(turn, next(self._came), granted))
        self._grant()
        if not granted.done() and (self._uses < self.most or self._beat is None or self._beat.done()):
            self._tell()
        try:
            await granted
        except asyncio.CancelledError:
            if not granted.cancelled() and granted.exception() is None:  # granted in the same moment
                self._uses -= 1
                self._hand_on()
            raise

    def _hand_on(self) -> None:
        """A slot is free: the next take's here, or everybody's."""
        if self._closed:
            return
        if not self._share.surplus:
            self._grant()
        if not self._waiting or self._share.surplus:
            self._tell()

    def _grant(self) -> None:
        """Give leased slots that are free to those who wait here, in their turn."""
        while self._waiting and (self._waiting[0].granted.done() or self._uses < self._share.held):
            granted = heapq.heappop(self._waiting).granted
            if not granted.done():
                granted.set_result(None)
                self._uses += 1

    def _tell(self) -> None:
        """Have the ledger told of what is used and wanted, once for all that happens in this moment."""
        self._stir.set()
        if self._beat is None or self._beat.done():
            self._beat = asyncio.create_task(self._keep())

    async def _keep(self) -> None:
        """Renew the lease for as long as there is something to lease, and look oftener while others have what is waited for."""
        try:
            while True:
                self._stir.clear()
                await self._settle()
                self._ask()
                if not self._uses and not self._waiting and not self._stir.is_set():
                    return
                wanting = self._waiting and (self._share.others or self._share.orphaned) and self._uses < self.most
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stir.wait(), LOOK_S if wanting or self._failed else BEAT_S)
        except Exception as error:  # nobody may wait for a lease that nobody asks for any more
            for one in self._waiting:
                if not one.granted.done():
                    one.granted.set_exception(error)
            # what else is written fails likewise, and is told; an OSError where the folder is gone
            if not isinstance(error, LedgerError | OSError):
                raise

    def _ask(self) -> None:
        """Where takes wait and jobs that nobody looks after are in their way, ask the service whether those have ended; not oftener than every two seconds."""
        due = self._asked_at is None or self.clock.monotonic() - self._asked_at >= ASK_S
        if self._share.orphaned and self._waiting and due and (self._asking is None or self._asking.done()):
            self._asked_at = self.clock.monotonic()
            self._asking = asyncio.create_task(self._look(self._share.orphaned))

    async def _look(self, attempts: Collection[int]) -> None:
        over = {*await self.ended(attempts)}
        self._over |= over
        if over:
            self._stir.set()

    async def _settle(self) -> None:
        """Tell the ledger, and take what it grants. LedgerError where it can't be written so often in a row that it will not soon: what waits can't be sent."""
        uses, wants = self._uses, sum(not one.granted.done() for one in self._waiting)
        jobs, here = leases.Jobs(tuple(self._mine), tuple(self._over), self.longest_s), self.clock.now()
        self._left, self._share = 0, replace(self._share, held=min(self._share.held, uses))

        def act(ledger: Ledger) -> leases.Share:
            return leases.settle(ledger, self.lane, self.owner, uses=uses, wants=wants, slots=self.most, here=here, jobs=jobs)

        try:
            share = await self.pen.write(Line(None, act))
            self._share = replace(share, held=max(share.held - self._left, 0))
            self._failed = 0
        except LedgerError:
            self._failed += 1
            if self._failed >= _TRIES:
                raise
        if self._share.paced or self._share.closed_s:
            self.closed(self._share.closed_s)
        self._grant()
