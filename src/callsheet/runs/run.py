"""A run: it locks the project, continues what was begun, buys what the plan says, and has it finished. `open_run` opens it; the driver (a
flow, or `direct`) awaits `produce` for each of `takes` and `finish` for each of `sequences`, all at once.
"""

from __future__ import annotations

import asyncio

from callsheet.buying.buy_take import TakeBuyer
from callsheet.buying.context import RunContext
from callsheet.buying.earlier_purchases import EarlierPurchases
from callsheet.buying.holds import Holds
from callsheet.buying.take_result import End, TakeResult
from callsheet.cutting import conform
from callsheet.domain.attempt import Attempt, State
from callsheet.domain.cut import Finished
from callsheet.domain.errors import CallsheetError
from callsheet.domain.run_control import Controls, changes
from callsheet.domain.take import TakeId
from callsheet.planning.decide import frozen_models
from callsheet.planning.lane_order import JobSeconds, Turn, turns
from callsheet.planning.plan import Action, PlannedTake
from callsheet.planning.project_plan import Prepared
from callsheet.runs.cut_room import CutRoom
from callsheet.runs.outcome import Outcome
from callsheet.status import project_view
from callsheet.store import clip_store


class Run:
    """One run of a project. Created by `open_run`, which owns what it works with."""

    def __init__(self, prepared: Prepared, context: RunContext, run_id: str) -> None:
        self.prepared = prepared
        self.id = run_id
        #: how it ended, once it has closed
        self.ended: Outcome | None = None
        self._context = context
        self._holds = Holds(prepared, context, run_id)
        self._earlier = EarlierPurchases(prepared, context, self._holds)
        self._cutroom = CutRoom(prepared, context)
        self._planned = {take.take: take for take in prepared.plan.takes if take.action in (Action.BUY, Action.WAIT)}
        self._blocked = [take for take in prepared.plan.takes if take.action is Action.BLOCKED]
        self._ended = {take: asyncio.Event() for take in self._planned}
        self._by_sequence: dict[str, list[TakeId]] = {}
        for sequence, rows in conform.sequences(prepared.priced).items():
            shots = {item.shot.shot_id for row in rows for item in row.in_each_shape}
            self._by_sequence[sequence] = [take for take in self._planned if take.shot in shots]
        self._results: dict[TakeId, TakeResult] = {}
        self._buyer = TakeBuyer(prepared, context, self._holds, self._cutroom.landed)
        self._problems = self._buyer.problems
        self._problems.extend(frozen_models(self._blocked))

    @property
    def takes(self) -> tuple[TakeId, ...]:
        """What this run drives, in buying order: takes to buy, and takes bought before but not received yet."""
        return tuple(sorted(self._planned, key=lambda take: self._planned[take].order))

    @property
    def sequences(self) -> tuple[str, ...]:
        """The list's sequences, in order."""
        return tuple(conform.sequences(self.prepared.priced))

    @property
    def under_way(self) -> tuple[Attempt, ...]:
        """The attempts that this run is driving."""
        return self._holds.driven

    def planned(self, take: TakeId) -> PlannedTake:
        """The plan's decision on a take."""
        return self._planned[take]

    def begin(self) -> None:
        """Put the limits in force, clean up after a dead run, continue earlier purchases, and queue for holds in the plan's order."""
        self._holds.begin()
        clip_store.sweep(self.prepared.project)
        self.prepared.keep_inputs()
        self._earlier.adopt()
        mine = [planned.attempt for planned in self._planned.values() if planned.attempt]
        known = [attempt for take in self.prepared.view.takes for attempt in take.attempts]
        self._context.safety.begin(known, self.prepared.view.marks, [*mine, *self._holds.driven])
        self._context.turns = self._turns() if self.prepared.order.buy else {}
        paused = self.prepared.view.marks.controls.paused_problem()
        if paused and any(planned.action is Action.BUY for planned in self._planned.values()):
            self._problems.append(paused)
        self._buyer.begin()

    def _turns(self) -> dict[TakeId, Turn]:
        """Who goes first at each lane, with the times of its past jobs."""
        takes = self.prepared.plan.buys
        lanes = {(planned.priced.account, planned.model): planned.priced.service for planned in takes}
        past = {lane: self._context.channels.past_jobs(service, *lane) for lane, service in lanes.items()}
        return turns(takes, self.sequences, JobSeconds.learned(past).of)

    def steered(self, before: Controls, now: Controls) -> None:
        """A person has steered this run: report it, and apply it to holds and jobs."""
        for kind, words in changes(before, now):
            self._context.log.say(kind, words)
        self._holds.hold_back(now, now.cancelled() - before.cancelled())

    async def produce(self, take: TakeId) -> TakeResult:
        """One take from end to end. Its end is a value; problems are reported and kept for the outcome."""
        how: TakeResult | None = None
        try:
            how = ended = await self._buyer.buy(self._planned[take])
        except CallsheetError as error:
            self._problems.extend(problem.at(take=str(take)) for problem in error.problems)
            self._context.log.say("failed", error.message, take)
            how = ended = TakeResult(take=take, end=End.FAILED, message=error.message)
            self._holds.end(error)
        finally:
            self._holds.freed()
            self._ended[take].set()
            self._buyer.ended(take, how)
        self._results[take] = ended
        return ended

    async def finish(self, sequence: str) -> tuple[Finished, ...]:
        """Wait until the sequence's takes have ended, then stitch it into every delivery. A sequence without any clip gives none."""
        takes = self._by_sequence.get(sequence, ())
        await asyncio.gather(*(self._ended[take].wait() for take in takes))
        await self._earlier.closed_rechecked()
        return await self._cutroom.finish(sequence, takes)

    async def settle(self) -> None:
        """Wait for earlier purchases outside this list, and for services that were asked to stop jobs."""
        await asyncio.gather(self._earlier.ended(), self._holds.called_off())

    def outcome(self, *, interrupted: bool = False) -> Outcome:
        """The outcome so far."""
        caps = self._holds.caps()
        mine = tuple(self._results.values())
        left = [self._planned[ended.take] for ended in mine if ended.end is End.NOT_BOUGHT]
        bought = sum(ended.end is not End.NOT_BOUGHT for ended in (*mine, *self._earlier.results))
        blocked = (_blocked_result(take) for take in self._blocked if not self._earlier.knows(take))
        rank = {sequence: n for n, sequence in enumerate(self.sequences)}
        stopped = [lane.stopped for lane in self._context.channels.lanes if lane.stopped]
        unbought = sorted({planned.take for planned in (*left, *self._blocked)})
        held_back = self._context.steering.now.held_back_problem(unbought)
        unbelieved = [problem for problem in self._context.safety.problems if problem not in stopped]
        return Outcome(
            money=project_view.money(self._context.log.ledger, self.prepared.project, rehearsal=self.prepared.rehearsal, caps=caps),
            caps=caps,
            takes=(*mine, *self._earlier.results, *blocked),
            sequences=tuple(sorted(self._cutroom.films, key=lambda film: rank[film.sequence])),
            kept=len(self.prepared.plan.keeps),
            capped=self._holds.refused(bought, left),
            interrupted=interrupted,
            problems=(
                *self._problems,
                *self._earlier.problems,
                *self._cutroom.problems,
                *stopped,
                *unbelieved,
                *([held_back] if held_back else []),
            ),
        )

    async def close(self) -> None:
        """Stop what is under way here; jobs continue at their services. Holds that were never sent are released."""
        await self._context.stop()
        await asyncio.gather(self._earlier.close(), self._cutroom.close())
        await self._holds.close()


def _blocked_result(planned: PlannedTake) -> TakeResult:
    doubt = planned.attempt is not None and planned.attempt.state is State.IN_DOUBT
    end = End.IN_DOUBT if doubt else End.REFUSED if planned.reason.startswith("refused") else End.NOT_BOUGHT
    return TakeResult(take=planned.take, end=end, message=planned.reason, attempt=planned.attempt)
