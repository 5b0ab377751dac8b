"""Copies of the user's own sheet: what was there stays as it is, in its own dialect; what is added can be read."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.styles import Font

from callsheet.domain.errors import InputError, Problem, UsageError
from callsheet.shotlist.copies.copy_of import annotated, refuse_copy, with_columns
from callsheet.shotlist.copies.csv_copy import csv_copy
from callsheet.shotlist.copies.sheet_markup import Cell
from callsheet.shotlist.copies.workbook_copy import workbook_copy
from callsheet.shotlist.mapping import mapping_file

JPEG = b"\xff\xd8\xff\xe0picture\xff\xd9"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
def test_a_csv_keeps_its_dialect(delimiter: str, end: str, encoding: str, quoting: Any) -> None:
    """Separator, line ends, encoding, quotes: every line begins with what it was."""
    out = io.StringIO(newline="")
    rows = [["shot_id", "prompt"], ["S1", f'A "lamp"{delimiter} lit\nand bright'], ["S2", "Möwe"]]
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)
    copied = csv_copy(out.getvalue().encode(encoding), "film.csv", "copy.csv", None, ["x_status"], 1, {2: ["received"], 3: ["=not bought"]})
    made = copied.data.decode(encoding)
    assert list(csv.reader(io.StringIO(made, newline=""), delimiter=delimiter)) == [
        [*rows[0], "x_status"],
        [*rows[1], "received"],
        [*rows[2], "'=not bought"],
    ]
    before, after = out.getvalue().split(end), made.split(end)
    assert all(new.startswith(old) for old, new in zip(before, after, strict=True))


@settings(max_examples=60, deadline=None, print_blob=True)
@given(
    rows=st.lists(st.lists(st.text(st.sampled_from('ab,;"\n\r é'), max_size=4), min_size=1, max_size=4), min_size=1, max_size=5),
    added=st.text(st.sampled_from('ab,;"\n\r é=@'), max_size=5),
)
def test_cells_of_any_csv_stay_as_they_were(rows: list[list[str]], added: str) -> None:
    """Whatever the cells: the copy has them all, and one more in the same column of each row that isn't blank."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["shot_id", "prompt", "note", "x"], *rows])
    copied = csv_copy(out.getvalue().encode(), "f.csv", "c.csv", None, ["x_new"], 1, {n: [added] for n in range(2, len(rows) + 2)})
    made = list(csv.reader(io.StringIO(copied.data.decode(), newline="")))[1:]
    told = " ".join(added.split())
    told = f"'{told}" if told.startswith(("=", "@")) else told
    for old, new in zip(rows, made, strict=True):
        assert new[: len(old)] == old
        assert new[4:] == [told]


def test_a_second_copy_takes_the_first_ones_columns() -> None:
    """Who goes on with the copy as the list gets no column twice."""
    first = csv_copy(b"shot_id,prompt\nS1,A pier\n", "f.csv", "c.csv", None, ["x_status"], 1, {2: ["not bought"]})
    second = csv_copy(first.data, "f.csv", "c.csv", None, ["x_status"], 1, {2: ["received"]})
    assert second.data == b"shot_id,prompt,x_status\nS1,A pier,received\n"


def book(path: Path, *, comments: bool = True, chart: bool = True) -> Path:
    """A workbook with a title, formats, a formula, a comment and a chart."""
    made = Workbook()
    sheet: Any = made.active
    sheet.title = "Shots"
    for row in (
        ["My film"],
        ["shot_id", "prompt", "duration_s"],
        ["S1", "A pier", 3],
        ["S2", "A <lamp> & more", 4],
        [None, "Total", "=SUM(C3:C4)"],
    ):
        sheet.append(row)
    for cell in sheet[2]:
        cell.font = Font(bold=True)
    sheet.column_dimensions["B"].width = 50
    if comments:
        sheet["B3"].comment = Comment("mine", "me")
    if chart:
        bars = BarChart()
        bars.add_data(Reference(sheet, min_col=3, min_row=3, max_row=4))
        sheet.add_chart(bars, "H1")
    made.create_sheet("Cast").append(["Mara"])
    made.save(path)
    mapping_file(path).write_text('sheet = "Shots"\nheader_row = 2\nleave_out = ["totals"]\n')
    return path


@pytest.mark.parametrize("plain", [True, False])
def test_a_workbook_keeps_all_that_it_has(tmp_path: Path, plain: bool) -> None:
    """Formulas, formats, widths, charts, comments and other sheets; the added cells, pictures and links stand behind the last column."""
    path = book(tmp_path / "film.xlsx", comments=not plain, chart=not plain)
    cells = {3: [Cell("received"), Cell("0.06", number=True), Cell("clip", "out/a&b.mp4")], 4: [Cell("=x <y>"), Cell(""), Cell("")]}
    copied = with_columns(path, path.name, "copy.xlsx", ["x_status", "x_cost_usd", "x_clip"], cells, {3: JPEG})
    before, after = (zipfile.ZipFile(io.BytesIO(data)) for data in (path.read_bytes(), copied.data))
    touched = {"xl/worksheets/sheet1.xml", "[Content_Types].xml", "xl/worksheets/_rels/sheet1.xml.rels"}
    touched |= {"xl/drawings/drawing1.xml", "xl/drawings/_rels/drawing1.xml.rels"} if not plain else set()
    assert all(after.read(name) == before.read(name) for name in {*before.namelist()} - touched)
    for name in after.namelist():
        if name.endswith((".xml", ".rels", ".vml")):
            ElementTree.fromstring(after.read(name))
    sheet: Any = load_workbook(io.BytesIO(copied.data))["Shots"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)] == [
        ["shot_id", "prompt", "duration_s", "x_status", "x_cost_usd", "x_clip"],
        ["S1", "A pier", 3, "received", 0.06, '=HYPERLINK("out/a&b.mp4","clip")'],
        ["S2", "A <lamp> & more", 4, "=x <y>", None, None],
        [None, "Total", "=SUM(C3:C4)", None, None, None],
    ]
    assert sheet["D2"].font.bold
    assert sheet["D4"].data_type == "s" or sheet["D4"].data_type == "inlineStr"
    assert sheet.column_dimensions["B"].width == 50
    assert len(sheet._charts) == (0 if plain else 1)
    assert after.read("xl/media/callsheet1.jpeg") == JPEG


def test_comments_stand_on_the_cells_that_are_wrong(tmp_path: Path) -> None:
    """Beside the user's own, and after it where the cell has one; what belongs to a header or a row stands there."""
    path = book(tmp_path / "film.xlsx")
    problems = [
        Problem(code="range", message="'3-5' is a range", help="write 3", row=4, column="duration_s", cell="C4"),
        Problem(code="bare-word", message="'TBD'", help="write it", row=3, column="prompt", cell="B3"),
        Problem(code="unmapped-column", message="not read", help="import", row=2, header="duration_s"),
        Problem(code="section-row", message="a heading", help="delete it", row=5),
    ]
    copied = annotated(path, path.name, "copy.xlsx", problems)
    sheet: Any = load_workbook(io.BytesIO(copied.data))["Shots"]
    said = {cell.coordinate: cell.comment.text for row in sheet.iter_rows() for cell in row if cell.comment}
    assert said == {
        "B3": "mine\n\nprompt: 'TBD'. write it",
        "C4": "duration_s: '3-5' is a range. write 3",
        "C2": "not read. import",
        "A5": "a heading. delete it",
    }
    again = workbook_copy(copied.data, "copy.xlsx", "Shots", comments={"B3": "third", "A3": "new"})
    third: Any = load_workbook(io.BytesIO(again.data))["Shots"]
    assert third["B3"].comment.text.endswith("\n\nthird")
    assert third["A3"].comment.text == "new"


def test_a_csv_says_what_is_wrong_in_a_column(tmp_path: Path) -> None:
    """All of a row in one cell, what is wrong with the header beside its name."""
    path = tmp_path / "film.csv"
    path.write_text("shot_id,prompt\nS1,TBD\nS2,A pier\n")
    problems = [
        Problem(code="bare-word", message="'TBD'", help="write it", row=2, column="prompt", cell="B2"),
        Problem(code="x", message="second", help="h", row=2),
    ]
    copied = annotated(path, path.name, "copy.csv", problems)
    assert copied.data.decode().splitlines() == ["shot_id,prompt,x_problems", "S1,TBD,prompt: 'TBD'. write it; second. h", "S2,A pier,"]


def test_prefixed_sheets_are_written_with_their_prefix(tmp_path: Path) -> None:
    """As some libraries write them: every element with a prefix, rows without numbers, an empty table."""
    path = book(tmp_path / "film.xlsx", comments=False, chart=False)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    text = parts[name].decode().replace("<", "<x:").replace("<x:/", "</x:").replace("<x:?", "<?").replace("xmlns=", "xmlns:x=")
    parts[name] = text.encode()
    with zipfile.ZipFile(path, "w") as archive:
        for part, data in parts.items():
            archive.writestr(part, data)
    copied = with_columns(path, path.name, "copy.xlsx", ["x_status"], {3: [Cell("received")]}, {3: JPEG})
    made = zipfile.ZipFile(io.BytesIO(copied.data)).read(name)
    ElementTree.fromstring(made)
    sheet: Any = load_workbook(io.BytesIO(copied.data))["Shots"]
    assert sheet["D3"].value == "received"


def test_nothing_is_written_over_a_list(tmp_path: Path) -> None:
    """Not over the list by whatever name, not over another file unless it is said, not as another kind of file."""
    path, other = tmp_path / "film.csv", tmp_path / "copy.csv"
    path.write_text("shot_id,prompt\n")
    other.write_text("x")
    for copy in (path, other, tmp_path / "copy.xlsx"):
        with pytest.raises(UsageError):
            refuse_copy(path, copy, "--sheet", copy.name)
    with pytest.raises(UsageError):
        refuse_copy(path, path, "--sheet", path.name, replace=True)
    refuse_copy(path, other, "--sheet", other.name, replace=True)


def test_a_csv_whose_quotes_do_not_match_is_refused(tmp_path: Path) -> None:
    """Nobody knows where its rows end."""
    with pytest.raises(InputError):
        csv_copy(b'shot_id,prompt\nS1,"A 5" lens"\n', "f.csv", "c.csv", None, ["x"], 1, {})
