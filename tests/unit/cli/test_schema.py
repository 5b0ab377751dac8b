"""`callsheet schema`: the columns for other programs."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from callsheet.shotlist.columns.cells import CellError
from callsheet.shotlist.columns.columns import COLUMNS
from callsheet.shotlist.read import read
from callsheet.shotlist.row import ORDER
from tests.unit.cli.calling import call

HOUSE = Path(__file__).parents[3]


def test_json_schema_has_every_column() -> None:
    """Each with its type, words and limits, as the reader has them."""
    said = json.loads(call("schema").out)
    assert list(said["properties"]) == list(ORDER)
    assert said["required"] == ["shot_id", "prompt"]
    assert said["properties"]["status"]["enum"] == ["ready", "hold", "omit"]
    assert (said["properties"]["takes"]["minimum"], said["properties"]["takes"]["maximum"]) == (1, 8)
    assert call("schema", "--json").json["jsonschema"] == said


def test_table_schema_has_every_column() -> None:
    """Of the file as CSV."""
    said = json.loads(call("schema", "--format", "table-schema").out)
    assert [field["name"] for field in said["fields"]] == list(ORDER)
    assert said["fields"][0]["constraints"] == {"required": True, "unique": True}


def test_what_the_schema_allows_is_read_and_nothing_else() -> None:
    """Every word of a column is read, and the numbers at its limits; one beyond is refused."""
    for column in COLUMNS:
        for word in column.words:
            assert column.show(column.parse(word)) == word
        if column.bounds:
            low, high = column.bounds
            assert [column.parse(str(number)) for number in (low, high)] == [low, high]
            for number in (low - 1, high + 1):
                with pytest.raises(CellError):
                    column.parse(str(number))


def test_a_workbook_to_fill(tmp_path: Path) -> None:
    """Its header is ours, choices are drop-downs; filled, it is read; another file is never written over."""
    said = call("schema", "--sheet", "film.xlsx", "-C", str(tmp_path))
    assert said.code == 0, said.err
    book: Any = load_workbook(tmp_path / "film.xlsx")
    sheet = book["Shots"]
    assert [cell.value for cell in sheet[1]] == list(ORDER)
    lists = {rule.formula1 for rule in sheet.data_validations.dataValidation if rule.type == "list"}
    assert '"ready,hold,omit"' in lists
    sheet["A2"], sheet["B2"] = "S1", "A pier"
    book.save(tmp_path / "film.xlsx")
    assert [shot.shot_id for shot in read(tmp_path / "film.xlsx", "film.xlsx").shots] == ["S1"]
    assert call("schema", "--sheet", "film.xlsx", "-C", str(tmp_path)).code == 2
    assert call("schema", "--sheet", "film.csv", "-C", str(tmp_path)).code == 2


@pytest.mark.parametrize(("what", "folder"), [("project", None), ("mapping", None), ("delivery", "deliveries"), ("card", "cards")])
def test_a_file_in_toml_has_a_schema(what: str, folder: str | None) -> None:
    """It is JSON Schema, the shipped files hold to it, and a key that doesn't exist does not."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 # it builds a grammar for seconds, which no other worker has to

    schema = json.loads(call("schema", what).out)
    Draft202012Validator.check_schema(schema)
    assert call("schema", what, "--json").json["jsonschema"] == schema
    check: Any = Draft202012Validator(schema)
    for path in sorted((HOUSE / "configs" / folder).glob("*.toml")) if folder else ():
        shipped = json.loads(json.dumps(tomllib.loads(path.read_text()), default=str))
        assert [error.message for error in check.iter_errors(shipped)] == [], path
    assert any("zzqq" in error.message for error in check.iter_errors({"zzqq": 1}))


def test_the_schema_of_a_project_completes_what_editors_show() -> None:
    """Words, limits, meanings and examples, of every table; null is nothing that TOML has."""
    schema = json.loads(call("schema", "project").out)
    lane = schema["$defs"]["LaneTable"]["properties"]
    assert (lane["slots"]["minimum"], lane["slots"]["type"], lane["patience_s"]["unit"]) == (1, "integer", "s")
    assert schema["$defs"]["FindingTable"]["properties"]["clip-black"]["$ref"].endswith("Judgement")
    assert "null" not in json.dumps(schema)


def test_a_table_schema_is_of_a_list_only() -> None:
    """A usage error says what there is."""
    said = call("schema", "project", "--format", "table-schema")
    assert said.code == 2
    assert "callsheet schema project" in said.err
