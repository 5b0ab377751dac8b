"""What receipts teach of a purchase to come: shown as expected, never held."""

from __future__ import annotations

from fractions import Fraction

import pytest

from callsheet.budget.ledger.receipts import Receipt
from callsheet.buying.take_result import End
from callsheet.domain.attempt import State
from callsheet.domain.errors import Exit
from callsheet.domain.run_request import RunRequest
from callsheet.planning.notes.expected_cost import Learned, expected, learn
from callsheet.planning.plan import Action
from callsheet.planning.project_plan import prepare
from tests.project_stage import LIST, Stage
from tests.scripted_runware import Shop
from tests.unit.cli.calling import call

BODY = b'[{"width": 320, "height": 192, "fps": 24, "duration": %s, "taskUUID": "k"}]'


def receipt(settled: int, seconds: bytes = b"3", body: bytes = BODY) -> Receipt:
    return Receipt("runware a", "runware", "runware/ltx-2", body % seconds if b"%s" in body else body, 90_000, settled)


def test_a_kind_is_expected_at_the_median_of_its_receipts() -> None:
    """One odd receipt doesn't decide; other lengths are other kinds; what can't be read teaches nothing."""
    some = [receipt(72_000), receipt(72_000), receipt(135_000), receipt(90_000, b"2"), receipt(1, body=b"junk")]
    kinds = learn(some).kinds
    assert {(kind[4], known) for kind, known in kinds.items()} == {
        (Fraction(3), Learned(Fraction(4, 5), 3)),
        (Fraction(2), Learned(Fraction(1), 1)),
    }


def test_expected_is_rounded_up() -> None:
    """Like every price."""
    assert expected(100, Learned(Fraction(2, 3), 1)) == 67


async def test_the_plan_expects_what_was_charged_and_holds_the_list_price(stage: Stage, shop: Shop) -> None:
    """Receipts at four fifths of the list: the next take of the kind is expected there, with the number of receipts beside."""
    shop.cost = 0.072
    await stage.render()
    stage.write(LIST + "S2,a boat,runware/ltx-2,3,320x192,24\nS3,a gull,runware/ltx-2,4,320x192,24\n")
    plan = prepare(RunRequest(folder=stage.folder, list="spot.csv")).plan
    assert [(take.price, take.expected, take.receipts) for take in plan.buys] == [(90_000, 72_000, 1), (120_000, 120_000, 0)]
    assert plan.used_s == 7


async def test_an_overrun_within_the_tolerance_raises_the_next_hold(stage: Stage, shop: Shop) -> None:
    """Charged 3 % above the list: the next take is held 3 % above it."""
    shop.cost = 0.0927
    await stage.render()
    stage.write(LIST + "S2,a boat,runware/ltx-2,3,320x192,24\n")
    [take] = prepare(RunRequest(folder=stage.folder, list="spot.csv")).plan.buys
    assert take.price == 92_700
    assert take.priced.quote
    assert take.priced.quote.basis.endswith("and 3 % that was charged beyond it")
    outcome = await stage.render()
    assert (outcome.exit, outcome.money.settled) == (Exit.DONE, 185_400)


async def test_an_overrun_beyond_the_tolerance_freezes_the_model_at_once(stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run buys no more of it, ends with 6 and says what to do; the next plan is blocked with the same words, until a price is recorded."""
    rows = "".join(f"S{n},take {n} of a boat,runware/ltx-2,3,320x192,24\n" for n in range(2, 6))
    stage.write(LIST + rows)
    one = (stage.folder / "project.toml").read_text().replace("[lanes.runware]", "[lanes.runware]\nslots = 1")
    (stage.folder / "project.toml").write_text(one)
    shop.cost = 0.135
    outcome = await stage.render(cap=200_000)  # room for two holds: the others wait for money, and then find the model frozen
    assert outcome.exit in (Exit.MONEY, Exit.HUMAN)
    bought = len(shop.bill)
    again = await stage.render(cap=10_000_000)
    assert (again.exit, again.state) == (Exit.HUMAN, "partial")
    assert len(shop.bill) == bought < 5
    plan = prepare(RunRequest(folder=stage.folder, list="spot.csv")).plan
    blocked = [take for take in plan.takes if take.action is Action.BLOCKED]
    assert len(blocked) == 5 - bought
    assert "was quoted 0.09 USD and charged 0.13" in blocked[0].reason
    assert "callsheet cards price runware/ltx-2 --usd-per-s X --source WHERE" in blocked[0].reason
    said = call(
        "cards", "price", "runware/ltx-2", "--usd-per-s", "0.045", "--source", "their price page of 2026-11-21", "-C", str(stage.folder)
    )
    assert (said.code, said.out) == (
        0,
        f"runware/ltx-2 at runware {shop.host}/v1: 0.045 USD/s at 1280x704, from their price page of 2026-11-21\n",
    )
    last = await stage.render()
    assert (last.exit, len(shop.bill)) == (Exit.DONE, 5)
    assert {take.attempt.quote for take in last.takes if take.attempt and take.end is End.RECEIVED} == {135_000}
    assert all(take.attempt.state is State.RECEIVED for take in last.takes if take.attempt)


async def test_a_model_that_froze_under_way_gets_no_further_hold(stage: Stage, shop: Shop) -> None:
    """What is held and not sent stays unsent: its intent is refused with the words of the freeze."""
    stage.write(LIST + "S2,a boat,runware/ltx-2,3,320x192,24\n")
    (stage.folder / "project.toml").write_text(
        (stage.folder / "project.toml").read_text().replace("[lanes.runware]", "[lanes.runware]\nslots = 1")
    )
    shop.cost = 0.135
    outcome = await stage.render()
    assert (outcome.exit, len(shop.jobs), len(shop.bill)) == (Exit.HUMAN, 1, 1)
    [frozen] = [problem for problem in outcome.problems if problem.code == "frozen"]
    assert frozen.message == "runware/ltx-2 is frozen: S1.t1.a1 was quoted 0.09 USD and charged 0.135"
    refused = next(take for take in outcome.takes if take.take.shot == "S2")
    assert (refused.end, refused.message) == (End.NOT_BOUGHT, frozen.message)


async def test_a_frozen_model_leaves_other_models_alone(stage: Stage, shop: Shop) -> None:
    """The freeze is of one model on one account."""
    shop.cost = 0.5
    await stage.render()
    stage.write(LIST + "S2,a boat,runware/ltx-2,3,320x192,24\nS3,a harbour,runware/ltx-2-fast,6,1920x1080,25\n")
    takes = prepare(RunRequest(folder=stage.folder, list="spot.csv")).plan.takes
    assert [take.action for take in takes] == [Action.KEEP, Action.BLOCKED, Action.BUY]
