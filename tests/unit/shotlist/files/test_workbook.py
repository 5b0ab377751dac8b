"""Workbooks: the cells as people see them, and what is bounded before anything is unpacked."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import datetime, time
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from callsheet.domain.errors import InputError, Problem
from callsheet.shotlist.mapping import mapping_file
from callsheet.shotlist.read import ShotList, read


def saved(folder: Path, fill: Callable[[Any], None], name: str = "film.xlsx") -> Path:
    """A workbook with a header and what `fill` does to its sheet."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = "Shots"
    sheet.append(["shot_id", "prompt", "duration_s", "seed"])
    fill(sheet)
    path = folder / name
    book.save(path)
    return path


def workbook(folder: Path, fill: Callable[[Any], None]) -> ShotList:
    """A workbook that is read."""
    return read(saved(folder, fill), "film.xlsx")


def refused(path: Path) -> tuple[Problem, ...]:
    """What is wrong with a workbook."""
    with pytest.raises(InputError) as error:
        read(path, path.name)
    return error.value.problems


def test_cells_are_read_as_people_see_them(tmp_path: Path) -> None:
    """Zeros and letters that only the number format writes belong to the id; whole numbers have no point, noise has no digits."""

    def fill(sheet: Any) -> None:
        sheet.append([10, "A pier\nat dusk", 3.3000000000000003, 42])
        sheet.append([20, "A lamp", 6.0, None])
        sheet.append(["0030", "=1+1 is a text", 2, 7])
        sheet["A2"].number_format = "0000"
        sheet["A3"].number_format = '"SH"0000'
        sheet["B4"].data_type = "s"

    shots = workbook(tmp_path, fill).shots
    assert [shot.shot_id for shot in shots] == ["0010", "SH0020", "0030"]
    assert [str(shot.duration_s) for shot in shots] == ["3.3", "6", "2"]
    assert [shot.prompt for shot in shots] == ["A pier\nat dusk", "A lamp", "=1+1 is a text"]
    assert [shot.seed for shot in shots] == [42, None, 7]


def test_a_number_that_a_workbook_can_not_hold_is_refused(tmp_path: Path) -> None:
    """Above 15 digits Excel has rounded, so nobody knows the seed that was typed."""
    [problem] = refused(saved(tmp_path, lambda sheet: sheet.append(["S1", "A pier", 3, 9007199254740992])))
    assert (problem.code, problem.cell) == ("not-a-number", "D2")


def test_a_formula_without_a_value_is_refused(tmp_path: Path) -> None:
    """A program that never calculated wrote it; what it would give is not guessed."""
    [problem] = refused(saved(tmp_path, lambda sheet: sheet.append(["S1", "A pier", "=1+2", 4])))
    assert (problem.code, problem.cell, problem.row) == ("formula", "C2", 2)
    [alone] = refused(saved(tmp_path, lambda sheet: sheet.append(["S1", '="A "&"pier"', 3, 4])))  # nor is its cell called empty
    assert (alone.code, alone.cell) == ("formula", "B2")


def test_a_formula_that_nothing_reads_refuses_nothing(tmp_path: Path) -> None:
    """A sum under the lengths, and a column of somebody's own."""

    def fill(sheet: Any) -> None:
        sheet["E1"] = "Running time"
        sheet.append(["S1", "A pier", 3, 4, "=SUM(C2:C2)"])
        sheet.append([None, "Total", "=SUM(C2:C2)"])
        sheet.append([None, None, "=C2"])

    path = saved(tmp_path, fill)
    mapping_file(path).write_text('leave_out = ["totals"]\n')
    assert [(problem.code, problem.cell) for problem in refused(path)] == [("formula", "C4")]


def test_times_are_clock_times(tmp_path: Path) -> None:
    """A cell that Excel shows as 0:00:05 is told with the seconds; a mapping reads it."""
    path = saved(tmp_path, lambda sheet: sheet.append(["S1", "A pier", time(0, 0, 5), 4]))
    assert [problem.help for problem in refused(path)] == ["write 5"]
    mapping_file(path).write_text('[length]\nunit = "m:ss"\n')
    assert str(read(path, path.name).shots[0].duration_s) == "5"


def test_hidden_rows_are_asked(tmp_path: Path) -> None:
    """A row that nobody sees is neither bought nor dropped in silence."""

    def fill(sheet: Any) -> None:
        sheet.append(["S1", "A pier", 3, 1])
        sheet.append(["S2", "A lamp", 3, 2])
        sheet.row_dimensions[3].hidden = True

    path = saved(tmp_path, fill)
    assert [problem.code for problem in refused(path)] == ["hidden-row"]
    mapping_file(path).write_text('hidden = "leave out"\n')
    assert [shot.shot_id for shot in read(path, path.name).shots] == ["S1"]
    mapping_file(path).write_text('hidden = "read"\n')
    assert [shot.shot_id for shot in read(path, path.name).shots] == ["S1", "S2"]


def test_merged_cells_count_for_each_row(tmp_path: Path) -> None:
    """A length that is merged over two rows may be that of both together: it is refused until somebody says that it is that of each."""

    def fill(sheet: Any) -> None:
        sheet.append(["S1", "A pier", 3, 1])
        sheet.append(["S2", "A lamp", None, 2])
        sheet.merge_cells("C2:C3")

    path = saved(tmp_path, fill)
    assert [(problem.code, problem.cell) for problem in refused(path)] == [("merged-cell", "C3")]
    mapping_file(path).write_text('merged = "each"\n')
    found = read(path, path.name)
    assert [str(shot.duration_s) for shot in found.shots] == ["3", "3"]
    assert found.notes == ("merged cells C2:C3 are read as if each row had the value",)


def test_several_sheets_are_asked(tmp_path: Path) -> None:
    """Which has the shots is said by name; hidden sheets don't count."""

    def fill(sheet: Any) -> None:
        sheet.append(["S1", "A pier", 3, 1])
        sheet.parent.create_sheet("Cast").append(["Mara"])
        sheet.parent.create_sheet("Old").sheet_state = "hidden"

    path = saved(tmp_path, fill)
    [problem] = refused(path)
    assert "several sheets: Shots, Cast" in problem.message
    assert "--sheet" in problem.help
    mapping_file(path).write_text('sheet = "Shots"\n')
    assert len(read(path, path.name).shots) == 1
    mapping_file(path).write_text('sheet = "Shoots"\n')
    assert "no sheet 'Shoots'" in refused(path)[0].message


def rezipped(path: Path, change: Callable[[str, bytes], bytes], *, extra: tuple[str, bytes] | None = None) -> None:
    """The workbook with its members changed."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, change(name, data))
        if extra:
            archive.writestr(*extra)


@pytest.mark.parametrize("doctype", [b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>', b'<!DOCTYPE x [<!ENTITY a "aaaa">]>'])
def test_a_document_type_is_refused(tmp_path: Path, doctype: bytes) -> None:
    """Nothing from elsewhere is brought in, and nothing is blown up, by the XML of a workbook."""
    path = saved(tmp_path, lambda sheet: sheet.append(["S1", "A pier", 3, 1]))
    rezipped(path, lambda name, data: data.replace(b"<worksheet", doctype + b"<worksheet", 1) if "sheet1" in name else data)
    [problem] = refused(path)
    assert "document type" in problem.message
    assert "root:" not in str(problem)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    """A gigabyte of zeros in a megabyte costs no memory."""
    path = saved(tmp_path, lambda sheet: sheet.append(["S1", "A pier", 3, 1]))
    rezipped(path, lambda _, data: data, extra=("xl/media/bomb.bin", bytes(160 << 20)))
    tracemalloc.start()
    [problem] = refused(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "unpacks to 160 MB" in problem.message
    assert peak < 8 << 20


def test_what_is_no_workbook_is_called_by_its_name(tmp_path: Path) -> None:
    """An old XLS, a CSV with the wrong ending, a cut file, another archive."""
    good = saved(tmp_path, lambda sheet: sheet.append(["S1", "A pier", 3, 1])).read_bytes()
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    for data, says in (
        (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
        (b"shot_id,prompt\n", "not a workbook"),
        (good[:-200], "workbook is incomplete"),
        (other.getvalue(), "a Word document"),
    ):
        path = tmp_path / "other.xlsx"
        path.write_bytes(data)
        assert says in refused(path)[0].message


@pytest.mark.parametrize(
    ("number", "number_format", "column", "read_as"),
    [
        (72, '0" f"', "duration_s", "timecode"),
        (72, '0\\ "frames"', "duration_s", "timecode"),
        (3, '0" s"', "duration_s", "3"),
        (2, '0" min"', "duration_s", "120"),
        (0.5, "0%", "duration_s", "not-a-number"),
        (1500, "0,", "duration_s", "not-a-number"),
        (3.5, "0.00", "duration_s", "3.5"),
        (3.5, "#,##0.00", "duration_s", "3.5"),
        (3.5, "0.0_);(0.0)", "duration_s", "3.5"),
        (5, '#,##0.00\\ "€"', "max_cost_usd", "not-a-number"),
        (5, "#,##0.00\\ [$€-407]", "max_cost_usd", "not-a-number"),
        (5, "[$£-809]#,##0.00", "max_cost_usd", "not-a-number"),
        (5, "[$CA$-1009]#,##0.00", "max_cost_usd", "not-a-number"),
        (5, "[$$-409]#,##0.00", "max_cost_usd", "5000000"),
        (5, '_("$"* #,##0.00_);_("$"* (#,##0.00)', "max_cost_usd", "5000000"),
    ],
)
def test_a_unit_that_only_the_format_draws_counts(tmp_path: Path, number: float, number_format: str, column: str, read_as: str) -> None:
    """Whoever types 72 into a column that shows `72 f` sees frames; so with minutes, percent, thousands and currencies."""
    book = Workbook()
    sheet: Any = book.active
    sheet.append(["shot_id", "prompt", column])
    sheet.append(["S1", "A pier", number])
    sheet["C2"].number_format = number_format
    book.save(tmp_path / "film.xlsx")
    try:
        [shot] = read(tmp_path / "film.xlsx", "film.xlsx").shots
    except InputError as error:
        assert [problem.code for problem in error.problems] == [read_as]
    else:
        assert str(shot.duration_s if column == "duration_s" else shot.max_cost) == read_as


def test_a_clock_time_is_what_people_see(tmp_path: Path) -> None:
    """Excel keeps a typed 0:05 as five minutes and shows 0:05: with a mapping that says m:ss these are five seconds, as they were meant."""

    def fill(sheet: Any) -> None:
        sheet.append(["S1", "A pier", time(0, 5), 4])
        sheet["C2"].number_format = "h:mm"

    path = saved(tmp_path, fill)
    assert [problem.code for problem in refused(path)] == ["timecode"]
    mapping_file(path).write_text('[length]\nunit = "m:ss"\n')
    assert str(read(path, path.name).shots[0].duration_s) == "5"


def test_dates_in_a_workbook_are_refused(tmp_path: Path) -> None:
    """What Excel made of 3-1 and 3.5."""

    def fill(sheet: Any) -> None:
        sheet.append([datetime(2026, 3, 1), "A pier", datetime(2026, 5, 3), 4])  # noqa: DTZ001  # a workbook's dates have no zone

    problems = refused(saved(tmp_path, fill))
    assert [(problem.code, problem.cell) for problem in problems] == [("spreadsheet-date", "A2"), ("spreadsheet-date", "C2")]


def test_a_merged_scene_counts_for_its_rows_and_a_merged_prompt_is_asked(tmp_path: Path) -> None:
    """A scene's name stands for all of its rows; one prompt over two rows may be one shot."""
    book = Workbook()
    sheet: Any = book.active
    for row in (["shot_id", "prompt", "sequence"], ["S1", "A pier", "harbour"], ["S2", "A lamp", None], ["S3", None, None]):
        sheet.append(row)
    sheet.merge_cells("C2:C4")
    sheet.merge_cells("B3:B4")
    book.save(tmp_path / "film.xlsx")
    assert [(problem.code, problem.cell) for problem in refused(tmp_path / "film.xlsx")] == [("merged-cell", "B4")]
    mapping_file(tmp_path / "film.xlsx").write_text('merged = "each"\n')
    assert {shot.sequence for shot in read(tmp_path / "film.xlsx", "film.xlsx").shots} == {"harbour"}
