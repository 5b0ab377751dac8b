"""`check` and `plan`: everything that is wrong, at once; every take priced and explained."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from callsheet.domain.money import usd
from tests.unit.cli.calling import LIST, call, project

MESSY = Path(__file__).parents[3] / "manifests" / "messy.csv"


def test_check_reports_every_fault_at_once(tmp_path: Path) -> None:
    """The sample with ten faults gives ten errors with row and column, exit 3, and one document."""
    project(tmp_path, MESSY.read_text(encoding="utf-8"))
    said = call("check", "spot.csv", "-C", str(tmp_path), "--json")
    assert said.code == 3
    assert len(said.json["errors"]) == 10
    assert all(
        error["file"] == "spot.csv" and error["row"] > 1 and error["line"] > 1 and error["column"] and error["help"]
        for error in said.json["errors"]
    )
    text = call("check", "spot.csv", "-C", str(tmp_path))
    assert text.code == 3
    assert "10 errors in 10 rows. Nothing was spent." in text.out


def test_check_finds_what_a_model_cannot_do(tmp_path: Path) -> None:
    """A sound cell, but a length that nobody sells: still exit 3, with the cell's address."""
    project(tmp_path, LIST.replace("runware/ltx-2,1,", "runware/ltx-2,99,"))
    said = call("check", "spot.csv", "-C", str(tmp_path), "--json")
    assert said.code == 3
    assert [(error["row"], error["column"], error["shot"]) for error in said.json["errors"]] == [(2, "duration_s", "A010")]
    assert said.json["shots"] == 2


def test_a_sound_list_passes(tmp_path: Path) -> None:
    """check says how many shots there are, and leaves nothing behind."""
    folder = project(tmp_path)
    said = call("check", "spot.csv", "-C", str(folder), "--json")
    assert (said.code, said.json["shots"], said.json["errors"]) == (0, 2, [])
    assert sorted(path.name for path in folder.iterdir()) == ["spot.csv"]


def test_a_missing_list_is_told_with_what_is_there(tmp_path: Path) -> None:
    """Exit 3, naming the lists of the folder."""
    said = call("plan", "sopt.csv", "-C", str(project(tmp_path)), "--json")
    assert said.code == 3
    assert "spot.csv" in said.json["errors"][0]["help"]


def test_plan_has_the_contracts_fields(tmp_path: Path) -> None:
    """Every field of the contract is there, money as text, and the sums are those of the takes."""
    said = call("plan", "spot.csv", "--cap", "1", "-C", str(project(tmp_path)), "--json")
    found = said.json
    assert said.code == 0
    fields = {"take", "list", "shot", "sequence", "model", "action", "reason", "price", "expected", "frames"}
    assert all(fields <= set(take) for take in found["takes"])
    assert {"buy", "keep", "price", "expected", "paid_s", "used_s"} <= set(found["totals"])
    assert set(found["money"]) == {"currency", "cap", "settled", "held", "in_doubt", "headroom"}
    assert found["fits"] == {"takes": 3, "usd": found["totals"]["price"]}
    assert usd(found["totals"]["price"]) == sum(usd(take["price"]) for take in found["takes"])
    assert [take["take"] for take in found["takes"]] == ["A010.t1", "A010.t2", "A020.t1"]
    assert (found["totals"]["paid_s"], found["totals"]["used_s"]) == (4, 3.5)


def test_the_caps_of_project_toml_are_shown_before_the_first_run(tmp_path: Path) -> None:
    """They bind it from its first hold on, and `--cap` need not be typed where there is one of the project."""
    folder = project(tmp_path)
    with (folder / "project.toml").open("a") as file:
        file.write('\n[[cap]]\nscope = "project"\nusd = 40\n\n[[cap]]\nscope = "day"\nusd = 30\n')
    said = call("plan", "spot.csv", "-C", str(folder))
    assert "cap project 40.00, used 0.00, left 40.00" in said.out
    assert "30.00, used 0.00, left 30.00" in said.out
    assert "none in force" not in said.out
    assert "--cap" not in said.out
    found = call("plan", "spot.csv", "-C", str(folder), "--json").json
    assert [(cap["scope"], cap["usd"], cap["source"]) for cap in found["caps"]] == [("project", "40.00", "file"), ("day", "30.00", "file")]
    assert found["money"]["headroom"] == "30.00"
    assert "cap project 40.00" in call("status", "-C", str(folder)).out


def test_a_tried_cap_is_shown_and_never_stored(tmp_path: Path) -> None:
    """plan --cap counts with the cap and leaves no state."""
    folder = project(tmp_path)
    said = call("plan", "spot.csv", "--cap", "0.05", "-C", str(folder), "--json")
    assert said.code == 4
    assert said.json["money"]["cap"] == "0.05"
    [cap] = said.json["caps"]
    assert (cap["scope"], cap["name"], cap["usd"], cap["used"], cap["headroom"]) == ("project", "", "0.05", "0.00", "0.05")
    assert said.json["fits"]["takes"] == 1
    assert said.json["errors"][0]["take"] == "spot:A020.t1"
    assert not (folder / ".callsheet").exists()


def test_detailed_exit_code_tells_that_there_is_something_to_buy(tmp_path: Path) -> None:
    """10 where the plan buys; money's no goes first."""
    folder = str(project(tmp_path))
    assert call("plan", "spot.csv", "--detailed-exitcode", "-C", folder).code == 10
    assert call("plan", "spot.csv", "--detailed-exitcode", "--cap", "0.01", "-C", folder).code == 4


def test_plan_explains_what_is_bought_otherwise_than_written(tmp_path: Path) -> None:
    """A length between what is sold is snapped up, and both numbers are shown."""
    said = call("plan", "spot.csv", "-C", str(project(tmp_path)))
    assert "snapped: duration_s 1.5 -> 2" in said.out
    assert "4 s paid, 3.5 s used" in said.out
    assert said.err == ""


@pytest.mark.parametrize("columns", [72, 80, 100, 120])
def test_plan_keeps_to_the_terminals_width(columns: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table folds; the list price is always there."""
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = call("plan", "spot.csv", "-v", "-C", str(project(tmp_path))).out.splitlines()
    rows = [line for line in lines if line.startswith("  +")]
    assert len(rows) == 3
    assert all(len(line) <= columns and line.rstrip().endswith(("0.03", "0.06")) for line in rows)


def test_a_saved_plan_is_a_plan_document_with_its_requests(tmp_path: Path) -> None:
    """--out writes callsheet.plan/1 with a digest for each take to buy."""
    folder = project(tmp_path)
    said = call("plan", "spot.csv", "--out", "spot.plan", "-C", str(folder))
    saved = json.loads((folder / "spot.plan").read_text())
    assert "Saved to spot.plan" in said.out
    assert saved["schema"] == "callsheet.plan/1"
    assert [buy["take"] for buy in saved["buys"]] == ["spot:A010.t1", "spot:A020.t1", "spot:A010.t2"]
    assert all(buy["request"] and buy["price"] for buy in saved["buys"])


def test_check_says_what_is_snapped_and_dropped(tmp_path: Path) -> None:
    """A size, a length and a negative prompt that come otherwise than asked stand in the notes, with their shots."""
    head = "shot_id,prompt,model,duration_s,resolution,negative_prompt,params\n"
    rows = "A010,A pier,runware/ltx-2,1.5,640x360,rain,CFGScale=1\nA020,A lamp,runware/ltx-2,2,640x384,rain,\n"
    notes = call("check", "spot.csv", "-C", str(project(tmp_path, head + rows)), "--json").json["notes"]
    [size] = [note for note in notes if note.startswith("resolution 640x360 becomes 640x384: ")]
    [length] = [note for note in notes if note.startswith("duration_s 1.5 becomes 2: ")]
    [negative] = [note for note in notes if note.startswith("negative_prompt: ")]
    assert all(note.endswith("(A010)") for note in (size, length, negative))
    assert "CFGScale = 1" in negative


@pytest.mark.parametrize(
    ("rows", "refused"),
    [
        ("A010,A pier,2,uploadEndpoint=https://a.example/1\nA020,A lamp,1,\n", [2]),
        ("A010,A pier,1,uploadEndpoint=https://a.example/1\nA020,A lamp,1,uploadEndpoint=https://a.example/1\n", [2, 3]),
        ("A010,A pier,1,uploadEndpoint=https://a.example/1\nA020,A lamp,1,uploadEndpoint=https://a.example/2\n", []),
    ],
)
def test_an_address_is_for_one_take(tmp_path: Path, rows: str, refused: list[int]) -> None:
    """The second clip that a service puts at an address would replace the first, so a shared one is refused before any hold."""
    text = "shot_id,prompt,takes,params,model,duration_s,resolution\n" + rows.replace("\n", ",runware/ltx-2,1,1280x704\n")
    said = call("check", "spot.csv", "-C", str(project(tmp_path, text)), "--json")
    assert (said.code, [(error["row"], error["column"]) for error in said.json["errors"]]) == (
        3 if refused else 0,
        [(row, "params") for row in refused],
    )
