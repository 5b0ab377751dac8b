"""Leased slots: all who share a ledger together never have more of a lane than it has, whoever dies and whatever clocks say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from callsheet.budget.ledger import tables, write
from callsheet.budget.ledger.database.sqlite import Sqlite
from callsheet.budget.ledger.lanes import leases, pace
from callsheet.budget.ledger.lanes.leases import LEASE_S, Jobs, Share
from callsheet.budget.ledger.lanes.pace import Lane
from callsheet.budget.ledger.store import Ledger
from callsheet.budget.rules.pace import Pace
from callsheet.clock import stamp
from callsheet.domain.attempt import Attempt, Kind, Reason
from tests.ledger_attempts import ACCOUNT, MODEL, Book

LANE = Lane("runware https://api.runware.ai/v1", "runware/ltx-2")
NO_JOBS = Jobs()
T0 = datetime(2026, 11, 21, tzinfo=UTC)


def settle(
    ledger: Ledger, owner: str, uses: int, wants: int, *, slots: int = 6, after: float = 0, lane: Lane = LANE, jobs: Jobs = NO_JOBS
) -> Share:
    return leases.settle(ledger, lane, owner, uses=uses, wants=wants, slots=slots, here=T0 + timedelta(seconds=after), jobs=jobs)


def sent(ledger: Ledger, shots: list[str], owner: str) -> list[Attempt]:
    """Attempts whose requests have left, by a run that counts them as `owner`."""
    book = Book(ledger)
    return [write.move(ledger, book.held(shot), Kind.INTENT, {"run": "r1", "owner": owner}, at=stamp(T0)) for shot in shots]


def expired(ledger: Ledger) -> None:
    """Every lease runs out: a server's clock can't be moved, so the rows are."""
    with ledger.writing() as connection:
        connection.exec_driver_sql(f"update lease set until = until - {int(LEASE_S * 1000) + 1}")


def test_slots_are_granted_once(ledger: Ledger) -> None:
    """Two owners share six; another account has its own; what was given back is granted again, and a fair part goes to who waits."""
    assert settle(ledger, "one", 0, 40).held == 6
    two = settle(ledger, "two", 0, 40)
    assert (two.held, two.others) == (0, True)
    assert settle(ledger, "two", 0, 5, lane=Lane("runware demo", LANE.model)).held == 5
    one = settle(ledger, "one", 6, 34)
    assert (one.held, one.surplus) == (6, 3), "three of six are the other's"
    assert settle(ledger, "one", 4, 34).held == 4
    assert (settle(ledger, "two", 0, 40).held, settle(ledger, "one", 3, 34).held, settle(ledger, "two", 2, 38).held) == (2, 3, 3)
    assert settle(ledger, "two", 0, 0).held == 0
    assert settle(ledger, "one", 3, 34).held == 6, "nobody else wants any"


def test_no_slot_stays_free_and_nobody_starves(ledger: Ledger) -> None:
    """Four slots for three: two, two and none is not the end of it. And what one doesn't want the others have."""
    assert [settle(ledger, "one", 0, 2, slots=4).held, settle(ledger, "two", 0, 2, slots=4).held] == [2, 2]
    assert settle(ledger, "three", 0, 9, slots=4).held == 0
    assert settle(ledger, "one", 2, 9, slots=4).surplus == 1
    assert settle(ledger, "one", 1, 9, slots=4).held == 1
    assert settle(ledger, "three", 0, 9, slots=4).held == 1
    assert settle(ledger, "two", 2, 9, slots=4).surplus == 0
    assert settle(ledger, "one", 1, 0, slots=4).held == 1
    assert settle(ledger, "three", 1, 9, slots=6).held == 3, "two may still have two, one wants no more"


def test_jobs_at_the_service_count_whatever_is_free(ledger: Ledger) -> None:
    """Adopted jobs are there already: they are counted beyond the slots, and nobody else gets any until they are fewer."""
    assert settle(ledger, "one", 8, 2).held == 8
    assert settle(ledger, "two", 0, 1).held == 0
    assert settle(ledger, "one", 5, 0).held == 5
    assert settle(ledger, "two", 0, 1).held == 1


def test_a_dead_owner_has_nothing_after_its_lease(ledger: Ledger) -> None:
    """Who doesn't renew within the lease, which is shorter than 15 s, is no owner any more; nor is a row from before a clock was put back."""
    assert LEASE_S < 15
    settle(ledger, "dead", 6, 0)
    if not isinstance(ledger.place, Sqlite):  # the server's clock can't be moved: the row is
        with ledger.writing() as connection:
            connection.exec_driver_sql(f"update lease set until = until - {int(LEASE_S * 1000) + 1}")
    assert settle(ledger, "alive", 0, 40, after=LEASE_S + 0.1).held == 6
    with ledger.writing() as connection:
        connection.exec_driver_sql("update lease set until = until + 86400000")
    assert settle(ledger, "later", 0, 40, after=LEASE_S).held == 6


def test_a_service_that_wants_nothing_is_left_alone_by_all(ledger: Ledger) -> None:
    """What one process was told to wait the others wait, too; a shorter wait ends no longer one."""
    pace.refused(ledger, LANE, Pace(), 30, 2, here=T0)
    pace.refused(ledger, LANE, Pace(), 5, 2, here=T0)
    assert 28 < settle(ledger, "two", 0, 1).closed_s <= 30
    with ledger.writing() as connection:
        connection.exec_driver_sql("update pace set open_at = open_at + 86400000")
    assert settle(ledger, "two", 0, 1).closed_s == 0, "a clock was put back since"
    pace.refused(ledger, LANE, Pace(), 5, 2, here=T0)
    assert 3 < settle(ledger, "two", 0, 1).closed_s <= 5


def test_jobs_of_a_dead_run_take_slots_until_they_end(ledger: Ledger) -> None:
    """Its lease is over, and three jobs go on at the service: three of six are free until the ledger, or who looked, says that a job has ended."""
    lane = Lane(ACCOUNT, MODEL)
    one, two, three = sent(ledger, ["S1", "S2", "S3"], "dead")
    settle(ledger, "dead", 3, 9, lane=lane, jobs=Jobs(mine=(int(one.id), int(two.id), int(three.id))))
    expired(ledger)
    share = settle(ledger, "alive", 0, 40, lane=lane)
    assert (share.held, share.orphaned) == (3, (int(one.id), int(two.id), int(three.id)))
    two = write.move(ledger, two, Kind.ACCEPTED, {"job": "j2"}, at=stamp(T0))
    write.move(ledger, two, Kind.READY, {"url": "u"}, at=stamp(T0), cost=1)
    write.move(ledger, three, Kind.CLOSED, {"message": "no"}, at=stamp(T0), reason=Reason.REFUSED)
    assert settle(ledger, "alive", 3, 37, lane=lane).held == 5
    assert settle(ledger, "alive", 5, 35, lane=lane, jobs=Jobs(ended=(int(one.id),))).held == 6
    assert settle(ledger, "other", 0, 5, lane=lane, jobs=Jobs(longest_s=0)).held == 0, "all six are used"
    assert settle(ledger, "alive", 0, 1, lane=lane, jobs=Jobs(longest_s=0)).orphaned == (), "one that old has ended"


def test_a_job_that_is_adopted_counts_once(ledger: Ledger) -> None:
    """The next run looks after it and has it in a slot of its own; what that run gives up is nobody's again."""
    lane = Lane(ACCOUNT, MODEL)
    [job] = sent(ledger, ["S1"], "dead")
    mine = Jobs(mine=(int(job.id),))
    assert settle(ledger, "next", 1, 9, lane=lane, jobs=mine) == Share(6, 0, others=False, closed_s=0.0)
    assert settle(ledger, "other", 0, 9, lane=lane).orphaned == (), "it is in a slot of the next run"
    assert settle(ledger, "next", 0, 0, lane=lane).orphaned == (int(job.id),)
    assert settle(ledger, "other", 0, 9, lane=lane).held == 5


def test_a_doubt_takes_no_slot(ledger: Ledger) -> None:
    """Nobody knows of a job: a lane with one slot would stand still for an hour."""
    [doubt] = sent(ledger, ["S1"], "dead")
    write.move(ledger, doubt, Kind.LOST, {"why": "no answer"}, at=stamp(T0))
    assert settle(ledger, "alive", 0, 40, lane=Lane(ACCOUNT, MODEL)).held == 6


def test_a_machine_whose_clock_is_wrong_learns_the_same_pace(ledger: Ledger) -> None:
    """It is hours behind the server's: what it had taken, one every 100 ms, is counted by its own clock."""
    seen = Pace()
    for n in range(50):
        seen = seen.accepted(T0.timestamp() * 1000 + 100 * n)
    pace.refused(ledger, LANE, seen, 0, 2, here=T0 + timedelta(seconds=5))
    with ledger.reading() as connection:
        gap = connection.execute(select(tables.pace.c.gap_us)).scalar_one()
    assert 190_000 < gap < 210_000
