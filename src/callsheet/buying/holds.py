"""The holds of a run: requested in the plan's order, checked against the caps during the run, and released if nothing was sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import replace

from callsheet.budget.ledger import read, write
from callsheet.budget.ledger.lanes import lane_stops
from callsheet.budget.ledger.pen import Line
from callsheet.budget.ledger.prices import read_prices
from callsheet.budget.ledger.store import Ledger
from callsheet.budget.rules.caps import CapState
from callsheet.budget.rules.prices import ModelFrozen, PriceMoved
from callsheet.buying.cap_monitor import CalledOff, CapWatch, at_once, refused
from callsheet.buying.context import RunContext
from callsheet.buying.hold_queue import HoldQueue
from callsheet.domain.attempt import Attempt, Kind, Reason, State
from callsheet.domain.errors import CallsheetError, Problem
from callsheet.domain.money import text
from callsheet.domain.run_control import Controls
from callsheet.domain.take import TakeId
from callsheet.planning import plan
from callsheet.planning.notes import cap_preview
from callsheet.planning.plan import PlannedTake
from callsheet.planning.project_plan import Prepared
from callsheet.pricing.price_row import repriced
from callsheet.services.protocol.request import pack
from callsheet.services.request_notes import files_of, noted

_CANCELLED = "cancelled"
#: states in which part or all of an attempt's hold may still be released
_MAY_FREE = frozenset({State.HELD, State.SUBMITTING, State.SUBMITTED})


class Holds:
    """What one run has on hold, and the attempts that it drives."""

    def __init__(self, prepared: Prepared, context: RunContext, run_id: str) -> None:
        self._prepared, self._context, self._run = prepared, context, run_id
        self._queue = HoldQueue(lambda: any(attempt.state in _MAY_FREE and self._moves(attempt.take) for attempt in self._driven.values()))
        self._caps = CapWatch(prepared, context.log, context.channels, run_id)
        self._driven: dict[str, Attempt] = {}
        #: takes that wait for a hold; and takes on hold that wait for a frame, with the takes whose clips have it
        self._asked_for: set[TakeId] = set()
        self._waits: dict[TakeId, tuple[TakeId, ...]] = {}
        self._calling_off = False
        #: why the jobs of these takes are to be stopped at their services, once these have told their ids
        self._to_stop: dict[TakeId, str] = {}
        self._cancelling: set[asyncio.Task[None]] = set()
        self._prices = prepared.prices
        #: cap warnings wait until everything that is released together has been
        self._rechecking = False
        #: the number of the newest attempt that this run knows at each take: a hold after another process's attempt is refused
        self._newest = {seen.take: max(attempt.n for attempt in seen.attempts) for seen in prepared.view.takes}
        context.log.moved = self._moved

    @property
    def driven(self) -> tuple[Attempt, ...]:
        """The attempts that the run is driving."""
        return tuple(self._driven.values())

    def refused(self, bought: int, left: Collection[PlannedTake]) -> Problem | None:
        """Which cap ended the buying, if one did, and what would allow the takes that are `left`."""
        if self._queue.refused is None:
            return None
        day, prepared = self._caps.day, self._prepared
        priced = [(take.price, plan.names_of(take, run=self._run, day=day)) for take in left]
        too_tight = cap_preview.too_tight([*left], prepared.project, self._context.log.ledger, prepared.limits, day)
        return refused(self._queue.refused, bought, priced, too_tight)

    def caps(self) -> tuple[CapState, ...]:
        """The current caps that bind what the run buys."""
        return self._caps.standing()

    def begin(self) -> None:
        """Record the run and put its limits in force."""
        ledger, project, at = self._context.log.ledger, self._prepared.project.identity, self._context.log.clock.text()
        limits, name = self._prepared.limits, self._prepared.plan.list
        lane_stops.reopen(ledger, project, at=at)
        write.begin_run(ledger, run=self._run, project=project, list=name, at=at)
        for source in ("file", "row"):
            keep = [limit for limit in limits if limit.source == source]
            write.lift(ledger, project, source=source, keep=keep, at=at, list=name if source == "row" else "")
        self._caps.begin([change for limit in at_once(limits, self._caps.day) for change in write.limit(ledger, project, limit, at=at)])

    def want(self, planned: PlannedTake) -> asyncio.Future[Attempt | CallsheetError]:
        """Queue for a hold of the take's list price; the future is the attempt, or why there is none."""
        self._asked_for.add(planned.take)
        granted = self._queue.want(planned.order, lambda: self._hold(planned))
        granted.add_done_callback(lambda _: self._asked_for.discard(planned.take))
        return granted

    def waits(self, planned: PlannedTake) -> None:
        """A take on hold waits for frames of others: its money can't be released before theirs."""
        self._waits[planned.take] = planned.waits

    async def exchange(self, attempt: Attempt, planned: PlannedTake) -> Attempt | None:
        """Exchange the hold of a take whose frames have arrived for one with the request that shows them, in one transaction. None if the
        hold was released meanwhile or can't be exchanged now: then it is requested again, in its turn.
        """
        self._waits.pop(planned.take, None)
        held = self._driven.get(attempt.id, attempt)
        if held.state is not State.HELD:
            return None
        try:
            made = await self._hold(planned, instead_of=held)
        except CallsheetError:
            self.give_back(held)
            return None
        finally:
            self.let_go(held)
        return made

    def take_on(self, attempt: Attempt) -> None:
        """Start driving an attempt."""
        self._driven[attempt.id] = attempt

    def let_go(self, attempt: Attempt) -> None:
        """Stop driving it: its money is settled, or stays on hold."""
        self._driven.pop(attempt.id, None)
        self._queue.freed()

    def freed(self) -> None:
        """Money may have been released, or no longer can be: waiting holds are tried again."""
        self._queue.freed()

    def end(self, why: CallsheetError) -> None:
        """Request no more holds."""
        self._queue.end(why)

    def give_back(self, attempt: Attempt) -> None:
        """Release a hold for which nothing was sent."""
        self._waits.pop(attempt.take, None)
        self._context.log.move(attempt, Kind.CLOSED, reason=Reason.CANCELLED)

    def withdraw(self, attempt: Attempt) -> None:
        """Release the hold of a take that is not sent after all, if it still has one."""
        held = self._driven.get(attempt.id, attempt)
        if held.state is State.HELD:
            self.give_back(held)
        self.let_go(held)

    def recheck(self, overran: Attempt | None = None) -> None:
        """Release holds without a request if a cap that binds them is exceeded, or their price was raised by an overrun of their lane: all
        of them, before any is requested again, so that the plan's order decides what is bought with the rest.
        """
        unsent = [attempt for attempt in self.driven if attempt.state is State.HELD]
        lane = overran and (overran.account, overran.model)
        stale = [
            attempt
            for attempt in unsent
            if lane == (attempt.account, attempt.model) or any(cap.passed for cap in read.caps_binding(self._context.log.ledger, attempt))
        ]
        self._rechecking = True
        try:
            for attempt in stale:
                self.give_back(attempt)
        finally:
            self._rechecking = False
        if stale:
            why = f"{overran.name} was charged {text(overran.settled)} for {text(overran.quote)}" if overran else "a cap is passed"
            self._context.log.say("cap", f"{why}: {len(stale)} holds without a request are released and requested again")

    def hold_back(self, controls: Controls, cancel: Collection[TakeId]) -> None:
        """People changed what may be bought: what is held for takes held back is given back, services are asked to stop jobs of takes to `cancel`, and who
        waits for a hold is asked anew."""
        for attempt in self.driven:
            if attempt.state is State.HELD and controls.why(attempt.take):
                self.give_back(attempt)
        self._to_stop = {take: why for take, why in self._to_stop.items() if why != _CANCELLED or take in controls.cancelled()}
        self._stop([attempt for attempt in self.driven if attempt.take in cancel], _CANCELLED)
        self._queue.freed()

    def _stop(self, attempts: Collection[Attempt], why: str) -> None:
        """Ask services to stop jobs. One whose purchase is just being sent has no job id yet: its service is asked once it has one."""
        self._to_stop |= {attempt.take: why for attempt in attempts if attempt.state in (State.SUBMITTING, State.IN_DOUBT)}
        if at_work := [attempt for attempt in attempts if attempt.state is State.SUBMITTED]:
            task = asyncio.create_task(self._caps.ask_to_cancel(at_work, why))
            self._cancelling.add(task)
            task.add_done_callback(self._cancelling.discard)

    async def called_off(self) -> None:
        """Wait until services were asked to stop what a cap called off."""
        await asyncio.gather(*self._cancelling)

    async def close(self) -> None:
        """Stop; this run's holds that were never sent are released."""
        asking = [*self._cancelling]
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        await self._queue.close()
        await self._context.log.pen.drained()  # a hold that was asked for at last is found, too
        for attempt in read.open_attempts(self._context.log.ledger, self._prepared.project.identity):
            if attempt.state is State.HELD and attempt.run == self._run:
                self.give_back(attempt)

    def _moves(self, take: TakeId) -> bool:
        """Whether a take's hold may be released without another hold: not while the take that it waits for has none."""
        return all(other not in self._asked_for and self._moves(other) for other in self._waits.get(take, ()))

    async def _hold(self, planned: PlannedTake, instead_of: Attempt | None = None) -> Attempt:
        self._context.steering.refuse(planned.take)
        ask, wire = planned.priced.ask, self._context.channels.wire_of(planned.priced.service)
        assert ask is not None, "only legal takes are bought"

        def request_for(key: str) -> bytes:
            return pack(wire.submit(noted(ask), key))

        try:
            attempt = await self._at_todays_price(planned, request_for, instead_of)
        except write.CapRefused as refusal:
            if self._caps.calls_off(refusal.cap):
                self._call_off(refusal.cap, refusal)
            raise
        self._asked_for.discard(attempt.take)
        self.take_on(attempt)
        self._newest[attempt.take] = attempt.n
        self._context.log.seen[attempt.id] = attempt
        self._watch(attempt)
        self._refuse_ended(attempt)
        return attempt

    async def _at_todays_price(self, planned: PlannedTake, request_for: Callable[[str], bytes], instead_of: Attempt | None) -> Attempt:
        """Write a hold. An overrun or a person may have changed the price since the plan, and again while the hold waited to be written."""
        while True:
            try:
                return await self._written(self._bid(planned, request_for("")), request_for, instead_of)
            except PriceMoved:
                known, self._prices = self._prices.last, replace(read_prices(self._context.log.ledger), quotes=self._prices.quotes)
                if self._prices.last == known:
                    raise

    def _refuse_ended(self, attempt: Attempt) -> None:
        """Give back a hold while whose writing buying has ended, or a person has held its take back; and say so."""
        try:
            self._context.steering.refuse(attempt.take)
            if self._queue.refused:
                raise self._queue.refused
        except CallsheetError:
            self.give_back(attempt)
            self.let_go(attempt)
            raise

    async def _written(self, bid: write.Bid, request_for: Callable[[str], bytes], instead_of: Attempt | None) -> Attempt:
        limits, at = [limit for limit in self._prepared.limits if limit.source != "command"], self._context.log.clock.text()

        def act(ledger: Ledger) -> Attempt:
            return write.hold(ledger, bid, request_for, limits, at=at, instead_of=instead_of)

        return await self._context.log.pen.write(Line(Kind.HOLD, act))

    def _bid(self, planned: PlannedTake, request: bytes) -> write.Bid:
        priced, prepared = planned.priced, self._prepared
        place = prepared.accounts[priced.service]
        if self._prices is not prepared.prices:
            priced = repriced(priced, prepared.cards[priced.model], place, self._prices)
            if priced.frozen:
                raise ModelFrozen(priced.model, priced.frozen, quoted=priced.by_quote)
        ask, price = priced.ask, priced.quote
        assert ask is not None and price is not None, "only legal takes with a price are bought"
        return write.Bid(
            project=prepared.project.identity,
            take=planned.take,
            names=plan.names_of(planned, run=self._run, day=self._caps.day),
            account=place.label,
            credential=place.credential(),
            rehearsal=place.rehearsal,
            author_print=priced.author_print,
            request_print=priced.request_print,
            ordinal=planned.ordinal,
            quote=price.micros,
            price_ref=price.price_ref,
            quoted=bool(price.quoted),
            prices_read=self._prices.last,
            canary=self._context.safety.canary(place.label, priced.service, priced.model, request),
            known=self._newest.get(planned.take, 0),
            files=files_of(ask),
            draft=planned.draft,
            final_of=planned.final_of,
        )

    def _moved(self, attempt: Attempt) -> None:
        before = self._driven.get(attempt.id)
        if before:
            self._driven[attempt.id] = attempt
        if attempt.state is State.SUBMITTED and attempt.take in self._to_stop:
            self._stop([attempt], self._to_stop.pop(attempt.take))
        told_before = attempt.state is State.RECEIVED and before is not None and before.settled == attempt.settled
        if not self._rechecking and not told_before:
            self._watch(attempt)
        self._queue.freed()

    def _watch(self, attempt: Attempt) -> None:
        if attempt.settled > attempt.quote and attempt.state in (State.READY, State.RECEIVED, State.CLOSED):
            self.recheck(attempt)
        passed = self._caps.after(attempt)
        if passed:
            self._call_off(passed, CalledOff(passed))

    def _call_off(self, cap: CapState, why: CallsheetError) -> None:
        """A cap with `on_reach = "cancel"` is reached: holds that were never sent are released, and services are asked to stop their jobs."""
        self._queue.end(why)
        if self._calling_off:
            return
        self._calling_off, under_way = True, self.driven
        self._stop(under_way, f"cap {cap.title} is reached")
        for attempt in under_way:
            if attempt.state is State.HELD:
                self.give_back(attempt)
