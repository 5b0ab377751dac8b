"""Until when a bought clip can be had, where its service forgets."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from callsheet.domain.attempt import Attempt, State
from callsheet.services.cards.card import load_cards
from callsheet.status.job_lifetime import Kept, kept
from tests.unit.report.made_up_project import attempt, take

CARDS = load_cards(Path(__file__).parents[3] / "configs" / "cards")
AT = "2026-11-21T14:03:00.000Z"


def bought(shot: str, state: State, model: str = "bytecompute/ltx-2.3", at: str | None = AT) -> Attempt:
    return attempt(shot, state=state, model=model, service=model.partition("/")[0], job=f"job-{shot}", accepted_at=at)


def jobs(*tried: Attempt) -> list[Kept]:
    return list(kept([take(one) for one in tried], CARDS))


@pytest.mark.parametrize("state", [State.SUBMITTED, State.READY])
def test_a_job_that_waits_to_be_fetched_says_until_when(state: State) -> None:
    """24 hours from its acceptance; afterwards it was kept until then."""
    [job] = jobs(bought("S1", state))
    now = datetime(2026, 11, 21, 15, tzinfo=UTC)
    assert job.summary(now) == "S1.t1: job job-S1 at bytecompute is kept until 2026-11-22 14:03 UTC: `callsheet recover`"
    assert (
        job.summary(now.replace(day=23))
        == "S1.t1: job job-S1 at bytecompute was kept until 2026-11-22 14:03 UTC; `callsheet recover` checks"
    )
    assert job.until_text == "2026-11-22T14:03:00Z"


def test_what_needs_no_hurry_says_nothing() -> None:
    """Received, never accepted, closed, or at a service that publishes no such limit."""
    assert jobs(bought("S1", State.RECEIVED), bought("S2", State.HELD, at=None), bought("S3", State.CLOSED)) == []
    assert jobs(bought("S4", State.SUBMITTED, "runware/ltx-2"), bought("S5", State.SUBMITTED, "nobody/knows")) == []


def test_the_soonest_is_told_first() -> None:
    """Whatever the order of the list."""
    later, sooner = bought("S1", State.READY), bought("S2", State.READY, at="2026-11-21T09:00:00.000Z")
    assert [job.attempt.take.shot for job in jobs(later, sooner)] == ["S2", "S1"]
