"""`callsheet schema`: the columns for other programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from callsheet.shotlist.cells import CellError
from callsheet.shotlist.columns import COLUMNS
from callsheet.shotlist.read import read
from callsheet.shotlist.row import ORDER
from tests.unit.cli.calling import call


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
