"""Files whose values have types: whatever these are, the reader reads them or refuses the list with an error of its own."""

from __future__ import annotations

import io
import json
from typing import Any

import pyarrow
import pyarrow.parquet
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.utils.exceptions import IllegalCharacterError

from tests.property.test_shotlist_roundtrip import refused_or_read

#: every character, lone surrogates too
WILD = st.text(st.characters(exclude_categories=()), max_size=12)
NAMES = (
    st.sampled_from(["shot_id", "prompt", "duration_s", "seed", "fps", "takes", "status", "params", "x_own", "", "Duration (min)"]) | WILD
)
#: bytes that are no UTF-8 where text is expected
TORN = st.sampled_from([b"S1", b"\xff\xfe", b"\xed\xa0\x80", "ä".encode()])
TYPES: dict[str, tuple[pyarrow.DataType, st.SearchStrategy[Any]]] = {
    "torn": (pyarrow.binary(), TORN),
    "bool": (pyarrow.bool_(), st.booleans()),
    "int": (pyarrow.int64(), st.integers(-(1 << 63), (1 << 63) - 1)),
    "uint": (pyarrow.uint64(), st.integers(0, (1 << 64) - 1)),
    "float": (pyarrow.float64(), st.floats()),
    "half": (pyarrow.float16(), st.floats(width=16)),
    "decimal": (pyarrow.decimal256(76, 30), st.decimals(-1000, 1000, places=20)),
    "timestamp": (pyarrow.timestamp("ns", tz="Asia/Tokyo"), st.integers(-(1 << 63) + 1, (1 << 63) - 1)),
    "moment": (pyarrow.timestamp("s"), st.integers(-(1 << 40), 1 << 45)),
    "date": (pyarrow.date32(), st.integers(-(1 << 31), (1 << 31) - 1)),
    "time": (pyarrow.time64("ns"), st.integers(0, 86_399_999_999_999)),
    "duration": (pyarrow.duration("us"), st.integers(-(1 << 62), 1 << 62)),
    "list": (pyarrow.list_(pyarrow.string()), st.lists(st.sampled_from(["a", "ü"]), max_size=2)),
    "struct": (pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())]), st.just({"bytes": b"\xff", "path": "a.png"})),
    "null": (pyarrow.null(), st.none()),
}


@st.composite
def columns(draw: st.DrawFn) -> tuple[str, str, list[Any]]:
    """A column: its name, its type and three values."""
    kind = draw(st.sampled_from(sorted(TYPES)))
    return draw(NAMES), kind, draw(st.lists(st.none() | TYPES[kind][1], min_size=3, max_size=3))


def stored(found: list[tuple[str, str, list[Any]]], *, coded: bool) -> bytes:
    """The Parquet file of such columns; bytes stand as text, which nothing checks; `coded`: as a dictionary where that is possible."""
    arrays: list[Any] = []
    for _, kind, values in found:
        array = pyarrow.array(values, type=TYPES[kind][0])
        array = pyarrow.Array.from_buffers(pyarrow.string(), len(array), array.buffers()) if kind == "torn" else array
        arrays.append(array.dictionary_encode() if coded and kind in ("torn", "int", "date") else array)
    names = [name.encode("utf-8", "replace").decode() for name, _, _ in found]
    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_arrays(arrays, names=names), out)
    return out.getvalue()


@settings(max_examples=30, deadline=None, print_blob=True)
@example(found=[("shot_id", "torn", [b"\xed\xa0\x80", b"S2", None]), ("prompt", "torn", [b"S1", b"\xff\xfe", b"S1"])], coded=True)
@given(found=st.lists(columns(), min_size=1, max_size=4), coded=st.booleans())
def test_a_parquet_file_of_any_types_is_no_surprise(found: list[tuple[str, str, list[Any]]], coded: bool) -> None:
    """Torn text, moments before the year 1, nested values, two columns of one name."""
    refused_or_read(stored(found, coded=coded), "parquet")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WILD,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=2),
    max_leaves=6,
)


@settings(max_examples=40, deadline=None, print_blob=True)
@example(rows=[{"shot_id": "S1", "prompt": "\ud800", "\udfff": 1}], lines=True)
@given(rows=st.lists(st.dictionaries(NAMES, VALUES, max_size=4) | VALUES, max_size=4), lines=st.booleans())
def test_json_of_any_values_is_no_surprise(rows: list[Any], lines: bool) -> None:
    """Surrogates that are escaped, numbers that are none, values within values."""
    text = "\n".join(json.dumps(row) for row in rows) if lines else json.dumps(rows)
    refused_or_read(text.encode(), "jsonl" if lines else "json")


@settings(max_examples=30, deadline=None, print_blob=True)
@given(cells=st.lists(st.lists(WILD, min_size=1, max_size=4), min_size=1, max_size=4))
def test_a_markdown_table_of_any_text_is_no_surprise(cells: list[list[str]]) -> None:
    """Bars, dashes and breaks within cells."""
    rows = [["shot_id", "prompt"], ["---", ":-:"], *cells]
    refused_or_read("\n".join("| " + " | ".join(row) + " |" for row in rows).encode("utf-8", "surrogatepass"), "md")


@settings(max_examples=20, deadline=None, print_blob=True)
@given(
    cells=st.lists(st.lists(WILD | st.booleans() | st.integers(-(1 << 70), 1 << 70) | st.floats() | st.datetimes() | st.times() | st.timedeltas(), max_size=4), max_size=4),
    number_format=WILD | st.sampled_from(["0;", '"', "[", "[$", "_", "*", "\\", "0%%", '""0', "[$-407]", "0,,,", "[h]:mm", ";;;"]),
)  # fmt: skip
def test_a_workbook_of_any_values_is_no_surprise(cells: list[list[Any]], number_format: str) -> None:
    """Any type that openpyxl writes, in any number format."""
    book = Workbook()
    sheet: Any = book.active
    sheet.append(["shot_id", "prompt", "duration_s", "max_cost_usd"])
    try:
        for row in cells:
            sheet.append(row)
            for cell in sheet[sheet.max_row]:
                cell.number_format = number_format
        out = io.BytesIO()
        book.save(out)
    except (IllegalCharacterError, ValueError, OverflowError):
        return  # nobody can write it
    refused_or_read(out.getvalue(), "xlsx")
