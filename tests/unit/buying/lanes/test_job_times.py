"""When a job is looked at, by what is known of how long its kind lasts."""

from __future__ import annotations

from callsheet.buying.lanes.job_times import JobTimes


def test_a_usual_job_is_looked_at_by_its_share_as_long_as_that_spares_the_service() -> None:
    """Jobs of 100 seconds: a twentieth between two looks; further apart where many jobs are at the service, but never further than an eighth."""
    times = JobTimes(1 / 20)
    times.learn("kind", [100.0] * 5)
    assert times.next_poll_s("kind", 0.0) == 90.0
    assert times.next_poll_s("kind", 95.0) == 5.0
    assert times.next_poll_s("kind", 95.0, apart_s=1.0) == 5.0
    assert times.next_poll_s("kind", 95.0, apart_s=10.0) == 10.0
    assert times.next_poll_s("kind", 95.0, apart_s=50.0) == 12.5


def test_nothing_is_said_of_kinds_of_which_little_is_known_and_of_jobs_that_last_longer_than_any() -> None:
    """Two finished jobs are too few; a job half as old again as the oldest is polled like one of an unknown kind."""
    times = JobTimes(1 / 20)
    times.learn("kind", [100.0] * 2)
    assert times.next_poll_s("kind", 0.0) is times.begins_s("kind") is None
    times.learn("kind", [200.0])
    assert times.begins_s("kind") == 90.0
    assert times.next_poll_s("kind", 300.0) == 5.0
    assert times.next_poll_s("kind", 301.0) is None
    assert times.next_poll_s("other", 0.0) is None
