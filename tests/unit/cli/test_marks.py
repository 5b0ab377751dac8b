"""`pick`, `reject`, `retake`, and plans that were saved: the words and documents that a user sees."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from callsheet.cli.commands.buying import plan_file
from callsheet.domain.run_request import RunRequest
from callsheet.planning.project_plan import prepare
from tests.unit.cli.calling import LIST, call, project

CHANGED = LIST.replace("A lamp is lit", "A lamp goes out")


def said(folder: Path, *argv: str) -> tuple[int, dict[str, Any]]:
    """One command's exit code and document."""
    answer = call(*argv, "-C", str(folder), "--json")
    return answer.code, answer.json


def statuses(folder: Path, *argv: str) -> dict[str, dict[str, Any]]:
    """`status` by take."""
    return {take["take"]: take for take in said(folder, "status", *argv)[1]["takes"]}


def render(folder: Path, *argv: str) -> tuple[int, dict[str, Any]]:
    return said(folder, "render", *(argv or ("spot.csv",)), "--cap", "2", "--yes", "--no-prefect")


def test_a_picked_take_stays_when_its_row_changes(copied: Path) -> None:
    """Locked and marked, in plan, status and cut; a retake lets the next render buy it, and until then buys nothing."""
    code, found = said(copied, "pick", "A020")
    assert (code, found["schema"]) == (0, "callsheet.pick/1")
    assert found["marks"] == [{"mark": "pick", "list": "spot", "shot": "A020", "take": "A020.t1", "new": True}]
    project(copied, CHANGED)
    assert (statuses(copied)["A020.t1"]["picked"], statuses(copied)["A020.t1"]["stale"]) == (True, True)
    assert statuses(copied, "spot.csv")["A020.t1"]["stale"] is True
    code, found = render(copied)
    assert (code, found["counts"]["bought"], found["sequences"][1]["shots"][0]["stale"]) == (0, 0, True)
    text = call("retake", "A020", "-C", str(copied))
    assert "A020 will be retaken: its clip stays in the cut, marked, until the new one is received" in text.out
    assert "the next render buys A020.t1 for 0.06 USD: prompt changed since A020.t1.a1 was bought" in text.out
    assert "next: callsheet render spot.csv" in text.out
    assert statuses(copied)["A020.t1"]["picked"] is False
    code, found = render(copied)
    assert (code, found["counts"]["bought"], found["sequences"][1]["shots"][0]["stale"]) == (0, 1, False)
    assert (statuses(copied)["A020.t1"]["clip"], statuses(copied)["A020.t1"]["stale"]) == ("spot:A020.t1.a2", False)


def test_the_picked_take_is_cut(copied: Path) -> None:
    """Of two takes the one that was picked stands, and `pick --undo` takes it back; nothing is asked of a service."""
    assert said(copied, "pick", "A010.t1")[0] == 0
    assert said(copied, "finish", "spot.csv")[1]["sequences"][0]["shots"][0]["take"] == "A010.t1"
    assert said(copied, "pick", "A010.t2")[0] == 0
    assert said(copied, "finish", "spot.csv")[1]["sequences"][0]["shots"][0]["take"] == "A010.t2"
    assert [take for take, status in statuses(copied).items() if status["picked"]] == ["A010.t2"]
    assert "A010.t2 already had this mark" in call("pick", "A010.t2", "-C", str(copied)).out
    assert "A010.t2 is no longer picked" in call("pick", "--undo", "A010.t2", "-C", str(copied)).out
    assert said(copied, "pick", "--undo", "A010.t2")[0] == 2


def test_a_rejected_take_is_bought_by_the_next_render(copied: Path) -> None:
    """Reject buys nothing; status, plan and cut say what became of it."""
    code, found = said(copied, "reject", "A020.t1")
    assert (code, found["takes"]) == (
        0,
        [{"take": "A020.t1", "list": "spot", "action": "buy", "reason": "A020.t1.a1 was rejected", "price": "0.06"}],
    )
    now = statuses(copied)["A020.t1"]
    assert (now["rejected"], now["clip"], now["file"], now["settled"]) == (True, None, None, "0.06")
    assert "rejected: the next render buys another" in call("status", "-C", str(copied)).out
    assert "A020.t1 has no clip to reject: its clips are rejected" in call("reject", "A020.t1", "-C", str(copied)).err
    code, found = render(copied)
    assert (code, found["counts"]["bought"]) == (0, 1)


def test_a_reject_and_a_retake_can_be_taken_back(copied: Path) -> None:
    """The next render buys nothing then, and says so; what was never said can't be taken back."""
    said(copied, "reject", "A020.t1")
    code, found = said(copied, "reject", "--undo", "A020.t1")
    assert (code, found["marks"][0]["mark"], found["takes"][0]["action"]) == (0, "unreject", "keep")
    said(copied, "retake", "A020")
    code, found = said(copied, "retake", "--undo", "A020")
    assert (code, found["marks"][0]["mark"], found["takes"][0]["action"]) == (0, "unretake", "keep")
    assert (said(copied, "reject", "--undo", "A020.t1")[0], said(copied, "retake", "--undo", "A020")[0]) == (2, 2)


def test_names_that_mean_two_things_are_refused_naming_both(copied: Path) -> None:
    """Two lists have the shot: exit 2, with both names to write; with one of them it is done."""
    (copied / "teaser.csv").write_text(LIST, encoding="utf-8")
    text = call("pick", "A020.t1", "-C", str(copied))
    assert (text.code, text.out) == (2, "")
    assert "A020.t1 is in spot and teaser" in text.err
    assert "help: write spot:A020.t1 or teaser:A020.t1" in text.err
    assert said(copied, "pick", "teaser:A020.t1")[1]["marks"][0]["list"] == "teaser"


@pytest.mark.parametrize(
    ("argv", "message", "help"),
    [
        (["pick", "A010"], "A010 has 2 takes", "write A010.t1 or A010.t2"),
        (["pick", "A099.t1"], "there is no take A099.t1 in this project", "did you mean A030.t1? `callsheet status` shows every take"),
        (["pick", "A030.t1"], "A030.t1 has no clip to pick: it is not bought", "`callsheet render` buys it"),
        (["reject", "A010.t1.a7"], "A010.t1.a7 has no clip to reject", "it has A010.t1.a1"),
        (
            ["retake", "A010.t2"],
            "a retake applies to a whole shot, not to A010.t2",
            "write A010; or to replace only that take, reject A010.t2",
        ),
        (["retake", "A030"], "nothing has been bought for A030 yet", "`callsheet render` buys it"),
        (["pick"], "pick what?", "write `callsheet pick A010.t1`, for instance"),
    ],
)
def test_what_cannot_be_marked_is_refused_with_words(copied: Path, argv: list[str], message: str, help: str) -> None:
    """Exit 2, one document, what to write instead; not even the names that would do are marked."""
    project(copied, LIST + "A030,two,A ship turns,runware/ltx-2,1,320x192,24,1\n")
    first = ["A020.t1"] if argv[0] == "reject" else []
    code, found = said(copied, *argv[:1], *first, *argv[1:])
    assert (code, found["schema"]) == (2, f"callsheet.{argv[0]}/1")
    assert [(error["message"], error["help"]) for error in found["errors"]] == [(message, help)]
    assert not any(take["rejected"] or take["picked"] for take in statuses(copied).values())


def test_status_without_a_list_says_where_a_list_cannot_be_read(copied: Path) -> None:
    """What its rows want today is not known then, and that is told; other tables in the folder are no lists and no reason to complain."""
    (copied / "invoice.csv").write_text("job,amount\n1,2\n", encoding="utf-8")
    assert said(copied, "status")[1].get("notes") == []
    project(copied, LIST.replace("320x192", "320p"))
    code, found = said(copied, "status")
    assert code == 0
    assert found["notes"][0].startswith("spot.csv can't be read as a list")
    assert [take["stale"] for take in found["takes"]] == [False, False, False]


# -- saved plans ----------------------------------------------------------------------------------------------------------------------------------


def test_a_saved_plan_still_holds_when_part_of_it_was_bought(tmp_path: Path, copied: Path) -> None:
    """What was bought since is no reason; what was rejected since the plan was made is not in it."""
    project(copied, CHANGED)
    assert said(copied, "plan", "spot.csv", "--out", "spot.plan")[0] == 0
    assert said(copied, "reject", "A010.t1")[0] == 0
    _, found = render(copied, "spot.plan")
    assert (found["counts"]["bought"], found["counts"]["not_bought"]) == (1, 1)
    assert [taken["message"] for taken in found["takes"] if taken["take"] == "A010.t1"] == ["not in the saved plan"]
    _, found = render(copied, "spot.plan")
    assert found["counts"]["bought"] == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (CHANGED.replace("goes out", "burns"), "spot:A020.t1 would be another request than planned"),
        (CHANGED.replace("1.5", "5"), "spot:A020.t1 would be another request than planned"),
        (CHANGED.replace("A020,two", "A021,two"), "spot:A020.t1 is no longer in the list"),
    ],
)
def test_a_plan_that_can_not_be_executed_exactly_is_refused(copied: Path, text: str, message: str) -> None:
    """Exit 6, naming each take and why; nothing is bought."""
    project(copied, CHANGED)
    said(copied, "plan", "spot.csv", "--out", "spot.plan")
    project(copied, text)
    code, found = render(copied, "spot.plan")
    assert (code, [error["message"] for error in found["errors"]]) == (6, [f"the plan is stale: {message}"])
    assert said(copied, "status")[1]["money"]["settled"] == "0.12"


def test_a_plan_holds_when_nothing_of_its_requests_changed(copied: Path) -> None:
    """Notes, order and a new row are no reasons: it is executed as it was shown."""
    project(copied, CHANGED)
    said(copied, "plan", "spot.csv", "--out", "spot.plan")
    head, one, two = CHANGED.splitlines()
    project(copied, f"{head},notes\n{two},darker\nA030,two,A ship turns,runware/ltx-2,1,320x192,24,1,\n{one},\n")
    _, found = render(copied, "spot.plan")
    assert (found["counts"]["bought"], found["money"]["settled"]) == (1, "0.18")


def test_a_saved_plan_tries_no_fallback_that_it_did_not_show(copied: Path) -> None:
    """A fallback that was listed since is left for the next plan; one that was shown is in the file with its price."""
    project(copied, CHANGED)
    said(copied, "plan", "spot.csv", "--out", "before.plan")
    (copied / "project.toml").write_text('[project]\nfallback = ["runware/ltx-2.3"]\n')
    _, found = said(copied, "plan", "spot.csv", "--out", "after.plan")
    [take] = [take for take in found["takes"] if take["action"] == "buy"]
    assert [other["model"] for other in take["fallbacks"]] == ["runware/ltx-2.3"]
    now = prepare(RunRequest(folder=copied, list="spot.csv")).plan
    for file, offered in (("before.plan", 0), ("after.plan", 1)):
        narrow = plan_file.narrowed(plan_file.load(copied / file), now)
        assert [len(take.priced.fallbacks) for take in narrow.buys] == [offered]
