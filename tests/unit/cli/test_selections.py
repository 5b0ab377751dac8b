"""The grammar of selection on the command line: the same words and conditions choose what is planned, bought and marked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.unit.cli.calling import LIST, call, project

MORE = LIST + "A030,two,A ship turns,runware/ltx-2,1,320x192,24,1\nA040,two,A bell,runware/ltx-2,2,320x192,24,1\n"


def say(folder: Path, *argv: str) -> tuple[int, dict[str, Any]]:
    answer = call(*argv, "-C", str(folder), "--json")
    return answer.code, answer.json


def actions(folder: Path, *argv: str) -> dict[str, str]:
    """Each take's action in a plan of those."""
    code, found = say(folder, "plan", "spot.csv", *argv)
    assert code == 0, found
    return {take["take"]: take["action"] for take in found["takes"]}


def test_plan_and_render_keep_to_the_chosen_takes(copied: Path) -> None:
    """What was not chosen is left out, not bought and not in the sums; kept clips stay. The same words buy just that."""
    project(copied, MORE)
    whole = {"A010.t1": "keep", "A010.t2": "keep", "A020.t1": "keep", "A030.t1": "buy", "A040.t1": "buy"}
    assert actions(copied) == whole
    assert actions(copied, "A030-A040") == whole
    assert actions(copied, "two/*", "--cheaper-than", "0.05") == {**whole, "A040.t1": "blocked"}
    assert actions(copied, "one/*") == {**whole, "A030.t1": "blocked", "A040.t1": "blocked"}
    text = call("plan", "spot.csv", "A030", "-C", str(copied)).out
    assert "Plan: 1 to buy, 3 kept, 1 left out. 0.03 USD at list price" in text
    assert any(line.split()[:4] == ["-", "two", "1", "not"] for line in text.splitlines())
    code, found = say(copied, "render", "spot.csv", "A030", "--cap", "2", "--yes", "--no-prefect")
    assert (code, found["counts"]["bought"], found["money"]["settled"]) == (1, 1, "0.15")
    assert actions(copied) == {**whole, "A030.t1": "keep"}


def test_patterns_and_conditions_mark_many_at_once(copied: Path) -> None:
    """Each mark is told with what the next render does, and the sum; what can't be marked of a pattern is told and left out."""
    project(copied, MORE)
    code, found = say(copied, "reject", "two/*")
    assert (code, [(mark["shot"], mark["mark"]) for mark in found["marks"]]) == (0, [("A020", "reject")])
    assert [one["message"] for one in found["left_out"]] == [
        f"spot:{take}.t1 has no clip to reject: it is not bought" for take in ("A030", "A040")
    ]
    assert say(copied, "reject", "--undo", "A020")[0] == 0
    project(copied, MORE.replace("A boat", "Two boats").replace("A lamp", "Two lamps"))
    text = call("retake", "--stale", "-C", str(copied)).out
    assert "A010 will be retaken" in text
    assert "A020 will be retaken" in text
    assert "together 0.12 USD for 3 takes" in text
    assert [mark["mark"] for mark in say(copied, "retake", "--undo", "*")[1]["marks"]] == ["unretake", "unretake"]


def test_words_that_mean_nothing_choose_nothing(copied: Path) -> None:
    """Exit 2 with all of them and the nearest names, in every command; nothing is marked, planned or bought beside them."""
    for argv in (
        ["plan", "spot.csv"],
        ["render", "spot.csv", "--yes", "--cap", "2", "--no-prefect"],
        ["pick"],
        ["reject"],
        ["retake"],
        ["recover"],
    ):
        code, found = say(copied, *argv, "A020", "A021", "tow/*")
        assert code == 2
        assert [one["message"] for one in found["errors"]] == [
            "there is no take A021 in this project",
            "there is no sequence tow in this project",
        ]
        assert [one["help"].partition("?")[0] for one in found["errors"]] == ["did you mean A020", "did you mean two"]
    for argv, message in (
        (["pick", "one/*"], "only one take of a shot can be picked, and these belong to one shot: A010.t1, A010.t2"),
        (["retake", "one/*.t1"], "a retake applies to whole shots, not to one/*.t1"),
        (["retake", "--stale"], "no take matches all of these conditions"),
        (["reject", "--model", "runware/ltx-3"], "no take uses the model runware/ltx-3"),
    ):
        code, found = say(copied, *argv)
        assert (code, found["errors"][0]["message"]) == (2, message)
    assert not any(take["picked"] or take["rejected"] for take in say(copied, "status")[1]["takes"])


def test_status_and_export_keep_to_the_chosen_takes(copied: Path) -> None:
    """`status` lists them alone, with a list or without; an edit has gaps for the others, and names what is not in the cut."""
    project(copied, MORE)
    for argv in (["two/*"], ["spot.csv", "A020-A040"], ["--model", "runware/ltx-2", "two/*"]):
        assert [take["take"] for take in say(copied, "status", *argv)[1]["takes"]] == ["A020.t1", "A030.t1", "A040.t1"]
    assert say(copied, "status", "spot.csv", "b.csv")[0] == say(copied, "status", "A021")[0] == 2
    code, found = say(copied, "export", "edit", "A020", "--format", "otio", "--list", "spot.csv")
    assert (code, [(one["sequence"], one["frames"], one["missing"]) for one in found["sequences"]]) == (
        0,
        [("two", 108, ["A030", "A040"])],
    )
    assert "is in the cut" in say(copied, "export", "edit", "A030", "--format", "otio", "--list", "spot.csv")[1]["errors"][0]["message"]
    assert say(copied, "export", "book.txt", "A030", "--format", "beancount")[0] == 2
