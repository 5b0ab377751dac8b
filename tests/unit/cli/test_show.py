"""`show`: where each value of a shot came from, and the request that would leave."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from callsheet.cli.options import Common
from callsheet.services.protocol.request import unpack
from callsheet.status.project_view import read_view
from tests.media_files import png
from tests.unit.cli.calling import Said, call, project
from tests.unit.cli.conftest import Rendered

LIST = """Shot;sequence;Prompt;model;dur;width;height;takes;params;also
A010;one;A boat leaves;;1,5;320;192;2;steps=12;
A020;two;A lamp;runware/ltx-2;;;;;;
"""
SETTINGS = """[project]
model = "runware/ltx-2"
[params."runware/ltx-2"]
CFGScale = 3
[sequences.two]
also = "1:1"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "project.toml").write_text(SETTINGS)
    return project(tmp_path, LIST)


def shown(folder: Path, shot: str) -> dict[str, Any]:
    return call("show", shot, "-C", str(folder), "--json").json


def origins(said: dict[str, Any]) -> dict[str, tuple[str | None, str, str]]:
    return {value["column"]: (value["value"], value["from"]["layer"], value["from"]["where"]) for value in said["values"]}


def test_each_value_says_where_it_came_from(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cell by its address, environment over project.toml, the sequence's table, the card, the shipped defaults."""
    monkeypatch.setenv("CALLSHEET_FPS", "25")
    first, second = origins(shown(folder, "A010")), origins(shown(folder, "A020"))
    assert first["duration_s"] == ("1.5", "cell", "spot.csv E2")
    assert first["resolution"] == ("320x192", "cell", "spot.csv F2 + G2")
    assert first["model"] == ("runware/ltx-2", "project", "project.toml [project] model")
    assert first["fps"] == ("25", "environment", "CALLSHEET_FPS")
    assert first["params.steps"] == ("12", "cell", "spot.csv I2")
    assert first["params.CFGScale"] == ("3", "project", 'project.toml [params."runware/ltx-2"]')
    assert first["params.settings.enhancePrompt"][1:] == ("card", "card runware/ltx-2")
    assert second["also"] == ("1:1", "sequence", "project.toml [sequences.two] also")
    assert second["resolution"][1:] == ("card", "card runware/ltx-2")
    assert second["duration_s"] == ("5", "default", "configs/defaults.toml")


def test_what_the_model_makes_of_a_value_stands_beside_it(folder: Path) -> None:
    """Of a length that isn't sold the next one, and why."""
    [length] = [value for value in shown(folder, "A010")["values"] if value["column"] == "duration_s"]
    assert (length["from"]["written"], length["granted"]) == ("1,5", "2")
    assert "sells 1 to 20 s" in length["why"]


def test_the_request_is_the_one_that_leaves(filmed: Rendered) -> None:
    """But for the attempt's own key, every byte of the body; the account's key is named, not told."""
    common = Common(folder=filmed.folder)
    [take] = [take for take in read_view(common.project, common.settings).takes if take.take.shot == "A020"]
    [bought] = json.loads(unpack(take.attempts[0].request).body)
    said = call("show", "A020", "-C", str(filmed.folder), "--json")
    [told] = said.json["takes"]
    assert told["request"]["body"] == [bought | {"taskUUID": "ATTEMPT_KEY"}]
    assert told["request"]["headers"]["Authorization"] == "Bearer [RUNWARE_API_KEY]"


def test_files_are_named_and_secrets_left_out(folder: Path) -> None:
    """A picture by its cell, kind, size and digest; an address without its signature; callbacks without their secret."""
    (folder / "spot.csv").write_text(
        "shot_id,prompt,first_frame\nA,x boat,pier.png\nB,x boat,https://example.com/a.png?X-Signature=hush\n", encoding="utf-8"
    )
    (folder / "pier.png").write_bytes(png(320, 192))
    (folder / "project.toml").write_text('[project]\nmodel = "runware/ltx-2"\ncallback_url = "https://hooks.example.com"\n')
    picture, address = (call("show", shot, "-C", str(folder), "--json") for shot in ("A", "B"))
    [frame] = picture.json["takes"][0]["request"]["body"][0]["inputs"]["frameImages"]
    assert frame["image"].startswith("[pier.png: image/png, ")
    assert picture.json["takes"][0]["request"]["body"][0]["webhookURL"].endswith("?[hidden]")
    assert "https://example.com/a.png?[hidden]" in address.out
    assert "hush" not in address.out


def test_a_further_shape_and_other_lists_are_named(folder: Path) -> None:
    """`SHOT@1x1`; a shot of two lists is named with its list; what isn't there is asked back."""
    (folder / "other.jsonl").write_text('{"shot_id": "A010", "prompt": "A tram"}\n')
    assert origins(shown(folder, "A020@1x1"))["resolution"][1:] == ("sequence", "also 1:1 of A020")
    assert shown(folder, "other:A010")["prompt"] == "A tram"
    two, none, shape = (call("show", shot, "-C", str(folder)) for shot in ("A010", "A030", "A020@9x16"))
    assert [said.code for said in (two, none, shape)] == [2, 2, 2]
    assert "write other:A010 or spot:A010" in two.err
    assert "did you mean A020?" in none.err or "did you mean A010?" in none.err
    assert "it has A020, A020@1x1" in shape.err


def test_people_read_the_same(folder: Path) -> None:
    """A table with the cells, the prompt, and for two takes of one request the request once."""
    said: Said = call("show", "A010", "-C", str(folder))
    assert said.code == 0
    assert "spot.csv E2" in said.out
    assert said.out.count("POST ") == 1
    assert said.out.index("A010.t2: buy") < said.out.index("POST ")


def test_a_shot_that_can_not_be_had_is_shown_with_why(folder: Path) -> None:
    """Exit code 3, and no request."""
    (folder / "spot.csv").write_text("shot_id,prompt,duration_s\nA,A boat,90\n", encoding="utf-8")
    said = call("show", "A", "-C", str(folder), "--json")
    assert said.code == 3
    assert said.json["takes"][0]["request"] is None
    assert said.json["errors"][0]["column"] == "duration_s"


def test_a_prompt_says_what_it_is_made_of(folder: Path) -> None:
    """Its cell, its template, and the refs that it names, with their pictures; the final text is what is sent."""
    (folder / "keeper.png").write_bytes(png())
    (folder / "refs.csv").write_text("name,text,pictures\nboat,a red boat,keeper.png\n", encoding="utf-8")
    (folder / "project.toml").write_text('[project]\nmodel = "runware/ltx-2"\nprompt = "Super 16. {prompt}"\n')
    (folder / "spot.csv").write_text("shot_id,prompt\nA,@Boat leaves\n", encoding="utf-8")
    said = shown(folder, "A")
    assert origins(said)["prompt"] == (
        "Super 16. a red boat leaves",
        "cell",
        "spot.csv B2; project.toml [project] prompt; @boat of refs.csv row 2 (keeper.png)",
    )
    assert said["takes"][0]["request"]["body"][0]["positivePrompt"] == said["prompt"] == "Super 16. a red boat leaves"
