"""Whose turn it is at a lane: priority, take number, sequence, the longest job first, row; and how long a job is expected to take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from callsheet.domain.fingerprint import Print
from callsheet.domain.shots.shot import Origin, Shot, Size
from callsheet.domain.take import TakeId
from callsheet.planning.lane_order import UNPLANNED, JobSeconds, turns
from callsheet.planning.plan import Action, PlannedTake
from callsheet.pricing.priced import Priced
from callsheet.services.cards.fit import Fit
from callsheet.services.protocol.ask import Sold
from tests.unit.services.asks import ask

ACCOUNT, MODEL = "runware https://api.runware.ai/v1", "runware/ltx-2"
LANE = (ACCOUNT, MODEL)
HD = Size(1280, 720)


def take(
    name: str, row: int, *, sequence: str = "one", seconds: int = 5, n: int = 1, order: int | None = None, **cells: object
) -> PlannedTake:
    """A take that is bought, in its row's place in buying order unless `order` is given."""
    shot = Shot(list="spot", shot_id=name, prompt="a pier", origin=Origin("spot.csv", row, row), sequence=sequence)
    priced = Priced(
        shot=replace(shot, **cells),  # type: ignore[arg-type]
        model=MODEL,
        service="runware",
        account=ACCOUNT,
        fit=Fit(ask(duration_s=Decimal(seconds)), ()),
        quote=None,
        author=Print("a"),
        request_print=name,
        used_s=Decimal(seconds),
    )
    return PlannedTake(take=TakeId("spot", name, n), priced=priced, action=Action.BUY, reason="new", order=row if order is None else order)


def in_turn(takes: Sequence[PlannedTake], known: JobSeconds | None = None, sequences: Sequence[str] = ("one", "two")) -> list[str]:
    """The takes' names, whose turn comes first at the front."""
    found = turns(takes, sequences, (known or JobSeconds.learned({})).of)
    return [f"{one.shot}.t{one.n}" for one in sorted(found, key=lambda one: found[one])]


def sold(seconds: int, size: Size = HD) -> Sold:
    return Sold(size, Fraction(25), Fraction(seconds))


def test_turns_go_by_priority_take_sequence_length_and_row() -> None:
    """Rows of two sequences alternate: whatever a later part of the order says, an earlier one decides."""
    takes = [
        take("two-a", 1, sequence="two", seconds=10),
        take("one-short", 2, seconds=5),
        take("one-long", 3, seconds=10),
        take("two-urgent", 4, sequence="two", priority=1),
        take("one-second", 5, n=2, seconds=20),
        take("one-alike", 6, seconds=5),
        take("one-last", 7, priority=9, seconds=20),
    ]
    order = ["two-urgent.t1", "one-long.t1", "one-short.t1", "one-alike.t1", "two-a.t1", "one-second.t2", "one-last.t1"]
    assert in_turn(takes) == order
    assert in_turn(takes[::-1]) == order
    assert in_turn(takes, sequences=("two", "one"))[1] == "two-a.t1", "sequences go in the list's order"


def test_a_take_goes_as_early_as_the_takes_that_wait_for_its_clip() -> None:
    """The chain a, b, c of ten seconds each hangs on a short shot of a later sequence: it goes before a longer single shot, and by the chain's own sequence."""
    first = take("head", 1, sequence="two", seconds=3, priority=6)
    middle = replace(take("middle", 2, seconds=10), waits=(first.take,))
    last = replace(take("last", 3, seconds=10, priority=4), waits=(middle.take,))
    single = take("single", 4, seconds=12, priority=4)
    assert in_turn([first, middle, last, single]) == ["head.t1", "middle.t1", "single.t1", "last.t1"]
    found = turns([first, middle, last, single], ("one", "two"), lambda one: float(one.priced.used_s))
    assert found[first.take] == (4, True, 1, 0, -23.0, 1)
    assert found[middle.take].seconds == -20.0


def test_two_that_wait_for_one_clip_count_once() -> None:
    """Only the longer of two branches is still to come after it."""
    head = take("head", 1, seconds=5)
    branches = [replace(take(f"branch-{n}", n, seconds=n), waits=(head.take,)) for n in (2, 8)]
    assert turns([head, *branches], ("one",), lambda one: float(one.priced.used_s))[head.take].seconds == -13.0


def test_the_first_of_a_kind_goes_before_all_of_its_priority() -> None:
    """All others of its kind wait for it."""
    takes = [take("one", 1), take("two", 2, sequence="two"), take("urgent", 3, priority=1)]
    found = turns(takes, ("one", "two"), lambda _one: 5.0)
    one, two, urgent = (found[each.take] for each in takes)
    assert UNPLANNED < urgent < two._replace(kind_known=False) < one < two


def test_what_a_lane_made_before_says_how_long_it_takes() -> None:
    """The median of a kind's jobs; a length that was never ordered by its pixels, at the lane's usual time for as many; another lane's by all lanes'."""
    other = ("deapi https://api.deapi.ai", "deapi/ltx-2.3")
    known = JobSeconds.learned({LANE: [(sold(5), 40.0), (sold(5), 60.0), (sold(5), 50.0), (sold(10), 90.0), (None, 1000.0)], other: []})
    assert known.expected(LANE, sold(5)) == 50.0
    assert known.expected(LANE, sold(10)) == 90.0
    each = (50.0 / 5 + 90.0 / 10) / 2
    assert known.expected(LANE, sold(20)) == pytest.approx(20 * each)
    assert known.expected(LANE, sold(20, Size(640, 360))) == pytest.approx(5 * each)
    assert known.expected(other, sold(20)) == pytest.approx(20 * each)


def test_a_length_that_is_rounded_in_its_request_is_the_same_kind() -> None:
    """121 frames at 24 a second are 5.0417 s in a list's ask and 121/24 in the service's words."""
    ordered = take("S1", 1)
    ordered = replace(ordered, priced=replace(ordered.priced, fit=Fit(ask(fps=Fraction(24), duration_s=Decimal("5.0417")), ())))
    known = JobSeconds.learned({LANE: [(Sold(HD, Fraction(24), Fraction(121, 24)), 77.0), (sold(20), 1.0)]})
    assert known.of(ordered) == 77.0


def test_models_that_take_longer_for_shorter_clips_are_believed() -> None:
    """What was measured decides, not the clip's length."""
    known = JobSeconds.learned({LANE: [(sold(5), 300.0), (sold(10), 60.0)]})
    assert in_turn([take("long", 1, seconds=10), take("slow", 2, seconds=5)], known) == ["slow.t1", "long.t1"]
