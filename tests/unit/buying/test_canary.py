"""Safety stops: the first of its kind goes ahead alone, three failing clips in a row stop a lane, attempts are counted."""

from __future__ import annotations

import pytest

from callsheet.buying.lanes.channels import Channels
from callsheet.buying.take_result import End
from callsheet.domain.errors import Exit
from callsheet.domain.mark import Marks
from callsheet.domain.take import TakeId
from callsheet.planning.notes.failure_streaks import streaks
from tests.project_stage import Stage
from tests.project_steps import pick, prepared, reject, row, rows, said
from tests.scripted_runware_films import Stock
from tests.unit.report.made_up_project import attempt

WRONG = "384x192"  # not the size of the film that the service gives: a failing finding


def shots(*names: str, size: str = "320x192", seconds: str = "3") -> str:
    return "".join(row(name, f"shot {name}", size=size, seconds=seconds) for name in names)


async def test_the_first_of_its_kind_goes_ahead_alone(stage: Stage, stock: Stock) -> None:
    """Nothing else of its kind is sent before its clip is received and inspected; then the others go together."""
    stage.write(rows(shots("A", "B", "C")))
    stock.polls = ["running", "running", "running", "done"]
    assert (await stage.render()).exit is Exit.DONE
    assert stock.events[:4] == ["submit shot A", "film shot A", "submit shot B", "submit shot C"]


async def test_other_kinds_go_on_meanwhile_and_holds_keep_their_order(stage: Stage, stock: Stock) -> None:
    """A kind is model, size, frame rate and length: another length does not wait, though its row comes later."""
    stage.write(rows(shots("A", "B"), shots("C", seconds="2")))
    stock.cost = None  # each at its own price
    stock.polls = ["running"] * 4 + ["done"]
    await stage.render()
    assert stock.events.index("submit shot C") < stock.events.index("film shot A") < stock.events.index("submit shot B")
    ordered = sorted((attempt.take.shot, int(attempt.id)) for taken in (await stage.render()).takes if (attempt := taken.attempt))
    assert ordered == sorted(ordered, key=lambda pair: pair[1])


async def test_a_kind_is_known_from_then_on(stage: Stage, stock: Stock) -> None:
    """In the next run, and in another list, nothing waits for it."""
    stage.write(rows(shots("A")))
    await stage.render()
    stage.write(rows(shots("D", "E")), "other.csv")
    stock.polls = ["running"] * 4 + ["done"]
    await stage.render(list="other.csv")
    assert stock.events[2:4] == ["submit shot D", "submit shot E"]


async def test_a_first_one_that_fails_lets_the_next_go_ahead(stage: Stage, stock: Stock) -> None:
    """A free failure teaches nothing of the kind: one at a time until one is received."""
    stage.write(rows(shots("A", "B", "C")))
    stock.polls = ["fail", "done"]
    outcome = await stage.render()
    assert outcome.exit is Exit.DONE
    assert stock.events[0] == "submit shot A"
    second, third, *_ = stock.events[1:]
    assert (second.startswith("submit"), third) == (True, second.replace("submit", "film"))


async def test_a_first_one_that_stays_under_way_keeps_its_kind_back(stage: Stage, stock: Stock) -> None:
    """Past its lane's patience nothing else of its kind is sent in this run, and the words say why; the holds are given back."""
    stage.write(rows(shots("A", "B")))
    stock.polls = ["running"]
    outcome = await stage.render()
    assert {str(taken.take): (taken.end, taken.message) for taken in outcome.takes} == {
        "A.t1": (End.WAITING, "still under way at the service; the next run collects it"),
        "B.t1": (End.NOT_BOUGHT, "not sent: the first of its kind, A.t1, is still under way"),
    }
    assert (stock.submits_sent, outcome.exit, outcome.money.held) == (["shot A"], Exit.PARTIAL, 90_000)
    toml = stage.folder / "project.toml"
    toml.write_text(toml.read_text().replace("patience_s = 0.5", "patience_s = 60"))
    stock.polls = ["done"]
    assert (await stage.render()).exit is Exit.DONE
    assert stock.events.index("film shot A") < stock.events.index("submit shot B")


async def test_a_first_one_in_doubt_blocks_its_own_take_alone(stage: Stage, stock: Stock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A doubt never blocks the list: the next of its kind goes ahead."""
    stage.write(rows(shots("A", "B")))
    stock.submits, stock.forgets = ["lost", "ok"], True
    monkeypatch.setattr(Channels, "key_ttl_s", lambda _context, _attempt: 0.0)
    outcome = await stage.render()
    assert [taken.end for taken in outcome.takes if str(taken.take) == "A.t1"] == [End.IN_DOUBT]
    assert stock.submits_sent == ["shot A", "shot B"]


async def test_three_failing_clips_in_a_row_stop_the_lane_and_ask_a_human(stage: Stage, stock: Stock) -> None:
    """Exactly three are paid, exit 6, the words name them; the next render buys nothing until a person has decided."""
    stage.write(rows(shots("A", "B", "C", "D", "E", size=WRONG)))
    outcome = await stage.render()
    message = "3 clips in a row from runware/ltx-2 fail their checks (A.t1, B.t1, C.t1); nothing more is sent to it"
    assert (len(stock.bodies), outcome.exit, outcome.state, outcome.money.held) == (3, Exit.HUMAN, "needs_decision", 0)
    assert [(problem.code, problem.message) for problem in outcome.problems] == [("findings", message)]
    assert "pick, reject or retake" in outcome.problems[0].help
    assert [taken.message for taken in outcome.takes if str(taken.take) == "E.t1"] == [f"not sent: {message}"]
    assert message in prepared(stage).plan.notes
    again = await stage.render()
    assert (len(stock.bodies), again.exit) == (3, Exit.HUMAN)
    pick(stage, "C.t1")
    stage.write(rows(shots("A", "B", "C", size=WRONG), shots("D")))
    decided = await stage.render()
    assert (len(stock.bodies), decided.counts.bought, decided.problems) == (4, 1, ())


FAIL = ({"severity": "fail", "code": "clip-size", "message": "too small"},)


@pytest.mark.parametrize(
    ("book", "marks", "row"),
    [
        ("ffff", Marks(), [1, 2, 3, 4]),
        ("ffgff", Marks(), [4, 5]),
        ("fffg", Marks(), None),
        ("ffff", Marks(rejects=frozenset({"4"})), None),
        ("ffff", Marks(rejects=frozenset({"2"})), [3, 4]),
        ("ffff", Marks(picks={TakeId("spot", "S9", 1): "3"}), [4]),
        ("ffff", Marks(retakes={("spot", "S1"): 4}), None),
    ],
    ids=["all", "a good one between", "a good one last", "the last rejected", "an early one rejected", "one picked elsewhere", "retaken"],
)
def test_what_counts_as_in_a_row(book: str, marks: Marks, row: list[int] | None) -> None:
    """Back from the newest, to the first good clip or the first that a person has decided on."""
    attempts = [attempt("S1", n, findings=FAIL if letter == "f" else ()) for n, letter in enumerate(book, start=1)]
    found = streaks(attempts, marks).get((attempts[0].account, attempts[0].model))
    assert (found and [int(one.id) for one in found]) == row


async def test_a_rejected_failing_clip_is_bought_anew(stage: Stage, stock: Stock) -> None:
    """A failing clip is not bought again by itself; a person's reject does."""
    stage.write(rows(shots("A", size=WRONG)))
    await stage.render()
    assert said(stage)["A.t1"] == ("keep", "bought before, unchanged")
    reject(stage, "A.t1")
    assert said(stage)["A.t1"] == ("buy", "A.t1.a1 was rejected")
    assert (await stage.render()).counts.bought == 1


async def test_attempts_of_earlier_runs_count_when_they_were_billed(stage: Stage, stock: Stock) -> None:
    """Three free failures in one run, three more in the next; one billed without a clip ends it for good."""
    stage.write(rows(shots("A")))
    stock.polls = ["fail"]
    for run in (1, 2):
        assert (await stage.render()).exit is Exit.PARTIAL
        assert len(stock.bodies) == 3 * run
    stock.polls, stock.downloads = ["done"], ["rotten"]
    for _ in (3, 4):
        await stage.render()
        assert len(stock.bodies) == 7
