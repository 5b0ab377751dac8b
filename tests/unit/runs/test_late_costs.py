"""A service that says what a job cost only after it has told of its end: what it says then counts as if it had said it at once."""

from __future__ import annotations

from typing import Any

import pytest

from callsheet.domain.errors import Exit
from tests.project_stage import LIST, QUICK, Stage
from tests.scripted_runware import Shop

HEAD = LIST.splitlines()[0] + "\n"


def rows(count: int) -> str:
    return HEAD + "".join(f"S{n:02},a lighthouse {n},runware/ltx-2,3,320x192,24\n" for n in range(count))


def late(shop: Shop, monkeypatch: pytest.MonkeyPatch, cost: float) -> None:
    """The first answer to each job's end names no cost; the next one does."""
    item, told = shop._item, set[str]()

    def said(key: str) -> dict[str, Any]:
        shop.cost = cost if key in told else None
        told.add(key)
        shop.bill[key] = cost
        return item(key)

    monkeypatch.setattr(shop, "_item", said)


async def test_a_late_cost_that_nobody_can_believe_stops_the_lane(stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """6.00 for a hold of 0.09: the larger counts, nothing more is sent, and a person is asked. Of twelve shots one is bought."""
    late(shop, monkeypatch, 6.0)
    stage.write(rows(12))
    outcome = await stage.render(cap=1_000_000)
    assert (len(shop.jobs), outcome.counts.bought, outcome.money.settled) == (1, 1, 6_000_000)
    assert outcome.exit is Exit.MONEY
    assert [problem.code for problem in outcome.all_problems if "reports 6.00 USD for S00.t1.a1" in problem.message]
    again = await stage.render(cap=100_000_000)
    assert (len(shop.jobs), again.exit) == (1, Exit.HUMAN), "until a person has settled it"


async def test_a_late_cost_that_passes_a_cap_is_told_at_once(stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """0.093 for a hold of 0.09 under a cap of 0.0925: in this run, and not only in the next one."""
    late(shop, monkeypatch, 0.093)
    (stage.folder / "project.toml").write_text(f'{QUICK}[[cap]]\nscope = "sequence"\nusd = "0.0925"\nwarn_at = [100]\n')
    stage.write(rows(1))
    outcome = await stage.render()
    assert (len(shop.jobs), outcome.money.settled) == (1, 93_000)
    warned = [told.text for told in stage.told if told.kind == "cap" and told.text.startswith("100 % used")]
    assert warned == ["100 % used: cap sequence:spot:spot 0.0925, used 0.093: passed by 0.0005 (late evidence added 0.003)"]
