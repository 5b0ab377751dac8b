"""The first of a kind, where several runs of one ledger want it at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from callsheet.budget.ledger import write
from callsheet.budget.ledger.lanes import leases
from callsheet.budget.ledger.lanes.pace import Lane
from callsheet.budget.ledger.pen import Pen
from callsheet.budget.ledger.store import Ledger, open_ledger
from callsheet.buying.canary import SafetyStops
from callsheet.buying.lanes import slots
from callsheet.buying.lanes.slots import Slots
from callsheet.clock import Clock
from callsheet.domain.attempt import Attempt, Kind
from tests.ledger_attempts import ACCOUNT, AT, MODEL, Book


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    monkeypatch.setattr(slots, "LOOK_S", 0.005)
    made = open_ledger(tmp_path / "ledger.db")
    yield made
    made.close()


class Run:
    """A run's safety stops; `sent` are the shots that went ahead, of all runs."""

    def __init__(self, ledger: Ledger, owner: str, sent: list[str]) -> None:
        self.pen, self.owner, self.sent, self.firsts = Pen(ledger), owner, sent, dict[str, Slots]()
        self.stops = SafetyStops(ledger, lambda _attempt, _problem: None, self._first)

    def _first(self, account: str, kind: str) -> Slots:
        made = Slots(self.pen, Lane(account, f"first of {kind}"), self.owner, 1, Clock(), lambda _seconds: None)
        return self.firsts.setdefault(kind, made)

    @asynccontextmanager
    async def going(self, attempt: Attempt) -> AsyncGenerator[None]:
        """An attempt whose turn it is."""
        async with self.stops.turn(attempt) as may:
            assert may
            self.sent.append(attempt.take.shot)
            yield

    async def close(self) -> None:
        for first in self.firsts.values():
            await first.close()
        await self.pen.close()


def received(ledger: Ledger, attempt: Attempt, *, findings: list[dict[str, str]]) -> Attempt:
    """Its clip has come."""
    for kind, body in (
        (Kind.INTENT, {}),
        (Kind.ACCEPTED, {"job": attempt.key}),
        (Kind.READY, {"url": "u"}),
        (Kind.RECEIVED, {"sha256": attempt.key, "size": 1, "findings": findings}),
    ):
        cost = attempt.quote if kind is Kind.READY else None
        attempt = write.move(ledger, attempt, kind, body, at=AT, cost=cost)
    return attempt


async def waits(ledger: Ledger, owner: str) -> None:
    """Until a run waits for a slot."""
    async with asyncio.timeout(20):
        while True:
            with ledger.reading() as connection:
                if connection.exec_driver_sql("select sum(wants) from lease where owner = ?", (owner,)).scalar():
                    return
            await asyncio.sleep(0.002)


@pytest.mark.parametrize("good", [True, False])
async def test_one_test_shot_serves_every_run_of_the_ledger(ledger: Ledger, good: bool) -> None:
    """Two films want a kind that nobody knows. The second's shots wait for the first's clip; if it is good they go together, else one goes ahead again."""
    sent: list[str] = []
    one, two = Run(ledger, "one", sent), Run(ledger, "two", sent)
    first, theirs = Book(ledger, "film").held("A"), Book(ledger, "spot")
    shots = [theirs.held("B"), theirs.held("C")]
    over, both = asyncio.Event(), asyncio.Event()

    async def go(attempt: Attempt) -> None:
        async with two.going(attempt):
            if len(sent) == len(shots) + 1:
                both.set()
            await over.wait()

    async with one.going(first):
        others = [asyncio.create_task(go(attempt)) for attempt in shots]
        await waits(ledger, "two")
        assert sent == ["A"]
        one.stops.judge(
            received(ledger, first, findings=[] if good else [{"severity": "fail", "code": "clip-size", "message": "too small"}])
        )
    if good:
        await asyncio.wait_for(both.wait(), 20)
    over.set()
    await asyncio.wait_for(asyncio.gather(*others), 20)
    assert (sent[0], sorted(sent)) == ("A", ["A", "B", "C"])
    assert (two.stops.canary(ACCOUNT, "runware", MODEL, first.request) is None) is good
    await one.close()
    await two.close()


async def test_a_run_that_was_killed_keeps_no_kind_back(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """It renews its lease no more: another's test shot goes ahead."""
    monkeypatch.setattr(leases, "LEASE_S", 0.2)
    sent: list[str] = []
    alive, attempt = Run(ledger, "alive", sent), Book(ledger).held("B")
    kind = alive.stops.canary(ACCOUNT, "runware", MODEL, attempt.request)
    leases.settle(ledger, Lane(ACCOUNT, f"first of {kind}"), "dead", uses=1, wants=0, slots=1, here=Clock().now())
    async with asyncio.timeout(20), alive.going(attempt):
        assert sent == ["B"]
    await alive.close()
