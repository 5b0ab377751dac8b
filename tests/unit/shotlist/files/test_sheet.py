"""CSV in all the forms that people have it."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from tests.unit.shotlist.lists import faults, places, shots

PLAIN = "shot_id,prompt,duration_s\nS1,Über die Brücke,3.5\nS2,Zweite,4\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_the_same_list_in_any_dress(tmp_path: Path, encoding: str, delimiter: str, newline: str) -> None:
    """Encoding, separator and line ends don't change the shots; what was guessed is said."""
    plain = shots(tmp_path, PLAIN)
    text = PLAIN.replace(",", delimiter).replace("\n", newline)
    dressed = shots(tmp_path, text.encode(encoding))
    assert dressed.shots == plain.shots
    assert len(dressed.notes) == (encoding != "utf-8") + (delimiter != ",")


def test_tabs_alone_part_cells_where_quotes_are_text(tmp_path: Path) -> None:
    """Most programs that write tabs put nothing in quotes; where lines are of different widths a cell may go on in the next, and nothing is guessed."""
    text = 'shot_id\tprompt\tnote\nS1\t"GIGGLE" painted on a wall\t5" lens\nS2\tA pier\t\n'
    found = shots(tmp_path, text)
    assert [shot.prompt for shot in found.shots] == ['"GIGGLE" painted on a wall', "A pier"]
    assert any("tabs alone" in note for note in found.notes)
    assert [problem.code for problem in faults(tmp_path, text + "S3\tGulls\n")] == ["csv-syntax"]
    assert [problem.code for problem in faults(tmp_path, text.replace("\t", ","))] == ["csv-syntax"]


def test_decimal_commas_in_a_semicolon_list(tmp_path: Path) -> None:
    """What a German Excel saves is read as it was meant."""
    [shot] = shots(tmp_path, codecs.BOM_UTF8 + b"shot_id;prompt;duration_s;max_cost_usd\r\nS1;A pier, at dusk;3,5;1,50\r\n").shots
    assert (str(shot.duration_s), shot.max_cost, shot.prompt) == ("3.5", 1_500_000, "A pier, at dusk")


def test_excels_sep_line_is_no_row(tmp_path: Path) -> None:
    """`sep=;` is dropped: rows count as Excel shows them, lines as an editor does."""
    read_ = shots(tmp_path, "sep=;\nshot_id;prompt\nS1;A pier\n")
    assert (read_.shots[0].origin.row, read_.shots[0].origin.line) == (2, 3)


def test_rows_and_lines_part_where_cells_have_several_lines(tmp_path: Path) -> None:
    """A cell's place is its own line, also after cells of several lines; blank lines are rows of the sheet."""
    text = 'shot_id,prompt,fps\nS1,"one\ntwo\r\nthree",24\n\nS2,"a\nb",fast\nS3,,24\n'
    assert places(faults(tmp_path, text)) == [("bad-fps", 4, 7, "fps"), ("missing-cell", 5, 8, "prompt")]
    assert [shot.origin.line for shot in shots(tmp_path, text.replace("fast", "25").replace("S3,,", "S3,x,")).shots] == [2, 6, 8]


def test_a_line_break_of_two_signs_is_one_line(tmp_path: Path) -> None:
    """Where the cell stands is counted as an editor counts, in the same row too."""
    assert places(faults(tmp_path, 'shot_id,prompt,fps\r\nS1,"a\r\nb\nc\rd",fast\r\n')) == [("bad-fps", 2, 5, "fps")]


def test_cells_are_trimmed_and_composed(tmp_path: Path) -> None:
    """White space at the ends (the no-break space too) and the way an é is made don't make another text."""
    one, two = shots(tmp_path, "shot_id,prompt\nS1,\u00a0caf\u00e9 \nS2,\ufeffcafe\u0301\n").shots
    assert one.prompt == two.prompt == "caf\u00e9"


def test_words_for_nothing_are_no_prompts(tmp_path: Path) -> None:
    """Only the empty cell is empty; what a program writes for nothing is refused, not bought."""
    text = "shot_id,prompt,note\nS1,NA,NA\nS2,None,x\nS3,null,x\n"
    assert places(faults(tmp_path, text)) == [("bare-word", row, row, "prompt") for row in (2, 3, 4)]
    assert shots(tmp_path, "shot_id,prompt,note\nS1,A pier,NA\n").shots[0].note == "NA"


def test_rows_that_are_no_shots_are_refused(tmp_path: Path) -> None:
    """Totals, scene headings and comments are told as what they are, each once."""
    text = "shot_id,prompt,duration_s\nSC1,INT. LAMP ROOM - NIGHT,\nS1,A pier,6\n# later,,\n1. EXT. PIER - DAY,,\nTOTAL,1 shot,6\n"
    assert [(problem.code, problem.row) for problem in faults(tmp_path, text)] == [
        ("section-row", 2),
        ("comment-row", 4),
        ("section-row", 5),
        ("totals-row", 6),
    ]
    assert len(shots(tmp_path, "shot_id,prompt,duration_s\nS1,INT. LAMP ROOM - NIGHT,6\n").shots) == 1


def test_frames_are_read_at_the_rate_of_their_row(tmp_path: Path) -> None:
    """Without a rate in the row they are refused, with the fix."""
    [shot] = shots(tmp_path, "shot_id,prompt,duration_s,fps\nS1,A pier,00:00:03:12,24\n").shots
    assert str(shot.duration_s) == "3.5"
    assert places(faults(tmp_path, "shot_id,prompt,duration_s\nS1,A pier,72f\n")) == [("timecode", 2, 2, "duration_s")]


def test_a_wrong_number_of_cells_is_told(tmp_path: Path) -> None:
    """Too many are told with the likely slip; empty cells at the end are what spreadsheets leave, or leave out."""
    text = "shot_id,prompt,seed,,\nS1,A pier\nS2,A pier, at dusk,4,,\nS3,A pier,4,,\n"
    [problem] = faults(tmp_path, text)
    assert places((problem,)) == [("cell-count", 3, 3, None)]
    assert "quotes" in problem.help


def test_broken_quotes_end_the_list(tmp_path: Path) -> None:
    """A quote that is never closed is told where it opens, together with what was wrong before it."""
    assert places(faults(tmp_path, 'shot_id,prompt,fps\nS1,x,fast\nS2,"open,24\nS3,y,24\n')) == [
        ("bad-fps", 2, 2, "fps"),
        ("csv-syntax", 3, 3, None),
    ]


@pytest.mark.parametrize("text", ['"', '"\n', '\ufeff"', '\n"shot_id', '"shot_id";"prompt'])
def test_a_quote_alone_is_told_with_its_file(tmp_path: Path, text: str) -> None:
    """Where not even the header can be read, the file, the row and what to do are told all the same."""
    [problem] = faults(tmp_path, text)
    assert (problem.code, problem.file, problem.row) == ("csv-syntax", "film.csv", text.count("\n", 0, -1) + 1)
    assert "quotes" in problem.help


@pytest.mark.parametrize(
    ("text", "says"), [("", "empty"), ("\n\n", "empty"), ("shot_id,prompt\n", "no shot"), ("shot_id,prompt\n,\n", "no shot")]
)
def test_nothing_in_it(tmp_path: Path, text: str, says: str) -> None:
    """An empty file and a header alone are problems, not empty plans."""
    [problem] = faults(tmp_path, text)
    assert problem.code == "empty-list"
    assert says in problem.message


def test_a_cell_longer_than_csvs_own_limit(tmp_path: Path) -> None:
    """Cells that hold a data URI are long."""
    uri = "data:image/png;base64," + "A" * 200_000
    assert shots(tmp_path, f'shot_id,prompt,first_frame\nS1,A pier,"{uri}"\n').shots[0].first_frame == uri


def test_cells_that_excel_leaves_out_are_empty(tmp_path: Path) -> None:
    """Rows that end early are read, and it is said."""
    read_ = shots(tmp_path, "shot_id,prompt,note\r\nS1,A pier,x\r\nS2,A pier\r\n")
    assert [shot.note for shot in read_.shots] == ["x", None]
    assert read_.notes == ("1 row ends early; the missing cells are read as empty",)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_the_sep_line_is_obeyed(tmp_path: Path, newline: str) -> None:
    """The separator that it names is the separator, whatever the headers look like."""
    [shot] = shots(tmp_path, f"sep=;{newline}shot_id;prompt;a,b{newline}S1;A pier, at dusk;x{newline}").shots
    assert shot.prompt == "A pier, at dusk"
