"""Runs of one shot against a scripted service: what is paid, what is kept, what is told, for every answer that it can give."""

from __future__ import annotations

import sqlite3
import sys
import threading
from typing import Any

import pytest

from callsheet.budget.ledger.audit import audit
from callsheet.budget.ledger.marks import put_mark
from callsheet.budget.ledger.store import open_ledger
from callsheet.buying import buy_take
from callsheet.buying.lanes.channels import Channels
from callsheet.buying.take_result import End
from callsheet.domain.attempt import Attempt, State
from callsheet.domain.cut import CutShot
from callsheet.domain.errors import Exit, HumanError, InputError, LockedError, ServiceError
from callsheet.domain.mark import Mark, MarkKind
from callsheet.domain.run_request import RunRequest
from callsheet.finishing import shot_clips
from callsheet.planning.plan import PlannedTake
from callsheet.planning.project_plan import Prepared, plan_of, prepare
from callsheet.runs import cut_room, session
from callsheet.runs.outcome import Outcome
from callsheet.status.project_view import read_view
from callsheet.store.house import house_root
from callsheet.store.project_folder import Project
from tests.project_stage import LIST, Stage
from tests.scripted_runware import Shop, films


def books_balance(stage: Stage, shop: Shop) -> None:
    """Ledger = bill to the micro-dollar, and every counter is the sum of its entries."""
    ledger = open_ledger(stage.folder / ".callsheet" / "ledger.db")
    assert audit(ledger) == []
    ledger.close()
    view = read_view(Project(stage.folder), prepare(RunRequest(folder=stage.folder, list="spot.csv")).settings)
    assert view.money.settled == sum(round(cost * 1_000_000) for cost in shop.bill.values())


def bought_once(stage: Stage, shop: Shop, outcome: Outcome) -> None:
    """One job, one bill, one clip, a finished sequence."""
    assert (len(shop.jobs), len(shop.bill), len(list(films(stage.folder)))) == (1, 1, 1)
    assert (outcome.state, outcome.exit, outcome.counts.bought) == ("completed", Exit.DONE, 1)
    assert outcome.sequences[0].complete
    books_balance(stage, shop)


@pytest.mark.parametrize(
    "submits",
    [
        ["ok"],
        ["lost"],
        ["dropped", "ok"],
        ["503", "ok"],
        ["503-after"],
        ["html", "ok"],
        ["429", "429", "ok"],
        ["unconnected", "ok"],
        ["dropped", "lost"],
        ["dropped", "503", "503-after"],
        ["dropped", "429", "ok"],
        ["dropped", "unconnected", "ok"],
    ],
    ids="+".join,
)
async def test_a_take_is_paid_once_whatever_becomes_of_the_answer(stage: Stage, shop: Shop, submits: list[str]) -> None:
    """Lost, late, refused for now or never arrived: one job, and every send carried the same key and bytes."""
    shop.submits = submits
    bought_once(stage, shop, await stage.render())
    assert len(set(shop.bodies)) == 1


async def test_a_lost_purchase_that_can_not_be_asked_after_counts_as_sent(
    stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be paid, so it is told as under way, no fallback is bought for it, and the next run collects it."""
    shop.submits, shop.polls = ["lost"], ["502"]
    states: list[State] = []

    def instead(_planned: PlannedTake, attempt: Attempt, **_how: object) -> None:
        states.append(attempt.state)

    with monkeypatch.context() as patch:
        patch.setattr(buy_take, "instead", instead)
        outcome = await stage.render()
    assert (outcome.exit, [result.end for result in outcome.takes], states) == (Exit.PARTIAL, [End.WAITING], [State.SUBMITTING])
    shop.polls = ["done"]
    bought_once(stage, shop, await stage.render())


@pytest.mark.parametrize("polls", [["running", "running", "done"], ["502", "401", "garbage", "empty", "reset", "done"]], ids="+".join)
async def test_a_look_that_can_not_be_read_fails_no_job(stage: Stage, shop: Shop, polls: list[str]) -> None:
    """Poll errors are no news."""
    shop.polls = polls
    bought_once(stage, shop, await stage.render())


@pytest.mark.parametrize("downloads", [["truncated", "ok"], ["503", "truncated", "ok"], ["html", "ok"], ["404", "ok"]], ids="+".join)
async def test_a_broken_download_is_fetched_again(stage: Stage, shop: Shop, downloads: list[str]) -> None:
    """A clip is in place only when it is complete and decodes; a dead address is asked for anew."""
    shop.downloads = downloads
    bought_once(stage, shop, await stage.render())
    assert not list((stage.folder / ".callsheet" / "parts").iterdir())


async def test_a_failed_job_is_bought_again_as_a_new_attempt(stage: Stage, shop: Shop) -> None:
    """A proven free failure is tried again under a new key, at most three times in a run."""
    shop.polls = ["fail", "done"]
    outcome = await stage.render()
    assert (outcome.exit, len(shop.jobs), len(shop.bill)) == (Exit.DONE, 2, 1)
    assert outcome.takes[0].attempt and outcome.takes[0].attempt.n == 2
    books_balance(stage, shop)


async def test_at_most_three_attempts_in_a_run(stage: Stage, shop: Shop) -> None:
    """Then the take has failed, the rest is finished, and nothing stays held."""
    shop.polls = ["fail"]
    outcome = await stage.render()
    assert (len(shop.jobs), outcome.exit, outcome.money.held, outcome.money.settled) == (3, Exit.PARTIAL, 0, 0)
    assert "fell over" in outcome.takes[0].message


async def test_refused_content_is_for_a_person(stage: Stage, shop: Shop) -> None:
    """A content refusal ends at one attempt, and the next run does not send the same words again."""
    shop.submits = ["refuse"]
    first = await stage.render()
    assert (first.exit, first.state, len(shop.bodies)) == (Exit.HUMAN, "needs_decision", 1)
    second = await stage.render()
    assert (second.exit, len(shop.bodies)) == (Exit.HUMAN, 1)
    stage.write(LIST.replace("in the rain", "in the sun"))
    shop.submits = ["ok"]
    assert (await stage.render()).exit is Exit.DONE


@pytest.mark.parametrize(("rerolls", "jobs"), [(0, 1), (1, 2), (9, 3)])
async def test_a_refused_result_is_tried_again_as_often_as_the_project_says(rerolls: int, jobs: int, stage: Stage, shop: Shop) -> None:
    """Only by a code that the card names, each a new attempt among the three of a run; what is refused before it is made never is."""
    (stage.folder / "cards").mkdir()
    card = (house_root() / "configs" / "cards" / "runware-ltx-2.toml").read_text()
    (stage.folder / "cards" / "runware-ltx-2.toml").write_text(
        card.replace("output = []", 'output = ["nsfwContentDetected", "contentPolicyViolation"]')
    )
    settings = stage.folder / "project.toml"
    settings.write_text(settings.read_text().replace("[attempts]", f"[attempts]\nrerolls = {rerolls}"))
    shop.polls = ["fail nsfwContentDetected"]
    outcome = await stage.render()
    assert (len(shop.jobs), outcome.exit, outcome.money.held, len(shop.bill)) == (jobs, Exit.HUMAN, 0, 0)
    stage.write(LIST.replace("in the rain", "in the sun"))
    shop.submits, sent = ["refuse"], len(shop.bodies)
    assert ((await stage.render()).exit, len(shop.bodies)) == (Exit.HUMAN, sent + 1)


async def test_no_balance_stops_the_lane(stage: Stage, shop: Shop) -> None:
    """402: nothing more is sent, what was held is given back, exit 5 says what to do."""
    stage.write(LIST + "S2,a boat,runware/ltx-2,3,320x192,24\nS3,a gull,runware/ltx-2,3,320x192,24\n")
    (stage.folder / "project.toml").write_text(
        (stage.folder / "project.toml").read_text().replace("[lanes.runware]", "[lanes.runware]\nslots = 1")
    )
    shop.submits = ["402"]
    outcome = await stage.render()
    assert (outcome.exit, len(shop.bodies), outcome.money.held) == (Exit.SETUP, 1, 0)
    assert "balance" in outcome.problems[0].help


async def test_a_wrong_request_is_not_repeated(stage: Stage, shop: Shop) -> None:
    """400: the row is to be fixed; trying on would not help."""
    shop.submits = ["400"]
    outcome = await stage.render()
    assert (len(shop.bodies), outcome.exit, outcome.money.held) == (1, Exit.PARTIAL, 0)


async def test_a_refusal_after_a_second_send_waits_and_looks_again(stage: Stage, shop: Shop) -> None:
    """The first send may still be under way: only after the quarantine and another look is a refusal believed."""
    shop.submits = ["dropped", "402"]
    outcome = await stage.render()
    assert outcome.exit is Exit.SETUP
    assert outcome.money.held == 0
    looks = [asked for asked in shop.asked if asked != "videoInference"]
    assert looks == ["getResponse", "getTaskDetails"] * 2


async def test_an_old_key_is_in_doubt_and_a_later_look_clears_it(stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key older than the service remembers is not sent again; its money stays counted until evidence comes."""
    shop.submits, shop.forgets = ["lost"], True
    monkeypatch.setattr(Channels, "key_ttl_s", lambda _context, _attempt: 0.0)
    first = await stage.render()
    assert (first.state, first.exit, first.counts.in_doubt) == ("needs_decision", Exit.HUMAN, 1)
    assert (first.money.in_doubt, first.money.held) == (90_000, 0)
    again = await stage.render()
    assert (again.exit, len(shop.bodies)) == (Exit.HUMAN, 1)
    shop.forgets = False
    cleared = await stage.render(list=None, buy=False)
    assert (cleared.money.in_doubt, cleared.money.settled) == (0, 90_000)
    assert len(list(films(stage.folder))) == 1
    books_balance(stage, shop)


async def test_a_job_past_its_patience_is_told_and_the_next_run_goes_on(stage: Stage, shop: Shop) -> None:
    """It stays submitted, its money held; the next run polls it first and buys nothing again."""
    shop.polls = ["running"]
    first = await stage.render()
    assert (first.exit, first.money.held, first.takes[0].end) == (Exit.PARTIAL, 90_000, End.WAITING)
    shop.polls = ["done"]
    toml = stage.folder / "project.toml"
    toml.write_text(toml.read_text().replace("patience_s = 0.5", "patience_s = 60"))
    outcome = await stage.render()
    bought_once(stage, shop, outcome)
    assert len(shop.bodies) == 1


async def test_the_same_wrong_bytes_three_times_are_defective(stage: Stage, shop: Shop) -> None:
    """Billed, closed, kept apart, and not bought again by itself."""
    shop.downloads = ["rotten"]
    first = await stage.render()
    assert (first.exit, first.money.settled, len(shop.jobs)) == (Exit.PARTIAL, 90_000, 1)
    assert len(list((stage.folder / ".callsheet" / "defective").iterdir())) == 1
    second = await stage.render()
    assert (len(shop.jobs), second.counts.not_bought) == (1, 1)


async def test_a_clip_that_can_not_be_had_any_more_was_paid(stage: Stage, shop: Shop) -> None:
    """Expired: the ledger keeps the bill."""
    shop.downloads = ["404"]
    outcome = await stage.render()
    assert (outcome.exit, outcome.money.settled, outcome.money.held) == (Exit.PARTIAL, 90_000, 0)
    books_balance(stage, shop)


async def test_a_cost_that_is_not_reported_settles_the_list_price(stage: Stage, shop: Shop) -> None:
    shop.cost = None
    outcome = await stage.render()
    assert (outcome.exit, outcome.money.settled) == (Exit.DONE, 90_000)


async def test_a_second_run_asks_nothing(stage: Stage, shop: Shop) -> None:
    """What is there is kept: no request of any kind."""
    await stage.render()
    asked = len(shop.asked)
    outcome = await stage.render()
    assert (len(shop.asked), outcome.counts.kept, outcome.exit) == (asked, 1, Exit.DONE)
    assert outcome.sequences[0].kept


async def test_a_lost_clip_is_fetched_again_not_bought_again(stage: Stage, shop: Shop) -> None:
    """A row without its file is a defect that its job's address mends."""
    await stage.render()
    [clip] = films(stage.folder)
    clip.unlink()
    outcome = await stage.render()
    assert (len(shop.bodies), len(list(films(stage.folder))), outcome.exit) == (1, 1, Exit.DONE)


async def test_a_renamed_shot_keeps_its_clip(stage: Stage, shop: Shop) -> None:
    """What was received is reused by fingerprint."""
    await stage.render()
    stage.write(LIST.replace("S1,", "S9,"))
    outcome = await stage.render()
    assert (len(shop.bodies), outcome.counts.kept) == (1, 1)
    assert outcome.sequences[0].shots[0].take and outcome.sequences[0].shots[0].take.shot == "S1"


async def test_two_equal_rows_are_two_clips(stage: Stage, shop: Shop) -> None:
    """Two takes of one list never share a clip."""
    stage.write(LIST + "S2,a lighthouse in the rain,runware/ltx-2,3,320x192,24\n")
    outcome = await stage.render()
    assert (len(shop.jobs), outcome.counts.bought) == (2, 2)


async def test_a_changed_row_is_bought_and_the_old_clip_stands_meanwhile(stage: Stage, shop: Shop) -> None:
    """The old clip stays in the cut, marked stale, until the new one is received; changed back, it is kept."""
    await stage.render()
    stage.write(LIST.replace("in the rain", "at night"))
    finished = await stage.render(buy=False)
    assert finished.sequences[0].shots[0].stale
    assert (await stage.render()).counts.bought == 1
    stage.write(LIST)
    assert (await stage.render()).counts == (await stage.render()).counts
    assert len(shop.jobs) == 2


async def test_without_a_cap_nothing_is_bought(stage: Stage, shop: Shop) -> None:
    """No cap in force: exit 4, nothing sent, nothing held."""
    outcome = await stage.render(cap=None)
    assert (outcome.exit, shop.asked, outcome.money.held) == (Exit.MONEY, [], 0)
    assert outcome.capped and "--cap" in outcome.capped.help


async def test_a_missing_key_is_found_before_anything_is_held(stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUNWARE_API_KEY")
    with pytest.raises(ServiceError, match="RUNWARE_API_KEY is not set"):
        await stage.render()
    assert read_view(Project(stage.folder), prepare(RunRequest(folder=stage.folder, list="spot.csv")).settings).takes == ()


async def test_an_address_that_is_none_is_found_before_anything_is_held(stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is tried again and again at a place that can't be asked."""
    monkeypatch.setenv("RUNWARE_BASE_URL", "api.runware.ai/v1")
    with pytest.raises(ServiceError, match="RUNWARE_BASE_URL is not a valid"):
        await stage.render()
    assert shop.asked == []
    assert read_view(Project(stage.folder), prepare(RunRequest(folder=stage.folder, list="spot.csv")).settings).takes == ()


async def test_a_row_that_can_not_be_made_costs_nothing(stage: Stage, shop: Shop) -> None:
    """Unsupported wishes are refused together, before the first hold."""
    stage.write(LIST + "S2,a boat,runware/ltx-2,30,320x192,24\nS3,a gull,runware/nope,3,320x192,24\n")
    with pytest.raises(InputError) as wrong:
        await stage.render()
    assert [(problem.row, problem.column) for problem in wrong.value.problems] == [(3, "duration_s"), (4, "model")]
    assert shop.asked == []


async def test_only_one_run_holds_a_project(stage: Stage, shop: Shop) -> None:
    """Another run is refused at once; it waits only when asked to."""
    with Project(stage.folder).lock(), pytest.raises(LockedError):
        await stage.render()
    assert shop.asked == []


async def test_no_key_is_in_any_file_that_the_run_leaves(stage: Stage, shop: Shop) -> None:
    """One canary key; every byte of the project is searched for it."""
    shop.submits, shop.polls = ["lost", "ok"], ["401", "done"]
    await stage.render()
    for path in stage.folder.rglob("*"):
        if path.is_file():
            assert b"canary-7c1e" not in path.read_bytes(), path
    assert not any("canary-7c1e" in told.text for told in stage.told)


async def test_a_service_that_can_not_be_reached_costs_nothing(stage: Stage, shop: Shop) -> None:
    """Connection refused, again and again: the lane stops, the hold is given back, the next run buys."""
    shop.submits = ["unconnected"]
    first = await stage.render()
    shop.submits = ["ok"]
    assert (first.exit, first.money.held, "can't be reached" in first.problems[0].message) == (Exit.SETUP, 0, True)
    view = read_view(Project(stage.folder), prepare(RunRequest(folder=stage.folder, list="spot.csv")).settings)
    assert [attempt.state for take in view.takes for attempt in take.attempts] == [State.CLOSED]
    bought_once(stage, shop, await stage.render())


async def test_holds_are_asked_in_order_and_the_first_refusal_ends_the_buying(stage: Stage, shop: Shop) -> None:
    """Take 1 of every shot before take 2 of any; nothing later or cheaper is skipped to."""
    stage.write(
        "shot_id,prompt,model,duration_s,resolution,fps,takes,priority\n"
        "A,a lighthouse,runware/ltx-2,3,320x192,24,2,5\n"
        "B,a boat,runware/ltx-2,3,320x192,24,1,1\n"
        "C,a gull,runware/ltx-2,3,320x192,24,1,5\n"
        "D,a long cliff,runware/ltx-2,20,320x192,24,1,5\n"
        "E,a short wave,runware/ltx-2,3,320x192,24,1,9\n"
    )
    outcome = await stage.render(cap=360_000)
    assert (outcome.exit, outcome.state) == (Exit.MONEY, "cap_reached")
    got = {str(taken.take) for taken in outcome.takes if taken.end is End.RECEIVED}
    assert got == {"A.t1", "B.t1", "C.t1"}
    assert outcome.capped and "--cap 0.87" in outcome.capped.help
    more = await stage.render(cap=10_000_000)
    assert (more.counts.bought, more.counts.kept, more.exit) == (3, 3, Exit.DONE)
    books_balance(stage, shop)


async def test_a_discount_lets_more_fit(stage: Stage, shop: Shop) -> None:
    """A refused hold waits while an attempt that this run drives can still free money."""
    shop.cost = 0.045
    rows = "".join(f"S{n},shot number {n},runware/ltx-2,3,320x192,24\n" for n in range(6))
    stage.write(LIST.splitlines()[0] + "\n" + rows)
    outcome = await stage.render(cap=225_000)
    assert (outcome.counts.bought, outcome.money.settled, outcome.exit) == (4, 180_000, Exit.MONEY)
    books_balance(stage, shop)


async def test_a_shots_own_limit_refuses_that_shot_alone(stage: Stage, shop: Shop) -> None:
    """max_cost_usd binds one row; the rest is bought."""
    stage.write(
        "shot_id,prompt,model,duration_s,resolution,fps,max_cost_usd\nA,a lighthouse,runware/ltx-2,3,320x192,24,0.05\nB,a boat,runware/ltx-2,3,320x192,24,\n"
    )
    outcome = await stage.render()
    assert {str(taken.take): taken.end for taken in outcome.takes} == {"A.t1": End.NOT_BOUGHT, "B.t1": End.RECEIVED}


async def test_the_schema_keeps_what_a_run_wrote(stage: Stage, shop: Shop) -> None:
    """Every attempt's request is in the book as it was sent."""
    await stage.render()
    with sqlite3.connect(stage.folder / ".callsheet" / "ledger.db") as raw:
        assert raw.execute("select request from attempt").fetchall() == [(shop.bodies[0],)]
    with pytest.raises(sqlite3.IntegrityError), sqlite3.connect(stage.folder / ".callsheet" / "ledger.db") as raw:
        raw.execute("delete from event")


async def test_no_buy_buys_nothing(stage: Stage, shop: Shop) -> None:
    outcome = await stage.render(buy=False)
    assert (shop.asked, outcome.counts.not_bought) == ([], 1)


async def test_a_flagged_clip_is_paid_and_cut_only_where_nothing_better_is_there(stage: Stage, shop: Shop) -> None:
    """The service's own flag: billed, a failing finding, marked in the cut; a second take without it takes its place."""
    shop.more = {"NSFWContent": True}
    first = await stage.render()
    assert (first.money.settled, [shot.failing for shot in first.sequences[0].shots]) == (90_000, [("nsfw",)])
    shop.more = {"NSFWContent": False}
    shop.film += b"\0\0\0\x08free"  # another clip
    stage.write(LIST.replace("\n", ",takes\n", 1).replace(",24\n", ",24,2\n"))
    second = await stage.render()
    assert [(str(shot.take), shot.failing) for shot in second.sequences[0].shots] == [("S1.t2", ())]


async def test_what_is_done_is_planned_once(stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list whose clips are all there is not planned again under the lock, unless something was written since it was shown."""
    bought = await stage.render()
    plans: list[Prepared] = []

    def counted(*given: Any) -> Prepared:
        plans.append(plan_of(*given))
        return plans[-1]

    monkeypatch.setattr(session, "plan_of", counted)
    again = await stage.render()
    assert (plans, again.kept, again.sequences[0].kept, len(shop.jobs)) == ([], 1, True, 1)
    order = RunRequest(folder=stage.folder, list="spot.csv", cap=10_000_000)
    shown = prepare(order)
    ledger = open_ledger(stage.folder / ".callsheet" / "ledger.db")
    mark = Mark(kind=MarkKind.RETAKE, list="spot", shot="S1")
    put_mark(ledger, Project(stage.folder).identity, mark, at="2026-11-21T09:00:00.000Z")
    ledger.close()
    with session.after_preview(shown, stage.told.append), pytest.raises(HumanError, match="the plan has changed since it was shown"):
        await session.direct(order)
    assert (len(plans), len(shop.jobs), bought.counts.bought) == (1, 1, 1)


async def test_a_sequence_is_stitched_while_another_is_still_normalized(stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clip of one came first and takes its time; the film of the other doesn't wait for it."""
    rows = "S2,a boat,runware/ltx-2,3,320x192,24,two\nS1,a lighthouse,runware/ltx-2,3,320x192,24,one\n"
    stage.write(f"{LIST.splitlines()[0]},sequence\n{rows}")
    normalize, finish, finished, waited = shot_clips.normalize_clip, cut_room.finish, threading.Event(), list[bool]()

    def slow(shot: CutShot, *rest: Any) -> Any:
        if shot.shot == "S2":
            waited.append(finished.wait(30))
        return normalize(shot, *rest)

    def noted(cut: Any, *rest: Any) -> Any:
        film = finish(cut, *rest)
        if cut.sequence == "one":
            finished.set()
        return film

    monkeypatch.setattr(shot_clips, "normalize_clip", slow)
    monkeypatch.setattr(cut_room, "finish", noted)
    assert (await stage.render()).exit is Exit.DONE
    assert waited == [True]


async def test_what_makes_films_is_loaded_before_anything_is_bought(stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it can't be, as in a broken installation, nothing is."""
    monkeypatch.setitem(sys.modules, "callsheet.finishing.make_film", None)
    with pytest.raises(ImportError):
        await stage.render()
    assert not shop.jobs
