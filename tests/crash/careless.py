"""Six wrongs at the engine's edges, each planted in the real engine in turn: they keep every law of the fourteen naive orderings, and lose money or clips.

Each makes more of the weather that it can't stand. `PLANTS` names them with the wires on which they can be wrong: only a service that tells its costs
can charge more than it was quoted.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from callsheet.budget.ledger import pen
from callsheet.budget.ledger.store import Ledger
from callsheet.buying import receive
from callsheet.buying.balance_evidence import BalanceEvidence
from callsheet.buying.canary import SafetyStops
from callsheet.buying.holds import Holds
from callsheet.domain.attempt import Attempt, Kind, Reason, State
from callsheet.store.project_folder import Project
from callsheet.transport.download import Gone
from tests.crash.naive import Naive
from tests.crash.world import World

Patch = pytest.MonkeyPatch


def caps_at_the_hold_alone(patch: Patch, world: World) -> None:
    """A cap is looked at when money is held, and no more when it is spent; nor is a price, which would stop what an overrun has made dearer."""
    world.weather.charges = 0.5
    _loosen(world, "used > amount", "0")
    _loosen(world, "p.price > a.prices_read", "0")
    patch.setattr(Holds, "recheck", lambda *_args: None)


def local_faults_close(patch: Patch, world: World) -> None:
    """What this machine can't fetch or read is taken for lost."""
    world.weather.spells = 1.0
    world.weather.kinds = ("barred", "untrusted", "decoder-killed")

    def given_up(context: Any, attempt: Attempt, fault: Any) -> Attempt:
        return context.log.move(attempt, Kind.CLOSED, {"message": fault.message}, reason=Reason.DEFECTIVE)

    patch.setattr(receive, "_stands", given_up)


def first_404_believed(patch: Patch, world: World) -> None:
    """An address that answers 404 once means that there is no clip any more."""
    world.weather.late = 0.5
    over = receive._over

    async def at_once(context: Any, attempt: Attempt, got: Any, *more: Any) -> Attempt | None:
        if isinstance(got, Gone):
            return await receive._expired(context, attempt, got)
        return await over(context, attempt, got, *more)

    patch.setattr(receive, "_over", at_once)


def paid_failure_opens_its_kind(patch: Patch, world: World) -> None:
    """An attempt that was paid and brought no clip makes its kind known, as one that came does."""
    world.weather.lost = 0.6
    _loosen(world, "a.canary is not null", "0")
    judge = SafetyStops.judge

    def known(stops: SafetyStops, attempt: Attempt) -> None:
        judge(stops, attempt)
        if attempt.state is State.CLOSED and attempt.billed:
            stops._flight(attempt).known = True

    patch.setattr(SafetyStops, "judge", known)


def read_while_unsettled(patch: Patch, world: World) -> None:
    """A balance is read, and believed at once, while other purchases of the account are under way."""
    world.vendor.account.way = "plain"
    unsettled = BalanceEvidence._unsettled

    async def at_once(_evidence: BalanceEvidence, _attempt: Attempt) -> bool:
        return True

    def doubts_alone(evidence: BalanceEvidence, attempt: Attempt) -> list[Attempt]:
        return [one for one in unsettled(evidence, attempt) if one.state is State.IN_DOUBT]

    patch.setattr(BalanceEvidence, "_quiet", at_once)
    patch.setattr(BalanceEvidence, "_unsettled", doubts_alone)
    patch.setattr(BalanceEvidence, "_stands_for_s", lambda *_args: 1e9)


class _Undone(Exception):
    """A transaction that was only tried."""


def told_before_the_commit(patch: Patch, world: World) -> None:
    """The pen says that intents are written, and commits them a moment later."""
    driven = pen.in_thread
    late: list[asyncio.Task[Any]] = []

    async def commit(*left: Any) -> Any:
        await asyncio.sleep(0.5)
        return await driven(*left)

    async def early(thread: Any, ledger: Ledger, lines: Sequence[pen.Line[Any]]) -> Any:
        while late:  # one group after the other
            await late.pop()
        if any(line.kind is not Kind.INTENT for line in lines):
            return await driven(thread, ledger, lines)
        results: list[pen.Result] = []
        with contextlib.suppress(_Undone), ledger.writing() as connection:
            group = replace(ledger, within=connection)
            results += [pen._part(group, line) for line in lines]
            raise _Undone
        world.look_at_what_is_durable(some=False)
        late.append(asyncio.create_task(commit(thread, ledger, lines)))
        return results

    patch.setattr(pen, "in_thread", early)


def _loosen(world: World, guard: str, by: str) -> None:
    """Take a guard of the right to send out of the schema."""
    with sqlite3.connect(Project(world.folder).ledger_file) as book:
        [(sql,)] = book.execute("select sql from sqlite_master where name = 'intent_spends'").fetchall()
        assert sql.count(guard) == 1, "the schema has the guard under other words now"
        book.execute("drop trigger intent_spends")
        book.execute(sql.replace(guard, by))


_LOSING = {"submit": {"ok": 70, "lost-after": 15, "lost-before": 15}}

PLANTS: Mapping[str, Naive] = {
    "caps looked at only at the hold": Naive(caps_at_the_hold_alone),
    "local faults that close": Naive(local_faults_close),
    "the first 404 believed": Naive(first_404_believed),
    "a paid failure that opens its kind": Naive(paid_failure_opens_its_kind),
    "intents that are told before they are committed": Naive(told_before_the_commit, ("tokened", "keyed", "blind"), blows={"kill": 1}),
    "a balance read while something else is unsettled": Naive(read_while_unsettled, ("deapi-blind",), _LOSING),
}
