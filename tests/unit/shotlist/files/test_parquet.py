"""Parquet lists: exact numbers in, and what pandas does to tables."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import parquet

from callsheet.domain.errors import InputError
from callsheet.shotlist.read import ShotList, read
from callsheet.shotlist.write import write
from tests.unit.shotlist.lists import faults, places, shots


def table(folder: Path, **columns: Any) -> Path:
    """A Parquet list from columns."""
    path = folder / "film.parquet"
    parquet.write_table(pyarrow.table(columns), path)
    return path


def listed(folder: Path, **columns: Any) -> ShotList:
    return read(table(folder, **columns), "film.parquet")


def test_numbers_are_exact(tmp_path: Path) -> None:
    """Seeds beyond a double, decimals, switches and nulls arrive as they are stored; a row has no line."""
    read_ = listed(
        tmp_path,
        shot_id=["0010", "0020"],
        prompt=["A pier", "A lamp"],
        seed=pyarrow.array([9007199254740993, None], pyarrow.int64()),
        duration_s=pyarrow.array([Decimal("3.500"), None], pyarrow.decimal128(9, 3)),
        sound=[False, None],
    )
    one, two = read_.shots
    assert (one.seed, str(one.duration_s), one.sound) == (9007199254740993, "3.5", False)
    assert (two.seed, two.duration_s, two.sound, two.prompt) == (None, None, True, "A lamp")
    assert (one.origin.row, one.origin.line) == (2, None)
    assert one.cells == (("shot_id", "0010"), ("prompt", "A pier"), ("duration_s", "3.5"), ("seed", "9007199254740993"), ("sound", "off"))


def test_doubles_are_read_where_they_are_exact(tmp_path: Path) -> None:
    """What pandas makes of whole numbers with gaps is read; a double that may have been rounded is refused."""
    one, two = listed(tmp_path, shot_id=["S1", "S2"], prompt=["x", "y"], seed=[42.0, None], duration_s=[3.5, 4.0], takes=[2, 1]).shots
    assert (one.seed, str(one.duration_s), two.seed, str(two.duration_s)) == (42, "3.5", None, "4")
    with pytest.raises(InputError) as refused:
        listed(tmp_path, shot_id=["S1", "S2"], prompt=["x", "y"], seed=[float(1 << 60), float("nan")])
    assert places(refused.value.problems) == [("not-a-number", 2, None, "seed"), ("not-a-number", 3, None, "seed")]


def test_dictionaries_are_text(tmp_path: Path) -> None:
    """Categories, as pandas stores repeated words, are words."""
    models = pyarrow.array(["runware/ltx-2", "runware/ltx-2"]).dictionary_encode()
    assert {shot.model for shot in listed(tmp_path, shot_id=["S1", "S2"], prompt=["x", "y"], model=models).shots} == {"runware/ltx-2"}


def test_a_damaged_dictionary_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of which bytes were overwritten may name a text that its dictionary doesn't have."""
    path = table(tmp_path, shot_id=["S1"], prompt=["a pier"])
    broken = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0], pyarrow.int32()), pyarrow.array([], pyarrow.string()), safe=False)

    class Damaged:
        """What pyarrow makes of such a file."""

        def __init__(self, *_args: object, **_options: object) -> None: ...

        def read(self, **_options: object) -> Any:
            return pyarrow.table({"shot_id": ["S1"], "prompt": broken})

    monkeypatch.setattr(parquet, "ParquetFile", Damaged)
    assert [(problem.code, problem.column) for problem in faults(tmp_path, path.read_bytes(), "film.parquet")] == [
        ("bad-type", "prompt"),
        ("missing-cell", "prompt"),
    ]


def test_types_that_no_cell_has_are_told(tmp_path: Path) -> None:
    """A column of lists or times is one problem that names its type."""
    with pytest.raises(InputError) as refused:
        listed(tmp_path, shot_id=["S1"], prompt=["x"], note=[["a", "b"]])
    [problem] = refused.value.problems
    assert (problem.code, problem.row, problem.column) == ("bad-type", 2, "note")
    assert "list" in problem.message


def test_numbers_as_ids_are_noted(tmp_path: Path) -> None:
    """0010 that became 10 can't be had back, so it is said."""
    read_ = listed(tmp_path, shot_id=[10, 20], prompt=["x", "y"])
    assert [shot.shot_id for shot in read_.shots] == ["10", "20"]
    assert read_.notes == ("column 'shot_id' contains numbers, so leading zeros of shot ids are lost",)


def test_the_same_faults_as_in_csv(tmp_path: Path) -> None:
    """Code, row and column of every problem are those of the CSV; only the line is missing."""
    text = "shot_id,prompt,fps,takes\nS1,x,fast,1\ns1,,24,99\n"
    from_csv = places(faults(tmp_path, text))
    with pytest.raises(InputError) as refused:
        listed(tmp_path, shot_id=["S1", "s1"], prompt=["x", None], fps=["fast", "24"], takes=["1", "99"])
    assert places(refused.value.problems) == [(code, row, None, column) for code, row, _, column in from_csv]


def test_what_is_no_parquet_is_refused(tmp_path: Path) -> None:
    """A CSV named .parquet, or half a file."""
    [problem] = faults(tmp_path, "shot_id,prompt\nS1,x\n", "film.parquet")
    assert problem.code == "encoding"
    [problem] = faults(tmp_path, table(tmp_path, shot_id=["S1"], prompt=["x"]).read_bytes()[:-20], "film.parquet")
    assert problem.code == "encoding"


def test_the_schema_says_what_it_is(tmp_path: Path) -> None:
    """Types are the columns' own, and the metadata names the schema."""
    found = shots(tmp_path, "shot_id,prompt,seed,duration_s,max_cost_usd,x_a\nS1,x,4,3.5,1.5,y\n").shots
    write(found, tmp_path / "out.parquet")
    schema = parquet.read_schema(tmp_path / "out.parquet")
    assert [str(field.type) for field in schema] == ["string", "string", "decimal128(9, 3)", "int64", "decimal128(18, 6)", "string"]
    assert schema.metadata == {b"callsheet.schema": b"shotlist/1"}


def test_reading_csv_imports_no_pyarrow() -> None:
    """Who has a CSV doesn't wait for pyarrow."""
    code = "import sys, callsheet.shotlist.read, callsheet.shotlist.write; sys.exit('pyarrow' in sys.modules or 'pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_formulas_are_data(tmp_path: Path) -> None:
    """A cell that a spreadsheet would run is written as it was read, and nothing is left beside the file."""
    found = shots(tmp_path, 'shot_id,prompt,note\nS1,=1+1,"@sum"\n').shots
    write(found, tmp_path / "plain.csv")
    assert (tmp_path / "plain.csv").read_text() == "shot_id,prompt,note\nS1,=1+1,@sum\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film.csv", "plain.csv"]


def test_foreign_columns_of_any_type_are_not_read(tmp_path: Path) -> None:
    """Times, lists and structs of other programs are noted and left alone."""
    read_ = listed(tmp_path, shot_id=["S1"], prompt=["x"], created=pyarrow.array([1], pyarrow.timestamp("ns")), image=[{"path": "a"}])
    assert read_.shots[0].cells == (("shot_id", "S1"), ("prompt", "x"))
    assert read_.notes == ("column 'created' is not read", "column 'image' is not read")


def test_noise_of_floats_is_left_out(tmp_path: Path) -> None:
    """Doubles and singles mean the digits that they hold; a single that may have been rounded is refused as a seed."""
    lengths = pyarrow.array([3.3, 6.1], pyarrow.float32())
    one, two = listed(tmp_path, shot_id=["S1", "S2"], prompt=["x", "y"], duration_s=lengths, fps=[24000 / 1001, 30000 / 1001]).shots
    assert [str(shot.duration_s) for shot in (one, two)] == ["3.3", "6.1"]
    assert [str(shot.fps) for shot in (one, two)] == ["24000/1001", "30000/1001"]
    assert str(listed(tmp_path, shot_id=["S1"], prompt=["x"], duration_s=[6.6000000000000005]).shots[0].duration_s) == "6.6"
    with pytest.raises(InputError):
        listed(tmp_path, shot_id=["S1"], prompt=["x"], seed=pyarrow.array([float(1 << 25)], pyarrow.float32()))
