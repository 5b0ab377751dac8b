"""What the money came to, from made-up takes."""

from __future__ import annotations

import json
from fractions import Fraction
from zoneinfo import ZoneInfo

from callsheet.domain.attempt import Attempt, Cause, State
from callsheet.planning.notes.expected_cost import Forecast
from callsheet.report.spend_figures import Figures, Left, figures
from callsheet.report.takes_frame import attempts
from tests.unit.report.made_up_project import attempt, failed, take

NOTHING = Left(takes=0, price=0, expected=0, learned=0)


def bought(shot: str, n: int, seconds: int, **facts: object) -> Attempt:
    task = {"width": 320, "height": 192, "fps": 24, "duration": seconds}
    return attempt(shot, n, request=json.dumps([task]).encode(), **facts)


def came_to(*takes: tuple[Attempt, ...], used_s: int = 4, lists: tuple[str, ...] = ("spot",)) -> Figures:
    return figures(attempts([take(*tried) for tried in takes], ZoneInfo("UTC")), lists, Fraction(used_s), NOTHING, Forecast())


def test_retakes_are_what_was_spent_after_the_first_clip() -> None:
    """A try after a failure is no retake: the take had no clip yet."""
    found = came_to(
        (failed("S1", Cause.RETRY, "it fell over"), bought("S1", 2, 3)),
        (bought("S2", 1, 3), bought("S2", 2, 3)),
    )
    assert (found.settled, found.retakes, found.retake_share) == (270_000, 90_000, Fraction(1, 3))


def test_seconds_that_were_paid_and_stand_in_no_cut() -> None:
    """What a second in the cut has cost, rounded up; what failed free of charge was not paid."""
    found = came_to((bought("S1", 1, 3), bought("S1", 2, 3)), (bought("S2", 1, 2), bought("S3", 2, 9, state=State.CLOSED)), used_s=7)
    assert (found.paid_s, found.unused_s, found.per_finished_second) == (8, 1, 38_572)


def test_money_without_a_clip_is_told() -> None:
    """Billed and failed."""
    found = came_to((bought("S1", 1, 3, state=State.CLOSED, settled=90_000),), used_s=0)
    assert (found.lost, found.per_finished_second, found.retake_share) == (90_000, None, Fraction(0))


def test_other_lists_count_apart() -> None:
    """Only takes of the lists whose cut is known."""
    assert came_to((bought("S1", 1, 3),), lists=("other",)).settled == 0


def test_a_clip_from_another_project_costs_nothing_here() -> None:
    """More may stand in the cut than was paid for."""
    assert came_to((bought("S1", 1, 3),), used_s=9).unused_s == 0
