"""`hold`, `cancel`, `pause` and `resume` from the command line: what they say is what the next plan does."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests.unit.cli.calling import LIST, call, project
from tests.unit.cli.test_selections import MORE, actions, say


def test_a_take_held_back_is_not_bought_until_it_is_let_go(copied: Path) -> None:
    """Told with what the next render does and the cut shows; twice says nothing new; the command that the plan prints undoes it, as printed."""
    project(copied, MORE)
    code, found = say(copied, "hold", "two/*")
    assert (code, found["new"]) == (0, ["spot:A020.t1", "spot:A030.t1", "spot:A040.t1"])
    assert {take["take"]: take["action"] for take in found["takes"]} == {"A020.t1": "keep", "A030.t1": "blocked", "A040.t1": "blocked"}
    assert [(shot["shot"], shot["take"]) for shot in found["cut"]] == [("A020", "A020.t1"), ("A030", None), ("A040", None)]
    assert say(copied, "hold", "A030")[1]["new"] == []
    assert actions(copied)["A030.t1"] == "blocked"
    text = call("plan", "spot.csv", "-C", str(copied)).out
    (command,) = re.findall(r"`(callsheet hold [^`]+)`", text)
    assert call(*shlex.split(command)[1:], "-C", str(copied)).code == 0
    assert {action for take, action in actions(copied).items() if take > "A030"} == {"buy"}
    code, found = say(copied, "hold", "--undo", "A030")
    assert (code, found["errors"][0]["message"]) == (2, "A030.t1 is not held back")


def test_a_cancelled_take_is_called_off_for_good(copied: Path) -> None:
    """As one held back, under its own word; a `hold --undo` lets it go, too."""
    project(copied, MORE)
    assert say(copied, "cancel", "A030", "A040")[0] == 0
    assert "cancelled by " in call("plan", "spot.csv", "-C", str(copied)).out
    assert say(copied, "cancel", "--undo", "--cheaper-than", "1")[1]["new"] == ["spot:A030.t1", "spot:A040.t1"]
    assert actions(copied)["A040.t1"] == "buy"


def test_a_paused_project_buys_nothing(copied: Path) -> None:
    """plan notes it, render says why and what to type, and that, typed, lets it buy."""
    project(copied, MORE)
    assert [say(copied, "pause")[1]["new"] for _ in range(2)] == [True, False]
    assert "note: paused by " in call("plan", "spot.csv", "-C", str(copied)).out
    said = call("render", "spot.csv", "--cap", "2", "--yes", "--no-prefect", "-C", str(copied))
    assert (said.code, "nothing new is bought" in said.out) == (1, True)
    (command,) = set(re.findall(r"`(callsheet resume)`", said.out))
    assert call(*shlex.split(command)[1:], "-C", str(copied)).code == 0
    assert say(copied, "resume")[1]["new"] is False
    assert say(copied, "render", "spot.csv", "A030", "--cap", "2", "--yes", "--no-prefect")[1]["counts"]["bought"] == 1


def test_before_anything_was_bought_takes_can_be_held_back(tmp_path: Path) -> None:
    """No ledger is needed; what means nothing is refused."""
    folder = project(tmp_path / "film", LIST)
    assert say(folder, "hold", "A010.t2")[1]["new"] == ["spot:A010.t2"]
    assert not (folder / ".callsheet" / "ledger.db").exists()
    for argv in (["hold"], ["hold", "B010"], ["cancel", "one/x*"], ["hold", "--undo", "A020"]):
        assert say(folder, *argv)[0] == 2
