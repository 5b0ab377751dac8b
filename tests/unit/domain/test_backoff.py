"""Waits before something is tried again."""

from __future__ import annotations

import pytest

from callsheet.domain.backoff import backoff_s


def test_waits_double_up_to_a_minute() -> None:
    """From 2 s on: 2, 4, 8, 16, 32, 60, and 60 from then on."""
    assert [backoff_s(2.0, n) for n in range(7)] == [2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]


def test_factor_and_limit_can_be_set() -> None:
    """A poller looks half as long again later each time, up to its own limit."""
    assert [backoff_s(1.0, n, factor=1.5, most_s=3.0) for n in range(4)] == [1.0, 1.5, 2.25, 3.0]


@pytest.mark.parametrize("n", [1_024, 100_000])
def test_a_wait_is_still_told_after_thousands_of_failures(n: int) -> None:
    """A power that no float holds is never formed: a run that has failed all day goes on waiting."""
    assert backoff_s(0.05, n) == 60.0
