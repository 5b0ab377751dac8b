"""A charge beyond its hold, in a run: what is held and unsent is looked at again before anything more is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from callsheet.budget.ledger import prices, read, write
from callsheet.budget.ledger.store import open_ledger
from callsheet.domain.attempt import Attempt, Kind
from callsheet.domain.errors import Exit
from callsheet.domain.run_request import RunRequest
from callsheet.planning.project_plan import prepare
from tests.project_stage import LIST, QUICK, Stage
from tests.scripted_runware import Shop

HEAD = LIST.splitlines()[0] + "\n"


def rows(*shots: str, seconds: int = 3, size: str = "320x192") -> str:
    return "".join(f"{shot},a lighthouse called {shot},runware/ltx-2,{seconds},{size},24\n" for shot in shots)


def settings(stage: Stage, more: str = "") -> None:
    (stage.folder / "project.toml").write_text(QUICK.replace("[lanes.runware]", "[lanes.runware]\nslots = 8") + more)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Kind]]:
    """The events of a run in the order in which their rows were written: shot and kind."""
    order: list[tuple[str, Kind]] = []
    move = write.move

    def noted(ledger: Any, attempt: Attempt, kind: Kind, *args: Any, **named: Any) -> Attempt:
        moved = move(ledger, attempt, kind, *args, **named)
        order.append((attempt.take.shot, kind))
        return moved

    monkeypatch.setattr(write, "move", noted)
    return order


def attempts(stage: Stage) -> list[Attempt]:
    project = prepare(RunRequest(folder=stage.folder, list="spot.csv")).project
    ledger = open_ledger(project.ledger_file)
    try:
        return read.attempts(ledger, project.identity)
    finally:
        ledger.close()


@pytest.mark.parametrize("on_reach", ["drain", "cancel"])
async def test_a_cap_that_the_first_clip_passes_buys_exactly_one(stage: Stage, shop: Shop, on_reach: str) -> None:
    """Twelve shots, eight slots, the first is billed 6.00 under a cap of 1.00: one job, exit 4, and words that say what happened and what to type."""
    settings(stage, f'[[cap]]\nscope = "project"\nusd = "1.00"\non_reach = "{on_reach}"\n')
    stage.write(HEAD + rows(*(f"S{n:02}" for n in range(12))))
    shop.cost = 6.0
    outcome = await stage.render(cap=1_000_000)
    assert (len(shop.jobs), outcome.counts.bought, outcome.counts.not_bought, outcome.exit) == (1, 1, 11, Exit.MONEY)
    assert (outcome.money.settled, outcome.money.held, outcome.money.headroom) == (6_000_000, 0, -5_000_000)
    assert outcome.capped
    assert "passed by 5.00 (services charged 5.91 more than they quoted)" in outcome.capped.message
    assert "--cap 6." in outcome.capped.help or "project.toml to 6." in outcome.capped.help
    assert outcome.state == "cap_reached"
    [unbelieved] = outcome.problems
    assert unbelieved.message.startswith("runware reports 6.00 USD for S00.t1.a1, which was quoted 0.09; 6.00 counts until")
    assert (await stage.render()).exit is Exit.MONEY
    assert len(shop.jobs) == 1


@pytest.mark.parametrize("on_reach", ["drain", "cancel"])
async def test_nothing_is_sent_after_the_settlement_though_other_kinds_are_in_flight(
    stage: Stage, shop: Shop, written: list[tuple[str, Kind]], on_reach: str
) -> None:
    """Three kinds go ahead side by side; as soon as one charge has passed the cap no row says that anything leaves."""
    settings(stage, f'[[cap]]\nscope = "project"\nusd = "2.00"\non_reach = "{on_reach}"\n')
    toml = stage.folder / "project.toml"
    toml.write_text(toml.read_text().replace("patience_s = 0.5", "patience_s = 60"))  # the first job waits until two more are sent
    kinds = (rows("A", "B", "C"), rows("D", "E", seconds=2), rows("F", "G", size="512x320"))
    stage.write(HEAD + "".join(kinds))
    whole = shop._told

    def told(keys: list[str], word: str) -> dict[str, Any]:
        """The first job is billed 6.00, once three are in flight; the others take their time."""
        flying, over = (sum(kind is one for _, kind in written) for one in (Kind.INTENT, Kind.READY))
        ready = [key for key in keys if key == next(iter(shop.jobs)) and flying >= 3] or (keys if over else [])
        return {"data": [*whole(ready, "done")["data"], *whole([key for key in keys if key not in ready], "running")["data"]]}

    shop.cost, shop._told = 6.0, told  # type: ignore[method-assign]
    outcome = await stage.render(cap=2_000_000)
    settled = next(n for n, (_, kind) in enumerate(written) if kind is Kind.READY)
    assert sum(kind is Kind.INTENT for _, kind in written[:settled]) == 3, "three kinds were in flight"
    assert not [row for row in written[settled:] if row[1] in (Kind.INTENT, Kind.REPOST)]
    assert (len(shop.jobs), outcome.exit) == (3, Exit.MONEY)


async def test_what_is_held_is_held_anew_at_the_price_that_an_overrun_taught(stage: Stage, shop: Shop) -> None:
    """Two thousandths more than quoted: the two that wait are given back and held at the dearer price, in the plan's order, and nothing is tried twice."""
    settings(stage)
    stage.write(HEAD + rows("A", "B", "C"))
    shop.cost = 0.092
    outcome = await stage.render(cap=1_000_000)
    assert (outcome.exit, outcome.money.settled, len(shop.jobs)) == (Exit.DONE, 276_000, 3)
    bought = [attempt for attempt in attempts(stage) if attempt.sha256]
    assert [(attempt.take.shot, attempt.quote) for attempt in bought] == [("A", 90_000), ("B", 92_001), ("C", 92_001)]


async def test_what_waits_for_a_slot_is_held_anew_as_well(stage: Stage, shop: Shop) -> None:
    """The kind is known, one slot: those that wait for it lose their holds to a dearer price, and are bought at it in the same run."""
    settings(stage)
    stage.write(HEAD + rows("A"))
    assert (await stage.render(cap=1_000_000)).exit is Exit.DONE
    (stage.folder / "project.toml").write_text(QUICK.replace("[lanes.runware]", "[lanes.runware]\nslots = 1"))
    stage.write(HEAD + rows("A", "B", "C", "D"))
    shop.cost = 0.092
    outcome = await stage.render()
    assert (outcome.exit, outcome.counts.bought, outcome.counts.not_bought, len(shop.jobs)) == (Exit.DONE, 3, 0, 4)
    assert [attempt.quote for attempt in attempts(stage) if attempt.sha256] == [90_000, 90_000, 92_001, 92_001]


async def test_a_price_that_changes_twice_while_a_hold_is_written_ends_nothing(
    stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others' charges are written together with a hold, and before it: it is asked for again as often as there is a newer price."""
    settings(stage)
    stage.write(HEAD + rows("A"))
    hold, dearer = write.hold, [31_000, 32_000]

    def late(ledger: Any, bid: write.Bid, *args: Any, **named: Any) -> Attempt:
        if dearer:
            prices.record(ledger, bid.account, bid.names.model, dearer.pop(0), source="the price page", at="2026-11-29T22:00:00.000Z")
        return hold(ledger, bid, *args, **named)

    monkeypatch.setattr(write, "hold", late)
    outcome = await stage.render(cap=1_000_000)
    assert (outcome.exit, len(shop.jobs), dearer) == (Exit.DONE, 1, [])


async def test_a_dearer_price_that_no_longer_fits_ends_the_buying(stage: Stage, shop: Shop) -> None:
    """Three fitted at the old price; at the learned one the third doesn't, and the refusal names what is needed."""
    settings(stage)
    stage.write(HEAD + rows("A", "B", "C"))
    shop.cost = 0.092
    outcome = await stage.render(cap=275_000)
    assert (outcome.exit, outcome.counts.bought, len(shop.jobs)) == (Exit.MONEY, 2, 2)
    assert outcome.capped
    assert outcome.capped.message == "the next take needs 0.092001 USD, and cap project 0.275, used 0.184, left 0.091; 2 of 3 takes fitted"


def failing(shop: Shop, cost: float) -> Callable[[list[str], str], dict[str, Any]]:
    def told(keys: list[str], _word: str) -> dict[str, Any]:
        failure = {"code": "providerError", "status": "error", "message": "it fell over", "cost": cost}
        return {"errors": [{**failure, "taskUUID": key} for key in keys]}

    return told


async def test_two_charges_without_a_clip_stop_the_lane(stage: Stage, shop: Shop) -> None:
    """The first opens nothing: the second goes alone, and after it a person is asked."""
    settings(stage)
    stage.write(HEAD + rows("A", "B", "C", "D"))
    shop._told = failing(shop, 0.09)  # type: ignore[method-assign]
    outcome = await stage.render(cap=1_000_000)
    assert (len(shop.jobs), outcome.exit, outcome.state) == (2, Exit.HUMAN, "needs_decision")
    [problem] = outcome.problems
    assert (
        problem.message
        == "2 attempts at runware/ltx-2 were charged without delivering a clip (A.t1, B.t1); nothing more is sent to it in this run"
    )
    assert outcome.money.held == 0


@pytest.mark.parametrize(("cost", "counted"), [(0.0001, 90_000), (1e-320, 90_000), (99_999, 99_999_000_000), (1e30, 100_000_000_000)])
async def test_an_implausible_cost_is_never_completed(stage: Stage, shop: Shop, cost: float, counted: int) -> None:
    """The larger of the two counts, the lane sends nothing more, and each run says so until an invoice or a person has said what it was."""
    settings(stage)
    stage.write(HEAD + rows("A", "B"))
    shop.cost = cost
    outcome = await stage.render(cap=10**12)
    assert (len(shop.jobs), outcome.exit, outcome.state, outcome.money.settled) == (1, Exit.HUMAN, "needs_decision", counted)
    stage.write(HEAD + rows("A"))
    again = await stage.render()
    assert (len(shop.jobs), again.exit, again.state) == (1, Exit.HUMAN, "needs_decision")
    assert again.problems[0].code == "implausible"
    [attempt, *_] = attempts(stage)
    ledger = open_ledger(prepare(RunRequest(folder=stage.folder, list="spot.csv")).project.ledger_file)
    write.correct(ledger, attempt, 90_000 - counted, ref="invoice 1", body={"invoice": {"1": 90_000}}, at="2026-12-01T00:00:00.000Z")
    ledger.close()
    shop.cost = 0.09
    stage.write(HEAD + rows("A", "B"))
    last = await stage.render()
    assert (len(shop.jobs), last.exit, last.money.settled) == (2, Exit.DONE, 180_000)


@pytest.mark.parametrize(("later", "settled"), [(0.06, 60_000), (None, 90_000)])
async def test_a_cost_that_is_told_after_the_clip_is_booked(
    stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch, later: float | None, settled: int
) -> None:
    """The job's end tells no cost, so the list price is settled; the service's next word on the job does: it is what the ledger has."""
    settings(stage)
    stage.write(HEAD + rows("S1", "S2", "S3", "S4", "S5"))
    seen, item = Counter[str](), shop._item

    def told(key: str) -> dict[str, Any]:
        seen[key] += 1
        shop.cost = later if seen[key] > 1 else None
        return item(key)

    monkeypatch.setattr(shop, "_item", told)
    outcome = await stage.render()
    assert outcome.exit is Exit.DONE
    assert [attempt.settled for attempt in attempts(stage)] == [settled] * 5


async def test_a_cost_beyond_its_hold_that_is_told_late_opens_nothing(stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of its kind turns out dearer only after its clip has come: it is booked as it is, and the others are not sent at the old price."""
    settings(stage)
    stage.write(HEAD + rows("S1", "S2", "S3"))
    seen, item = Counter[str](), shop._item

    def told(key: str) -> dict[str, Any]:
        seen[key] += 1
        shop.cost = 0.12 if seen[key] > 1 else None
        return item(key)

    monkeypatch.setattr(shop, "_item", told)
    outcome = await stage.render()
    assert (outcome.exit, len(shop.jobs)) == (Exit.HUMAN, 1)
    assert [attempt.settled for attempt in attempts(stage) if attempt.sent] == [120_000]
