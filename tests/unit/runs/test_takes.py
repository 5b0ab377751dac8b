"""What is kept, bought again, cut and told when a list or a person's mind changes: rules 4 to 7 and 10 of the money's rules, with the words that the user sees."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from callsheet.domain.attempt import State
from callsheet.domain.errors import Exit, HumanError
from callsheet.domain.mark import Mark, MarkKind
from callsheet.planning.plan import Action
from callsheet.store.house import house_root
from tests.project_stage import Stage
from tests.project_steps import copied, enter, pick, plan, prepared, put, reject, retake, row, rows, said, views
from tests.scripted_runware_films import Stock

RAIN, BOAT = "a lighthouse in the rain", "a boat"
TWO = rows(row("S1", RAIN), row("S2", BOAT))
KEPT = {"S1.t1": ("keep", "bought before, unchanged"), "S2.t1": ("keep", "bought before, unchanged")}


@pytest.fixture(scope="module")
def once(film: bytes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Two shots, bought. Not to be changed."""
    stage = Stage(tmp_path_factory.mktemp("once"))
    stage.write(TWO)
    toml = stage.folder / "project.toml"
    toml.write_text(toml.read_text().replace("patience_s = 0.5", "patience_s = 60"))  # every job ends here, on a busy machine too
    with pytest.MonkeyPatch.context() as patch:
        enter(Stock(film), patch)
        outcome = asyncio.run(stage.render())
    assert outcome.exit is Exit.DONE
    yield stage


@pytest.fixture
def bought(once: Stage, stock: Stock, tmp_path: Path) -> Stage:
    """A copy of it, with a service to buy more from."""
    return copied(once, tmp_path / "bought")


# -- rule 4: only the author's own change buys again ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        rows(row("S2", BOAT), row("S1", RAIN)),
        rows(row("S1", RAIN, seconds="2.5"), row("S2", BOAT)),
        TWO.replace("takes\n", "takes,notes,priority,sequence,status\n").replace("24,1\n", "24,1,look again,1,two,hold\n"),
    ],
    ids=["order", "trim", "notes"],
)
def test_trims_notes_and_order_keep_what_is_there(bought: Stage, text: str) -> None:
    """What does not reach the request, and a length that is bought as before, buys nothing."""
    bought.write(text)
    assert said(bought) == KEPT


@pytest.mark.parametrize(
    ("old", "new"),
    [('usd_per_s = "0.03"', 'usd_per_s = "0.05"'), ("steps = 40", "steps = 60"), ("as_of = 2026-01-05", "as_of = 2026-11-20")],
    ids=["a new price", "a request that a new version makes", "a new card"],
)
def test_a_new_card_price_or_version_keeps_what_is_there(bought: Stage, old: str, new: str) -> None:
    """The author changed nothing: nothing is bought, whatever the house sends or charges now."""
    shutil.copytree(house_root() / "configs" / "cards", bought.folder / "cards")
    card = bought.folder / "cards" / "runware-ltx-2.toml"
    assert old in card.read_text()
    card.write_text(card.read_text().replace(old, new))
    assert said(bought) == KEPT
    bought.write(rows(row("S9", RAIN), row("S2", BOAT)))
    assert plan(bought)["S9.t1"].action is Action.KEEP, "a renamed shot is known by what its author gave, too"


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        (row("S1", "a lighthouse in the sun"), "prompt"),
        (row("S1", RAIN, size="384x192"), "resolution"),
        (row("S1", RAIN, seconds="5"), "duration_s"),
        (row("S1", "a lighthouse in the sun", size="384x192", seconds="5"), "prompt, duration_s and resolution"),
    ],
)
def test_a_changed_cell_buys_and_is_named(bought: Stage, changed: str, what: str) -> None:
    """The plan says which columns made it another request."""
    bought.write(rows(changed, row("S2", BOAT)))
    assert said(bought) == {"S1.t1": ("buy", f"{what} changed since S1.t1.a1 was bought"), "S2.t1": KEPT["S2.t1"]}


def test_another_model_is_another_request(bought: Stage) -> None:
    """Only what the author changed is named, not what another card sends besides."""
    bought.write(rows(row("S1", RAIN, model="runware/ltx-2-fast"), row("S2", BOAT)))
    action, reason = said(bought)["S1.t1"]
    assert action == "buy"
    assert reason == "model changed since S1.t1.a1 was bought"


def test_a_project_wide_value_is_the_authors(bought: Stage) -> None:
    """A cell emptied in favour of the same value in project.toml is the same request."""
    bought.write(rows(row("S1", RAIN, size=""), row("S2", BOAT)))
    toml = bought.folder / "project.toml"
    toml.write_text('[project]\nresolution = "320x192"\n' + toml.read_text())
    assert said(bought) == KEPT


# -- rules 5 and 6: stale, picked, rejected, retaken ----------------------------------------------------------------------------------------------


async def test_a_picked_take_is_locked(bought: Stage, stock: Stock) -> None:
    """Its row changes: it stays in the cut, marked, and is not bought; a retake buys it, and the new clip takes its place."""
    pick(bought, "S1.t1")
    assert said(bought)["S1.t1"] == ("keep", "picked")
    bought.write(rows(row("S1", "a lighthouse in the sun"), row("S2", BOAT)))
    reason = "picked, so kept although prompt changed since S1.t1.a1 was bought; `callsheet retake S1` buys it again"
    assert said(bought)["S1.t1"] == ("keep", reason)
    kept = await bought.render()
    assert (kept.counts.bought, stock.bodies, kept.exit) == (0, [], Exit.DONE)
    assert [shot.stale for shot in kept.sequences[0].shots] == [True, False]
    retake(bought, "S1")
    assert said(bought)["S1.t1"] == ("buy", "prompt changed since S1.t1.a1 was bought")
    again = await bought.render()
    assert (again.counts.bought, stock.submits_sent) == (1, ["a lighthouse in the sun"])
    assert [shot.stale for shot in again.sequences[0].shots] == [False, False]


async def test_a_rejected_clip_is_cut_no_more_and_bought_by_the_next_render_only(bought: Stage, stock: Stock) -> None:
    """Reject buys nothing by itself; until the next render a slate stands there."""
    reject(bought, "S1.t1")
    assert said(bought)["S1.t1"] == ("buy", "S1.t1.a1 was rejected")
    assert stock.asked == []
    slate = await bought.render(buy=False)
    assert (slate.sequences[0].missing, stock.asked) == (("S1",), [])
    outcome = await bought.render()
    assert (outcome.counts.bought, outcome.sequences[0].complete) == (1, True)
    assert said(bought) == KEPT
    [take] = [take for take in views(bought) if take.take.shot == "S1"]
    assert (take.chosen and take.chosen.n, take.rejected) == (2, False)


async def test_a_retaken_clip_stays_in_the_cut_until_the_new_one_is_there(bought: Stage, stock: Stock) -> None:
    """Marked, as an alternate; the new one then takes its place, and asking for nothing more buys nothing more."""
    retake(bought, "S1")
    assert said(bought)["S1.t1"] == ("buy", "S1.t1.a1 is to be retaken")
    meanwhile = await bought.render(buy=False)
    assert [(shot.shot, shot.stale) for shot in meanwhile.sequences[0].shots] == [("S1", True), ("S2", False)]
    outcome = await bought.render()
    assert (outcome.counts.bought, [shot.stale for shot in outcome.sequences[0].shots]) == (1, [False, False])
    assert (await bought.render()).counts.bought == 0
    assert len(stock.bodies) == 1


async def test_an_alternate_may_be_picked_after_a_retake(bought: Stage, stock: Stock) -> None:
    """S1.t1.a1 is history, but a person may prefer it: it stands in the cut again, not marked, for its row is unchanged."""
    retake(bought, "S1")
    await bought.render()
    pick(bought, "S1.t1.a1")
    outcome = await bought.render()
    assert (len(stock.bodies), outcome.counts.bought) == (1, 0)
    assert plan(bought)["S1.t1"].attempt is not None
    assert (plan(bought)["S1.t1"].attempt or views(bought)[0].attempts[0]).n == 1
    assert [shot.stale for shot in outcome.sequences[0].shots] == [False, False]


async def test_of_two_takes_the_picked_one_is_cut(bought: Stage) -> None:
    """A shot has one pick: the last."""
    bought.write(rows(row("S1", RAIN, takes=2), row("S2", BOAT)))
    await bought.render()
    for choice in ("S1.t1", "S1.t2", "S1.t1"):
        pick(bought, choice)
        outcome = await bought.render()
        assert [str(shot.take) for shot in outcome.sequences[0].shots] == [choice, "S2.t1"]
        assert [str(take.take) for take in views(bought) if take.picked] == [choice]


async def test_a_pick_of_a_renamed_shots_clip_locks_it_too(bought: Stage, stock: Stock) -> None:
    """S9 keeps what was bought as S1; picked, it stays although S9's row changes."""
    bought.write(rows(row("S9", RAIN), row("S2", BOAT)))
    clip = plan(bought)["S9.t1"].attempt
    assert clip is not None
    put(bought, Mark(kind=MarkKind.PICK, list="spot", shot="S9", take=1, attempt=clip.id))
    bought.write(rows(row("S9", "a lighthouse in the sun"), row("S2", BOAT)))
    outcome = await bought.render()
    assert (stock.bodies, [str(shot.take) for shot in outcome.sequences[0].shots]) == ([], ["S1.t1", "S2.t1"])


def test_a_rehearsals_pick_locks_nothing_once_it_is_for_real(bought: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clip from this machine is never already bought when one goes live, picked or not."""
    pick(bought, "S1.t1")
    here = os.environ["RUNWARE_BASE_URL"]
    monkeypatch.setenv("RUNWARE_BASE_URL", "https://api.runware.example/v1")
    assert said(bought)["S1.t1"] == ("buy", f"new at runware https://api.runware.example/v1; bought before at runware {here}")


async def test_a_retake_waits_for_what_is_under_way(bought: Stage, stock: Stock) -> None:
    """What was ordered before may still come, and would count for nothing: refused, with what to do."""
    bought.write(rows(row("S1", "a lighthouse in the sun"), row("S2", BOAT)))
    stock.polls = ["running"]
    toml = bought.folder / "project.toml"
    patient = toml.read_text()
    toml.write_text(patient.replace("patience_s = 60", "patience_s = 0.05"))
    await bought.render()
    with pytest.raises(HumanError, match=r"S1\.t1 is submitted") as refused:
        retake(bought, "S1")
    assert "callsheet recover" in refused.value.problems[0].help
    toml.write_text(patient)
    stock.polls = ["done"]
    assert (await bought.render()).exit is Exit.DONE
    retake(bought, "S1")


# -- rule 7: attempts ------------------------------------------------------------------------------------------------------------------------------


async def test_billed_without_a_clip_blocks_until_a_retake(stage: Stage, stock: Stock) -> None:
    """At most one over all runs, also where the prompt changes; the plan says what to type, and the retake buys it again."""
    stage.write(rows(row("S1", RAIN)))
    stock.downloads = ["rotten"]
    await stage.render()
    reason = "was billed without a clip (S1.t1.a1, 0.09 USD); `callsheet retake S1` buys it again"
    assert said(stage)["S1.t1"] == ("blocked", reason)
    stage.write(rows(row("S1", "a lighthouse in the sun")))
    assert said(stage)["S1.t1"] == ("blocked", reason)
    assert (await stage.render()).counts.not_bought == 1
    stock.downloads = ["ok"]
    retake(stage, "S1")
    assert (await stage.render()).exit is Exit.DONE
    assert len(stock.bodies) == 2


async def test_a_retake_sends_refused_content_once_more(stage: Stage, stock: Stock) -> None:
    """A content refusal ends at one attempt, until a person asks for it again."""
    stage.write(rows(row("S1", RAIN)))
    stock.submits = ["refuse"]
    assert (await stage.render()).exit is Exit.HUMAN
    assert said(stage)["S1.t1"] == ("blocked", "refused content: contentPolicyViolation: not this; change the prompt")
    retake(stage, "S1")
    stock.submits = ["ok"]
    assert (await stage.render()).exit is Exit.DONE


# -- rule 10, and lists that change ---------------------------------------------------------------------------------------------------------------


async def test_a_vanished_shot_is_noticed_and_its_clip_stays(bought: Stage, stock: Stock) -> None:
    """The plan says so, the film is incomplete and names it; a row with status omit ends it."""
    bought.write(rows(row("S1", RAIN)))
    assert (
        "S2 is no longer in the list; its clip stays; to leave it out for good, add its row with status = omit"
        in prepared(bought).plan.notes
    )
    outcome = await bought.render()
    assert (outcome.sequences[0].removed, outcome.exit, stock.asked) == (("S2",), Exit.PARTIAL, [])
    bought.write(rows(row("S1", RAIN), row("S2", BOAT)).replace("takes\n", "takes,status\n").replace("24,1\n", "24,1,\n", 1).replace(f"{BOAT},runware/ltx-2,3,320x192,24,1\n", f"{BOAT},runware/ltx-2,3,320x192,24,1,omit\n"))  # fmt: skip
    assert not any("not in the list" in note for note in prepared(bought).plan.notes)
    assert (await bought.render()).sequences[0].complete


async def test_a_rejected_clip_of_a_vanished_shot_is_not_missed(bought: Stage) -> None:
    """Nobody wants it."""
    reject(bought, "S2.t1")
    bought.write(rows(row("S1", RAIN)))
    assert prepared(bought).plan.notes == ()
    assert (await bought.render()).sequences[0].complete


async def test_a_renamed_shot_is_not_missed_wherever_it_is_used(bought: Stage, stock: Stock) -> None:
    """Renamed and moved to another sequence: kept, its source named, nothing incomplete."""
    bought.write(
        "shot_id,sequence,prompt,model,duration_s,resolution,fps\n"
        f"S1,spot,{RAIN},runware/ltx-2,3,320x192,24\nS8,other,{BOAT},runware/ltx-2,3,320x192,24\n"
    )
    assert said(bought)["S8.t1"] == ("keep", "bought as spot:S2.t1, the same request")
    outcome = await bought.render()
    assert (stock.bodies, outcome.exit, [film.complete for film in outcome.sequences]) == ([], Exit.DONE, [True, True])


def test_swapped_rows_keep_their_clips(bought: Stage) -> None:
    """Each row finds the clip that was made for it, whoever's it was."""
    bought.write(rows(row("S1", BOAT), row("S2", RAIN)))
    assert said(bought) == {
        "S1.t1": ("keep", "bought as spot:S2.t1, the same request"),
        "S2.t1": ("keep", "bought as spot:S1.t1, the same request"),
    }


def test_another_list_and_a_renamed_list_keep_what_was_bought(bought: Stage) -> None:
    """Clips belong to the project's ledger, not to a file's name; what is new in the other list is bought."""
    bought.write(rows(row("T1", BOAT), row("T2", "a gull")), "teaser.csv")
    assert said(bought, "teaser.csv") == {"T1.t1": ("keep", "bought as spot:S2.t1, the same request"), "T2.t1": ("buy", "new")}
    (bought.folder / "spot.csv").rename(bought.folder / "final.csv")
    assert said(bought, "final.csv") == {
        "S1.t1": ("keep", "bought as spot:S1.t1, the same request"),
        "S2.t1": ("keep", "bought as spot:S2.t1, the same request"),
    }


async def test_two_takes_of_one_list_never_share_a_clip(bought: Stage, stock: Stock) -> None:
    """A second equal row is a second clip; fewer takes than before keep theirs."""
    bought.write(rows(row("S1", RAIN), row("S2", BOAT), row("S3", RAIN)))
    assert said(bought)["S3.t1"] == ("buy", "new")
    await bought.render()
    bought.write(rows(row("S1", RAIN, takes=2), row("S2", BOAT)))
    assert said(bought)["S1.t2"] == ("keep", "bought as spot:S3.t1, the same request")
    bought.write(rows(row("S1", RAIN), row("S2", BOAT)))
    assert said(bought) == KEPT
    assert [take.attempts[-1].state for take in views(bought)] == [State.RECEIVED] * 3


def test_clips_of_one_list_may_stand_in_another_marked_list(bought: Stage) -> None:
    """A clip that a person rejected is used by no list of the project."""
    bought.write(rows(row("T1", RAIN)), "teaser.csv")
    reject(bought, "S1.t1")
    assert said(bought, "teaser.csv") == {"T1.t1": ("buy", "spot:S1.t1.a1 was rejected")}


async def test_a_shots_own_limit_is_told_with_its_row(stage: Stage, stock: Stock) -> None:
    """max_cost_usd refuses that shot alone: plan counts the others in, and the words say which cell to raise."""
    head = rows().replace("takes\n", "takes,max_cost_usd\n")
    stage.write(head + row("S1", RAIN).replace("\n", ",0.05\n") + row("S2", BOAT).replace("\n", ",\n"))
    fits = prepared(stage).plan.fits
    assert (fits.takes, fits.usd, str(fits.first)) == (1, 90_000, "S1.t1")
    outcome = await stage.render()
    [refused] = [taken for taken in outcome.takes if str(taken.take) == "S1.t1"]
    assert refused.message.startswith("the next take needs 0.09 USD, and cap shot:spot:S1 0.05")
    assert (outcome.counts.bought, stock.submits_sent) == (1, [BOAT])
