"""A list of the user's own form, read as its mapping says."""

from __future__ import annotations

from pathlib import Path

import pytest

from callsheet.domain.errors import InputError
from callsheet.shotlist.mapping import mapping_file
from callsheet.shotlist.read import ShotList, read
from tests.unit.shotlist.lists import put


def mapped(folder: Path, text: str, mapping: str, name: str = "film.csv") -> ShotList:
    """A list that is read with a mapping."""
    path = put(folder, text, name)
    mapping_file(path).write_text(mapping, encoding="utf-8")
    return read(path, name)


def refused(folder: Path, text: str, mapping: str) -> list[tuple[str, int | None, str]]:
    """Code, row and message of what is wrong."""
    with pytest.raises(InputError) as error:
        mapped(folder, text, mapping)
    return [(problem.code, problem.row, problem.message) for problem in error.value.problems]


def lengths(found: ShotList) -> list[str]:
    """The shots' lengths."""
    return [str(shot.duration_s) for shot in found.shots]


def test_columns_and_header_row(tmp_path: Path) -> None:
    """Titles above the header are left alone, columns are read by the user's own headers, and it is announced in one line."""
    text = "My film,,\n,,\nNr,Bild,Bemerk\nS1,A pier,x\n"
    found = mapped(tmp_path, text, 'header_row = 3\n[columns]\n"Nr" = "shot_id"\n"Bild" = "prompt"\n"Bemerk" = ""\n')
    assert [(shot.shot_id, shot.prompt, shot.note, shot.origin.row) for shot in found.shots] == [("S1", "A pier", None, 4)]
    assert found.notes[0] == "read by film.mapping.toml: shot_id = Nr, prompt = Bild"


def test_ids_are_composed(tmp_path: Path) -> None:
    """A shot's number within its scene becomes an id of the list; spaces and slashes become dashes."""
    text = "Sc,Panel,prompt\n1 A,1,A pier\n1 A,2,A lamp\n"
    found = mapped(tmp_path, text, '[compose]\nshot_id = "{Sc}_{Panel}"\n')
    assert [shot.shot_id for shot in found.shots] == ["1-A_1", "1-A_2"]


def test_prompts_alone_get_numbers(tmp_path: Path) -> None:
    """A list without ids, and one without a header, are numbered."""
    assert [shot.shot_id for shot in mapped(tmp_path, "prompt\nA pier\nA lamp\n", '[compose]\nshot_id = "S{n}"\n').shots] == [
        "S001",
        "S002",
    ]
    bare = mapped(tmp_path, "A pier at dusk\nA lamp\n", 'header_row = 0\n[columns]\nA = "prompt"\n[compose]\nshot_id = "S{n}"\n')
    assert [(shot.shot_id, shot.prompt) for shot in bare.shots] == [("S001", "A pier at dusk"), ("S002", "A lamp")]


def test_a_text_file_has_a_prompt_in_each_line(tmp_path: Path) -> None:
    """Commas in it part nothing; a text file with headers is still a table."""
    mapping = 'header_row = 0\n[columns]\nA = "prompt"\n[compose]\nshot_id = "S{n}"\n'
    found = mapped(tmp_path, 'A corgi, "golden" hour\n\nA pier; rain\n', mapping, "film.txt")
    assert [shot.prompt for shot in found.shots] == ['A corgi, "golden" hour', "A pier; rain"]
    table = mapped(tmp_path, "shot_id\tprompt\nS1\tA pier, rain\n", "", "film.txt")
    assert [(shot.shot_id, shot.prompt) for shot in table.shots] == [("S1", "A pier, rain")]


def test_a_part_that_is_empty_makes_no_id(tmp_path: Path) -> None:
    """An id that would lack a part is told at its row."""
    [(code, row, message)] = refused(tmp_path, "Sc,Panel,prompt\n1,1,A pier\n,2,A lamp\n", '[compose]\nshot_id = "{Sc}_{Panel}"\n')
    assert (code, row) == ("missing-cell", 3)
    assert "has no Sc" in message


@pytest.mark.parametrize(
    ("cells", "mapping", "expected"),
    [
        (["72", "48"], 'unit = "frames"\nfps = "24"', ["3", "2"]),
        (["00:00:03:12", "00:00:01:00"], 'unit = "timecode"\nfps = "24"', ["3.5", "1"]),
        (["0:05", "1:02"], 'unit = "m:ss"', ["5", "62"]),
        (["3s", "2.5 sec"], 'unit = "frames"\nfps = "24"', ["3", "2.5"]),
        (["72f", "48f"], 'fps = "24000/1001"', ["3.003", "2.002"]),
    ],
)
def test_what_a_length_means(tmp_path: Path, cells: list[str], mapping: str, expected: list[str]) -> None:
    """Frames and timecode are read at the mapping's rate where the row has none; a unit in the cell counts before all."""
    text = "shot_id,prompt,L\n" + "".join(f"S{n},A pier,{cell}\n" for n, cell in enumerate(cells))
    assert lengths(mapped(tmp_path, text, f'[columns]\n"L" = "duration_s"\n[length]\n{mapping}\n')) == expected


def test_the_rows_own_rate_comes_first(tmp_path: Path) -> None:
    """A row with fps counts its frames at that."""
    found = mapped(
        tmp_path, "shot_id,prompt,L,fps\nS1,A pier,72,48\n", '[columns]\nL = "duration_s"\n[length]\nunit = "frames"\nfps = "24"\n'
    )
    assert lengths(found) == ["1.5"]


def test_frames_without_a_rate_are_refused(tmp_path: Path) -> None:
    """Nothing is guessed: the row or the mapping says how many make a second."""
    [(code, row, _)] = refused(tmp_path, "shot_id,prompt,L\nS1,A pier,72\n", '[columns]\nL = "duration_s"\n[length]\nunit = "frames"\n')
    assert (code, row) == ("no-rate", 2)


@pytest.mark.parametrize(("last_is", "expected"), [("inclusive", "3"), ("exclusive", "2.958")])
def test_a_pair_of_frames(tmp_path: Path, last_is: str, expected: str) -> None:
    """Whether the last frame counts is what the mapping says."""
    mapping = f'[length]\nfirst = "In"\nlast = "Out"\nlast_is = "{last_is}"\nfps = "24"\n'
    found = mapped(tmp_path, "shot_id,prompt,In,Out\nS1,A pier,1001,1072\n", mapping)
    assert lengths(found) == [expected]
    assert found.shots[0].in_s is None  # half of a length is no point in a clip


def test_start_and_end_in_seconds(tmp_path: Path) -> None:
    """Moments in seconds, or minutes and seconds."""
    mapping = '[length]\nfirst = "Start"\nlast = "End"\nunit = "seconds"\n'
    assert lengths(mapped(tmp_path, "shot_id,prompt,Start,End\nS1,A pier,1.5,4\nS2,A lamp,0:59,1:02.5\n", mapping)) == ["2.5", "3.5"]
    [(code, row, _)] = refused(tmp_path, "shot_id,prompt,Start,End\nS1,A pier,4,1.5\n", mapping)
    assert (code, row) == ("out-of-range", 2)


def test_status_words(tmp_path: Path) -> None:
    """The user's words for what we call ready, hold and omit; an unknown word is still refused."""
    found = mapped(tmp_path, "shot_id,prompt,status\nS1,A pier,WTG\nS2,A lamp,omt\n", '[status]\nwtg = "ready"\nomt = "omit"\n')
    assert [shot.status.value for shot in found.shots] == ["ready", "omit"]
    assert refused(tmp_path, "shot_id,prompt,status\nS1,A pier,fin\n", '[status]\nwtg = "ready"\n')[0][0] == "bad-status"


def test_rows_that_are_no_shots_are_left_out_and_named(tmp_path: Path) -> None:
    """Only the kinds that the mapping names; the note says which rows."""
    text = "shot_id,prompt,duration_s\n1. EXT. PIER - DAY,,\nS1,A pier,3\n# later,,\nTOTAL,,3\n"
    found = mapped(tmp_path, text, 'leave_out = ["headings", "totals", "comments"]\n')
    assert [shot.shot_id for shot in found.shots] == ["S1"]
    assert found.notes == ("left out because not a shot: rows 2, 4, 5",)
    assert [code for code, _, _ in refused(tmp_path, text, 'leave_out = ["headings"]\n')] == ["comment-row", "totals-row"]


def test_a_list_that_changed_its_columns_is_refused(tmp_path: Path) -> None:
    """A header that the mapping reads and the list hasn't any more, or twice, is told; nothing is read beside it."""
    mapping = '[columns]\n"Bild" = "prompt"\n'
    assert refused(tmp_path, "shot_id,Bild 2\nS1,A pier\n", mapping)[0][0] == "mapping"
    assert refused(tmp_path, "shot_id,Bild,Bild\nS1,A pier,A lamp\n", mapping)[0][0] == "mapping"


@pytest.mark.parametrize(
    "text",
    [
        "other = 1",
        "header_row = -1",
        'leave_out = ["noise"]',
        '[columns]\nA = "promt"',
        '[compose]\nseed = "{A}"',
        '[length]\nunit = "feet"',
        '[length]\nfirst = "A"',
        '[length]\nfirst = "A"\nlast = "B"',
        '[length]\nfps = "fast"',
        '[status]\nfin = "done"',
    ],
)
def test_a_mapping_that_says_nothing_that_can_be_done_is_refused(tmp_path: Path, text: str) -> None:
    """Each slip is told with the fix; none is passed over."""
    path = put(tmp_path, "shot_id,prompt\nS1,A pier\n")
    mapping_file(path).write_text(text)
    with pytest.raises(InputError) as error:
        read(path, "film.csv")
    assert all(problem.help and "film.mapping.toml" in problem.message for problem in error.value.problems)


def test_a_problem_names_the_cell_and_the_users_header(tmp_path: Path) -> None:
    """C2 and 'Dauer' stand beside our own name of the column."""
    path = put(tmp_path, "shot_id,prompt,Dauer\nS1,A pier,long\n")
    mapping_file(path).write_text('[columns]\nDauer = "duration_s"\n')
    with pytest.raises(InputError) as error:
        read(path, "film.csv")
    [problem] = error.value.problems
    assert (problem.cell, problem.header, problem.column, problem.row) == ("C2", "Dauer", "duration_s", 2)


def test_a_list_whose_mapping_would_have_too_long_a_name_has_none(tmp_path: Path) -> None:
    """As long a name as a disk stores."""
    name = "x" * 251 + ".csv"
    found = read(put(tmp_path, "shot_id,prompt\nS1,A pier\n", name), name)
    assert [shot.shot_id for shot in found.shots] == ["S1"]
