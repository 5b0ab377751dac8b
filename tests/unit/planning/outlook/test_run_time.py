"""How long buying takes: full rounds of each lane's slots, lanes beside each other."""

from __future__ import annotations

from callsheet.planning.outlook.run_time import lane_forecast, whole
from callsheet.planning.plan import Chain, Plan

TEN, FIVE = ("here", "runware", "ten"), ("here", "runware", "five")
SLOTS = {("runware", "ten"): 4, ("runware", "five"): 2}


def test_a_lane_takes_its_rounds_and_the_longest_decides() -> None:
    """Nine takes at four at once are three rounds; a chain that is longer decides; a kind that was never received makes it unknown."""
    lanes = lane_forecast({TEN: 9, FIVE: 2}, {("here", "ten"): 40.0, ("here", "five"): 30.0}, SLOTS)
    assert [(lane.model, lane.seconds) for lane in lanes] == [("ten", 120.0), ("five", 30.0)]
    plan = Plan(list="spot", file="spot.csv", takes=())
    assert whole(lanes, plan) == 120.0
    assert whole(lanes, Plan(list="spot", file="spot.csv", takes=(), chain=Chain(("A", "B"), 200.0))) == 200.0
    assert whole(lane_forecast({TEN: 9, FIVE: 2}, {("here", "ten"): 40.0}, SLOTS), plan) is None
    assert whole((), plan) is None
