"""Limits: the words that people see, limits that projects share, thresholds told once, and the project's day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from callsheet.budget.ledger import limits, read, write
from callsheet.budget.ledger.store import Ledger
from callsheet.budget.rules.caps import CapState, Limit
from callsheet.clock import day_of
from callsheet.domain.attempt import Kind, Reason
from tests.ledger_bids import AT, bid, billed, cap, hold

BERLIN = ZoneInfo("Europe/Berlin")


def standing(ledger: Ledger, scope: str = "project") -> CapState:
    return next(state for state in read.caps(ledger, "p", rehearsal=False) if state.scope == scope)


def test_a_cap_passed_by_an_overrun_says_so(ledger: Ledger) -> None:
    """The service charged more than it quoted: booked, shown, and it blocks new holds with these words."""
    cap(ledger, 500_000)
    billed(ledger, hold(ledger, bid()), 620_000)
    assert standing(ledger).summary() == "cap project 0.50, used 0.62: passed by 0.12 (services charged 0.22 more than they quoted)"
    with pytest.raises(write.CapRefused) as refused:
        hold(ledger, bid("S2", quote=100_000))
    assert refused.value.message == f"the next take needs 0.10 USD, and {standing(ledger).summary()}"
    assert refused.value.problems[0].help == "give --cap 0.72 or more"


def test_a_cap_passed_by_late_evidence_says_so(ledger: Ledger) -> None:
    """An invoice line for what was thought free."""
    cap(ledger, 500_000)
    sent = write.move(ledger, hold(ledger, bid("S1")), Kind.INTENT, at=AT)
    ended = write.move(ledger, sent, Kind.CLOSED, at=AT, reason=Reason.REFUSED)
    hold(ledger, bid("S2", quote=450_000))
    write.correct(ledger, ended, 80_000, ref="invoice 7 line 2", body={}, at=AT)
    assert standing(ledger).summary() == "cap project 0.50, used 0.53: passed by 0.03 (late evidence added 0.08)"


def test_a_cap_lowered_below_what_was_used_says_so_and_refuses(ledger: Ledger) -> None:
    """Nothing is taken back; nothing new is bought until it is raised."""
    cap(ledger, 500_000)
    hold(ledger, bid("S1"))
    [change] = cap(ledger, 300_000)
    assert (change.title, change.before, change.after, change.origin) == ("project", 500_000, 300_000, "--cap")
    assert standing(ledger).summary() == "cap project 0.30, used 0.40: passed by 0.10 (it was set below what was already used)"
    with pytest.raises(write.CapRefused):
        hold(ledger, bid("S2", quote=1))
    [change] = cap(ledger, 900_000)
    assert (change.before, change.after) == (300_000, 900_000)
    hold(ledger, bid("S2"))


def test_the_same_limit_again_is_no_change(ledger: Ledger) -> None:
    cap(ledger, 500_000)
    assert cap(ledger, 500_000) == []
    with ledger.reading() as connection:
        assert connection.exec_driver_sql("select count(*) from cap_limit").scalar() == 2  # one for each counter


@pytest.mark.parametrize(
    ("source", "scope", "name", "help"),
    [
        ("command", "project", "", "give --cap 1.20 or more"),
        ("file", "model", "runware/ltx-2", "raise the model:runware/ltx-2 cap in project.toml to 1.20"),
        ("row", "shot", "spot:S0010", "raise max_cost_usd in the row of S0010 to 1.20"),
        ("row", "shot", "spot:S0010@9x16", "raise max_cost_usd in the row of S0010 to 1.20"),
    ],
)
def test_each_limit_is_raised_where_it_was_set(source: str, scope: str, name: str, help: str) -> None:
    state = CapState(scope=scope, name=name, amount=1_000_000, used=900_000, source=source)
    assert state.remedy(1_200_000) == help


def test_two_lists_of_a_project_count_together_and_apart(ledger: Ledger) -> None:
    """Each list has its own counter; the project's counts both. The same shot id in two lists is two shots."""
    cap(ledger, 1_000_000)
    each = [Limit(scope="list", name="", amount=500_000, source="file", origin="project.toml")]
    hold(ledger, bid("S1", list="spot"), each)
    hold(ledger, bid("S1", list="trailer"), each)
    for name in ("spot", "trailer"):
        with pytest.raises(write.CapRefused, match=rf"cap list:{name} 0\.50, used 0\.40, left 0\.10"):
            hold(ledger, bid("S2", quote=150_000, list=name), each)
    with pytest.raises(write.CapRefused, match=r"cap project 1.00, used 0.80, left 0.20"):
        hold(ledger, bid("S2", quote=300_000, list="third"), each)


def test_the_tightest_of_a_shared_cap_stands_and_only_its_project_loosens_it(ledger: Ledger) -> None:
    """Two projects of one ledger ask for different amounts of the same: neither lifts the other's."""
    ours, theirs = (Limit(scope="ledger", name="", amount=amount, source="file", origin="project.toml") for amount in (900_000, 500_000))
    for project in ("p", "q"):
        cap(ledger, 10_000_000, project=project)
    hold(ledger, bid("S1", project="p"), [ours])
    with pytest.raises(write.CapRefused, match=r"cap ledger 0\.50, used 0\.40"):
        hold(ledger, bid("S1", project="q"), [theirs])
    write.limit(ledger, "q", theirs, at=AT)
    with pytest.raises(write.CapRefused, match=r"cap ledger 0\.50, used 0\.40"):
        hold(ledger, bid("S2", project="p"), [ours])
    write.lift(ledger, "p", source="file", keep=[], at=AT)
    assert standing(ledger, "ledger").amount == 500_000
    write.lift(ledger, "q", source="file", keep=[], at=AT)
    hold(ledger, bid("S2", project="p"), [ours])
    assert standing(ledger, "ledger").amount == 900_000


def test_a_rows_limit_ends_with_its_row_and_leaves_other_lists_alone(ledger: Ledger) -> None:
    cap(ledger, 10_000_000)
    for name in ("spot", "trailer"):
        cap(ledger, 100_000, scope="shot", name=f"{name}:S1", source="row")
    write.lift(ledger, "p", source="row", keep=[], at=AT, list="spot")
    assert [state.name for state in read.caps(ledger, "p", rehearsal=False) if state.scope == "shot"] == ["trailer:S1"]


def test_a_threshold_is_told_once_for_each_amount(ledger: Ledger) -> None:
    """Again only where the amount was changed since."""
    cap(ledger, 500_000)
    hold(ledger, bid())
    assert standing(ledger).percent == 80
    assert limits.warn(ledger, standing(ledger), [50, 80], at=AT)
    assert standing(ledger).warned == (50, 80)
    assert not limits.warn(ledger, standing(ledger), [50, 80], at=AT)
    cap(ledger, 600_000)
    assert standing(ledger).warned == ()
    cap(ledger, 500_000)
    assert standing(ledger).warned == (50, 80)


def test_only_todays_counters_of_days_and_months_are_shown(ledger: Ledger) -> None:
    """Yesterday's cap binds nothing any more."""
    cap(ledger, 10_000_000)
    each = [Limit(scope=scope, name="", amount=500_000, source="file", origin="project.toml") for scope in ("day", "month")]
    hold(ledger, bid("S1", day="2026-10-31"), each)
    hold(ledger, bid("S2", day="2026-11-01"), each)
    seen = read.caps(ledger, "p", rehearsal=False, day="2026-11-01")
    assert [(state.title, state.used) for state in seen] == [("project", 800_000), ("day:2026-11-01", 400_000), ("month:2026-11", 400_000)]


def hours(day: date, zone: ZoneInfo, starts_at: time) -> float:
    """How long a project's day is, counted through it in steps of a quarter of an hour."""
    start = datetime.combine(day - timedelta(days=2), time(), UTC)
    quarters = (start + timedelta(minutes=15 * n) for n in range(6 * 96))
    return sum(day_of(now, zone, starts_at) == day for now in quarters) / 4


@pytest.mark.parametrize(
    ("day", "starts_at", "length"),
    [
        (date(2026, 3, 29), time(), 23),
        (date(2026, 10, 25), time(), 25),
        (date(2026, 6, 1), time(), 24),
        (date(2026, 3, 28), time(6), 23),
        (date(2026, 3, 29), time(6), 24),
        (date(2026, 10, 24), time(6), 25),
        (date(2026, 10, 25), time(2, 30), 25),
    ],
)
def test_a_day_has_the_hours_that_its_clocks_give_it(day: date, starts_at: time, length: int) -> None:
    """Berlin, 2026: 23 hours in March, 25 in October, wherever the day starts; and no day comes twice."""
    assert hours(day, BERLIN, starts_at) == length


def test_days_follow_one_another_through_both_changes() -> None:
    """The day never goes back while time goes on, also where a clock reads the starting hour twice or never."""
    for first in (datetime(2026, 3, 27, tzinfo=UTC), datetime(2026, 10, 23, tzinfo=UTC)):
        for starts_at in (time(), time(2, 30), time(6)):
            days = [day_of(first + timedelta(minutes=5 * n), BERLIN, starts_at) for n in range(4 * 288)]
            assert days == sorted(days)
            assert len(set(days)) in (4, 5)


def test_a_months_first_day_starts_at_the_same_hour() -> None:
    night = datetime(2026, 11, 1, 4, tzinfo=UTC)
    assert (day_of(night, BERLIN).isoformat()[:7], day_of(night, BERLIN, time(6)).isoformat()[:7]) == ("2026-11", "2026-10")
