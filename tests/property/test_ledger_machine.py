"""The ledger against a model of a few lines: whatever is held, moved, limited and corrected, in any order, on both kinds of ledger."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import text

from callsheet.budget.ledger import read, write
from callsheet.budget.ledger.audit import audit
from callsheet.budget.ledger.lanes import lane_stops
from callsheet.budget.ledger.store import Ledger, open_ledger
from callsheet.domain.attempt import Attempt, Kind, Reason, State
from tests import postgres
from tests.ledger_bids import AT, bid, cap, hold

LISTS, DAYS = ("spot", "trailer"), ("2026-03-29", "2026-03-30")
#: few and round, so that caps are often met to the last micro-dollar
AMOUNTS = st.integers(0, 12).map(lambda n: n * 100)
QUOTES = st.sampled_from([100, 200, 300])


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """One ledger for all examples of a test; each has a project of its own in it."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}" if request.param == "sqlite" else postgres.emptied()
    made = open_ledger(url)
    yield made
    made.close()


@dataclass
class Paid:
    """What the model knows of an attempt: where it counts, and its three buckets."""

    list: str
    day: str
    attempt: Attempt
    held: int
    doubt: int = 0
    settled: int = 0
    #: what came past the hold
    past: int = 0

    @property
    def used(self) -> int:
        return self.held + self.doubt + self.settled


@dataclass
class Cap:
    """A limit of the model: the amounts that were in force."""

    amount: int | None = None
    lowered: bool = False


class Book(RuleBasedStateMachine):
    """Whatever may happen to a ledger, and what the model makes of it."""

    book: ClassVar[Ledger]

    def __init__(self) -> None:
        super().__init__()
        self.project = secrets.token_hex(6)
        self.paid: list[Paid] = []
        self.caps: dict[tuple[str, str], Cap] = {}
        self.rows: list[Any] = []
        self.shots = 0
        #: whether an implausible cost has stopped the lane, of which there is one
        self.stopped = False

    @rule()
    def new_run(self) -> None:
        """It opens what an earlier one stopped."""
        lane_stops.reopen(self.book, self.project, at=AT)
        self.stopped = False

    def counted(self, cost: int, hold: int) -> int:
        """Of a cost out of all proportion and its hold the larger."""
        if not (cost > 10 * hold or 0 < cost * 10 < hold):
            return cost
        self.stopped = True
        return max(cost, hold)

    def within(self, scope: str, name: str) -> list[Paid]:
        return [one for one in self.paid if name in ("", {"list": one.list, "day": one.day}.get(scope))]

    def used(self, scope: str, name: str) -> int:
        return sum(one.used for one in self.within(scope, name))

    def may_send(self, one: Paid) -> bool:
        """Whether no cap that binds it is passed, and its lane goes."""
        if self.stopped:
            return False
        binding = ((place, known.amount) for place, known in self.caps.items() if place[1] in ("", one.list, one.day))
        return all(amount is None or self.used(*place) <= amount for place, amount in binding)

    @initialize(amount=st.none() | AMOUNTS)
    def begin(self, amount: int | None) -> None:
        if amount is not None:
            self.limit(("project", ""), amount)

    @rule(place=st.sampled_from([("project", ""), *(("list", name) for name in LISTS), *(("day", name) for name in DAYS)]), amount=AMOUNTS)
    def limit(self, place: tuple[str, str], amount: int) -> None:
        scope, name = place
        cap(self.book, amount, scope=scope, name=name, source="command" if scope == "project" else "file", project=self.project)
        known = self.caps.setdefault(place, Cap())
        known.lowered = (
            amount < self.used(*place) if known.amount is None or amount < known.amount else known.lowered and amount < self.used(*place)
        )
        known.amount = amount

    @rule()
    def lift(self) -> None:
        write.lift(self.book, self.project, source="file", keep=[], at=AT)
        for (scope, _), known in self.caps.items():
            known.amount = known.amount if scope == "project" else None

    @rule(list=st.sampled_from(LISTS), day=st.sampled_from(DAYS), quote=QUOTES)
    def hold(self, list: str, day: str, quote: int) -> None:
        self.shots += 1
        binding = {place: known.amount for place, known in self.caps.items() if place[1] in ("", list, day) and known.amount is not None}
        fits = ("project", "") in binding and all(self.used(*place) + quote <= amount for place, amount in binding.items())
        try:
            made = hold(self.book, bid(f"S{self.shots}", quote=quote, project=self.project, list=list, day=day))
        except write.MoneyError as refused:
            assert not fits, refused
            if isinstance(refused, write.CapRefused):
                assert refused.cap.headroom == min(amount - self.used(*place) for place, amount in binding.items())
            return
        assert fits
        self.paid.append(Paid(list, day, made, quote))

    def pick(self, data: st.DataObject, *states: State) -> Paid | None:
        found = [one for one in self.paid if one.attempt.state in states]
        return data.draw(st.sampled_from(found)) if found else None

    @precondition(lambda self: self.paid)
    @rule(data=st.data())
    def send(self, data: st.DataObject) -> None:
        """What is held is sent, unless a cap that binds it is passed by then."""
        one = self.pick(data, State.HELD)
        if one and self.may_send(one):
            one.attempt = write.move(self.book, one.attempt, Kind.INTENT, at=AT)
        elif one:
            with pytest.raises((write.CapPassed, write.LaneStopped)):
                write.move(self.book, one.attempt, Kind.INTENT, at=AT)

    @precondition(lambda self: self.paid)
    @rule(data=st.data())
    def lose(self, data: st.DataObject) -> None:
        one = self.pick(data, State.SUBMITTING)
        if one:
            one.attempt = write.move(self.book, one.attempt, Kind.LOST, at=AT)
            one.held, one.doubt = 0, one.held

    @precondition(lambda self: self.paid)
    @rule(data=st.data())
    def unsent(self, data: st.DataObject) -> None:
        one = self.pick(data, State.SUBMITTING)
        if one:
            one.attempt = write.move(self.book, one.attempt, Kind.UNSENT, at=AT)

    @precondition(lambda self: self.paid)
    @rule(data=st.data())
    def accept(self, data: st.DataObject) -> None:
        one = self.pick(data, State.SUBMITTING, State.IN_DOUBT)
        if one:
            one.attempt = write.move(self.book, one.attempt, Kind.ACCEPTED, {"job": "j"}, at=AT)
            one.held, one.doubt = one.held + one.doubt, 0

    @precondition(lambda self: self.paid)
    @rule(data=st.data(), cost=st.none() | st.integers(1, 600) | st.integers(1, 9000))
    def bill(self, data: st.DataObject, cost: int | None) -> None:
        """Below, at or above the hold; a cost that isn't told is the hold."""
        one = self.pick(data, State.SUBMITTED)
        if one:
            one.attempt = write.move(self.book, one.attempt, Kind.READY, {}, at=AT, cost=cost)
            counted = one.held if cost is None else self.counted(cost, one.held)
            one.past = max(0, counted - one.held)
            one.settled, one.held = counted, 0

    @precondition(lambda self: self.paid)
    @rule(
        data=st.data(),
        reason=st.sampled_from([Reason.REFUSED, Reason.FAILED, Reason.WRITTEN_OFF, Reason.EXPIRED, Reason.CANCELLED]),
        cost=st.integers(0, 900) | st.integers(0, 9000),
    )
    def close(self, data: st.DataObject, reason: Reason, cost: int) -> None:
        state = {Reason.WRITTEN_OFF: State.IN_DOUBT, Reason.CANCELLED: State.HELD, Reason.REFUSED: State.SUBMITTING}.get(
            reason, State.SUBMITTED
        )
        one = self.pick(data, state)
        if one:
            billed = cost if reason is Reason.FAILED else one.held + one.doubt if reason in (Reason.WRITTEN_OFF, Reason.EXPIRED) else 0
            one.attempt = write.move(self.book, one.attempt, Kind.CLOSED, at=AT, cost=billed, reason=reason)
            billed = self.counted(billed, one.held + one.doubt) if reason is Reason.FAILED else billed
            one.past = max(0, billed - one.held - one.doubt)
            one.held, one.doubt, one.settled = 0, 0, billed

    @precondition(lambda self: self.paid)
    @rule(data=st.data(), amount=st.integers(-900, 900).filter(bool))
    def late(self, data: st.DataObject, amount: int) -> None:
        """An invoice says more, or less; nothing can have cost less than nothing."""
        one = self.pick(data, State.CLOSED)
        if one and one.settled + amount >= 0:
            one.attempt = write.correct(self.book, one.attempt, amount, ref=f"invoice {one.attempt.seq}", body={}, at=AT)
            one.settled, one.past = one.settled + amount, one.past + amount

    @precondition(lambda self: self.paid)
    @rule(data=st.data())
    def race(self, data: st.DataObject) -> None:
        """Who knows an older state than the book's can't move."""
        one = self.pick(data, State.SUBMITTING)
        if one and self.may_send(one):
            old, one.attempt = one.attempt, write.move(self.book, one.attempt, Kind.REPOST, {"n": one.attempt.reposts + 1}, at=AT)
            with pytest.raises(write.Raced):
                write.move(self.book, old, Kind.CLOSED, at=AT, reason=Reason.REFUSED)

    @invariant()
    def sums_are_right(self) -> None:
        """Three buckets, each cap's counter, and each attempt: what its last move gave is what the book has."""
        assert read.attempts(self.book, self.project) == [one.attempt for one in self.paid]
        held, doubt, settled = (sum(getattr(one, bucket) for one in self.paid) for bucket in ("held", "doubt", "settled"))
        assert read.totals(self.book, self.project, rehearsal=False) == (held, doubt, settled)
        found = {(state.scope, state.name): state for state in read.caps(self.book, self.project, rehearsal=False)}
        assert {place: state.amount for place, state in found.items()} == {
            p: known.amount for p, known in self.caps.items() if known.amount is not None
        }
        for place, state in found.items():
            assert (state.used, state.over) == (self.used(*place), sum(one.past for one in self.within(*place))), place

    @invariant()
    def caps_are_passed_only_by_what_is_booked_as_such(self) -> None:
        """By an overrun, by late evidence, or because somebody lowered them: never by a hold."""
        for place, known in self.caps.items():
            passed = 0 if known.amount is None else self.used(*place) - known.amount
            assert passed <= 0 or known.lowered or passed <= sum(max(0, one.past) for one in self.within(*place)), place

    @invariant()
    def rows_never_change(self) -> None:
        """What was written stays as it was, and more only comes after it."""
        with self.book.reading() as connection:
            events = connection.execute(
                text(
                    "select e.attempt, e.seq, e.kind, e.body, n.kind, n.d_held, n.d_doubt, n.d_settled from event e join attempt a on a.attempt = e.attempt"
                    " left join entry n on n.attempt = e.attempt and n.seq = e.seq where a.project = :project"
                ),
                {"project": self.project},
            ).all()
        now = {tuple(row) for row in events}
        assert now >= set(self.rows)
        self.rows = [*now]

    def teardown(self) -> None:
        for one in self.paid:
            there = read.reread(self.book, one.attempt)
            assert (there.state, there.held, there.doubt, there.settled) == (one.attempt.state, one.held, one.doubt, one.settled)
        assert audit(self.book) == []


def test_the_book_is_the_model(ledger: Ledger) -> None:
    """Holds, moves, limits, overruns and corrections in any order: every sum right, every refusal due, no row ever changed."""
    few = settings(max_examples=20, stateful_step_count=30, deadline=None, database=None, suppress_health_check=[*HealthCheck])
    run_state_machine_as_test(type("ThisBook", (Book,), {"book": ledger}), settings=few)
