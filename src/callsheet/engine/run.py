"""A run: it holds the project, goes on with what was begun, buys what the plan says, and has it finished.

`open_run` opens it; whoever drives it (a flow, or `direct`) awaits `produce` for each of `takes` and `finish` for each of `sequences`, all at once.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from callsheet.budget.caps import CapState
from callsheet.budget.ledger import read, write
from callsheet.budget.ledger.marks import marks
from callsheet.budget.prices import ModelFrozen
from callsheet.domain.attempt import Attempt, Kind, Reason, State
from callsheet.domain.cut import CutShot, Finished
from callsheet.domain.errors import CallsheetError, DeliveryError, MediaError, Problem
from callsheet.domain.take import TakeId, TakeName
from callsheet.domain.timebase import frames_in_cut
from callsheet.engine import cutting, paper, shelf, view
from callsheet.engine.capwatch import CalledOff, CapWatch, at_once, refused
from callsheet.engine.fallback import instead
from callsheet.engine.finish import finish, normalize_clip
from callsheet.engine.outcome import End, Outcome, TakeResult
from callsheet.engine.plan import Action, PlannedTake
from callsheet.engine.planning import frozen_models
from callsheet.engine.prepare import Prepared
from callsheet.engine.produce import Decision, decide, drive, result, unpriced
from callsheet.engine.purser import Purser
from callsheet.engine.receive import restore
from callsheet.engine.tools import Tools
from callsheet.services.noting import files_of, noted
from callsheet.services.request import pack

#: states in which an attempt's hold may still turn into less, or into nothing
_MAY_FREE = frozenset({State.HELD, State.SUBMITTING, State.SUBMITTED})


class Run:
    """One run of a project. Made by `open_run`, which owns what it works with."""

    def __init__(self, prepared: Prepared, tools: Tools, run_id: str) -> None:
        self.prepared = prepared
        self.id = run_id
        self._tools = tools
        self._purser = Purser(self._can_free)
        self._caps = CapWatch(prepared, tools, run_id)
        self._called_off = False
        self._driven: dict[str, Attempt] = {}
        self._planned = {take.take: take for take in prepared.plan.takes if take.action in (Action.BUY, Action.WAIT)}
        self._blocked = [take for take in prepared.plan.takes if take.action is Action.BLOCKED]
        self._holds: dict[TakeId, asyncio.Future[Attempt | CallsheetError]] = {}
        self._ended = {take: asyncio.Event() for take in self._planned}
        self._results: dict[str, TakeResult] = {}
        self._films: list[Finished] = []
        self._problems: list[Problem] = frozen_models(self._blocked)
        self._normalizing: list[asyncio.Task[None]] = []
        self._strays: list[asyncio.Task[None]] = []
        #: number of the newest attempt at each take that this run knows of: a hold after another process's attempt is refused
        self._newest = {seen.take: max(attempt.n for attempt in seen.attempts) for seen in prepared.view.takes}
        tools.moved = self._moved

    @property
    def takes(self) -> tuple[TakeId, ...]:
        """What this run drives, in buying order: to be bought, or bought before and not received yet."""
        return tuple(sorted(self._planned, key=lambda take: self._planned[take].order))

    @property
    def sequences(self) -> tuple[str, ...]:
        """The list's sequences, in order."""
        return cutting.sequences(self.prepared.priced)

    @property
    def under_way(self) -> tuple[Attempt, ...]:
        """The attempts that this run drives now."""
        return tuple(self._driven.values())

    def planned(self, take: TakeId) -> PlannedTake:
        """What the plan says of a take."""
        return self._planned[take]

    def begin(self) -> None:
        """Put the limits in force, clear away what a dead run left, go on with what was bought before, and queue for holds in the plan's order."""
        self._limit()
        shelf.sweep(self.prepared.project)
        self.prepared.keep_inputs()
        self._adopt()
        self._lay_rails()
        if not self.prepared.order.buy:
            return
        for take in self.prepared.plan.buys:
            if take.attempt is None:
                self._holds[take.take] = self._purser.want(take.order, lambda take=take: self._hold(take))
            else:
                self._driven[take.attempt.id] = take.attempt

    async def produce(self, take: TakeId) -> TakeResult:
        """One take from end to end. Its end is a value; what went wrong is told and kept for the outcome."""
        try:
            ended = await self._produce(self._planned[take])
        except CallsheetError as error:
            self._problems.extend(problem.at(take=str(take)) for problem in error.problems)
            self._tools.say("failed", error.message, take)
            ended = TakeResult(take=take, end=End.FAILED, message=error.message)
            self._purser.end(error)
        finally:
            self._purser.freed()
            self._ended[take].set()
        self._results[take.full] = ended
        return ended

    async def finish(self, sequence: str) -> tuple[Finished, ...]:
        """Wait until the sequence's takes have ended, then stitch it into every delivery. A sequence without any clip gives none."""
        mine = [take for take, planned in self._planned.items() if planned.shot.sequence == sequence]
        await asyncio.gather(*(self._ended[take].wait() for take in mine))
        await asyncio.gather(*self._normalizing, return_exceptions=True)
        films = [film for film in [await self._finish(sequence, n) for n in range(len(self.prepared.deliveries))] if film]
        self._films.extend(films)
        return tuple(films)

    async def settle(self) -> None:
        """Wait for what was bought before outside this list."""
        await asyncio.gather(*self._strays)

    def outcome(self, *, interrupted: bool = False) -> Outcome:
        """How it came out so far."""
        tools, caps = self._tools, self._caps.standing()
        left = [
            self._planned[taken.take] for taken in self._results.values() if taken.end is End.NOT_BOUGHT and taken.take in self._planned
        ]
        bought = sum(taken.end is not End.NOT_BOUGHT for taken in self._results.values())
        stopped = [lane.stopped for lane in tools.lanes if lane.stopped]
        return Outcome(
            money=view.money(tools.ledger, self.prepared.project, rehearsal=self.prepared.rehearsal, caps=caps),
            caps=caps,
            takes=(*self._results.values(), *(self._blocked_result(take) for take in self._blocked if not self._told_of(take))),
            sequences=tuple(sorted(self._films, key=lambda film: self.sequences.index(film.sequence))),
            kept=len(self.prepared.plan.keeps),
            capped=refused(self._purser.refused, bought, len(left), sum(take.price for take in left)),
            interrupted=interrupted,
            problems=(*self._problems, *stopped),
        )

    async def close(self) -> None:
        """Stop what is under way here; jobs go on at their services. Holds that were never sent are given back."""
        self._tools.buy = False  # takes that are still on their way here send nothing more
        await self._tools.unbroken_end()
        for task in (*self._strays, *self._normalizing):
            task.cancel()
        await asyncio.gather(*self._strays, *self._normalizing, return_exceptions=True)
        await self._purser.close()
        for attempt in read.open_attempts(self._tools.ledger, self.prepared.project.identity):
            if attempt.state is State.HELD and attempt.run == self.id:
                self._cancel(attempt)

    # -- buying ---------------------------------------------------------------------------------------------------------------------------------

    async def _produce(self, planned: PlannedTake) -> TakeResult:
        attempt = planned.attempt
        if attempt and attempt.state is State.RECEIVED:
            return await self._restored(planned, attempt)
        tried, first = 0, True
        while True:
            granted = attempt or await self._granted(planned, first=first)
            if isinstance(granted, CallsheetError):
                self._note_frozen(granted)
                return TakeResult(take=planned.take, end=End.NOT_BOUGHT, message=granted.message)
            attempt = await self._drive(granted, planned)
            tried, first = tried + (attempt.state is not State.HELD), False
            decision = self._decided(attempt, tried)
            other = self._instead(planned, attempt, tried)
            if not decision.again and other is None:
                return result(attempt, decision)
            model = f" with {other.model}" if other else ""
            self._tools.say("retry", f"attempt {attempt.n + 1}{model} after: {decision.message}", planned.take)
            planned, attempt = other or planned, None

    def _decided(self, attempt: Attempt, tried: int) -> Decision:
        decision = decide(attempt, tried=tried, per_run=self.prepared.settings.attempts.per_run, buy=self.prepared.order.buy)
        if attempt.state is not State.HELD:
            return decision
        stopped = self._tools.lane(attempt).stopped
        return replace(decision, message=f"not sent: {stopped.message}" if stopped else self._tools.rails.why(attempt))

    def _instead(self, planned: PlannedTake, attempt: Attempt, tried: int) -> PlannedTake | None:
        """The same take at a listed fallback, where its model can't be had; what was held for it is given back."""
        if not self.prepared.order.buy:
            return None
        stopped = self._tools.lane(attempt).stopped
        per_run = self.prepared.settings.attempts.per_run
        other = instead(planned, attempt, tried=tried, per_run=per_run, stopped=stopped is not None and stopped.code == "service")
        if other and attempt.state is State.HELD:
            self._cancel(attempt)
        return other

    def _note_frozen(self, refusal: CallsheetError) -> None:
        """A model whose price went unknown under way is told once."""
        if isinstance(refusal, ModelFrozen) and refusal.problems[0] not in self._problems:
            self._problems.extend(refusal.problems)

    async def _granted(self, planned: PlannedTake, *, first: bool) -> Attempt | CallsheetError:
        if not self.prepared.order.buy:
            return write.MoneyError("nothing is bought in this run", help="run `callsheet render`")
        if first and planned.take in self._holds:
            return await self._holds[planned.take]
        if planned.priced.quote is None:
            return unpriced(planned.model)
        return await self._purser.want(planned.order, lambda: self._hold(planned))

    async def _drive(self, attempt: Attempt, planned: PlannedTake) -> Attempt:
        self._driven[attempt.id] = attempt
        try:
            attempt = await drive(self._tools, attempt, planned.asked)
        finally:
            self._driven.pop(attempt.id, None)
            self._purser.freed()
        if attempt.state is State.RECEIVED and planned.shot.takes == 1:
            self._normalizing.append(asyncio.create_task(self._normalize(attempt, planned)))
        return attempt

    async def _restored(self, planned: PlannedTake, attempt: Attempt) -> TakeResult:
        there = await restore(self._tools, attempt)
        message = "" if there else "its clip is missing on disk and can't be fetched again"
        return TakeResult(take=planned.take, end=End.KEPT if there else End.WAITING, message=message, attempt=attempt)

    def _hold(self, planned: PlannedTake) -> Attempt:
        """Ask the ledger for a hold of the take's list price."""
        priced, prepared = planned.priced, self.prepared
        ask, price = priced.ask, priced.quote
        assert ask is not None and price is not None, "only what is legal and priced is bought"
        wire, place = self._tools.wire_of(priced.service), prepared.accounts[priced.service]
        bid = write.Bid(
            project=prepared.project.identity,
            take=planned.take,
            names=paper.names_of(planned, run=self.id, day=self._caps.day),
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
        limits = [limit for limit in prepared.limits if limit.source != "command"]
        try:
            attempt = write.hold(
                self._tools.ledger, bid, lambda key: pack(wire.submit(noted(ask), key)), limits, at=self._tools.clock.text()
            )
        except write.CapRefused as refusal:
            if self._caps.calls_off(refusal.cap):
                self._call_off(refusal.cap, refusal)
            raise
        self._driven[attempt.id] = attempt
        self._newest[attempt.take] = attempt.n
        self._watch(attempt)
        return attempt

    def _watch(self, attempt: Attempt) -> None:
        passed = self._caps.after(attempt)
        if passed:
            self._call_off(passed, CalledOff(passed))

    def _call_off(self, cap: CapState, why: CallsheetError) -> None:
        """A cap with `on_reach = "cancel"` is reached: what was never sent is given back, and what is at a service is asked to stop."""
        self._purser.end(why)
        if self._called_off:
            return
        self._called_off = True
        under_way = list(self._driven.values())
        for attempt in under_way:
            if attempt.state is State.HELD:
                self._cancel(attempt)
        self._strays.append(asyncio.create_task(self._caps.ask_to_cancel(under_way, cap)))

    def _can_free(self) -> bool:
        return any(attempt.state in _MAY_FREE for attempt in self._driven.values())

    def _moved(self, attempt: Attempt) -> None:
        if attempt.id in self._driven:
            self._driven[attempt.id] = attempt
        self._watch(attempt)
        self._purser.freed()

    def _limit(self) -> None:
        ledger, project, at = self._tools.ledger, self.prepared.project.identity, self._tools.clock.text()
        write.begin_run(ledger, run=self.id, project=project, list=self.prepared.plan.list, at=at)
        limits = self.prepared.limits
        for source in ("file", "row"):
            keep = [limit for limit in limits if limit.source == source]
            write.lift(ledger, project, source=source, keep=keep, at=at, list=self.prepared.plan.list if source == "row" else "")
        self._caps.begin([change for limit in at_once(limits, self._caps.day) for change in write.limit(ledger, project, limit, at=at)])

    # -- going on -------------------------------------------------------------------------------------------------------------------------------

    def _adopt(self) -> None:
        """What earlier runs left open: held ones that this run doesn't go on with are given back, the rest is looked after."""
        ledger, prepared = self._tools.ledger, self.prepared
        mine = {planned.attempt.id for planned in self._planned.values() if planned.attempt and prepared.order.buy}
        wanted = [TakeName.parse(name) for name in prepared.order.takes]
        for attempt in read.open_attempts(ledger, prepared.project.identity):
            if attempt.id in mine or (wanted and not any(name.matches(attempt.take) for name in wanted)):
                continue
            if attempt.state is State.HELD:
                self._cancel(attempt)
            elif not self._planned_for(attempt):
                self._look_after(attempt)

    def _lay_rails(self) -> None:
        """What was sent before and is gone on with goes first of its kind; what checks said of earlier clips still stands."""
        mine = [planned.attempt for planned in self._planned.values() if planned.attempt]
        known = [attempt for take in self.prepared.view.takes for attempt in take.attempts]
        self._tools.rails.begin(known, self.prepared.view.marks, [*mine, *self._driven.values()])

    def _planned_for(self, attempt: Attempt) -> bool:
        planned = self._planned.get(attempt.take)
        return planned is not None and planned.attempt is not None and planned.attempt.id == attempt.id

    def _look_after(self, attempt: Attempt) -> None:
        place = self.prepared.accounts.get(attempt.service)
        if place is None or place.label != attempt.account:
            self._tools.say(
                "note", f"{attempt.state.value} at {attempt.account}, which this run does not talk to; left as it is", attempt.take
            )
            return
        self._driven[attempt.id] = attempt
        self._strays.append(asyncio.create_task(self._stray(attempt)))

    async def _stray(self, attempt: Attempt) -> None:
        try:
            ended = await drive(self._tools, attempt, ordered(attempt, self.prepared.cards.get(attempt.model)))
            decision = decide(ended, tried=1, per_run=1, buy=False)
            self._results[_stray_name(attempt)] = result(ended, decision)
        except CallsheetError as error:
            self._problems.extend(problem.at(take=str(attempt.take)) for problem in error.problems)
        finally:
            self._driven.pop(attempt.id, None)
            self._purser.freed()

    def _cancel(self, attempt: Attempt) -> None:
        self._tools.move(attempt, Kind.CLOSED, reason=Reason.CANCELLED)

    def _told_of(self, blocked: PlannedTake) -> bool:
        """Whether what blocks the take was looked after in this run, which then says how it stands now."""
        return blocked.attempt is not None and _stray_name(blocked.attempt) in self._results

    @staticmethod
    def _blocked_result(planned: PlannedTake) -> TakeResult:
        doubt = planned.attempt is not None and planned.attempt.state is State.IN_DOUBT
        end = End.IN_DOUBT if doubt else End.REFUSED if planned.reason.startswith("refused") else End.NOT_BOUGHT
        return TakeResult(take=planned.take, end=end, message=planned.reason, attempt=planned.attempt)

    # -- finishing ------------------------------------------------------------------------------------------------------------------------------

    async def _normalize(self, attempt: Attempt, planned: PlannedTake) -> None:
        """As soon as a clip lands; what goes wrong here is told when the sequence is finished."""
        assert attempt.sha256 is not None, "a received attempt has a clip"
        clip = shelf.clip_path(self.prepared.project, attempt.sha256)
        for delivery in self.prepared.deliveries:
            shot = CutShot(
                shot=planned.take.shot,
                frames=frames_in_cut(planned.priced.used_s, delivery.fps),
                take=attempt.take,
                clip=clip,
                sha256=attempt.sha256,
                voice=cutting.voice(attempt, self.prepared.project),
                sound=planned.shot.sound,
                fitting=cutting.fitting(planned.shot, delivery),
            )
            async with self._tools.media:
                await asyncio.to_thread(normalize_clip, shot, delivery, self.prepared.project)

    async def _finish(self, sequence: str, n: int) -> Finished | None:
        prepared, delivery = self.prepared, self.prepared.deliveries[n]
        attempts = read.attempts(self._tools.ledger, prepared.project.identity, list=prepared.plan.list)
        kept = {take.take: take.attempt for take in prepared.plan.keeps if take.attempt}
        said = marks(self._tools.ledger, prepared.project.identity)
        cut = cutting.cut(sequence, prepared.priced, kept, attempts, prepared.project, delivery, said, prepared.beds)
        if len(cut.missing) == len(cut.shots):
            self._tools.say("note", f"{sequence}: no clip yet, nothing to finish")
            return None
        try:
            film = await asyncio.to_thread(finish, cut, delivery, prepared.project, prepared.settings.qc)
        except (DeliveryError, MediaError) as error:
            self._problems.extend(error.problems)
            self._tools.say("failed", f"{sequence}: {error.message}")
            return None
        self._tools.say("finish", film.told(prepared.project.relative(film.file)))
        return film


def _stray_name(attempt: Attempt) -> str:
    return f"{attempt.take.full}.a{attempt.n}"
