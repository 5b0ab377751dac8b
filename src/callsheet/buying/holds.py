"""The holds of a run: asked for in the plan's order, watched against the caps while they are driven, given back where nothing was sent."""

from __future__ import annotations

import asyncio

from callsheet.budget.ledger import read, write
from callsheet.budget.rules.caps import CapState
from callsheet.buying.cap_monitor import CalledOff, CapWatch, at_once
from callsheet.buying.context import Tools
from callsheet.buying.hold_queue import HoldQueue
from callsheet.domain.attempt import Attempt, Kind, Reason, State
from callsheet.domain.errors import CallsheetError
from callsheet.planning import plan
from callsheet.planning.plan import PlannedTake
from callsheet.planning.project_plan import Prepared
from callsheet.services.protocol.request import pack
from callsheet.services.request_notes import files_of, noted

#: states in which an attempt's hold may still turn into less, or into nothing
_MAY_FREE = frozenset({State.HELD, State.SUBMITTING, State.SUBMITTED})


class Holds:
    """What one run holds, and the attempts that it drives."""

    def __init__(self, prepared: Prepared, tools: Tools, run_id: str) -> None:
        self._prepared, self._tools, self._run = prepared, tools, run_id
        self._queue = HoldQueue(self._can_free)
        self._caps = CapWatch(prepared, tools, run_id)
        self._driven: dict[str, Attempt] = {}
        self._calling_off: asyncio.Task[None] | None = None
        #: number of the newest attempt at each take that this run knows of: a hold after another process's attempt is refused
        self._newest = {seen.take: max(attempt.n for attempt in seen.attempts) for seen in prepared.view.takes}
        tools.moved = self._moved

    @property
    def driven(self) -> tuple[Attempt, ...]:
        """The attempts that the run drives now."""
        return tuple(self._driven.values())

    @property
    def refused(self) -> CallsheetError | None:
        """Why nothing more is bought, where it isn't."""
        return self._queue.refused

    def caps(self) -> tuple[CapState, ...]:
        """The caps that bind what the run buys, now."""
        return self._caps.standing()

    def begin(self) -> None:
        """Write the run down and put its limits in force."""
        ledger, project, at = self._tools.ledger, self._prepared.project.identity, self._tools.clock.text()
        limits, name = self._prepared.limits, self._prepared.plan.list
        write.begin_run(ledger, run=self._run, project=project, list=name, at=at)
        for source in ("file", "row"):
            keep = [limit for limit in limits if limit.source == source]
            write.lift(ledger, project, source=source, keep=keep, at=at, list=name if source == "row" else "")
        self._caps.begin([change for limit in at_once(limits, self._caps.day) for change in write.limit(ledger, project, limit, at=at)])

    def want(self, planned: PlannedTake) -> asyncio.Future[Attempt | CallsheetError]:
        """Queue for a hold of the take's list price; the future is the attempt, or why there is none."""
        return self._queue.want(planned.order, lambda: self._hold(planned))

    def take_on(self, attempt: Attempt) -> None:
        """The run drives an attempt from now on."""
        self._driven[attempt.id] = attempt

    def let_go(self, attempt: Attempt) -> None:
        """The run drives it no more: its money is known, or stays held."""
        self._driven.pop(attempt.id, None)
        self._queue.freed()

    def freed(self) -> None:
        """Money may have come back, or can no longer: who waits is looked at again."""
        self._queue.freed()

    def end(self, why: CallsheetError) -> None:
        """Hold nothing more."""
        self._queue.end(why)

    def give_back(self, attempt: Attempt) -> None:
        """Cancel a hold that nothing was sent for."""
        self._tools.move(attempt, Kind.CLOSED, reason=Reason.CANCELLED)

    async def called_off(self) -> None:
        """Wait until services were asked to stop what a cap called off."""
        if self._calling_off:
            await self._calling_off

    async def close(self) -> None:
        """Stop; holds of this run that were never sent are given back."""
        if self._calling_off:
            self._calling_off.cancel()
            await asyncio.gather(self._calling_off, return_exceptions=True)
        await self._queue.close()
        for attempt in read.open_attempts(self._tools.ledger, self._prepared.project.identity):
            if attempt.state is State.HELD and attempt.run == self._run:
                self.give_back(attempt)

    def _hold(self, planned: PlannedTake) -> Attempt:
        limits = [limit for limit in self._prepared.limits if limit.source != "command"]
        ask, wire = planned.priced.ask, self._tools.wire_of(planned.priced.service)
        assert ask is not None, "only what is legal is bought"
        try:
            attempt = write.hold(
                self._tools.ledger,
                self._bid(planned),
                lambda key: pack(wire.submit(noted(ask), key)),
                limits,
                at=self._tools.clock.text(),
            )
        except write.CapRefused as refusal:
            if self._caps.calls_off(refusal.cap):
                self._call_off(refusal.cap, refusal)
            raise
        self.take_on(attempt)
        self._newest[attempt.take] = attempt.n
        self._watch(attempt)
        return attempt

    def _bid(self, planned: PlannedTake) -> write.Bid:
        priced, prepared = planned.priced, self._prepared
        ask, price, place = priced.ask, priced.quote, prepared.accounts[priced.service]
        assert ask is not None and price is not None, "only what is legal and priced is bought"
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
            prices_read=prepared.prices.last,
            known=self._newest.get(planned.take, 0),
            files=files_of(ask),
        )

    def _moved(self, attempt: Attempt) -> None:
        if attempt.id in self._driven:
            self._driven[attempt.id] = attempt
        self._watch(attempt)
        self._queue.freed()

    def _watch(self, attempt: Attempt) -> None:
        passed = self._caps.after(attempt)
        if passed:
            self._call_off(passed, CalledOff(passed))

    def _call_off(self, cap: CapState, why: CallsheetError) -> None:
        """A cap with `on_reach = "cancel"` is reached: what was never sent is given back, and what is at a service is asked to stop."""
        self._queue.end(why)
        if self._calling_off:
            return
        under_way = self.driven
        self._calling_off = asyncio.create_task(self._caps.ask_to_cancel(under_way, cap))
        for attempt in under_way:
            if attempt.state is State.HELD:
                self.give_back(attempt)

    def _can_free(self) -> bool:
        return any(attempt.state in _MAY_FREE for attempt in self._driven.values())
