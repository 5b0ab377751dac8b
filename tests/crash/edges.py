"""The laws of the engine's edges: what guards a hold guards the request that spends it, and what fails on this side closes nothing that is paid.

They are asked for each event that is written, of the ledger as it is then and of the process that wrote it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from callsheet.domain.attempt import Attempt, Kind, Reason, State
from tests.crash.process import PROCESS

if TYPE_CHECKING:
    from tests.crash.world import World

#: how long a service that lists a job is given to show its clip, seconds, as configs/defaults.toml has it
SETTLE_S = 900.0
#: charges without a clip, in one run, after which it sends nothing more
_PAID_FAILURES = 2

#: what counts against the cap
USED = "select coalesce(sum(d_held + d_doubt + d_settled), 0) from entry"
#: drafts are of another kind than what is bought after them
_ALIKE = "(select coalesce(json_extract(h.body, '$.draft'), 0) from event h where h.attempt = o.attempt and h.kind = 'hold') = {draft}"
#: attempts that were sent and have not come to their end
_UNDER_WAY = (
    "select count(*) from attempt o where {alike} and"
    " (select e.kind from event e where e.attempt = o.attempt order by e.seq desc limit 1)"
    " in ('intent', 'repost', 'accepted', 'cancel_asked', 'ready')"
)
#: clips that came at their price and without a failing finding
_GOOD = (
    "select count(*) from event r join attempt o using (attempt) where {alike} and r.kind = 'received'"
    " and not exists (select 1 from json_each(r.body, '$.findings') f where json_extract(f.value, '$.severity') = 'fail')"
    " and not exists (select 1 from entry m where m.attempt = r.attempt and m.kind = 'overrun')"
)
#: costs out of all proportion that no invoice has decided on
UNBELIEVED = (
    "select b.attempt from event b where json_extract(b.body, '$.implausible') is not null"
    " and not exists (select 1 from event l where l.attempt = b.attempt and l.kind = 'late' and json_extract(l.body, '$.invoice') is not null)"
)


#: what the ledger can't have settled yet
_UNSETTLED = (
    "select count(*) from attempt o where"
    " (select e.kind from event e where e.attempt = o.attempt order by e.seq desc limit 1) in ('intent', 'repost', 'accepted', 'cancel_asked')"
)


class Edges:
    """One world's judge of them. `must` breaks the world where its first argument is false."""

    def __init__(self, world: World, must: Callable[[bool, str], None]) -> None:
        self._world, self._must = world, must

    def moved(self, attempt: Attempt, kind: Kind) -> None:
        """An event was written: a right to send, or an end."""
        process = PROCESS.get()
        if kind in (Kind.INTENT, Kind.REPOST):
            self._may_spend(attempt, kind)
        if attempt.state is State.CLOSED and attempt.reason in (Reason.EXPIRED, Reason.DEFECTIVE):
            self._no_clip_can_be_had(attempt)
        by_balance = self._world.rows(
            f"select json_extract(body, '$.balance') from event where attempt = {attempt.id} and seq = {attempt.seq}"
        )
        if by_balance[0][0] is not None:
            self._a_balance_proves(attempt)
        if attempt.state is State.CLOSED and attempt.billed and process:
            process.paid_for_nothing += 1

    def _may_spend(self, attempt: Attempt, kind: Kind) -> None:
        [(used,)] = self._world.rows(USED)
        cap, name = self._world.cap, attempt.name
        self._must(used <= cap, f"{name} is sent with {used} used of a cap of {cap}")
        self._must(not self._world.rows(UNBELIEVED), f"{name} is sent while nobody believes what its model charged")
        if kind is Kind.INTENT:
            alike = _ALIKE.format(draft=int(attempt.draft))
            [(good,)], [(under_way,)] = (self._world.rows(sql.format(alike=alike)) for sql in (_GOOD, _UNDER_WAY))
            self._must(good > 0 or under_way <= 1, f"{name} is sent while another is under way, and no good clip of its kind has come yet")

    def sent(self, attempt: Attempt) -> None:
        """A purchase is about to leave."""
        process, name = PROCESS.get(), attempt.name
        if process:
            self._must(process.paid_for_nothing < _PAID_FAILURES, f"{name} is sent after {process.paid_for_nothing} charges without a clip")
            self._must(not process.stands, f"{name} is sent by a run that can't fetch what it has paid for")

    def _a_balance_proves(self, attempt: Attempt) -> None:
        """A doubt ends by a balance only while nothing else of the account is unsettled, and as the account's books have it."""
        account, name = self._world.vendor.account, attempt.name
        [(unsettled,)] = self._world.rows(_UNSETTLED)
        self._must(unsettled == 0, f"{name} is decided by a balance that was read while {unsettled} others are unsettled")
        job = next((job for job in self._world.vendor.jobs if job.attempt == int(attempt.id)), None)
        if attempt.state is State.CLOSED:
            self._must(job is None or job.bought == 0, f"{name} is released by a balance, and it was charged")
        else:
            self._must(job is not None and account.booked(job) > 0, f"{name} is settled by a balance, and it was not charged")

    def _no_clip_can_be_had(self, attempt: Attempt) -> None:
        job = next((job for job in self._world.vendor.jobs if job.attempt == int(attempt.id)), None)
        if job is None or job.end != "ok":
            return
        had = f"{attempt.name} is closed as {attempt.reason} and its clip can still be had"
        if attempt.reason is Reason.DEFECTIVE:
            self._must(job.lost == "rotten", had)
        elif job.lost == "vanished" and not self._world.vendor.forgets(job):
            waited = self._world.now() - (job.first_gone or 0)
            self._must(job.first_gone is not None and waited >= SETTLE_S, f"{had}: {waited:.0f} s after the first 404")
        else:
            self._must(self._world.vendor.forgets(job), had)
