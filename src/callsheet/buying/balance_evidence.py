"""Doubts at a service that can't be asked by our key, but that tells what is left on the account: what it fell by says whether they were charged.

A reading proves something only in a quiet moment: every other purchase of the account, of whichever list or project of the ledger, is settled, and
nothing is sent meanwhile. So nothing leaves for the account while it is read, and what is under way there is waited for. The first quiet reading of a run
is kept in the ledger; what the ledger settled since then, and what it fell by, leave over what the doubtful requests were charged.

Services book late, and other people may spend on the account. So a balance is believed only after it has stood still for `charge_lag_s`, or where it is
to the cent what the ledger expects; and that nothing was charged only where the balance was ever seen to fall by what was. How long something lasts is
taken from a clock that never jumps; over several starts of the machine, from our clock and the service's, whichever says less.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

from callsheet.budget.ledger import read, readings, receipts
from callsheet.budget.ledger.readings import Reading
from callsheet.buying.attempt_log import AttemptLog
from callsheet.buying.lanes.channels import Channels
from callsheet.clock import age_s
from callsheet.domain.attempt import Attempt, Cause, Kind, Reason, State
from callsheet.domain.money import Micros, text
from callsheet.domain.typed import typed
from callsheet.services.protocol.abilities import ReportsSpending
from callsheet.services.protocol.answers import Unread
from callsheet.services.protocol.json_reading import moment
from callsheet.services.protocol.request import Response

#: services count in fractions that a balance may round, micro-USD
_ROUNDING = 10
#: a job older than this many times the account's longest is assumed to have ended, and to have been charged if at all
_LONGER = 2
#: with this many ways to divide a decrease among doubts, it is unknown which were charged
_AMBIGUOUS = 2
#: readings of one account in a row, at most
_LOOKS = 1_000
#: most doubts that are cleared together: every way to divide a decrease among them is tried
_TOGETHER = 12

_UNDER_WAY = (State.SUBMITTING, State.SUBMITTED)


@dataclass(frozen=True, slots=True)
class _Fall:
    """Two readings of an account, and what the ledger settled of everything sent between them, micro-USD."""

    before: Reading
    now: Reading
    booked: Micros

    @property
    def unexplained(self) -> Micros:
        """How much the balance fell beyond what was booked."""
        return (self.before.balance or 0) - (self.now.balance or 0) - self.booked

    @property
    def follows(self) -> bool:
        """Whether the balance was seen to fall by what was booked, now or before: a balance that never moves proves nothing."""
        return self.before.follows or self.booked > 0

    @property
    def proof(self) -> dict[str, Any]:
        """The evidence, as the ledger stores it."""
        before, now = self.before, self.now
        return {"before": before.balance, "before_at": before.at, "now": now.balance, "now_at": now.at, "booked": self.booked}


@dataclass(slots=True)
class BalanceEvidence:
    """The balances that one run reads."""

    log: AttemptLog
    channels: Channels
    #: attempts that this run drives, by id: only their ends are worth waiting for
    _driven: set[str] = field(default_factory=set[str])
    _locks: dict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    #: accounts that were read, or asked in vain, in a quiet moment before this run's first purchase
    _begun: set[str] = field(default_factory=set[str])
    #: doubts that were examined, by id: once per run
    _tried: set[str] = field(default_factory=set[str])
    #: since when each account has been unchanged: its number of events, its balance, and the monotonic second at which both were first seen
    _still: dict[str, tuple[int, Micros | None, float]] = field(default_factory=dict[str, tuple[int, Micros | None, float]])
    #: when this run first saw each doubt, in monotonic seconds, by id
    _seen: dict[str, float] = field(default_factory=dict[str, float])
    #: doubts of which it is known how many were charged, but not which, by id
    told_apart: set[str] = field(default_factory=set[str])

    @contextmanager
    def driving(self, attempt: Attempt) -> Generator[None]:
        """From before an attempt is sent until it is settled or can't continue now."""
        self._driven.add(attempt.id)
        try:
            yield
        finally:
            self._driven.discard(attempt.id)

    async def before_sending(self, attempt: Attempt) -> None:
        """Wait while the account is read; in the run's first quiet moment, store its balance. When this returns, nobody is reading."""
        if not self._tells(attempt):
            return
        async with self._locks[attempt.account]:
            if attempt.account in self._begun or self._unsettled(attempt):
                return
            self._begun.add(attempt.account)
            await self._begin(attempt)

    async def unread(self, attempt: Attempt) -> Callable[[], None]:
        """Wait while the account is read; it isn't read again until what is given is called, so that the right to send can be written meanwhile."""
        if not self._tells(attempt):
            return _nothing
        lock = self._locks[attempt.account]
        await lock.acquire()
        return lock.release

    async def _begin(self, attempt: Attempt) -> None:
        """Store the account's balance: at once if nothing was ever sent there or the balance is what the ledger expects; otherwise once it
        has been unchanged for long enough.
        """
        before, now = readings.last_quiet(self.log.ledger, attempt.service, attempt.account), await self._read(attempt)
        if isinstance(now, Unread) or self._unsettled(attempt):
            return
        fall = self._between(attempt.account, before, now) if before else None
        fresh = before is None and not read.sent_since(self.log.ledger, attempt.account, 0, ())
        if not fresh and (fall is None or abs(fall.unexplained) > _ROUNDING):
            lag = self.channels.rules(attempt).charge_lag_s
            self.log.say(
                "note", f"the balance of {attempt.service} is not what the ledger expects; reading it again in {lag:.0f} s", attempt.take
            )
            await self.log.clock.sleep(lag)
            now = await self._read(attempt)
            if isinstance(now, Unread) or self._stands_for_s(attempt) < lag or self._unsettled(attempt):
                return
            fall = None
        follows = fall.follows if fall else bool(before and before.follows)
        kept = replace(now, apart=before.apart if before else (), follows=follows)
        readings.keep_quiet(self.log.ledger, attempt.service, attempt.account, kept)

    async def clear(self, attempt: Attempt) -> Attempt:
        """The attempt, in doubt, after a reading: closed if it was never charged, settled if it was, in doubt if the reading proves
        nothing.
        """
        if not self._tells(attempt) or attempt.settled or attempt.id in self._tried:
            return attempt
        self._tried.add(attempt.id)
        async with self._locks[attempt.account]:
            await self._clear(attempt)
        return read.reread(self.log.ledger, attempt)

    async def _clear(self, attempt: Attempt) -> None:
        """Read until enough time has passed for a decision, and decide; nothing is written if the reading proves nothing."""
        rules, before = self.channels.rules(attempt), readings.last_quiet(self.log.ledger, attempt.service, attempt.account)
        if before is None:
            return
        until: float | None = None
        moved = receipts.moves(self.log.ledger, attempt.account)
        for n in range(_LOOKS):
            if not await self._quiet(attempt):
                break
            group = self._unsettled(attempt)
            if attempt.id not in [doubt.id for doubt in group] or len(group) > _TOGETHER:
                return
            fall = await self._fall(attempt, group, before)
            now = receipts.moves(self.log.ledger, attempt.account)
            if now != moved:  # a clip came: the account stands still anew, and is given as long anew
                moved, until = now, None
                if fall is None:
                    await self.log.clock.sleep(rules.poll_first_s)
                    continue
            if fall is None:
                break
            steady = rules.charge_lag_s - self._stands_for_s(attempt)
            # an unchanged balance is evidence once all of them would have been charged; one that fell by all of them is evidence at once
            whole = sum(doubt.doubt for doubt in group)
            free = 0.0 if abs(fall.unexplained - whole) <= _ROUNDING else self._until_free_s(attempt, group, fall.now)
            if max(free, steady) <= 0:
                self._decide(group, fall)
                return
            until = until or self.log.clock.monotonic() + max(free, steady) + rules.charge_lag_s
            if max(free, steady) > rules.outage_s or self.log.clock.monotonic() > until:
                break
            await self.log.clock.sleep(min(max(free, steady), rules.poll_first_s * rules.poll_factor**n, rules.poll_max_s))
        self.log.say(
            "note",
            f"the balance of {attempt.service} proves nothing now: the account is in use, or its balance changes by itself",
            attempt.take,
        )

    def _tells(self, attempt: Attempt) -> bool:
        wire = self.channels.wire(attempt)
        return wire.recovery != "keyed" and isinstance(wire, ReportsSpending)

    def _unsettled(self, attempt: Attempt) -> list[Attempt]:
        """Purchases of the account that may still be charged, including doubts."""
        before = readings.last_quiet(self.log.ledger, attempt.service, attempt.account)
        apart = before.apart if before else ()
        sent = read.sent_at(self.log.ledger, attempt.account)
        return [one for one in sent if one.state in _UNDER_WAY or (one.state is State.IN_DOUBT and not one.settled and one.id not in apart)]

    async def _quiet(self, attempt: Attempt) -> bool:
        """Wait until only doubts are unsettled. False if a purchase is open that this run doesn't drive to its end."""
        while others := [one for one in self._unsettled(attempt) if one.state in _UNDER_WAY]:
            if any(one.id not in self._driven for one in others):
                return False
            await self.log.clock.sleep(self.channels.rules(attempt).poll_first_s)
        return True

    async def _fall(self, attempt: Attempt, group: Sequence[Attempt], before: Reading) -> _Fall | None:
        """How much the balance fell since `before`; None if that can't be determined now."""
        moved, now = receipts.moves(self.log.ledger, attempt.account), await self._read(attempt)
        disturbed = receipts.moves(self.log.ledger, attempt.account) != moved  # another process sent or settled something in the meantime
        if isinstance(now, Unread) or disturbed:
            return None
        for doubt in group:
            self._seen.setdefault(doubt.id, self.log.clock.monotonic())
            if readings.first_read(self.log.ledger, doubt.service, doubt.id) is None:
                readings.keep_first_read(self.log.ledger, doubt.service, doubt.id, now)
        since = {one.id for one in read.sent_since(self.log.ledger, attempt.account, before.top or 0, before.unsent)}
        return (
            self._between(attempt.account, before, now) if since.issuperset(doubt.id for doubt in group) else None
        )  # an older one may have been charged at any time

    def _between(self, account: str, before: Reading, now: Reading) -> _Fall | None:
        """Two readings and what was booked between them; None if the service reported no cost for something, which may be booked at more
        than it was charged.
        """
        since = read.sent_since(self.log.ledger, account, before.top or 0, before.unsent)
        known = before.top is not None and all(map(_is_told, since))
        return _Fall(before, now, sum(one.settled for one in since)) if known else None

    async def _read(self, attempt: Attempt) -> Reading | Unread:
        """The account's balance, and since when it has been unchanged."""
        wire, at = self.channels.wire(attempt), self.log.clock.text()
        assert isinstance(wire, ReportsSpending), "only an account with a balance is read"
        top, unsent = read.newest(self.log.ledger, attempt.account)
        sent = await self.channels.ask(attempt, wire.account(), self.channels.rules(attempt).read_timeout_s)
        said = wire.read_account(sent) if isinstance(sent, Response) else Unread(sent.message)
        if isinstance(said, Unread) or said.balance is None:
            return said if isinstance(said, Unread) else Unread("the service reports no balance")
        moved, now = receipts.moves(self.log.ledger, attempt.account), self.log.clock.monotonic()
        if self._still.get(attempt.account, (0, None, 0.0))[:2] != (moved, said.balance):
            self._still[attempt.account] = (moved, said.balance, now)
        date = sent.headers.get("date", "") if isinstance(sent, Response) else ""
        return Reading(at, said.balance, None, top=top, unsent=unsent, date=date)

    def _stands_for_s(self, attempt: Attempt) -> float:
        """How long the account has been unchanged, as far as this run has seen, seconds."""
        return self.log.clock.monotonic() - self._still[attempt.account][2]

    def _until_free_s(self, attempt: Attempt, group: Sequence[Attempt], now: Reading) -> float:
        """Seconds until an unchanged balance proves something: services may charge when a job ends, and late, so there has to have been
        enough time.
        """
        rules, longest = self.channels.rules(attempt), receipts.longest_job_s(self.log.ledger, attempt.account)
        needed = rules.patience_s if longest is None else min(max(rules.quarantine_s, _LONGER * longest), rules.patience_s)
        return needed + rules.charge_lag_s - min(self._age_s(doubt, now) for doubt in group)

    def _age_s(self, doubt: Attempt, now: Reading) -> float:
        """The minimum age of a doubt, seconds: what this run saw of it, the time that this machine has been up since, or what both our clock and the service's say."""
        seen, first = self._seen[doubt.id], moment(readings.first_read(self.log.ledger, doubt.service, doubt.id) or "")
        here, there = age_s(doubt.intent_at or doubt.made_at, self.log.clock.now()), moment(now.date)
        both = min(here, (there - first).total_seconds()) if first and there else 0.0
        return max(self.log.clock.monotonic() - seen, both, doubt.sent_before_s(self.log.clock.since_boot()) or 0.0)

    def _decide(self, group: Sequence[Attempt], fall: _Fall) -> None:
        """Write what the decrease proves of each doubt, and store the reading; if it fits none of them, nothing is written."""
        fell, proof = fall.unexplained, {**fall.proof, "together": len(group)}
        one, whole = group[0], sum(doubt.doubt for doubt in group)
        ways = [
            some for n in range(len(group) + 1) for some in combinations(group, n) if abs(fell - sum(a.doubt for a in some)) <= _ROUNDING
        ]
        if not any(ways) and (fall.before.balance or 0) < whole:
            ways = []  # the account couldn't have been charged that much, so the reported figure is not its balance
        # another amount may be someone else's, a refund, or part of what will be booked: it proves nothing
        if not ways:
            why = f"the balance of {one.service} fell by {text(fell)} more than what was booked"
            self.log.say("in_doubt", f"{why}, which does not explain {text(whole)} in doubt", one.take)
            return
        if len(group) > 1 and any(ways) and not self._charges_as_quoted(one):
            names = ", ".join(str(doubt.take) for doubt in group)
            why = f"the balance of {one.service} fell by {text(fell)}, and it doesn't always charge what it quoted"
            self.log.say("in_doubt", f"{why}: nobody can tell for which of {names}; they stay in doubt", one.take)
            return
        if len(ways) >= _AMBIGUOUS:  # this many were charged, but nobody can tell which
            names = ", ".join(str(doubt.take) for doubt in group)
            self.log.say(
                "in_doubt", f"the balance of {one.service} fell by {text(fell)}, for some of {names}: they stay in doubt", one.take
            )
        charged = ways[0]
        if len(charged) < len(group) and not fall.follows:
            self.log.say(
                "note", f"the balance of {one.service} has never been seen to fall, so an unchanged balance proves nothing yet", one.take
            )
            return
        for doubt in group if len(ways) < _AMBIGUOUS else ():
            if doubt not in charged:
                message = f"it was never charged, according to the balance at {doubt.service}"
                body = {"cause": Cause.RETRY.value, "message": message, "balance": proof}
                self.log.move(doubt, Kind.CLOSED, body, reason=Reason.RELEASED_UNSENT)
                self.log.say("note", f"{message}; {text(doubt.doubt)} is free again", doubt.take)
                continue
            cost = doubt.doubt
            message = f"it was charged: the balance of {doubt.service} fell by {text(cost)}, and no answer names its job"
            self.log.move(doubt, Kind.LATE, {"message": message, "balance": proof}, cost=cost)
            self.log.say("in_doubt", f"{message}; `{typed('recover', doubt.take)} --job ID` fetches it", doubt.take)
        apart = [doubt.id for doubt in group if len(ways) >= _AMBIGUOUS]
        self.told_apart.update(apart)
        readings.keep_quiet(
            self.log.ledger, one.service, one.account, replace(fall.now, apart=(*fall.before.apart, *apart), follows=fall.follows)
        )

    def _charges_as_quoted(self, attempt: Attempt) -> bool:
        """Whether the account was always charged to the cent what was quoted: otherwise sums of quotes say nothing of what was charged."""
        charged = receipts.recent(self.log.ledger, [attempt.account])
        return all(abs(one.settled - one.quote) <= _ROUNDING for one in charged)


def _nothing() -> None:
    """Nobody reads such an account."""


def _is_told(attempt: Attempt) -> bool:
    """Whether what the ledger settled for an attempt comes from the service or from a reading; an attempt with nothing settled is never
    counted too high.
    """
    by_service = attempt.told.get("cost_reported") or attempt.reason is Reason.FAILED
    return not attempt.settled or attempt.state is State.IN_DOUBT or bool(by_service)
