"""Lists as programs and people write them who have never heard of callsheet: nothing of their form is bought as a shot."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from callsheet.domain.errors import InputError
from callsheet.shotlist.load import bytes_of, load
from callsheet.shotlist.mapping import NO_MAPPING, mapping_file
from callsheet.shotlist.proposal.propose import Proposal, propose
from tests.unit.shotlist.lists import faults, put, shots

THREE = "shot_id,prompt,duration_s\nS1,A pier,3\nS2,A lamp,9\nS3,A boat,4\n"


def book(text: str, change: Callable[[Any], None]) -> bytes:
    """A workbook of a CSV's cells, changed."""
    made = Workbook()
    sheet: Any = made.active
    for line in text.splitlines():
        sheet.append(line.split(","))
    change(sheet)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def proposed(path: Path) -> Proposal:
    """What an import proposes."""
    return propose(load(path, bytes_of(path, path.name), path.name, NO_MAPPING), path.name, {}, {})


def test_a_struck_row_is_asked_about(tmp_path: Path) -> None:
    """People strike out what is cut: such a row is refused until the mapping says whether it counts."""

    def strike(sheet: Any) -> None:
        sheet["B3"].font = Font(strike=True)

    data = book(THREE, strike)
    [problem] = faults(tmp_path, data, "film.xlsx")
    assert (problem.code, "row 3 is struck" in problem.message) == ("struck-row", True)
    assert [question.name for question in proposed(tmp_path / "film.xlsx").questions] == ["struck"]
    mapping_file(tmp_path / "film.xlsx").write_text('struck = "leave out"\n')
    assert [shot.shot_id for shot in shots(tmp_path, data, "film.xlsx").shots] == ["S1", "S3"]
    mapping_file(tmp_path / "film.xlsx").write_text('struck = "read"\n')
    assert len(shots(tmp_path, data, "film.xlsx").shots) == 3


def _rich(*runs: str | TextBlock) -> Callable[[Any], None]:
    """Writes a prompt of several runs of text into B3."""

    def write(sheet: Any) -> None:
        sheet["B3"].value = CellRichText(*runs)

    return write


def test_words_struck_within_a_cell_are_asked_about(tmp_path: Path) -> None:
    """A prompt of which a part is struck would send words that somebody has cut; in a column that nobody reads, they matter to nobody."""
    cut = TextBlock(InlineFont(strike=True), "in a storm")
    data = book(THREE, _rich("a lighthouse ", cut, ", at dusk"))
    [problem] = faults(tmp_path, data, "film.xlsx")
    assert (problem.code, problem.cell, "'in a storm'" in problem.message) == ("struck-text", "B3", True)
    mapping_file(tmp_path / "film.xlsx").write_text('struck = "read"\n')
    assert [shot.prompt for shot in shots(tmp_path, data, "film.xlsx").shots][1] == "a lighthouse in a storm, at dusk"
    mapping_file(tmp_path / "film.xlsx").unlink()
    bold = book(THREE, _rich(TextBlock(InlineFont(b=True), "a lighthouse"), TextBlock(InlineFont(strike=False), ", at dusk")))
    assert [shot.prompt for shot in shots(tmp_path, bold, "film.xlsx").shots][1] == "a lighthouse, at dusk"
    [whole] = faults(tmp_path, book(THREE, _rich(cut)), "film.xlsx")
    assert (whole.code, "row 3 is struck" in whole.message) == ("struck-row", True)


def test_struck_words_are_found_among_the_shared_texts(tmp_path: Path) -> None:
    """Excel keeps a cell's runs in a table of texts, apart from the sheet."""
    texts = "<si><t>a pier</t></si><si><r><t>a lamp </t></r><r><rPr><strike/><b/></rPr><t>at sea</t></r></si>"
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    cell, out = b'<c r="B3" t="s"><v>1</v></c>', io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book(THREE, lambda _: None))) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name.endswith("sheet1.xml"):
                part = re.sub(rb'<c r="B3".*?</c>', cell, part)
            elif name == "[Content_Types].xml":
                kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
                part = part.replace(b"</Types>", f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'.encode())
            new.writestr(name, part)
        new.writestr("xl/sharedStrings.xml", f"<sst {main}>{texts}</sst>")
    [problem] = faults(tmp_path, out.getvalue(), "film.xlsx")
    assert (problem.code, problem.cell, "'at sea'" in problem.message) == ("struck-text", "B3", True)


def test_a_hidden_column_is_told(tmp_path: Path) -> None:
    """A column that nobody sees in the sheet is read, and said to be hidden."""

    def hide(sheet: Any) -> None:
        sheet.column_dimensions["C"].hidden = True

    found = shots(tmp_path, book(THREE, hide), "film.xlsx")
    assert "hidden in the workbook, and read like the others: column C" in found.notes


@pytest.mark.parametrize("row", ["string,string,number", "text,varchar,(s)", ",,(s),W x H"])
def test_a_row_of_types_is_no_shot(row: str, tmp_path: Path) -> None:
    """What an export or a second line of the header says of its columns is not bought."""
    text = f"shot_id,prompt,duration_s,resolution\n{row}\nS1,A pier,3,1280x720\n"
    assert [problem.code for problem in faults(tmp_path, text)] == ["repeated-header"]
    assert proposed(tmp_path / "film.csv").document["leave_out"] == ["headers"]


@pytest.mark.parametrize("name", ["film.csv", "film.txt"])
def test_columns_parted_by_spaces_are_no_prompts(name: str, tmp_path: Path) -> None:
    """A table from a terminal is refused, by the import too: its lines would be prompts."""
    text = "shot_id   prompt            duration_s\nS1        A pier at dusk    3\n"
    assert [problem.code for problem in faults(tmp_path, text, name)] == ["not-a-list"]
    with pytest.raises(InputError, match="parted by spaces"):
        proposed(tmp_path / name)


@pytest.mark.parametrize("quotes", ["“”", "„“", "«»", "‘’", "''"])
def test_a_text_is_not_parted_within_foreign_quotes(quotes: str, tmp_path: Path) -> None:
    """CSV doesn't know such quotes: what they hold was parted at its comma, and half of a prompt is not bought."""
    text = f"shot_id,prompt,note\nS1,{quotes[0]}A pier, at dusk{quotes[1]}\nS2,A lamp,old\n"
    [problem] = faults(tmp_path, text)
    assert (problem.code, problem.cell, "B2 ends in C2" in problem.message) == ("csv-syntax", "B2", True)
    assert (
        len(shots(tmp_path, text.replace(f"{quotes[0]}A pier, at dusk{quotes[1]}", f'"{quotes[0]}A pier, at dusk{quotes[1]}"')).shots) == 2
    )
    assert len(shots(tmp_path, text.replace(", at dusk", "")).shots) == 2


@pytest.mark.parametrize(
    ("cell", "column", "mended"),
    [
        *(("３．５", "duration_s", "3.5"), ("٣٫٥", "duration_s", "3.5"), ("'3", "duration_s", "3"), ("'42", "seed", "42"), ("१२", "seed", "12")),
        *(("'001", "shot_id", "001"), ("Ｓ０１", "shot_id", "S01"), ("S\u00ad1", "shot_id", "S1"), ("S\u200f1", "shot_id", "S1")),
        *(("-", "seed", ""), ("n/a", "seed", ""), ("Pier (https://www.notion.so/Pier-1f)", "sequence", "Pier")),
    ],
)  # fmt: skip
def test_what_a_foreign_cell_means_is_said(cell: str, column: str, mended: str, tmp_path: Path) -> None:
    """Where only one value can be meant, the fix has it, and `--fix` writes it."""
    cells = {"shot_id": "S9", "prompt": "A pier", column: cell}
    [problem] = faults(tmp_path, f"{','.join(cells)}\n{','.join(cells.values())}\n")
    assert problem.mended == mended
    assert (mended or "leave the cell empty") in problem.help
    cells[column] = mended
    assert len(shots(tmp_path, f"{','.join(cells)}\n{','.join(cells.values())}\n").shots) == 1


def test_an_attachment_is_no_path(tmp_path: Path) -> None:
    """Airtable writes a picture as name and address."""
    [problem] = faults(tmp_path, "shot_id,prompt,first_frame\nS1,A pier,ref.png (https://v5.airtableusercontent.com/a)\n")
    assert (problem.code, "download it" in problem.help) == ("not-found", True)


def test_shots_within_scenes_are_read_with_their_scene(tmp_path: Path) -> None:
    """Each is a row with its scene's number; a scene's length is not taken for its shots'."""
    scenes = [
        {"scene": "1", "duration": 30, "shots": [{"id": "1", "prompt": "A pier"}, {"id": "2", "prompt": "A lamp", "duration": 4}]},
        {"scene": "2", "duration": 20, "shots": [{"id": "1", "prompt": "A boat"}]},
    ]
    path = put(tmp_path, json.dumps({"title": "Film", "scenes": scenes}), "film.json")
    document = proposed(path).document
    assert document["compose"] == {"shot_id": "{scene}_{id}"}
    mapping_file(path).write_text('[columns]\nduration = "duration_s"\n"shots.duration" = ""\n[compose]\nshot_id = "{scene}_{id}"\n')
    found = shots(tmp_path, path.read_bytes(), "film.json").shots
    assert [(shot.shot_id, shot.sequence, shot.duration_s) for shot in found] == [("1_1", "1", None), ("1_2", "1", 4), ("2_1", "2", None)]


@pytest.mark.parametrize(
    ("whole", "said"),
    [
        ({"shot_id": ["S1", "S2"], "prompt": ["A pier", "A lamp"]}, "records"),
        ({"shot_id": {"0": "S1"}, "prompt": {"0": "A pier"}}, "records"),
        ({"S1": {"prompt": "A pier"}, "S2": {"prompt": "A lamp"}}, '[{"shot_id": "S1"'),
    ],
)
def test_json_of_another_shape_is_refused_with_its_fix(whole: object, said: str, tmp_path: Path) -> None:
    """Columns as pandas writes them, shots by their ids."""
    [problem] = [one for one in faults(tmp_path, json.dumps(whole), "film.json") if one.code == "json"]
    assert said in problem.help


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("film.yaml", "- shot_id: S1\n  prompt: A pier\n", "YAML"),
        ("film.txt", "+----+----+\n| shot_id | prompt |\n+----+----+\n", "drawn with characters"),
    ],
)
def test_other_texts_are_called_by_their_names(name: str, text: str, kind: str, tmp_path: Path) -> None:
    """YAML, and what a database's shell prints."""
    [problem] = faults(tmp_path, text, name)
    assert kind in problem.message


def test_a_list_of_bullets_is_no_yaml(tmp_path: Path) -> None:
    """Prompts that begin with a dash and a word stay prompts."""
    path = put(tmp_path, "- wide shot: a pier\n- close: a lamp\n", "film.txt")
    assert proposed(path).questions == ()


def test_what_can_not_be_answered_is_not_asked(tmp_path: Path) -> None:
    """Where quotes end the table before its first row, an import says so and asks nothing."""
    path = put(tmp_path, 'shot_id,prompt\nS1,"A sign says \\"stop\\", at dusk"\n')
    with pytest.raises(InputError, match="quotes of this row"):
        proposed(path)


def test_ids_that_a_program_made_decimals_are_told(tmp_path: Path) -> None:
    """1.0, 2.0 are what pandas makes of whole numbers where one is missing."""
    notes = shots(tmp_path, "shot_id,prompt\n1.0,A pier\n2.0,A lamp\n").notes
    assert any("ends in .0" in note for note in notes)
    assert not any("ends in .0" in note for note in shots(tmp_path, "shot_id,prompt\n1.0,A pier\n1.1,A lamp\n").notes)
