"""`check --annotate` and `report --sheet`: copies of the user's own sheet."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook

from tests.project_stage import Stage
from tests.scripted_runware import Shop
from tests.unit.cli.calling import call, project


def values(path: Path) -> list[list[Any]]:
    """The cells of a workbook's sheet."""
    sheet: Any = load_workbook(path).active
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_check_writes_an_annotated_copy(tmp_path: Path) -> None:
    """What stands in the copy is what `check` says, of the cells and of the models; the list is as it was, and so is the exit code."""
    text = "shot_id,prompt,model,duration_s,resolution,fps\nS1,TBD,runware/ltx-2,3-5,320x192,24\nS2,A lamp,runware/none,2,320x192,24\n"
    folder = project(tmp_path, text)
    said = call("check", "spot.csv", "-C", str(folder), "--annotate", "marked.csv", "--json")
    assert (said.code, said.json["annotated"]) == (3, "marked.csv")
    marked = (folder / "marked.csv").read_text().splitlines()
    assert marked[0].endswith(",x_problems")
    assert "prompt: 'TBD' is a placeholder for nothing" in marked[1]
    assert "duration_s: '3-5' is a range" in marked[1]
    assert (folder / "spot.csv").read_text() == text
    assert call("check", "spot.csv", "-C", str(folder), "--annotate", "spot.csv").code == 2
    assert call("check", "spot.csv", "-C", str(folder), "--annotate", "marked.csv").code == 2
    assert call("check", "spot.csv", "-C", str(folder), "--annotate", "marked.csv", "--replace").code == 3


async def test_report_writes_how_shots_stand_into_a_copy(stage: Stage, shop: Shop) -> None:
    """Status, cost, take, links that work from the copy, and in a workbook the picture itself; a second copy has each column once."""
    book = Workbook()
    sheet: Any = book.active
    sheet.append(["shot_id", "prompt", "model", "duration_s", "resolution", "fps", "status"])
    sheet.append(["S1", "a lighthouse in the rain", "runware/ltx-2", 3, "320x192", 24, None])
    sheet.append(["S2", "a lamp", "runware/ltx-2", 3, "320x192", 24, "hold"])
    sheet.append(["S3", "a boat", "runware/ltx-2", 3, "320x192", 24, "omit"])
    book.save(stage.folder / "film.xlsx")
    before = (stage.folder / "film.xlsx").read_bytes()
    await stage.render(list="film.xlsx")
    said = call("report", "film.xlsx", "--sheet", "stand.xlsx", "-C", str(stage.folder))
    assert said.code == 0, said.err
    assert "+ H2: received" in said.err
    assert "film.xlsx is unchanged" in said.out
    assert (stage.folder / "film.xlsx").read_bytes() == before
    rows = [row[7:] for row in values(stage.folder / "stand.xlsx")]
    assert rows[0] == ["x_status", "x_cost_usd", "x_take", "x_clip", "x_picture"]
    assert rows[1][:3] == ["received", 0.09, "S1.t1"]
    link = str(rows[1][3]).split('"')[1]
    assert (stage.folder / link).is_file()
    assert [row[0] for row in rows[2:]] == ["not bought", "omit"]
    with zipfile.ZipFile(io.BytesIO((stage.folder / "stand.xlsx").read_bytes())) as archive:
        assert archive.read("xl/media/callsheet1.jpeg").startswith(b"\xff\xd8\xff")
    again = call("report", "stand.xlsx", "--sheet", "again.xlsx", "-C", str(stage.folder))
    assert again.code == 0, again.err
    header = values(stage.folder / "again.xlsx")[0]
    assert len(header) == len(set(header)) == 12
