"""What lists, settings, file names and services say, at the level of the command: clean behind the border, or refused before anything is bought. Never 70."""

from __future__ import annotations

import json
import os
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.edges.conftest import SETTINGS, Desk, slow
from tests.hostile_runware import Handler

#: a file's name as a system of another code page wrote it: café in Latin-1
OTHER_CODE_PAGE = os.fsdecode(b"caf\xe9")
HEADS = "shot_id,sequence,prompt,model,duration_s,resolution,fps\n"


@pytest.mark.parametrize("sign", ["\ufffe", slow("\U0001ffff"), slow("\ufdd0"), "\u202e", slow("\u2066"), slow("\x1b"), slow("\x85")])
def test_a_cell_that_holds_no_text_is_refused_with_its_address(desk: Desk, sign: str) -> None:
    """In an id, a sequence and a prompt: each cell is named, all at once."""
    rows = f"S{sign}0,SQ,a lighthouse,runware/ltx-2,2,320x192,24\nS1,S{sign}Q,a light{sign}house,runware/ltx-2,2,320x192,24\n"
    (desk.folder / "spot.csv").write_text(HEADS + rows, encoding="utf-8")
    said = desk.render()
    assert said.code == 3, said.stderr
    assert {error["cell"] for error in said.document["errors"]} == {"A2", "B3", "C3"}
    assert desk.service.purchases == 0


def test_half_a_character_in_json_is_refused_with_its_row(desk: Desk) -> None:
    """JSON may escape what no UTF-8 can hold: in a value and in a name."""
    shot = {"shot_id": "S0", "model": "runware/ltx-2", "duration_s": 2}
    (desk.folder / "spot.jsonl").write_text(json.dumps({**shot, "prompt": "a \ud800 lighthouse"}))
    said = desk.run("check", "spot.jsonl")
    assert (said.code, [error["column"] for error in said.document["errors"]]) == (3, ["prompt"]), said.stderr
    (desk.folder / "spot.jsonl").write_text(json.dumps({**shot, "prompt": "a lighthouse", "x_\ud800": "1"}))
    said = desk.run("check", "spot.jsonl")
    assert (said.code, "U+D800" in said.errors) == (3, True), said.stderr


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ('[project]\nname = "a\\u202eb"', "project.name"),
        slow('[deliver."w\ufffe"]', "deliver.w\ufffd"),
        slow('[sequences."a\\u0007"]\nlength = "2"', "sequences.a\ufffd"),
        slow('[[bed]]\nfile = "m\\u0007.wav"', "bed.file"),
        slow('[params."runware/ltx-2"]\nstyle = "\\u202e"', "params.runware/ltx-2.style"),
    ],
)
def test_settings_that_hold_no_text_are_refused_by_key(desk: Desk, table: str, key: str) -> None:
    """project.toml is the user's own: nothing in it is changed silently."""
    (desk.folder / "project.toml").write_text(f"{SETTINGS}\n{table}\n", encoding="utf-8")
    said = desk.render()
    assert (said.code, desk.service.purchases) == (3, 0), said.stderr
    assert f"{key} holds" in said.errors


def test_a_mapping_that_holds_no_text_is_refused_by_key(desk: Desk) -> None:
    (desk.folder / "spot.mapping.toml").write_text('[columns]\n"Pro\\u202empt" = "prompt"\n')
    said = desk.run("check", "spot.csv")
    assert (said.code, "columns.Pro\ufffdmpt holds" in said.errors) == (3, True), said.stderr


@pytest.mark.parametrize("command", ["check", slow("plan"), slow("import"), slow("render")])
def test_a_list_named_in_another_code_page_is_to_be_renamed(desk: Desk, command: object) -> None:
    name = f"{OTHER_CODE_PAGE}.csv"
    (desk.folder / "spot.csv").rename(desk.folder / name)
    words = [str(command), name, *(("--cap", "1", "--yes") if command == "render" else ())]
    said = desk.run(*words)
    assert (said.code, "rename" in said.errors, desk.service.purchases) == (3, True, 0), said.stderr


def test_a_folder_named_in_another_code_page_is_to_be_renamed(desk: Desk) -> None:
    """Before anything is bought that could not be filmed there; what only reads has nothing to read."""
    desk.folder = desk.folder.rename(desk.folder.parent / OTHER_CODE_PAGE)
    said = desk.render()
    assert (said.code, "rename" in said.errors, desk.service.purchases) == (3, True, 0), said.stderr
    assert desk.run("report").code == 0


def test_a_near_name_in_another_code_page_is_not_offered(desk: Desk) -> None:
    (desk.folder / f"{OTHER_CODE_PAGE}.png").write_bytes(b"")
    (desk.folder / "spot.csv").write_text("shot_id,prompt,model,first_frame\nS0,x,runware/ltx-2,cafe.png\n")
    said = desk.run("check", "spot.csv")
    assert (said.code, "doesn't exist" in said.errors) == (3, True), said.stderr


def refused(handler: Handler) -> bool:
    """A refusal with half a character, a turn, a bell and U+FFFE in its words, and in its code."""
    key = handler.keys[0]
    message = "no \ud800 \u202e \u0007 \ufffe way"
    handler.say(json.dumps({"errors": [{"code": "inv\udfff", "message": message, "taskUUID": key}]}).encode(), status=400)
    return True


def test_words_of_a_service_trip_nothing_later(desk: Desk) -> None:
    """The refusal is told, planned with, shown and exported; every page is UTF-8, every XML is read by a strict parser."""
    desk.service.submit = refused
    assert desk.render().code == 1
    for words in (
        ("plan", "spot.csv", "--out", "plan.json"),
        ("status",),
        ("costs",),
        ("report",),
        ("export", "book", "--format", "beancount"),
    ):
        said = desk.run(*words)
        assert said.code == 0, said.stderr
    assert json.loads((desk.folder / "plan.json").read_text(encoding="utf-8"))
    assert "way" in (desk.folder / "out" / "report.html").read_text(encoding="utf-8")
    exported(desk)


def test_words_of_every_script_are_filmed_and_exported(desk: Desk) -> None:
    """Arabic with its marks, a film clapper, signs that XML and EDL give a meaning: bought, shown, exported and read again."""
    words = "منارة\u200f \u2067a & b\u2069 <]]> \U0001f3ac * FROM"
    desk.list(1, prompt=words)
    text = (desk.folder / "spot.csv").read_text(encoding="utf-8").replace("SQ,", "منارة & a,")
    (desk.folder / "spot.csv").write_text(text, encoding="utf-8")
    said = desk.render()
    assert said.code == 0, said.stderr
    assert desk.run("report").code == 0
    assert "منارة" in (desk.folder / "out" / "report.html").read_text(encoding="utf-8")
    exported(desk)


def test_a_source_in_another_code_page_is_kept_as_far_as_it_is_text(desk: Desk) -> None:
    said = desk.run("cards", "price", "runware/ltx-2", "--usd-per-s", "0.03", "--source", OTHER_CODE_PAGE)
    assert (said.code, said.document["source"]) == (0, "caf\ufffd"), said.stderr


def exported(desk: Desk) -> None:
    """Every format of a cut is written, and what is read by machines can be read."""
    for format in ("otio", "edl", "fcp7"):
        said = desk.run("export", format, "--format", format, "--list", "spot.csv")
        assert said.code == 0, said.stderr
        for sequence in said.document["sequences"]:
            file = Path(desk.folder / sequence["file"])
            written = file.read_text(encoding="utf-8")
            if format == "fcp7":
                assert ET.fromstring(written).tag == "xmeml"
            if format == "otio":
                assert json.loads(written)["OTIO_SCHEMA"].startswith("Timeline")
