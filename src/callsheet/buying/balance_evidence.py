"""Doubts at a service that can't be asked by our key, but that tells what is left on the account: what it fell by says whether they were charged.

A reading proves something only in a quiet moment: every other purchase of the account, of whichever list or project of the ledger, is settled, and
nothing is sent meanwhile. So nothing leaves for the account while it is read, and what is under way there is waited for. The first quiet reading of a run
is kept in the ledger; what the ledger settled since then, and what it fell by, leave over what the doubtful requests were charged.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

from callsheet.budget.ledger import read, readings, receipts
from callsheet.budget.ledger.readings import Reading
from callsheet.budget.rules.money_moves import implausible
from callsheet.buying.attempt_log import AttemptLog
from callsheet.buying.channels import Channels
from callsheet.clock import age_s
from callsheet.domain.attempt import Attempt, Cause, Kind, Reason, State
from callsheet.domain.money import Micros, text
from callsheet.domain.typed import typed
from callsheet.services.protocol.abilities import TellsAccount
from callsheet.services.protocol.answers import Unread
from callsheet.services.protocol.request import Response

#: services count in fractions that a balance may round, micro-USD
_ROUNDING = 10
#: a job that takes this many times as long as the account's longest one so far is taken to have ended, and to have been charged if ever
_LONGER = 2
#: so many ways to share a fall out among doubts leave open which of them were charged
_AMBIGUOUS = 2

#: what is sent after a reading bears a later time, which the ledger writes in milliseconds
_TICK_S = 0.002
#: doubts that are cleared together at most: every way to share a fall out among them is tried
_TOGETHER = 12

_UNDER_WAY = (State.SUBMITTING, State.SUBMITTED)


@dataclass(frozen=True, slots=True)
class _Fall:
    """Two readings of an account, and what the ledger settled of all that was sent between them, micro-USD."""

    before: Reading
    now: Reading
    booked: Micros

    @property
    def unexplained(self) -> Micros:
        """What the account fell by beyond what was booked."""
        return (self.before.balance or 0) - (self.now.balance or 0) - self.booked

    @property
    def proof(self) -> dict[str, Any]:
        """As the ledger keeps it."""
        before, now = self.before, self.now
        return {"before": before.balance, "before_at": before.at, "now": now.balance, "now_at": now.at, "booked": self.booked}


@dataclass(slots=True)
class BalanceEvidence:
    """The balances that one run reads."""

    log: AttemptLog
    channels: Channels
    #: attempts that this run drives, by id: only their end is worth waiting for
    _driven: set[str] = field(default_factory=set[str])
    _locks: dict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    #: accounts that were read, or asked in vain, before this run's first purchase in a quiet moment
    _begun: set[str] = field(default_factory=set[str])
    #: doubts that were looked at, by id: once in a run
    _tried: set[str] = field(default_factory=set[str])
    #: doubts of which it is known how many were charged, and not which, by id
    told_apart: set[str] = field(default_factory=set[str])

    @contextmanager
    def driving(self, attempt: Attempt) -> Generator[None]:
        """From before an attempt is sent until it is settled, or can't go on now."""
        self._driven.add(attempt.id)
        try:
            yield
        finally:
            self._driven.discard(attempt.id)

    async def before_sending(self, attempt: Attempt) -> None:
        """Wait while the account is read; in the run's first quiet moment, keep what is left on it. When this returns nobody is reading."""
        if not self._tells(attempt):
            return
        async with self._locks[attempt.account]:
            if attempt.account in self._begun or self._unsettled(attempt):
                return
            self._begun.add(attempt.account)
            before, now = readings.last_quiet(self.log.ledger, attempt.service, attempt.account), await self._read(attempt)
            if isinstance(now, Reading) and not self._unsettled(attempt):
                apart = before.apart if before else ()
                readings.keep_quiet(self.log.ledger, attempt.service, attempt.account, replace(now, apart=apart))

    async def clear(self, attempt: Attempt) -> Attempt:
        """The attempt, in doubt, as a reading leaves it: closed where it was never charged, settled where it was, in doubt where nothing can be said."""
        if not self._tells(attempt) or attempt.settled or attempt.id in self._tried:
            return attempt
        self._tried.add(attempt.id)
        async with self._locks[attempt.account]:
            attempt = read.reread(self.log.ledger, attempt)
            before = readings.last_quiet(self.log.ledger, attempt.service, attempt.account)
            if before is None or attempt.state is not State.IN_DOUBT or attempt.settled:
                return attempt
            for n in range(1_000):
                if not await self._quiet(attempt):
                    self.log.say("note", "its balance says nothing now: other purchases of the account are not settled", attempt.take)
                    return attempt
                group = self._unsettled(attempt)
                if attempt.id not in [doubt.id for doubt in group] or len(group) > _TOGETHER:
                    return attempt
                if any((doubt.intent_at or doubt.made_at) <= before.at for doubt in group):
                    return attempt  # an older doubt may have been charged at any time
                fall = await self._fall(attempt, group, before)
                if fall is None:
                    return attempt
                wait = self._until_free_s(attempt, group)
                if wait <= 0 or abs(fall.unexplained - sum(doubt.doubt for doubt in group)) <= _ROUNDING:
                    self._decide(group, fall)
                    break
                rules = self.channels.rules(attempt)
                if wait > rules.outage_s:
                    break
                await self.log.clock.sleep(min(wait, rules.poll_first_s * rules.poll_factor**n, rules.poll_max_s))
        return read.reread(self.log.ledger, attempt)

    def _tells(self, attempt: Attempt) -> bool:
        wire = self.channels.wire(attempt)
        return wire.recovery != "keyed" and isinstance(wire, TellsAccount)

    def _unsettled(self, attempt: Attempt) -> list[Attempt]:
        """Purchases of the account that may still be charged, doubts among them."""
        before = readings.last_quiet(self.log.ledger, attempt.service, attempt.account)
        apart = before.apart if before else ()
        sent = read.sent_at(self.log.ledger, attempt.account)
        return [one for one in sent if one.state in _UNDER_WAY or (one.state is State.IN_DOUBT and not one.settled and one.id not in apart)]

    async def _quiet(self, attempt: Attempt) -> bool:
        """Wait until only doubts are unsettled. False where something is that this run does not see to its end."""
        while others := [one for one in self._unsettled(attempt) if one.state in _UNDER_WAY]:
            if any(one.id not in self._driven for one in others):
                return False
            await self.log.clock.sleep(self.channels.rules(attempt).poll_first_s)
        return True

    async def _fall(self, attempt: Attempt, group: Sequence[Attempt], before: Reading) -> _Fall | None:
        """What the account fell by since `before`; None where that can't be told now."""
        now = await self._read(attempt)
        if isinstance(now, Unread) or self._disturbed(attempt, group, now):
            return None
        since = read.sent_since(self.log.ledger, attempt.account, before.at)
        # what the service told no cost of may be booked at more than it took
        return _Fall(before, now, sum(one.settled for one in since)) if all(map(_is_told, since)) else None

    def _disturbed(self, attempt: Attempt, group: Sequence[Attempt], now: Reading) -> bool:
        """Whether another process sent something, or settled something, while the account was read."""
        after = self._unsettled(attempt)
        return [one.id for one in after] != [one.id for one in group] or receipts.moved_since(self.log.ledger, attempt.account, now.at)

    async def _read(self, attempt: Attempt) -> Reading | Unread:
        """What is left on the account. The time is from before it was asked: a charge that is booked later is not in it."""
        wire, at = self.channels.wire(attempt), self.log.clock.text()
        assert isinstance(wire, TellsAccount), "only such an account is read"
        sent = await self.channels.send(attempt, wire.account(), self.channels.rules(attempt).read_timeout_s)
        await self.log.clock.sleep(_TICK_S)
        said = wire.read_account(sent) if isinstance(sent, Response) else Unread(sent.message)
        if isinstance(said, Unread) or said.balance is None:
            return said if isinstance(said, Unread) else Unread("no balance is told")
        return Reading(at, said.balance, None)

    def _until_free_s(self, attempt: Attempt, group: Sequence[Attempt]) -> float:
        """Seconds until an unchanged balance proves something: services may charge when a job ends, so one must have had the time to."""
        rules, longest = self.channels.rules(attempt), receipts.longest_job_s(self.log.ledger, attempt.account)
        needed = rules.patience_s if longest is None else max(rules.quarantine_s, _LONGER * longest)
        return max(needed - age_s(doubt.intent_at or doubt.made_at, self.log.clock.now()) for doubt in group)

    def _decide(self, group: Sequence[Attempt], fall: _Fall) -> None:
        """Write what the fall proves of each doubt, and keep the reading; where it fits none of them, nothing is written."""
        fell, proof = fall.unexplained, {**fall.proof, "together": len(group)}
        one, whole = group[0], sum(doubt.doubt for doubt in group)
        ways = [
            some for n in range(len(group) + 1) for some in combinations(group, n) if abs(fell - sum(a.doubt for a in some)) <= _ROUNDING
        ]
        if not any(ways) and (fall.before.balance or 0) < whole:
            ways = []  # an account that can't be charged so much: what it tells is not what is left
        # less than the doubt may be somebody's refund, or half of what is booked by and by: it proves nothing
        alone = not ways and len(group) == 1 and fell > whole and not implausible(fell, whole)
        if not ways and not alone:
            why = f"the balance of {one.service} fell by {text(fell)} more than what was booked"
            self.log.say("in_doubt", f"{why}, which does not say what became of {text(whole)} in doubt", one.take)
            return
        if len(ways) >= _AMBIGUOUS:  # so many were charged, and which of them nobody can tell
            names = ", ".join(str(doubt.take) for doubt in group)
            self.log.say(
                "in_doubt", f"the balance of {one.service} fell by {text(fell)}, for some of {names}: they stay in doubt", one.take
            )
        charged = group if alone else ways[0]
        for doubt in group if len(ways) < _AMBIGUOUS else ():
            if doubt not in charged:
                message = f"it was never charged: the balance of {doubt.service} says so"
                body = {"cause": Cause.RETRY.value, "message": message, "balance": proof}
                self.log.move(doubt, Kind.CLOSED, body, reason=Reason.RELEASED_UNSENT)
                self.log.say("note", f"{message}; {text(doubt.doubt)} is free again", doubt.take)
                continue
            cost = fell if alone else doubt.doubt
            message = f"it was charged: the balance of {doubt.service} fell by {text(cost)}, and no answer names its job"
            self.log.move(doubt, Kind.LATE, {"message": message, "balance": proof}, cost=cost)
            self.log.say("in_doubt", f"{message}; `{typed('recover', doubt.take)} --job ID` fetches it", doubt.take)
        apart = [doubt.id for doubt in group if len(ways) >= _AMBIGUOUS]
        self.told_apart.update(apart)
        readings.keep_quiet(self.log.ledger, one.service, one.account, replace(fall.now, apart=(*fall.before.apart, *apart)))


def _is_told(attempt: Attempt) -> bool:
    """Whether what the ledger settled for an attempt is the service's own word, or a reading's; nothing settled is never too much."""
    by_service = attempt.told.get("cost_reported") or attempt.reason is Reason.FAILED
    return not attempt.settled or attempt.state is State.IN_DOUBT or bool(by_service)
