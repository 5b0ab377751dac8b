"""What events do to money, and how caps bind: pure arithmetic."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.budget.rules.caps import CapState, Limit, Names, applied, tightest
from callsheet.budget.rules.money_moves import Entry, entries
from callsheet.domain.attempt import Attempt, Kind, Reason, State
from callsheet.domain.errors import Problem
from callsheet.domain.take import TakeId
from callsheet.transport.lane import Lane

AMOUNT = st.integers(1, 10**9)


def attempt(state: State, quote: int) -> Attempt:
    held = quote if state in (State.HELD, State.SUBMITTING, State.SUBMITTED) else 0
    doubt = quote if state is State.IN_DOUBT else 0
    return Attempt(
        id="1", project="p", run="r", take=TakeId("l", "S", 1), n=1, sequence="q", service="s", model="s/m", account="s x", author_print="",
        request_print="", ordinal=0, key="k", quote=quote, price_ref="", request=b"", made_at="", state=state, held=held, doubt=doubt,
    )  # fmt: skip


def after(start: Attempt, lines: list[Entry]) -> tuple[int, int, int]:
    """Held, in doubt and settled once the lines are booked."""
    return (
        start.held + sum(line.d_held for line in lines),
        start.doubt + sum(line.d_doubt for line in lines),
        start.settled + sum(line.d_settled for line in lines),
    )


@given(AMOUNT, AMOUNT)
def test_settling_leaves_nothing_held_and_books_every_cent(quote: int, cost: int) -> None:
    """What the service took is settled in full; beyond the hold it is an overrun of its own. Of an implausible cost and the hold the larger is."""
    lines = entries(attempt(State.SUBMITTED, quote), Kind.READY, cost=cost)
    assert after(attempt(State.SUBMITTED, quote), lines) == (0, 0, counted(quote, cost))
    assert [line.kind for line in lines] == (["settle"] if cost <= quote else ["settle", "overrun"])


def counted(quote: int, cost: int) -> int:
    """Exact, for whatever whole numbers: believed from a tenth of the hold to ten times the hold."""
    return cost if cost == 0 or (quote <= cost * 10 and cost <= quote * 10) else max(cost, quote)


@given(AMOUNT)
def test_a_cost_not_told_is_the_hold(quote: int) -> None:
    assert after(attempt(State.SUBMITTED, quote), entries(attempt(State.SUBMITTED, quote), Kind.READY)) == (0, 0, quote)


@given(AMOUNT, st.sampled_from([State.HELD, State.SUBMITTING, State.SUBMITTED, State.IN_DOUBT]), st.sampled_from(list(Reason)))
def test_a_close_empties_the_buckets(quote: int, state: State, reason: Reason) -> None:
    """However an attempt is closed, nothing of it stays held or in doubt."""
    if reason is Reason.WRITTEN_OFF and state is not State.IN_DOUBT:
        return
    held, doubt, settled = after(attempt(state, quote), entries(attempt(state, quote), Kind.CLOSED, reason=reason))
    assert (held, doubt) == (0, 0)
    assert settled == (quote if reason in (Reason.WRITTEN_OFF, Reason.EXPIRED) else 0)


@given(AMOUNT, AMOUNT)
def test_a_billed_failure_is_settled(quote: int, cost: int) -> None:
    lines = entries(attempt(State.SUBMITTED, quote), Kind.CLOSED, cost=cost, reason=Reason.FAILED)
    assert after(attempt(State.SUBMITTED, quote), lines) == (0, 0, counted(quote, cost))


@given(AMOUNT)
def test_doubt_and_its_clearing_cancel_out(quote: int) -> None:
    start = attempt(State.SUBMITTING, quote)
    doubted = replace(start, state=State.IN_DOUBT, held=0, doubt=quote, seq=2)
    assert after(start, entries(start, Kind.LOST)) == (0, quote, 0)
    assert after(doubted, entries(doubted, Kind.ACCEPTED)) == (quote, 0, 0)


@pytest.mark.parametrize("kind", [Kind.INTENT, Kind.REPOST, Kind.UNSENT, Kind.CANCEL_ASKED, Kind.RECEIVED])
def test_other_events_move_no_money(kind: Kind) -> None:
    """No timer, no send and no file moves money."""
    assert entries(attempt(State.SUBMITTING, 5), kind) == []


def test_a_clip_that_is_lost_after_it_was_settled_moves_nothing() -> None:
    assert entries(replace(attempt(State.READY, 5), settled=5), Kind.CLOSED, reason=Reason.EXPIRED) == []


NAMES = Names(run="r", list="spot", shot="S1", sequence="SQ1", day="2026-11-21", service="runware", model="runware/ltx-2")


@pytest.mark.parametrize(
    ("scope", "name", "binds"),
    [
        ("project", "", ""),
        ("ledger", "", ""),
        ("list", "", "spot"),
        ("list", "spot", "spot"),
        ("list", "other", None),
        ("shot", "", "spot:S1"),
        ("shot", "S1", "spot:S1"),
        ("shot", "spot:S1", "spot:S1"),
        ("shot", "other:S1", None),
        ("sequence", "SQ2", None),
        ("month", "", "2026-11"),
        ("day", "", "2026-11-21"),
        ("model", "runware/ltx-2", "runware/ltx-2"),
        ("model", "runware/ltx-2.3", None),
    ],
)
def test_a_limit_binds_what_it_names(scope: str, name: str, binds: str | None) -> None:
    """Without a name it binds each one by itself; shots and sequences belong to their list."""
    found = applied(Limit(scope=scope, name=name, amount=1, source="file", origin="x"), NAMES)
    assert (found.name if found else None) == binds


def test_the_tightest_cap_has_the_least_headroom() -> None:
    wide, tight = CapState(scope="project", name="", amount=100, used=10), CapState(scope="day", name="d", amount=20, used=15)
    assert tightest([wide, tight]) is tight
    assert tightest([]) is None
    assert CapState(scope="project", name="", amount=10, used=15).headroom == -5


def test_waits_of_a_busy_lane_double_up_to_a_minute() -> None:
    """All of a lane waits; a normal answer starts afresh; the service's own word goes first."""
    now = [0.0]
    lane = Lane("m", 2.0, lambda: now[0])
    assert [lane.busy(None) for _ in range(7)] == [2, 4, 8, 16, 32, 60, 60]
    assert lane.closed_for_s() == 60
    now[0] = 60.0
    assert lane.closed_for_s() == 0
    lane.fine()
    assert (lane.busy(None), lane.busy(7.5)) == (2, 7.5)


def test_a_lane_keeps_the_first_reason_why_it_was_stopped() -> None:
    lane = Lane("m", 2.0, lambda: 0.0)
    lane.stop(Problem(code="a", message="first", help=""))
    lane.stop(Problem(code="b", message="second", help=""))
    assert lane.stopped and lane.stopped.message == "first"
