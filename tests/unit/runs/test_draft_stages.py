"""What each stage of a project that buys drafts first does with what the other one left under way."""

from __future__ import annotations

from callsheet.buying.take_result import End
from tests.project_stage import QUICK, Stage
from tests.scripted_runware import Shop

DRAFT = QUICK.replace("patience_s = 0.5", "patience_s = 0.05") + '[draft]\nresolution = "192x128"\n'


async def test_a_run_in_full_quality_collects_drafts_and_buys_none(stage: Stage, shop: Shop) -> None:
    """A draft that is under way since the last run fails at no cost: a run with --final doesn't buy another one in its place, and one without does."""
    (stage.folder / "project.toml").write_text(DRAFT)
    shop.polls = ["running"]
    outcome = await stage.render()
    assert [(take.end, len(shop.bodies)) for take in outcome.takes] == [(End.WAITING, 1)]
    shop.polls = ["fail"]
    outcome = await stage.render(final=True)
    assert [(take.end, len(shop.bodies)) for take in outcome.takes] == [(End.FAILED, 1)]
    shop.polls = ["fail", "done"]
    outcome = await stage.render()
    assert (outcome.takes[0].end, len(shop.bodies)) == (End.RECEIVED, 3)
