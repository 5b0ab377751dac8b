"""Caps in a run, with the words that its user sees: thresholds, changes, refusals, days, and what is called off."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from callsheet.budget.ledger import read, write
from callsheet.budget.ledger.store import open_ledger
from callsheet.buying.lanes.channels import Channels
from callsheet.buying.take_result import End
from callsheet.clock import Clock
from callsheet.domain.attempt import State
from callsheet.domain.errors import Exit
from callsheet.domain.run_request import RunRequest
from callsheet.planning.project_plan import prepare
from callsheet.services.protocol.request import Request
from callsheet.services.runware.wire import Runware
from tests.project_stage import LIST, QUICK, Stage
from tests.scripted_runware import Shop

HEAD = LIST.splitlines()[0] + "\n"


def rows(*shots: str) -> str:
    """A list of shots of 0.09 USD each."""
    return HEAD + "".join(f"{shot},a lighthouse called {shot},runware/ltx-2,3,320x192,24\n" for shot in shots)


def caps(stage: Stage, text: str, slots: int = 4) -> None:
    (stage.folder / "project.toml").write_text(QUICK.replace("[lanes.runware]", f"[lanes.runware]\nslots = {slots}") + text)


def said(stage: Stage) -> list[str]:
    """What was told of caps, and forgotten for the next question."""
    words = [told.text for told in stage.told if told.kind in ("cap", "threshold")]
    stage.told.clear()
    return words


async def test_a_refusal_names_the_tightest_cap_what_fitted_and_what_would_do(stage: Stage, shop: Shop) -> None:
    """Tightest cap, its headroom, how many takes fitted, what the next one needs and what all of them need."""
    stage.write(rows("A", "B", "C", "D", "E"))
    caps(stage, '[[cap]]\nscope = "model:runware/ltx-2"\nusd = "0.20"\n')
    outcome = await stage.render(cap=450_000)
    assert (outcome.exit, outcome.counts.bought) == (Exit.MONEY, 2)
    assert outcome.capped
    assert outcome.capped.message == (
        "the next take needs 0.09 USD, and cap model:runware/ltx-2 0.20, used 0.18, left 0.02; 2 of 5 takes fitted"
    )
    one, all_three = (
        "raise the model:runware/ltx-2 cap in project.toml to 0.27",
        "raise the model:runware/ltx-2 cap in project.toml to 0.45",
    )
    assert outcome.capped.help == f"{one}; to buy all 3 that are left: {all_three}"


async def test_what_is_left_under_a_narrow_cap_is_what_it_binds(stage: Stage, shop: Shop) -> None:
    """Takes that another sequence has don't raise what a sequence's cap is said to need."""
    header, *shots = rows("A", "B", "C", "D").splitlines()
    stage.write("\n".join([f"{header},sequence", *(f"{shot},{name}" for shot, name in zip(shots, "XYYZ", strict=True))]))
    caps(stage, '[[cap]]\nscope = "sequence:Y"\nusd = "0.05"\n')
    outcome = await stage.render(cap=450_000)
    assert outcome.capped
    assert outcome.capped.message.endswith("1 of 4 takes fitted")
    one, both = (f"raise the sequence:spot:Y cap in project.toml to {usd}" for usd in ("0.09", "0.18"))
    assert outcome.capped.help == f"{one}; for all 2 that are left under it: {both}"


async def test_a_refusal_names_every_cap_that_what_is_left_needs(stage: Stage, shop: Shop) -> None:
    """Raised as told, all of it is bought; `--cap` and a cap of the project in its file are two."""
    stage.write(rows("A", "B", "C"))
    words = '[[cap]]\nscope = "{}"\nusd = "{}"\n'
    tight = {"run": "0.09", "day": "0.18", "project": "0.20", "model:runware/ltx-2": "0.26"}
    caps(stage, "".join(words.format(*one) for one in tight.items()))
    outcome = await stage.render(cap=100_000)
    assert outcome.capped
    others = "; ".join(f"raise the {scope} cap in project.toml to 0.27" for scope in ("day", "project", "model:runware/ltx-2"))
    assert outcome.capped.help == (
        "raise the run cap in project.toml to 0.18; to buy all 2 that are left: raise the run cap in project.toml to 0.18; "
        f"give --cap 0.27 or more; {others}"
    )
    caps(stage, "".join(words.format(scope, "0.18" if scope == "run" else "0.27") for scope in tight))
    outcome = await stage.render(cap=270_000)
    assert (outcome.exit, outcome.counts.bought, outcome.counts.kept) == (Exit.DONE, 2, 1)


async def test_the_last_take_needs_other_caps_too(stage: Stage, shop: Shop) -> None:
    """Also where it is the only one that is left."""
    stage.write(rows("A", "B"))
    caps(stage, '[[cap]]\nscope = "day"\nusd = "0.10"\n')
    outcome = await stage.render(cap=90_000)
    assert outcome.capped
    assert outcome.capped.help == "give --cap 0.18 or more; to buy it, also raise the day cap in project.toml to 0.18"


async def test_a_shared_cap_that_was_changed_is_planned_as_it_is_in_the_file(stage: Stage, shop: Shop) -> None:
    """The plan, and so the question before the purchase, has as many takes as the run buys; what is told to raise it to is what is needed, once."""
    stage.write(rows("A"))
    words = '[[cap]]\nscope = "model:runware/ltx-2"\nusd = "{}"\n'
    caps(stage, words.format("0.10"))
    await stage.render(cap=1_000_000)
    stage.write(rows("A", "B", "C"))
    fits = prepare(RunRequest(folder=stage.folder, list="spot.csv")).plan.fits
    assert (fits.takes, fits.remedies) == (0, ("raise the model:runware/ltx-2 cap in project.toml to 0.27",))
    caps(stage, words.format("0.27"))
    planned = prepare(RunRequest(folder=stage.folder, list="spot.csv"))
    assert (planned.plan.fits.takes, [cap.amount for cap in planned.view.caps if cap.scope == "model"]) == (2, [270_000])


async def test_thresholds_are_told_once(stage: Stage, shop: Shop) -> None:
    """Each percent of a cap once; what one hold passes together is told as one; a later run is silent until the amount is another."""
    stage.write(rows("A", "B"))
    await stage.render(cap=200_000)
    assert said(stage) == ["80 % used: cap project 0.20, used 0.18, left 0.02"]
    await stage.render(cap=200_000)
    assert said(stage) == []
    await stage.render(cap=220_000)
    assert said(stage) == ["cap project raised from 0.20 to 0.22 (--cap)", "80 % used: cap project 0.22, used 0.18, left 0.04"]


async def test_a_caps_own_thresholds(stage: Stage, shop: Shop) -> None:
    """`warn_at` of a `[[cap]]` table; an empty list silences it. In JSON each cap says what was told."""
    caps(stage, '[[cap]]\nscope = "sequence"\nusd = "1"\nwarn_at = [5]\n[[cap]]\nscope = "day"\nusd = "0.10"\nwarn_at = []\n')
    outcome = await stage.render()
    assert said(stage) == ["5 % used: cap sequence:spot:spot 1.00, used 0.09, left 0.91"]
    assert {cap.scope: cap.warned for cap in outcome.caps} == {"project": (), "sequence": (5,), "day": ()}


async def test_a_cap_that_was_lowered_says_so(stage: Stage, shop: Shop) -> None:
    """Told when the run begins; nothing is taken back, and nothing new is bought."""
    await stage.render(cap=1_000_000)
    said(stage)
    stage.write(rows("S9") + LIST.splitlines()[1] + "\n")
    outcome = await stage.render(cap=50_000)
    words = "cap project 0.05, used 0.09: passed by 0.04 (it was set below what was already used)"
    assert said(stage) == ["cap project lowered from 1.00 to 0.05 (--cap)", f"95 % used: {words}"]
    assert outcome.capped
    assert outcome.capped.message.startswith(f"the next take needs 0.09 USD, and {words}")
    assert (outcome.counts.bought, outcome.counts.kept, len(shop.jobs)) == (0, 1, 1)


async def test_a_cap_that_an_overrun_passed_says_so(stage: Stage, shop: Shop) -> None:
    """The service charges more than it quoted: booked, told, and the next hold is refused."""
    shop.cost = 0.092
    stage.write(rows("A", "B"))
    outcome = await stage.render(cap=91_000)
    assert said(stage)[-1] == "95 % used: cap project 0.091, used 0.09, left 0.001"
    assert outcome.caps[0].summary() == "cap project 0.091, used 0.092: passed by 0.001 (services charged 0.002 more than they quoted)"
    assert (outcome.money.settled, outcome.money.headroom, outcome.exit) == (92_000, -1_000, Exit.MONEY)


async def test_a_cap_that_late_evidence_passed_says_so_at_the_next_run(stage: Stage, shop: Shop) -> None:
    await stage.render(cap=100_000)
    said(stage)
    prepared = prepare(RunRequest(folder=stage.folder, list="spot.csv"))
    ledger = open_ledger(prepared.project.ledger_file)
    [attempt] = read.attempts(ledger, prepared.project.identity)
    write.correct(ledger, attempt, 30_000, ref="invoice 3 line 1", body={}, at=Clock().text())
    ledger.close()
    outcome = await stage.render(cap=None)
    assert said(stage) == ["95 % used: cap project 0.10, used 0.12: passed by 0.02 (late evidence added 0.03)"]
    assert outcome.money.headroom == -20_000


class At(Clock):
    """A clock that stands at a moment."""

    moment = datetime(2026, 3, 28, 22, 30, tzinfo=UTC)

    def now(self) -> datetime:
        return At.moment


@pytest.mark.parametrize(
    ("zone", "starts", "before", "same_day", "next_day"),
    [
        ("UTC", "", "2026-11-20T23:59:59", "2026-11-20T00:00:00", "2026-11-21T00:00:00"),
        ("Europe/Berlin", "", "2026-03-28T23:00:00", "2026-03-29T21:59:59", "2026-03-29T22:00:00"),
        ("Europe/Berlin", "", "2026-10-24T22:00:00", "2026-10-25T22:59:59", "2026-10-25T23:00:00"),
        ("Europe/Berlin", 'starts_at = "06:00"\n', "2026-03-28T05:00:00", "2026-03-29T03:59:59", "2026-03-29T04:00:00"),
    ],
    ids=["midnight", "spring", "autumn", "six-in-the-morning"],
)
async def test_a_days_cap_turns_over_when_the_projects_day_does(
    stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch, zone: str, starts: str, before: str, same_day: str, next_day: str
) -> None:
    """A take that a day's cap refused is bought on the next day: after 24, 23 or 25 hours, in the project's zone."""
    monkeypatch.setattr("callsheet.runs.session.Clock", At)
    monkeypatch.setattr("callsheet.planning.project_plan.Clock", At)
    caps(stage, f'[[cap]]\nscope = "day"\nusd = "0.10"\n{starts}[project]\ntimezone = "{zone}"\n')
    stage.write(rows("A", "B"))
    for moment, bought in ((before, 1), (same_day, 0), (next_day, 1)):
        At.moment = datetime.fromisoformat(moment).replace(tzinfo=UTC)
        outcome = await stage.render()
        assert outcome.counts.bought == bought, moment
        if not bought:
            assert outcome.capped
            assert "cap day:20" in outcome.capped.message
            assert "0.10, used 0.09, left 0.01" in outcome.capped.message


async def test_two_lists_of_a_project_share_its_cap(stage: Stage, shop: Shop) -> None:
    """What the first list bought leaves less for the second."""
    stage.write(rows("A"), "one.csv")
    stage.write(rows("A", "B").replace("called", "named"), "two.csv")
    assert (await stage.render(list="one.csv", cap=200_000)).exit is Exit.DONE
    outcome = await stage.render(list="two.csv", cap=200_000)
    assert (outcome.exit, outcome.counts.bought) == (Exit.MONEY, 1)
    assert outcome.capped
    assert "cap project 0.20, used 0.18, left 0.02" in outcome.capped.message


async def test_two_projects_share_a_ledgers_cap(
    stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Each has a cap of its own; `scope = "ledger"` counts both, and the plan of the second knows."""
    monkeypatch.setenv("CALLSHEET_LEDGER", f"sqlite:///{tmp_path_factory.mktemp('shared')}/ledger.db")
    other = Stage(tmp_path_factory.mktemp("other"))
    caps(stage, '[[cap]]\nscope = "ledger"\nusd = "0.20"\n')
    assert (await stage.render()).exit is Exit.DONE
    other.write(rows("A", "B"))
    assert prepare(RunRequest(folder=other.folder, list="spot.csv", cap=10_000_000)).plan.fits.takes == 1
    outcome = await other.render()
    assert (outcome.exit, outcome.counts.bought) == (Exit.MONEY, 1)
    assert outcome.capped
    assert "cap ledger 0.20, used 0.18, left 0.02" in outcome.capped.message


CANCEL = '[[cap]]\nscope = "project"\nusd = "0.30"\non_reach = "cancel"\n'


async def test_a_cap_that_cancels_gives_back_what_was_not_sent(stage: Stage, shop: Shop) -> None:
    """One lane, three holds, the fourth refused: two never leave; the one at the service can't be stopped there, and is finished."""
    stage.write(rows("A", "B", "C", "D"))
    caps(stage, CANCEL, slots=1)
    outcome = await stage.render()
    assert (len(shop.jobs), outcome.money.held, outcome.exit) == (len(shop.bill), 0, Exit.MONEY)
    assert len(shop.jobs) <= 1
    assert {str(taken.take): taken.end for taken in outcome.takes if taken.end is not End.RECEIVED}.keys() >= {"B.t1", "C.t1", "D.t1"}
    assert outcome.capped
    assert "cap project 0.30" in outcome.capped.message


async def test_drain_finishes_what_is_under_way(stage: Stage, shop: Shop) -> None:
    """The default: the same caps without `cancel` buy all that fits."""
    stage.write(rows("A", "B", "C", "D"))
    caps(stage, CANCEL.replace("cancel", "drain"), slots=1)
    outcome = await stage.render()
    assert (len(shop.jobs), outcome.counts.bought, outcome.exit) == (3, 3, Exit.MONEY)


async def test_a_service_that_can_be_asked_to_stop_is_asked(stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Noted before it is sent; a wish: what became of the job, and its cost, is what the service says."""
    asked: list[str] = []

    class Stoppable(Runware):
        """A wire of its own: what the class is asked to be able to do is remembered for the class."""

        def cancel(self, job: str) -> Request:
            asked.append(job)
            return self.poll([job])

    monkeypatch.setattr(Channels, "wire_of", lambda _channels, _service: Stoppable())
    whole = shop._told

    def told(keys: list[str], word: str) -> dict[str, Any]:
        """The first job is done; the second is at work until it has been asked to stop."""
        ready = [key for key in keys if asked or key == next(iter(shop.jobs))]
        return {"data": [*whole(ready, "done")["data"], *whole([key for key in keys if key not in ready], "running")["data"]]}

    monkeypatch.setattr(shop, "_told", told)
    shop.cost = 0.092
    stage.write(rows("A", "B").replace("B,runware/ltx-2,3,320x192,24", "B,runware/ltx-2,3,320x192,25"))
    caps(stage, CANCEL.replace("0.30", "0.181"), slots=2)
    outcome = await stage.render()
    assert len(asked) == 1, "the job that was still at work when the first one's overrun passed the cap"
    attempts = [taken.attempt for taken in outcome.takes if taken.attempt]
    assert [attempt.state for attempt in attempts] == [State.RECEIVED, State.RECEIVED]
    ledger = open_ledger(stage.folder / ".callsheet" / "ledger.db")
    with ledger.reading() as connection:
        assert connection.exec_driver_sql("select count(*) from event where kind = 'cancel_asked'").scalar() == 1
    ledger.close()
    assert outcome.money.settled == 184_000
