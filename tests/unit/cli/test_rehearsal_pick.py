"""A rehearsal's pick, once another account is asked: it locks nothing, the plan says so, and the take is bought there."""

from __future__ import annotations

import pytest

from tests.project_stage import Stage, film, remembered, stage, stock
from tests.scripted_runware_films import Stock
from tests.unit.cli.calling import Said, call

__all__ = ["film", "remembered", "stage", "stock"]

LIST = """shot_id,prompt,duration_s,resolution,fps
G1,"a cup",3,320x192,24
G2,"a hand",3,320x192,24
G3,steam,3,320x192,24
"""


def command(stage: Stage, *words: str) -> Said:
    return call(*words, "-C", str(stage.folder), "--json")


def test_a_rehearsals_pick_never_locks_a_take_of_another_account(stage: Stage, stock: Stock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rendered at one base URL, G1.t1 picked, rendered at another: all three are bought there, and the cut has the new clips."""
    render = ("render", "spot.csv", "--cap", "5", "--yes", "--no-prefect")
    stage.write(LIST)
    first = command(stage, *render)
    assert (first.code, first.json["counts"]["bought"]) == (0, 3), first.err
    assert command(stage, "pick", "G1.t1").code == 0
    assert "picked" in command(stage, "plan", "spot.csv").out
    monkeypatch.setenv("RUNWARE_BASE_URL", "http://127.0.0.1:10/v1")
    plan = command(stage, "plan", "spot.csv").json
    actions = {take["take"]: (take["action"], take["reason"]) for take in plan["takes"]}
    assert {action for action, _ in actions.values()} == {"buy"}
    assert actions["G1.t1"][1].startswith("new at runware http://127.0.0.1:10/v1; bought before at runware http://127.0.0.1:9/v1")
    live = command(stage, *render)
    assert (live.code, live.json["counts"]["bought"], live.json["counts"]["kept"]) == (0, 3, 0)
    clips = {take["take"]: take["clip"] for take in command(stage, "status").json["takes"]}
    assert clips == {name: f"spot:{name}.a2" for name in ("G1.t1", "G2.t1", "G3.t1")}
    monkeypatch.setenv("RUNWARE_BASE_URL", "http://127.0.0.1:9/v1")
    back = {take["take"]: take["action"] for take in command(stage, "plan", "spot.csv").json["takes"]}
    assert set(back.values()) == {"keep"}, "at its own account the pick and the other clips are there as before"
