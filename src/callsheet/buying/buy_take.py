"""One take from end to end: hold, drive, and decide whether to make another attempt."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from callsheet.budget.rules.prices import ModelFrozen
from callsheet.buying.attempt_machine import advance
from callsheet.buying.context import RunContext
from callsheet.buying.frame_links import FrameLinks
from callsheet.buying.holds import Holds
from callsheet.buying.receive import receive, restore
from callsheet.buying.take_result import End, TakeResult
from callsheet.domain.attempt import Attempt, Cause, Reason, State
from callsheet.domain.errors import CallsheetError, LedgerError, MoneyError, Problem, ServiceError
from callsheet.domain.take import TakeId
from callsheet.planning.fallback import instead
from callsheet.planning.plan import PlannedTake
from callsheet.planning.project_plan import Prepared
from callsheet.qc.clip import Asked

_NOT_AGAIN = frozenset({Cause.CONTENT, Cause.FIX_SHOT, Cause.STOP_LANE, Cause.UNAVAILABLE})


class TakeBuyer:
    """Buys the takes of one run. `landed` is called with each clip that it receives; `problems` are reported at the run's end."""

    def __init__(self, prepared: Prepared, context: RunContext, holds: Holds, landed: Callable[[Attempt, PlannedTake], None]) -> None:
        self._prepared, self._context, self._holds, self._landed = prepared, context, holds, landed
        self._links = FrameLinks(prepared, context)
        self._wanted: dict[TakeId, asyncio.Future[Attempt | CallsheetError]] = {}
        self.problems: list[Problem] = []

    def begin(self) -> None:
        """Queue for holds in the plan's order, and take over existing holds."""
        for take in self._prepared.plan.buys if self._prepared.order.buy else ():
            if take.attempt is None:
                self._wanted[take.take] = self._holds.want(take)
            else:
                self._holds.take_on(take.attempt)
        self._holds.recheck()

    def ended(self, take: TakeId, how: TakeResult | None) -> None:
        """A take of the run is over (None: it was interrupted): takes that wait for its frames continue, or are refused."""
        self._links.ended(take, how)

    async def buy(self, planned: PlannedTake) -> TakeResult:
        """One take to its end, with as many attempts as the rules allow, each at the planned model or at a listed fallback."""
        attempt = planned.attempt
        if attempt and attempt.state is State.RECEIVED:
            return await restored(self._context, attempt)
        tried, rerolls, first = 0, self._prepared.settings.attempts.rerolls, True
        while True:
            granted = attempt or await self._granted(planned, first=first)
            if isinstance(granted, CallsheetError):
                return self._not_granted(planned, granted)
            if planned.priced.to_come and granted.state is State.HELD:  # an attempt that was sent already has its frame
                self._holds.waits(planned)
                shown = await self._links.shown(planned)
                if isinstance(shown, str):
                    self._holds.withdraw(granted)
                    return TakeResult(take=planned.take, end=End.NOT_BOUGHT, message=shown)
                planned, attempt, first = shown, await self._holds.exchange(granted, shown), False
                if attempt is None:
                    continue
                granted = attempt
            attempt = await self._drive(granted, planned)
            tried, first = tried + attempt.sent, False
            decision = self._decided(planned, attempt, tried)
            if rerolls and self._by_chance(planned, attempt, tried):
                decision, rerolls = replace(decision, again=True), rerolls - 1
            other = self._instead(planned, attempt, tried)
            if not decision.again and other is None:
                return self._over(attempt, decision)
            model = f" with {other.model}" if other else ""
            if attempt.sent:
                self._context.log.say("retry", f"attempt {attempt.n + 1}{model} after: {decision.message}", planned.take)
            planned, attempt = other or planned, None

    def _over(self, attempt: Attempt, decision: Decision) -> TakeResult:
        """The take's result. What is still on hold is not sent in this run: its money is free for those that are."""
        if attempt.state is State.HELD:
            self._holds.give_back(attempt)
            attempt = self._context.log.current(attempt)
        return result(attempt, decision)

    async def _granted(self, planned: PlannedTake, *, first: bool) -> Attempt | CallsheetError:
        if not self._may_buy(planned):
            return MoneyError("nothing is bought in this run", help="run `callsheet render`")
        if first and planned.take in self._wanted:
            return await self._wanted[planned.take]
        if planned.priced.quote is None:  # it was under way, so there was nothing to buy, and no price was requested
            return ServiceError(
                f"{planned.model} has no list price, and no quote was requested for another attempt",
                help="run `callsheet render` again: it requests a quote first",
            )
        return await self._holds.want(planned)

    def _not_granted(self, planned: PlannedTake, why: CallsheetError) -> TakeResult:
        # no cap tells of these: a model whose price became unknown during the run, and a ledger that can't be written
        if isinstance(why, ModelFrozen | LedgerError) and why.message not in {told.message for told in self.problems}:
            self.problems.extend(why.problems)
        return TakeResult(take=planned.take, end=End.NOT_BOUGHT, message=why.message)

    async def _drive(self, attempt: Attempt, planned: PlannedTake) -> Attempt:
        self._holds.take_on(attempt)
        try:
            attempt = await drive(self._context, attempt, planned.asked)
        finally:
            self._holds.let_go(attempt)
        if attempt.state is State.RECEIVED:
            self._landed(attempt, planned)
        return attempt

    def _may_buy(self, planned: PlannedTake) -> bool:
        """Whether this run buys for the take, beyond what is under way: a run in full quality only collects drafts."""
        order = self._prepared.order
        return order.buy and not (order.final and planned.draft)

    def _decided(self, planned: PlannedTake, attempt: Attempt, tried: int) -> Decision:
        decision = decide(attempt, tried=tried, per_run=self._prepared.settings.attempts.per_run, buy=self._may_buy(planned))
        if attempt.state is not State.HELD:
            return decision
        stopped, held_back = self._context.channels.lane(attempt).stopped, self._context.steering.now.why(attempt.take)
        message = f"not sent: {stopped.message}" if stopped else held_back or self._context.safety.why(attempt)
        return replace(decision, message=message)

    def _by_chance(self, planned: PlannedTake, attempt: Attempt, tried: int) -> bool:
        """Whether the service refused its own result, so that another try may end differently."""
        card = self._prepared.cards.get(attempt.model)
        may = self._may_buy(planned) and tried < self._prepared.settings.attempts.per_run
        return may and card is not None and card.moderation is not None and output_refused(attempt, card.moderation.output)

    def _instead(self, planned: PlannedTake, attempt: Attempt, tried: int) -> PlannedTake | None:
        """The same take at a listed fallback, if its model is unavailable; its hold is released."""
        if not self._may_buy(planned):
            return None
        stopped = self._context.channels.lane(attempt).stopped
        per_run = self._prepared.settings.attempts.per_run
        other = instead(planned, attempt, tried=tried, per_run=per_run, stopped=stopped is not None and stopped.code == "service")
        if other and attempt.state is State.HELD:
            self._holds.give_back(attempt)
        return other


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do after an attempt that is over, or that can't continue now."""

    again: bool
    end: End
    message: str


def decide(attempt: Attempt, *, tried: int, per_run: int, buy: bool) -> Decision:
    """Whether to try once more. `tried` attempts were made in this run. At most one may ever be billed without a clip."""
    match attempt.state:
        case State.RECEIVED:
            return Decision(again=False, end=End.RECEIVED, message="")
        case State.IN_DOUBT:
            said = attempt.message if attempt.settled and attempt.message else "perhaps paid"
            return Decision(again=False, end=End.IN_DOUBT, message=f"{said}: `callsheet recover` checks again")
        case State.CLOSED if attempt.reason is Reason.CANCELLED:
            return Decision(again=buy, end=End.NOT_BOUGHT, message="not sent")
        case State.CLOSED:
            said = attempt.message or (attempt.reason.value if attempt.reason else "closed")
            if attempt.cause is Cause.CONTENT:
                return Decision(again=False, end=End.REFUSED, message=said)
            if attempt.billed:
                return Decision(again=False, end=End.FAILED, message=f"{said} (billed without a clip)")
            final = not buy or tried >= per_run or attempt.cause in _NOT_AGAIN
            return Decision(again=not final, end=End.FAILED, message=said)
        case State.HELD:
            return Decision(again=False, end=End.NOT_BOUGHT, message="not sent")
        case _:
            return Decision(again=False, end=End.WAITING, message="still under way at the service; the next run collects it")


def output_refused(attempt: Attempt, codes: Collection[str]) -> bool:
    """Whether an attempt ended, without cost, because its result was refused: the job was accepted, and its error has one of these codes. A
    refused prompt never counts.
    """
    refused = attempt.state is State.CLOSED and attempt.cause is Cause.CONTENT and attempt.accepted_at is not None
    return refused and not attempt.billed and (attempt.message or "").partition(":")[0] in codes


async def drive(context: RunContext, attempt: Attempt, asked: Asked | None) -> Attempt:
    """One attempt to its end, or as far as possible now, in the turn of its kind."""
    async with context.safety.turn(attempt) as may:
        attempt = context.log.current(attempt)  # its hold may have been released in the meantime
        if may:
            attempt = await advance(context, attempt)
            attempt = await receive(context, attempt, asked) if attempt.state is State.READY else attempt
            context.safety.judge(attempt)
    return attempt


async def restored(context: RunContext, attempt: Attempt) -> TakeResult:
    """A received clip whose file is missing, fetched again. Nothing is bought."""
    in_place = await restore(context, attempt)
    message = "" if in_place else "its clip is missing on disk and could not be fetched"
    return TakeResult(take=attempt.take, end=End.KEPT if in_place else End.WAITING, message=message, attempt=attempt)


def result(attempt: Attempt, decision: Decision) -> TakeResult:
    """The take's end as a value."""
    return TakeResult(take=attempt.take, end=decision.end, message=decision.message, cost=attempt.settled, attempt=attempt)
